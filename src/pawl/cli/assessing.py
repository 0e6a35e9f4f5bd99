"""What the commands about maturity share: the progress bar, the formats, where output goes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.base.errors import BadValue

if TYPE_CHECKING:
    from pawl.maturity.verdict import Assessment
    from pawl.services.assessing import Made

_WORTH_A_BAR = 400
"""Files; fewer are read before a bar could be seen."""


@contextmanager
def gathering_bar() -> Iterator[Callable[[int, int, str], None] | None]:
    """Give a callback for what was read and is to be read, drawn where stderr is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    bar = None
    task = None

    def draw(done: int, total: int, what: str) -> None:
        nonlocal bar, task
        if bar is None and total < _WORTH_A_BAR:
            return
        if bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            bar = Progress(
                TextColumn("Reading {task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            bar.start()
            task = bar.add_task(what, total=total)
        if task is not None:
            bar.update(task, completed=min(done, total), total=total, description=what)

    try:
        yield draw
    finally:
        if bar is not None:
            bar.stop()


def render(made: Made, wanted: str) -> str:
    """Return an assessment in one of the formats, as text that ends with a newline."""
    if wanted == "text":
        from pawl.render.assessment_text import assessment_text

        return assessment_text(made.assessment, _notes(made))
    if wanted == "json":
        import msgspec

        return msgspec.json.encode(made.assessment).decode() + "\n"
    raise BadValue(f"{wanted!r} is no format.", place="--format")


def unmet_requirements(assessment: Assessment, wanted: Sequence[str]) -> list[str]:
    """Return a sentence for each dimension below a level that was asked for; raises BadValue."""
    unmet = []
    for level in wanted:
        name, _, ordinal = level.rpartition(".")
        found = [model for model in assessment.models if model.model == name]
        if not found or not ordinal[1:].isdigit():
            raise BadValue(
                f"{level!r} names no level of a model that was assessed.",
                place="--require",
                hint="Name one such as eng.L2.",
            )
        for dimension in found[0].dimensions:
            if dimension.measured < int(ordinal[1:]):
                unmet.append(
                    f"{dimension.name} is at level {dimension.measured}, {level} is required."
                )
    return unmet


def write_out(text: str, output: Path | None) -> None:
    """Print a text, or write it to a file; raises BadValue where that cannot be written."""
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text)
    except OSError as error:
        raise BadValue(
            f"cannot be written: {error.strerror}.", place=str(output), hint="Choose another file."
        ) from error


def _notes(made: Made) -> list[str]:
    notes = list(made.definitions.notes)
    if made.gathered.uncommitted:
        notes.append(
            f"{made.gathered.uncommitted} files differ from the commit; the commit was assessed."
        )
    if made.definitions.edited:
        notes.append(
            "Edited here and not in force yet: " + ", ".join(made.definitions.edited) + "."
        )
    return notes
