"""Whether somebody would answer: what is wrong with a schedule before an incident finds it out."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta, tzinfo

from pawl.base.finding import Confidence, Finding, Outcome, Place, Severity
from pawl.base.times import format_time, parse_time
from pawl.governance.priority import Domain
from pawl.governance.roster import Kind, is_active
from pawl.incidents.oncall import COMMAND, Schedule
from pawl.incidents.paging import commander
from pawl.incidents.people import People
from pawl.incidents.turns import gaps, paged, turns

DAYS = 30
"""How far ahead is looked."""
_TOLD = 5
"""People or gaps that one message names; it says how many more there are."""


def oncall_findings(
    schedule: Schedule,
    people: People,
    zones: Mapping[str, tzinfo],
    now: str,
    *,
    place: str = "",
    days: int = DAYS,
) -> tuple[Finding, ...]:
    """Return what is known of who is reached in the days to come, worst first where it is bad."""
    until = format_time(parse_time(now) + timedelta(days=days))
    return tuple(
        sorted(
            (
                _members(schedule, people, zones, (now, until), place),
                _gaps(schedule, zones, now, until, place),
                _ends(people, now, until, place),
                *_alone(schedule, people, zones, (now, until), place),
            ),
            key=lambda each: each.outcome is Outcome.PASS,
        )
    )


def unread_findings(doubts: Iterable[str], place: str = "") -> tuple[Finding, ...]:
    """Return what does not read of who is reached: an incident is declared without it."""
    return tuple(
        _finding(
            "on-call-can-be-read",
            False,
            Severity.HIGH,
            each,
            place,
            "Mend the file; until then incidents are declared and the wrong people are paged.",
        )
        for each in doubts
    )


def _members(
    schedule: Schedule,
    people: People,
    zones: Mapping[str, tzinfo],
    window: tuple[str, str],
    place: str,
) -> Finding:
    wrong = dict(_cannot_answer(schedule, people, zones, window))
    told = "; ".join(f"{person} {why}" for person, why in list(wrong.items())[:_TOLD])
    return _finding(
        "whoever-is-on-call-can-answer",
        not wrong,
        Severity.HIGH,
        f"On call and unable to take command: {told}{_more(len(wrong))}."
        if wrong
        else "Everybody on call is an active human of the roster.",
        place,
        "Only a human of .pawl/roster.yaml can take command: mend the roster or the rotation.",
    )


def _cannot_answer(
    schedule: Schedule, people: People, zones: Mapping[str, tzinfo], window: tuple[str, str]
) -> Iterator[tuple[str, str]]:
    known = {each.id: each for each in people.roster.people}
    for rotation in (*paged(schedule), *(each.id for each in schedule.rotations)):
        for turn in turns(schedule, rotation, zones, *window):
            person = known.get(turn.person)
            if not turn.person:
                continue
            if person is None:
                yield turn.person, "is not in the roster"
            elif person.kind is not Kind.HUMAN:
                yield turn.person, f"is no human but a {person.kind.value}"
            elif not is_active(person, turn.starts):
                yield turn.person, f"is on call from {_short(turn.starts)} and not there then"
            elif person.active_to is not None and person.active_to < turn.ends:
                yield turn.person, f"leaves on {_short(person.active_to)}, during their own turn"


def _gaps(
    schedule: Schedule, zones: Mapping[str, tzinfo], now: str, until: str, place: str
) -> Finding:
    described = {each.id for each in schedule.rotations}
    if not described:
        return _finding(
            "somebody-is-always-on-call",
            True,
            Severity.LOW,
            "There are no rotations: whoever owns the domain of an incident is paged, at any hour.",
            place,
            "",
        )
    missing = [each for each in gaps(schedule, zones, now, until) if each.rotation in described]
    told = ", ".join(
        f"{each.rotation} {_short(each.starts)} to {_short(each.ends)}" for each in missing[:_TOLD]
    )
    undescribed = [each for each in paged(schedule) if each not in described]
    without = f" There is no rotation {', '.join(undescribed)}." if undescribed else ""
    return _finding(
        "somebody-is-always-on-call",
        not missing,
        Severity.MEDIUM,
        f"Nobody is on call: {told}{_more(len(missing))}. Whoever owns the domain is paged then."
        if missing
        else f"Somebody is on call for each rotation until {until[:10]}.{without}",
        place,
        "Add an override for the gap, or let the rotation begin sooner.",
    )


def _ends(people: People, now: str, until: str, place: str) -> Finding:
    """Say whether the promise of a commander names somebody, for incidents of every domain."""
    nobody = [
        domain.value
        for domain in Domain
        if not all(commander(people, domain, "", at)[1] for at in (now, until))
    ]
    return _finding(
        "escalation-ends-at-somebody",
        not nobody,
        Severity.HIGH,
        f"Nobody would be named when the promise of a commander is broken: {', '.join(nobody)}."
        if nobody
        else "For each domain somebody is named when nobody has taken command in time.",
        place,
        "Give the role that owns the domain to somebody: see pawl raci show.",
    )


def _alone(
    schedule: Schedule,
    people: People,
    zones: Mapping[str, tzinfo],
    window: tuple[str, str],
    place: str,
) -> Iterator[Finding]:
    """Say of a team of one what that means; it is allowed to be one."""
    reached = {
        each.person
        for rotation in paged(schedule)
        for each in turns(schedule, rotation, zones, *window)
        if each.person
    }
    if not reached or any(each.page == COMMAND for each in schedule.escalation):
        reached |= {commander(people, domain, "", window[0])[1] for domain in Domain} - {""}
    if len(reached) == 1:
        (only,) = reached
        yield _finding(
            "more-than-one-person-is-reached",
            True,
            Severity.INFO,
            f"Every page goes to {only}. While {only} sleeps nobody takes command, and the breach "
            f"of the promise names {only} too. Whoever is alone commands and fixes.",
            place,
            "",
        )


def _finding(
    id: str, passed: bool, severity: Severity, message: str, place: str, hint: str
) -> Finding:
    return Finding(
        id=id,
        outcome=Outcome.PASS if passed else Outcome.FAIL,
        severity=severity,
        confidence=Confidence.HIGH,
        message=message,
        place=Place(place) if place else None,
        hint="" if passed else hint,
    )


def _more(count: int) -> str:
    return f" and {count - _TOLD} more" if count > _TOLD else ""


def _short(at: str) -> str:
    return f"{at[:16].replace('T', ' ')}Z"
