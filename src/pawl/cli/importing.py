"""What `pawl cost` and `pawl import` tell people while they read: on stderr alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click

_SHOWN = 5
_WORTH_A_BAR = 64_000_000
"""Bytes; less is read before a bar could be seen."""


@contextmanager
def progress_bar(*, quiet: bool = False) -> Iterator[Callable[[int, int], None] | None]:
    """Give a callback for bytes read and to read, drawn as a bar where stderr is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    bar = None
    task = None

    def draw(done: int, total: int) -> None:
        nonlocal bar, task
        if bar is None and total < _WORTH_A_BAR:
            return
        if bar is None:
            # rich takes longer to import than a small import takes.
            from rich.console import Console
            from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

            bar = Progress(
                TextColumn("Reading transcripts"),
                BarColumn(),
                DownloadColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            bar.start()
            task = bar.add_task("read", total=total)
        if task is not None:
            bar.update(task, completed=min(done, total), total=total)

    try:
        yield draw
    finally:
        if bar is not None:
            bar.stop()


def tell_warnings(warnings: Sequence[str]) -> None:
    """Print the first warnings, and how many more there are."""
    for warning in warnings[:_SHOWN]:
        shown = "".join(character if character.isprintable() else "?" for character in warning)
        click.echo(f"pawl: {shown}", err=True)
    if len(warnings) > _SHOWN:
        click.echo(f"pawl: and {len(warnings) - _SHOWN} more warnings.", err=True)
