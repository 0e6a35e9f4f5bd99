"""`pawl up`: serve the dashboard and take telemetry in."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

    from pawl.services.serving import Serving


class _Asked(NamedTuple):
    """How the server is to be started."""

    host: str
    token: str | None
    sample: bool
    as_json: bool


@click.command()
@click.option("--sample", is_flag=True, help="Show bundled sample data instead of this machine's.")
@click.option(
    "--sample-if-empty",
    is_flag=True,
    help="Show the sample when this machine has no agent sessions of its own.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8787,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--spool-mib",
    type=click.IntRange(1),
    default=4096,
    show_default=True,
    help="Refuse telemetry while so many MiB wait to be loaded into the events store.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object once it listens.")
@click.pass_obj
def command(
    data: str | None,
    sample: bool,
    sample_if_empty: bool,
    host: str,
    port: int,
    spool_mib: int,
    as_json: bool,
) -> int:
    """Serve the dashboard.

    It reads this machine's transcripts in the background, takes in the telemetry that agents send
    (OTLP over HTTP, at the same address) and loads new events as they come, until it is
    interrupted. The sample lives in a temporary folder and never mixes with your data. Beyond this
    machine it serves only with tokens: one in PAWL_TOKEN, or those of `pawl token create`.
    """
    from functools import partial

    from pawl import app
    from pawl.app.identity import has_tokens
    from pawl.app.public_links import public_host
    from pawl.app.serving import nothing_to_show, server_services
    from pawl.server.serve import listen, url_of

    asked = _Asked(host, os.environ.get("PAWL_TOKEN") or None, sample, as_json)
    with contextlib.ExitStack() as stack:
        folder = app.data_folder(data)
        tokens = partial(has_tokens, folder)
        outside = "" if sample else public_host(folder)
        listening = stack.enter_context(
            listen(host, port, asked.token, has_tokens=tokens, public_host=outside)
        )
        if sample_if_empty and nothing_to_show(folder):
            asked = asked._replace(sample=True)
        if asked.sample:
            folder = stack.enter_context(_temporary_folder())
        url = url_of(listening, host)
        serving = server_services(
            folder, url=url, sample=asked.sample, spool_bytes=spool_mib * 1024 * 1024
        )
        stack.callback(serving.stop)
        return _serve(serving, listening, url, folder, asked, outside)


def _serve(
    serving: Serving, listening: socket.socket, url: str, folder: Path, asked: _Asked, outside: str
) -> int:
    from pawl.server.app import create_app
    from pawl.server.serve import serve
    from pawl.server.site import Settings

    def started() -> None:
        where = "sample data" if asked.sample else str(folder)
        click.echo(f"Pawl serves {where} at {url} (Ctrl-C ends it)", err=True)
        if asked.as_json:
            import msgspec

            told = {"schema": "pawl.up/1", "url": url, "pid": os.getpid(), "data": str(folder)}
            click.echo(msgspec.json.encode(told).decode())
        if sys.stderr.isatty():
            _show_progress(serving)

    settings = Settings(
        host=asked.host, token=asked.token, sample=asked.sample, public_host=outside
    )
    ended_by = serve(create_app(serving, settings), listening, started)
    return 0 if ended_by is None else 128 + ended_by


def _show_progress(serving: Serving) -> None:
    """Draw the import's progress on the terminal, from a thread that ends with the import."""
    import threading
    import time

    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    def draw() -> None:
        columns = (TextColumn("Reading transcripts"), BarColumn(), DownloadColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=None)
            while serving.progress.state == "running":
                told = serving.progress
                bar.update(task, total=told.bytes_total or None, completed=told.bytes_done)
                time.sleep(0.2)
        if serving.progress.state == "failed":
            click.echo(f"pawl: {serving.progress.message}", err=True)

    threading.Thread(target=draw, daemon=True).start()


@contextlib.contextmanager
def _temporary_folder() -> Iterator[Path]:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory(prefix="pawl-sample-", ignore_cleanup_errors=True) as name:
        yield Path(name)
