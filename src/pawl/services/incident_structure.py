"""Gather what the report on structural failures looks at; whatever cannot be read is unknown."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol, TypeVar

import msgspec

from pawl.base.errors import PawlError
from pawl.base.times import format_time, parse_time
from pawl.changes.gate_file import GateFile
from pawl.changes.metrics import Figures
from pawl.governance.priority import Domain
from pawl.governance.raci import Work, accountable
from pawl.governance.roster import holders
from pawl.incidents.action import Action
from pawl.incidents.debt import OperationalDebt
from pawl.incidents.incident import Incident
from pawl.incidents.metrics import IncidentFigures, action_figures
from pawl.incidents.people import People
from pawl.incidents.postmortem import Postmortem
from pawl.incidents.structural_seen import Assessed, Evidence, RoutineKept
from pawl.incidents.terms import Terms
from pawl.maturity.verdict import Assessment
from pawl.services.incident_terms import IncidentSources
from pawl.store.records.evidence import Point

T = TypeVar("T")
MAX_QUARTERS = 12


class Around(Protocol):
    """What there is besides incidents. Each may raise PawlError, and None is not looked at."""

    def changes(self, since: str, until: str) -> Figures | None:
        """Return the figures of changes of a window."""

    def gates(self) -> GateFile | None:
        """Return the gates of the protected branch."""

    def assessments(self, until: str) -> tuple[Assessed, ...] | None:
        """Return the maturity assessments that were on record at a time."""

    def routines(self, since: str, until: str) -> tuple[RoutineKept, ...] | None:
        """Return how the routines of the cadence were kept in a window."""

    def rehearsed(self, since: str, until: str) -> int | None:
        """Return how many rollbacks were exercised in a window and went back."""


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What the records of incidents say of a window, read in one view."""

    since: str
    until: str
    earlier: str
    incidents: tuple[Incident, ...]
    actions: tuple[Action, ...]
    debts: tuple[OperationalDebt, ...]
    papers: tuple[Postmortem, ...]
    learned: frozenset[str]
    figures: IncidentFigures
    before: IncidentFigures


def evidence_of(
    looked: Looked, around: Around | None, sources: IncidentSources, terms: Terms
) -> Evidence:
    """Return the evidence of a window; what raises is unknown, and never good or bad."""
    people = _read(lambda: sources.people(""))
    since, until = looked.since, looked.until
    return Evidence(
        since=since,
        until=until,
        incidents=looked.incidents,
        actions=looked.actions,
        debts=looked.debts,
        papers=looked.papers,
        learned=looked.learned,
        figures=looked.figures,
        before=looked.before,
        quarters=tuple(
            action_figures(looked.actions, start, min(end, until))
            for start, end in quarters(since, until)
        ),
        changes=_read(lambda: around.changes(since, until)) if around else None,
        changes_before=_read(lambda: around.changes(looked.earlier, since)) if around else None,
        gates=_read(around.gates) if around else None,
        domains_owned=_owned(people, until) if people else None,
        answering=_answering(people, until) if people else None,
        assessments=_read(lambda: around.assessments(until)) if around else None,
        routines=_read(lambda: around.routines(since, until)) if around else None,
        rehearsed=_read(lambda: around.rehearsed(since, until)) if around else None,
    )


def quarters(since: str, until: str) -> tuple[tuple[str, str], ...]:
    """Return the calendar quarters, in UTC, that a window touches, the last dozen of them."""
    first = parse_time(since)
    start = first.replace(
        month=(first.month - 1) // 3 * 3 + 1, day=1, hour=0, minute=0, second=0, microsecond=0
    )
    found = []
    while format_time(start) < until:
        # A quarter has at most 92 days, so a hundred later is in the next one.
        later = start + timedelta(days=100)
        end = later.replace(month=(later.month - 1) // 3 * 3 + 1, day=1)
        found.append((format_time(start), format_time(end)))
        start = end
    return tuple(found[-MAX_QUARTERS:])


def _owned(people: People, now: str) -> dict[str, bool]:
    return {
        domain.value: bool(holders(people.roster, people.raci.owners.get(domain, ""), "", now))
        for domain in Domain
    }


def _answering(people: People, now: str) -> bool:
    return bool(holders(people.roster, accountable(people.raci, Work.INCIDENT, ""), "", now))


def _read(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except PawlError:
        return None


def assessed(points: Sequence[Point], last: Assessment | None) -> tuple[Assessed, ...]:
    """Return assessments as the report asks for them; only of the last one more is told."""
    found = []
    for each in points:
        whole = last if last is not None and each is points[-1] else None
        results = [
            (model, dimension)
            for model in (whole.models if whole else ())
            if model.complete
            for dimension in model.dimensions
        ]
        criteria = [one for _, dimension in results for one in dimension.criteria]
        found.append(
            Assessed(
                id=each.digest[:12],
                at=each.as_of,
                levels={f"{model.model}.{one.id}": one.level_id for model, one in results},
                judged=len(criteria),
                declared=sum(one.exemption is not None for one in criteria),
            )
        )
    return tuple(found)
