"""The options of commands that print one answer in several formats, or write it to a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click

F = TypeVar("F", bound=Callable[..., object])


def output_options(formats: Sequence[str], schema: str) -> Callable[[F], F]:
    """Return a decorator that adds `--format`, `--json` and `--output`, in this order."""
    options = (
        click.option(
            "--format",
            "output_format",
            type=click.Choice(formats),
            default="text",
            show_default=True,
            help="What to print.",
        ),
        click.option("--json", "as_json", is_flag=True, help=f"Print one {schema} object."),
        click.option(
            "--output",
            metavar="FILE",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Write there instead of to stdout.",
        ),
    )

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate
