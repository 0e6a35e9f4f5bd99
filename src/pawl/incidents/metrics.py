"""Figures about incidents: each with numerator, denominator, value or none, and an interval.

A window is half-open and counts by when we recorded the declaration. What was merged is counted
with what it was merged into, what was declined is no incident, nothing over nothing is no value.
What has not ended at the end of the window is in the times for as long as it has lasted.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from pawl.base.canonical import digest
from pawl.base.loading import load_yaml
from pawl.base.times import format_time, parse_time, seconds_between
from pawl.changes.metrics import Rate, Times, rate, times
from pawl.incidents.action import Action
from pawl.incidents.action import State as ActionState
from pawl.incidents.incident import MATTER, Incident, Milestone, State


class Pair(
    msgspec.Struct, frozen=True, kw_only=True, rename={"start": "from"}, forbid_unknown_fields=True
):
    """A time from one milestone to another."""

    id: str
    start: Milestone
    to: Milestone
    source: str


class Definitions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which times there are."""

    schema: Literal["pawl.incident-metrics/1"]
    version: str
    as_of: str
    pairs: tuple[Pair, ...]

    @property
    def digest(self) -> str:
        """The digest of what the file says."""
        return digest(msgspec.to_builtins(self))


class PairTimes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a pair of milestones took. `unknown` have no beginning that anybody said."""

    id: str
    unknown: int
    times: Times


class IncidentFigures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All figures of one window. `waiting` are too young to have kept or broken the promise."""

    schema: Literal["pawl.incident-figures/1"] = "pawl.incident-figures/1"
    since: str
    until: str
    definitions: str
    incidents: int
    merged: int
    declined: int
    waiting: int
    pairs: tuple[PairTimes, ...]
    commander_in_time: Rate
    repeats: Rate


class ActionFigures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How actions that were due in a window went. `carried_over` are due before it and open.

    `given_up` were dropped before they were due, so that they are in no share: who gives up all
    that would be late has a good share and a bad figure here.
    """

    since: str
    until: str
    completed_in_time: Rate
    carried_over: int
    given_up: int = 0


class AllFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a window: of incidents and of the actions that were due in it."""

    incidents: IncidentFigures
    actions: ActionFigures


def figures(
    incidents: Iterable[Incident],
    since: str,
    until: str,
    *,
    resolved: Iterable[Incident] = (),
    repeat_days: float,
) -> IncidentFigures:
    """Return the figures of what was declared from `since` to `until`, as known at `until`.

    `resolved` are earlier incidents that repeats may point to, besides those of the window.
    """
    given = list(incidents)
    declared = [each for each in given if since <= (_declared(each) or "") < until]
    own = [each for each in declared if each.state not in (State.MERGED, State.DECLINED)]
    earlier = {each.id: each for each in (*resolved, *given)}
    told = [each for each in own if _promise(each, until) is not None]
    return IncidentFigures(
        since=since,
        until=until,
        definitions=definitions().digest,
        incidents=len(own),
        merged=sum(each.state is State.MERGED for each in declared),
        declined=sum(each.state is State.DECLINED for each in declared),
        waiting=len(own) - len(told),
        pairs=tuple(_pair(each, own, until) for each in definitions().pairs),
        commander_in_time=rate(sum(bool(_promise(each, until)) for each in told), len(told)),
        repeats=rate(sum(_is_repeat(each, earlier, repeat_days) for each in own), len(own)),
    )


def action_figures(actions: Iterable[Action], since: str, until: str) -> ActionFigures:
    """Return how many of the actions due in a window were verified by then: the quarter's figure.

    The date that counts is the first one promised. What was given up before it was due is not asked
    for; what was given up later was not done.
    """
    given = list(actions)
    asked = [each for each in given if since <= each.first_due_at < until]
    due = [
        each
        for each in asked
        if not (each.state is ActionState.WONT_DO and (each.done_at or "") <= each.first_due_at)
    ]
    kept = sum(
        each.state is ActionState.VERIFIED and (each.done_at or until) <= each.first_due_at
        for each in due
    )
    return ActionFigures(
        since=since,
        until=until,
        completed_in_time=rate(kept, len(due)),
        carried_over=sum(
            each.first_due_at < since and (each.done_at is None or each.done_at >= since)
            for each in given
        ),
        given_up=len(asked) - len(due),
    )


@cache
def definitions() -> Definitions:
    """Return the definitions that come with Pawl."""
    text = files("pawl.incidents").joinpath("metrics.yaml").read_text(encoding="utf-8")
    return load_yaml(text, Definitions, place="metrics.yaml")


def _pair(pair: Pair, incidents: Sequence[Incident], until: str) -> PairTimes:
    lasted = []
    unknown = 0
    for each in incidents:
        start = _time(each, pair.start, until)
        if start is None:
            unknown += 1
            continue
        end = _time(each, pair.to, until)
        lasted.append((max(0.0, seconds_between(start, end or until)), end is not None))
    return PairTimes(id=pair.id, unknown=unknown, times=times(lasted))


def _time(incident: Incident, milestone: Milestone, until: str) -> str | None:
    """Return when a milestone was, if that was known before the end of a window."""
    stamp = incident.milestones.get(milestone)
    if stamp is None or stamp.recorded_at >= until:
        return None
    return stamp.at if milestone in MATTER else stamp.recorded_at


def _promise(incident: Incident, until: str) -> bool | None:
    """Say whether a commander was there in time; None while that may still happen.

    The promise of the first declaration counts, however often it was opened again.
    """
    accepted = _time(incident, Milestone.ACCEPTED, until)
    if accepted is not None and accepted <= incident.promised_at:
        # The breach was told at the very instant of the deadline, before the acceptance.
        return incident.first_breach_at is None
    return False if incident.promised_at < until else None


def _is_repeat(incident: Incident, earlier: dict[str, Incident], days: float) -> bool:
    """Say whether it was confirmed to repeat one that was resolved not too long before."""
    declared = _declared(incident) or ""
    since = _later(declared, -days * 86_400)
    ends = (
        earlier[each].recorded(Milestone.RESOLVED) for each in incident.repeats if each in earlier
    )
    return any(end is not None and since <= end <= declared for end in ends)


def _declared(incident: Incident) -> str | None:
    return incident.recorded(Milestone.DECLARED)


def _later(start: str, seconds: float) -> str:
    return format_time(parse_time(start) + timedelta(seconds=seconds))
