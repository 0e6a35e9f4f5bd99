"""All incidents as one page lists them: what goes on with its clocks, then what has ended."""

from collections.abc import Iterable

import msgspec

from pawl.incidents.incident import ONGOING, OVER, Incident, Milestone, State
from pawl.incidents.terms import Terms
from pawl.services.incident_clocks import Clock, lasted_s, promise_clock, update_clock

PER_PAGE = 25
LEARNING_MOST = 50
"""Incidents to be learned from that one page shows, the newest."""
LEARNING = tuple(each for each in State if each not in ONGOING | OVER)
"""States in which it hurts no more and something is still to be learned or done."""


class IncidentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One incident in a list. `meaning` says of its severity what that means."""

    incident: Incident
    declared_at: str
    meaning: str
    promise: Clock | None
    update: Clock | None
    lasted_s: float

    @property
    def id(self) -> str:
        """Its id."""
        return self.incident.id


class BoardView(msgspec.Struct, frozen=True, kw_only=True):
    """The page of all incidents; `ended` is one page of those that are over, newest first."""

    ongoing: tuple[IncidentRow, ...]
    learning: tuple[IncidentRow, ...]
    learning_count: int
    ended: tuple[IncidentRow, ...]
    ended_count: int
    total: int
    page: int = 1

    @property
    def pages(self) -> int:
        """How many pages the ended ones fill, one at least."""
        return max(1, -(-self.ended_count // PER_PAGE))


def board_view(
    incidents: Iterable[Incident],
    terms: Terms,
    now: str,
    *,
    text: str = "",
    state: State | None = None,
    severity: int | None = None,
    page: int = 1,
) -> BoardView:
    """Return all incidents that match: those without a commander first, then the worst."""
    found = [each for each in incidents if _matches(each, text.casefold(), state, severity)]
    found.sort(key=lambda each: (declared_at(each), each.id), reverse=True)
    rows = tuple(incident_row(each, terms, now) for each in found)
    ongoing = sorted(
        (each for each in rows if each.incident.state in ONGOING),
        key=lambda row: (bool(row.incident.commander), row.incident.severity, row.declared_at),
    )
    learning = [each for each in rows if each.incident.state in LEARNING]
    ended = [each for each in rows if each.incident.state in OVER]
    start = (page - 1) * PER_PAGE
    return BoardView(
        ongoing=tuple(ongoing),
        learning=tuple(learning[:LEARNING_MOST]),
        learning_count=len(learning),
        ended=tuple(ended[start : start + PER_PAGE]),
        ended_count=len(ended),
        total=len(rows),
        page=page,
    )


def incident_row(incident: Incident, terms: Terms, now: str) -> IncidentRow:
    """Return one incident as a list shows it."""
    return IncidentRow(
        incident=incident,
        declared_at=declared_at(incident),
        meaning=terms.rung(incident.severity).title,
        promise=promise_clock(incident, now),
        update=update_clock(incident, now),
        lasted_s=lasted_s(incident, now),
    )


def declared_at(incident: Incident) -> str:
    """Return when we recorded that it was declared."""
    return incident.recorded(Milestone.DECLARED) or incident.changed_at


def _matches(incident: Incident, text: str, state: State | None, severity: int | None) -> bool:
    if state is not None and incident.state is not state:
        return False
    if severity is not None and incident.severity != severity:
        return False
    told = (incident.id, incident.title, incident.scope, incident.key, *incident.components)
    return not text or any(text in each.casefold() for each in told)
