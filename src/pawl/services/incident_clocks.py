"""The clocks of an incident: the promise of a commander, the next update, how long it lasts."""

from enum import StrEnum

import msgspec

from pawl.base.times import seconds_between
from pawl.incidents.incident import ONGOING, Incident, Milestone, State

NEAR_S = 60.0
"""Seconds before its end in which a clock is shown as near it."""


class Reading(StrEnum):
    """How a clock stands."""

    RUNS = "runs"
    NEAR = "near"
    PAST = "past"
    KEPT = "kept"
    BROKEN = "broken"


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """One clock. `at` is what it counts to; `left_s` is negative once that is past.

    A clock that has stopped says in `took_s` how long it took, None where that is not known.
    """

    id: str
    reading: Reading
    at: str
    left_s: float
    took_s: float | None = None

    @property
    def counts(self) -> bool:
        """Whether it still counts."""
        return self.reading in (Reading.RUNS, Reading.NEAR, Reading.PAST)


def promise_clock(incident: Incident, now: str) -> Clock | None:
    """Return the promise of a commander; None where it was declined or merged before one came.

    Of what was opened again the promise is that of the last opening. Whoever commands without a
    proof of who they are has not kept it.
    """
    if incident.state in (State.DECLINED, State.MERGED) and not incident.commanders:
        return None
    at = promised_by(incident)
    left = seconds_between(now, at)
    if incident.awaited:
        past = left < 0 or incident.breached_at is not None
        return Clock(id="promise", reading=_running(left, past=past), at=at, left_s=left)
    broken = incident.breached_at is not None
    return Clock(
        id="promise",
        reading=Reading.BROKEN if broken else Reading.KEPT,
        at=at,
        left_s=left,
        took_s=_took(incident),
    )


def update_clock(incident: Incident, now: str) -> Clock | None:
    """Return until when everybody is to be told how it stands; None before the first telling."""
    if incident.state not in ONGOING or incident.next_update_at is None:
        return None
    left = seconds_between(now, incident.next_update_at)
    return Clock(
        id="update",
        reading=_running(left, past=left < 0),
        at=incident.next_update_at,
        left_s=left,
    )


def promised_by(incident: Incident) -> str:
    """Return until when a commander is promised in the present spell."""
    return next(
        (each.due_at for each in incident.paging.deadlines if each.breach), incident.promised_at
    )


def lasted_s(incident: Incident, now: str) -> float:
    """Return how long it hurt, or has so far: from its beginning, as far as that is known."""
    start = (
        incident.claimed(Milestone.STARTED)
        or incident.claimed(Milestone.DECLARED)
        or incident.changed_at
    )
    end = now if incident.state in ONGOING else incident.claimed(Milestone.RESOLVED)
    return max(0.0, seconds_between(start, end or incident.ended_at or now))


def _took(incident: Incident) -> float | None:
    declared = incident.recorded(Milestone.DECLARED)
    accepted = incident.recorded(Milestone.ACCEPTED)
    if incident.spell > 1 or declared is None or accepted is None:
        return None
    return max(0.0, seconds_between(declared, accepted))


def _running(left: float, *, past: bool) -> Reading:
    if past:
        return Reading.PAST
    return Reading.NEAR if left < NEAR_S else Reading.RUNS
