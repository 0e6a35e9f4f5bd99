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
    from pawl.maturity.model import Model
    from pawl.maturity.verdict import Assessment
    from pawl.services.assessing import Made

_USUAL_CAPACITY = 2.0
"""Person-days a week that a roadmap counts with where nobody says."""
_WORTH_A_BAR = 400
"""Files; fewer are read before a bar could be seen."""


@contextmanager
def gathering_bar(worth: int = _WORTH_A_BAR) -> Iterator[Callable[[int, int, str], None] | None]:
    """Give a callback for what was read and is to be read, drawn where stderr is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    bar = None
    task = None

    def draw(done: int, total: int, what: str) -> None:
        nonlocal bar, task
        if bar is None and total < worth:
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


def render(made: Made, wanted: str, key: Path | None = None) -> str:
    """Return an assessment in one of the formats, as text; `key` signs a bundle."""
    if wanted == "text":
        from pawl.render.assessment_text import assessment_text

        return assessment_text(made.assessment, _notes(made))
    if wanted == "markdown":
        from pawl.render.assessment_markdown import assessment_markdown

        return assessment_markdown(made.assessment, _notes(made))
    if wanted == "html":
        return _page(made)
    if wanted == "badge":
        return _badge(made.assessment, made.inputs.models)
    if wanted == "bundle":
        from pawl.app.answers import bundled

        return bundled(made.inputs, key).decode() + "\n"
    return _document(made, wanted) + "\n"


def _document(made: Made, wanted: str) -> str:
    """Return one of the formats that are JSON."""
    import msgspec

    if wanted == "json":
        return msgspec.json.encode(made.assessment).decode()
    from pawl.app.answers import remedies
    from pawl.base.canonical import canonical_json
    from pawl.render.assessment_oscal import assessment_oscal
    from pawl.render.assessment_sarif import assessment_sarif
    from pawl.render.assessment_statement import assessment_statement

    documents: dict[str, Callable[[], object]] = {
        "sarif": lambda: assessment_sarif(made.assessment, remedies()),
        "oscal": lambda: assessment_oscal(made.assessment),
        "in-toto": lambda: assessment_statement(made.assessment, made.inputs.models),
    }
    return canonical_json(documents[wanted]()).decode()


def _page(made: Made) -> str:
    from pawl.app.answers import remedies
    from pawl.maturity.roadmap import roadmap
    from pawl.render.assessment_page import assessment_page

    models = made.inputs.models
    road = roadmap(made.assessment, models, remedies=remedies(), capacity=_USUAL_CAPACITY)
    return assessment_page(made.assessment, models, road.goals)


def _badge(assessment: Assessment, models: Sequence[Model]) -> str:
    from pawl.render.badge import badge

    top = max(level.ordinal for level in models[0].levels)
    return badge(assessment.models[0], assessment.as_of, levels=top)


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
    if made.later:
        notes.append(
            f"{made.later} records of evidence were first seen after {made.assessment.as_of[:19]}"
            " and are left out; is this machine's clock behind?"
        )
    if made.definitions.edited:
        notes.append(
            "Edited here and not in force yet: " + ", ".join(made.definitions.edited) + "."
        )
    return notes
