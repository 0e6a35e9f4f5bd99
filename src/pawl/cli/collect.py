"""`pawl collect`: fetch from a code host what an assessment judges by."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OPTIONS = (
    click.option(
        "--since",
        "window",
        default="90d",
        show_default=True,
        metavar="D",
        help="How far to look back, such as 90d, or the day to look back to.",
    ),
    click.option(
        "--into",
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
        help="Where to; a folder below the data folder by default.",
    ),
    click.option("--url", metavar="URL", help="Base address of the API, if it is not the usual."),
    click.option(
        "--max-wait",
        default="15m",
        show_default=True,
        metavar="D",
        help="How long to wait for the host's limits in all; 0s stops at once.",
    ),
    click.option("--fresh", is_flag=True, help="Do not go on with an unfinished collection."),
    click.option("--json", "as_json", is_flag=True, help="Print one pawl.collect/1 object."),
)


def _options(command: Callable[..., int]) -> Callable[..., int]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group()
def command() -> None:
    """Fetch from a code host what an assessment judges by.

    Reads only, and keeps only what the assessment asks for. Run again, it fetches what is new; a
    collection that was stopped goes on. Exit status: 0 all is there, 3 something is missing.
    """


@command.command()
@click.argument("repository", metavar="OWNER/REPO")
@_options
@click.pass_obj
def github(data: str | None, /, repository: str, **options: Any) -> int:
    """Collect from GitHub, with the token in GITHUB_TOKEN or GH_TOKEN.

    --url (or GITHUB_API_URL) names a GitHub Enterprise: https://HOST/api/v3.
    """
    return _collect(data, "github", repository, **options)


@command.command()
@click.argument("project", metavar="GROUP/PROJECT")
@_options
@click.pass_obj
def gitlab(data: str | None, /, project: str, **options: Any) -> int:
    """Collect from GitLab, with the token in GITLAB_TOKEN.

    --url (or CI_API_V4_URL) names a GitLab of your own: https://HOST/api/v4.
    """
    return _collect(data, "gitlab", project, **options)


def _collect(
    data: str | None,
    product: Literal["github", "gitlab"],
    repository: str,
    *,
    window: str,
    into: Path | None,
    url: str | None,
    max_wait: str,
    fresh: bool,
    as_json: bool,
) -> int:
    from pawl.app import data_folder
    from pawl.app.collecting import collect_from
    from pawl.base.durations import parse_duration
    from pawl.render.collecting import collect_json, collect_text, is_complete

    nothing = max_wait.strip().rstrip("smhdw") == "0"
    with _progress() as progress:
        done = collect_from(
            data_folder(data),
            product,
            repository,
            window=window,
            max_wait_s=0.0 if nothing else parse_duration(max_wait, place="--max-wait"),
            progress=progress,
            into=into,
            url=url,
            fresh=fresh,
        )
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(collect_json(done)))
    else:
        click.echo(collect_text(done), nl=False)
    return Exit.YES if is_complete(done) else Exit.CANNOT_TELL


class _Lines:
    """Says on stderr when it waits; there is no terminal to draw a bar on."""

    def step(self, done: int, total: int, what: str) -> None:
        """Say nothing."""

    def wait(self, seconds: float, reason: str) -> None:
        """Say why nothing happens."""
        click.echo(_waiting(seconds, reason), err=True)


class _Bar:
    """Draws a bar on the terminal at stderr."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._task = bar.add_task("collecting", total=None)

    def step(self, done: int, total: int, what: str) -> None:
        """Draw it."""
        self._bar.update(self._task, completed=done, total=total, description=what[:40])

    def wait(self, seconds: float, reason: str) -> None:
        """Say why the bar stands still."""
        self._bar.console.print(_waiting(seconds, reason), markup=False, highlight=False)


def _waiting(seconds: float, reason: str) -> str:
    from pawl.base.durations import format_duration

    return f"pawl: waiting {format_duration(seconds)}: {reason}."


@contextmanager
def _progress() -> Iterator[_Lines | _Bar]:
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Bar(bar)
