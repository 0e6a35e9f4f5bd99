"""Wiring for figures of changes: they need the records, and neither policy nor people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pawl.changes.metrics import Figures
    from pawl.maturity.score import Told


@contextmanager
def figures_here(folder: Path, scope: str = "") -> Iterator[Callable[[str, str], Figures]]:
    """Yield what gives the figures of a window: a team's server where one is named, else ours."""
    from pawl.app.remote_changes import remote_desk

    remote = remote_desk()
    if remote is not None:
        yield lambda since, until: remote.figures(since, until, scope=scope)
        return
    with figures_of_folder(folder, scope) as between:
        yield between


@contextmanager
def figures_of_folder(folder: Path, scope: str = "") -> Iterator[Callable[[str, str], Figures]]:
    """Yield what gives the figures of a window, of all changes of a data folder or of a scope's."""
    from pawl.app import records_engine
    from pawl.services.change_figures import figures_of
    from pawl.store.records.changes import ChangeRecords

    records = ChangeRecords(records_engine(folder))
    try:
        yield lambda since, until: figures_of(records, since, until, scope=scope)
    finally:
        records.dispose()


def score_inputs(folder: Path, place: Path, today: str) -> dict[str, Told]:
    """Return the score's inputs that changes and incidents of the repository at a place tell.

    They are those whose scope the project's name holds, and incidents without a scope, within the
    window that probes look back.
    """
    import msgspec

    from pawl.app import records_engine
    from pawl.base.canonical import digest
    from pawl.incidents.terms import shipped_terms
    from pawl.maturity.looking.recent import WINDOW_DAYS, days_before
    from pawl.maturity.score_figures import from_figures, from_incidents
    from pawl.services.practice_incidents import figures_told
    from pawl.store.records.incident_history import history
    from pawl.telemetry.attribution import project_of
    from pawl.world.repository import open_tree

    with open_tree(place) as source:
        scope = project_of(source.name)
    if not scope:
        return {}
    since = days_before(today, WINDOW_DAYS)
    with figures_of_folder(folder, scope) as between:
        told = from_figures(between(since, today))
    engine = records_engine(folder)
    try:
        known = history(engine, today)
    finally:
        engine.dispose()
    found, unanswered = figures_told(known, since, today, shipped_terms().repeat_days, scope)
    return told | from_incidents(found.repeats, unanswered, digest(msgspec.to_builtins(found)))
