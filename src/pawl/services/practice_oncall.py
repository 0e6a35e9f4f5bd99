"""What the schedule of a repository tells an assessment: who was on call, as it said at the time.

Each stretch is judged by what was committed then, so a gap that was written over afterwards stays
one. Whoever the roster does not know as a human who is there reaches nobody: such a turn is a gap.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import tzinfo
from itertools import pairwise
from typing import NamedTuple

from pawl.governance.roster import Kind, Roster, is_active
from pawl.incidents.oncall import Schedule, zone_names
from pawl.incidents.turns import paged, turns
from pawl.maturity.facts.operations import Shift

Zones = Callable[[tuple[str, ...]], Mapping[str, tzinfo]]
"""Time zones by name."""


class InForce(NamedTuple):
    """What the schedule said from a canonical time on."""

    at: str
    schedule: Schedule


def shifts_of(
    written: Iterable[InForce], roster: Roster, zones: Zones, since: str, until: str
) -> tuple[Shift, ...]:
    """Return who was on call for every rotation that is paged, gaps with nobody in them.

    `written` are in order. A rotation that nobody is paged by covers nothing.
    """
    steps = [*written, None]
    found: list[Shift] = []
    for each, following in pairwise(steps):
        assert each is not None  # Only the last is none.
        begin, end = max(since, each.at), until if following is None else min(until, following.at)
        if begin >= end:
            continue
        known = zones(zone_names(each.schedule))
        found += (
            Shift(
                schedule=name,
                person=turn.person if _is_there(roster, turn.person, turn.starts) else None,
                start=turn.starts,
                end=turn.ends,
            )
            for name in paged(each.schedule)
            for turn in turns(each.schedule, name, known, begin, end)
        )
    return tuple(found)


def _is_there(roster: Roster, identity: str, at: str) -> bool:
    return any(
        each.id == identity and each.kind is Kind.HUMAN and is_active(each, at)
        for each in roster.people
    )
