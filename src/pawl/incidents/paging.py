"""Who is paged about an incident and when: worked out at its declaration, then only carried out.

Only a human who accepts, and is known for certain, meets the promise of a commander. When the time
is up that is said once and somebody is named; a ticker that was dead, or a clock that jumped, makes
it late, never twice.
"""

from collections.abc import Mapping
from datetime import timedelta, tzinfo

import msgspec

from pawl.base.times import format_time, parse_time, seconds_between
from pawl.governance.priority import Domain
from pawl.governance.raci import Work, accountable
from pawl.governance.roster import holders
from pawl.incidents.event import Happened, plain
from pawl.incidents.incident import Deadline, Happening, Incident, Paging
from pawl.incidents.oncall import COMMAND, Schedule, on_call
from pawl.incidents.people import People


def plan(
    schedule: Schedule,
    people: People,
    zones: Mapping[str, tzinfo],
    now: str,
    *,
    domain: Domain,
    scope: str = "",
    spell: int = 1,
) -> Paging:
    """Return the deadlines of an incident that is declared now, as its schedule says now.

    Where nobody is on call for a rotation the owner of the domain is paged in their place.
    """
    deadlines = []
    for place, step in enumerate(schedule.escalation):
        due = _later(now, step.after_s)
        person = "" if step.page == COMMAND else on_call(schedule, step.page, zones, due)
        role = step.page
        if not person:
            role, person = commander(people, domain, scope, due)
        deadlines.append(Deadline(id=f"{spell}/page-{place}", due_at=due, person=person, role=role))
    due = _later(now, schedule.breach_after_s)
    role, person = commander(people, domain, scope, due)
    deadlines.append(
        Deadline(id=f"{spell}/breach", due_at=due, person=person, role=role, breach=True)
    )
    return Paging(policy=schedule.digest, deadlines=tuple(deadlines))


def commander(people: People, domain: Domain, scope: str, at: str) -> tuple[str, str]:
    """Return the role that commands incidents of a domain unless another does, and who holds it.

    That is the owner of the domain; where nobody holds that role, whoever answers for incidents.
    The person is empty where there is nobody at all.
    """
    owner = people.raci.owners.get(domain, "")
    for role in (owner, accountable(people.raci, Work.INCIDENT, scope)):
        found = holders(people.roster, role, scope, at)
        if found:
            return role, found[0]
    return owner, ""


def due(incident: Incident, now: str) -> tuple[Deadline, ...]:
    """Return the deadlines that have come and were not acted on; none once somebody commands
    who is known for certain."""
    if not incident.awaited:
        return ()
    done = set(incident.paging.fired)
    return tuple(
        each for each in incident.paging.deadlines if each.id not in done and each.due_at <= now
    )


def pending(incident: Incident) -> tuple[Deadline, ...]:
    """Return the deadlines that a timer must wait for."""
    return due(incident, "9999")


def fire(incident: Incident, now: str, by: str) -> tuple[Happened, ...]:
    """Return an event for each deadline that has come, each saying how late it is."""
    events = []
    fired = incident.paging.fired
    for each in due(incident, now):
        fired = (*fired, each.id)
        events.append(_fired(incident, each, fired, now, by))
    return tuple(events)


def breach_if_late(incident: Incident, now: str, by: str) -> tuple[Happened, ...]:
    """Return the event that the promise was broken, if it was and nobody has said so.

    At the very instant of the deadline it is kept, unless the breach was told before.
    """
    late = [each for each in due(incident, now) if each.breach and each.due_at < now]
    return tuple(
        _fired(incident, each, (*incident.paging.fired, each.id), now, by) for each in late
    )


def _fired(
    incident: Incident, deadline: Deadline, fired: tuple[str, ...], now: str, by: str
) -> Happened:
    paging = msgspec.structs.replace(incident.paging, fired=fired)
    sets = {"paging": plain(paging)}
    if deadline.breach:
        sets["breached_at"] = now
        if incident.spell == 1:
            sets["first_breach_at"] = now
    return Happened(
        type=Happening.BREACHED if deadline.breach else Happening.PAGED,
        subject=incident.id,
        at=now,
        by=by,
        sets=sets,
        tells={
            "deadline": deadline.id,
            "person": deadline.person,
            "role": deadline.role,
            "due_at": deadline.due_at,
            "late_s": max(0.0, seconds_between(deadline.due_at, now)),
        },
    )


def _later(start: str, seconds: float) -> str:
    return format_time(parse_time(start) + timedelta(seconds=seconds))


def promised_at(paging: Paging, now: str) -> str:
    """Return until when a paging promises a commander; without a breach there is no time at all."""
    return max((each.due_at for each in paging.deadlines if each.breach), default=now)
