"""Who is reached at an instant and in the days after it: what people ask of a schedule."""

from collections.abc import Mapping
from datetime import timedelta, tzinfo

import msgspec

from pawl.base.times import format_time, parse_time
from pawl.governance.priority import Domain
from pawl.incidents.oncall import Schedule, Shift
from pawl.incidents.paging import commander
from pawl.incidents.people import People
from pawl.incidents.turns import gaps, rotations, turns


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on call for a rotation now, until when, and who comes next. Empty is nobody."""

    rotation: str
    person: str
    until: str
    then: str = ""


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever commands incidents of a domain unless somebody else takes command."""

    domain: str
    role: str
    person: str


class OnCall(msgspec.Struct, frozen=True, kw_only=True):
    """Who is reached at an instant and in the days after it, by which version of the schedule.

    `gaps` are turns of rotations that are paged with nobody on call. `doubts` say what could not
    be read, in whose place stands what comes with Pawl.
    """

    at: str
    until: str
    branch: str
    commit: str
    time_zone: str
    now: tuple[Turn, ...]
    turns: tuple[Shift, ...]
    gaps: tuple[Shift, ...]
    owners: tuple[Owner, ...]
    escalation: tuple[tuple[float, str], ...]
    breach_after_s: float
    doubts: tuple[str, ...] = ()

    @property
    def reached(self) -> bool:
        """Whether a page would reach anybody now."""
        return any(each.person for each in self.now) or any(each.person for each in self.owners)


def on_call_from(
    schedule: Schedule,
    people: People,
    zones: Mapping[str, tzinfo],
    at: str,
    days: int,
    *,
    branch: str = "",
    commit: str = "",
    doubts: tuple[str, ...] = (),
) -> OnCall:
    """Return who is reached from an instant on, for some days."""
    until = format_time(parse_time(at) + timedelta(days=days))
    by_rotation = {each: turns(schedule, each, zones, at, until) for each in rotations(schedule)}
    described = {each.id for each in schedule.rotations}
    owners = ((domain.value, commander(people, domain, "", at)) for domain in Domain)
    return OnCall(
        at=at,
        until=until,
        branch=branch,
        commit=commit,
        time_zone=schedule.time_zone,
        now=tuple(
            Turn(
                rotation=name,
                person=found[0].person,
                until=found[0].ends,
                then=found[1].person if len(found) > 1 else "",
            )
            for name, found in by_rotation.items()
        ),
        turns=tuple(each for found in by_rotation.values() for each in found),
        gaps=tuple(each for each in gaps(schedule, zones, at, until) if each.rotation in described),
        owners=tuple(
            Owner(domain=domain, role=role, person=person) for domain, (role, person) in owners
        ),
        escalation=tuple((each.after_s, each.page) for each in schedule.escalation),
        breach_after_s=schedule.breach_after_s,
        doubts=doubts,
    )
