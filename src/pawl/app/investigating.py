"""Wiring for investigations: sources of evidence, bundled exercises, what is known already."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pawl.investigation.exercise import Exercise
    from pawl.investigation.facts import Window
    from pawl.investigation.investigate import Known
    from pawl.investigation.investigation import Investigation
    from pawl.services.changes import ChangeDesk
    from pawl.services.incidents import IncidentDesk
    from pawl.services.investigating import Looker
    from pawl.services.investigation_serving import ServedInvestigations
    from pawl.store.events.store import EventsStore
    from pawl.store.records.connection import Engine
    from pawl.world.exercise_place import Place
    from pawl.world.source import Asking, Source


def all_sources() -> Mapping[str, Source]:
    """Return every source by its id, third-party ones included."""
    from pawl.app import all_plugins
    from pawl.world import sources
    from pawl.world.source import Source

    return all_plugins(sources, "SOURCE", Source)


def lookers(asking: Asking) -> dict[str, Looker]:
    """Return every source, ready to look."""
    return {name: _looker(source, asking) for name, source in all_sources().items()}


def exercised(exercise: Exercise, known: Known | None = None) -> tuple[Investigation, Place]:
    """Make the folder of an exercise, investigate it as a real one, and remove it again."""
    from pawl.services.investigating import investigated
    from pawl.world.exercise_place import SETTINGS, exercise_place
    from pawl.world.source import Asking

    held = known or shipped_known()
    window = exercise_window(exercise)
    with exercise_place(exercise) as place:
        asking = Asking(
            window=window, settings=SETTINGS, terms=held.terms, folder=place.folder, environment={}
        )
        found = investigated(
            f"exercise:{exercise.id}",
            window,
            lookers(asking),
            held,
            made_at=window.until,
            timeout_s=asking.timeout_s,
        )
    return found, place


def exercise_window(exercise: Exercise) -> Window:
    """Return the window of an exercise."""
    from pawl.investigation.facts import Window

    return Window(
        since=exercise.when(exercise.since),
        until=exercise.when(exercise.until),
        at=exercise.when(0),
        components=exercise.components,
    )


def shipped_known() -> Known:
    """Return the terms and knowledge that come with Pawl, and nothing of any incident."""
    from pawl.investigation.investigate import Known
    from pawl.investigation.knowledge import shipped_knowledge
    from pawl.investigation.terms import shipped_terms

    return Known(terms=shipped_terms(), knowledge=shipped_knowledge())


def _looker(source: Source, asking: Asking) -> Looker:
    from pawl.services.investigating import Looker

    return Looker(
        title=source.title,
        answers=source.answers,
        missing=lambda: source.missing(asking),
        look=lambda: source.look(asking),
    )


def served_investigations(
    engine: Engine, desk: IncidentDesk, changes: ChangeDesk | None, events: EventsStore
) -> ServedInvestigations:
    """Return what a server keeps of investigations, and what it can tell one."""
    from pawl.app.alerts import alert_rules
    from pawl.services.investigation_serving import ServedInvestigations
    from pawl.world.clock import new_id, now

    return ServedInvestigations(
        engine,
        desk,
        changes,
        events,
        rules=lambda: tuple(alert_rules()),
        now=now,
        new_id=new_id,
    )


def rank_of(exercise: Exercise, found: Investigation, place: Place) -> int | None:
    """Return the rank of the cause that an exercise expects; None where it was not found."""
    wanted = exercise.expected
    for each in found.hypotheses:
        same = each.kind == wanted.kind and wanted.named in f"{each.change} {each.cause}"
        if same and (not wanted.commit or each.change == place.commits[wanted.commit]):
            return each.rank
    return None
