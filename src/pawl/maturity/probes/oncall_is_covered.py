"""Somebody is on call all the time, not always the same person, and the pager works.

Claims: the on-call schedules cover the last 28 days.

Looks at: recorded shifts, or those of `.pawl/oncall.yaml` as it was committed at the time, each
schedule by itself; nested and overlapping shifts count once. People are counted and compared,
never shown.

Fooled by: a schedule whose pager reaches nobody (without a page of 90 days that somebody acted
on, the schedule is only written), a shift without a person (a gap), one person in every shift
(`single_person` is that person's share of the covered time).

Yes: somebody was on call; `covered` says how much of the time, `people` how many. No: nobody was.
Cannot tell: no record of shifts for 28 days.
"""

from collections.abc import Iterable

from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Shift
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import days_before, days_between, within
from pawl.maturity.probe import Answer, Probe, Remedy, no, yes

SCHEDULE_DAYS = 28
"""Days of the schedule that are looked at: four weeks, so that each weekday counts alike."""
_MINUTES = 1440


def _judge(facts: Facts) -> Answer:
    shifts = recorded(facts, lambda told: told.shifts, "shifts", SCHEDULE_DAYS)
    if isinstance(shifts, Answer):
        return shifts
    start = days_before(facts.as_of, SCHEDULE_DAYS)
    manned = [
        each
        for each in shifts
        if each.person and each.start < each.end and each.end > start and each.start < facts.as_of
    ]
    schedules = {each.schedule for each in shifts}
    by_schedule: dict[str, list[Shift]] = {}
    by_person: dict[tuple[str, str], list[Shift]] = {}
    for each in manned:
        by_schedule.setdefault(each.schedule, []).append(each)
        by_person.setdefault((each.person or "", each.schedule), []).append(each)
    carried: dict[str, int] = {}
    for (person, _), own in by_person.items():
        carried[person] = carried.get(person, 0) + _minutes(start, facts.as_of, own)
    covered = sum(_minutes(start, facts.as_of, each) for each in by_schedule.values())
    whole = SCHEDULE_DAYS * _MINUTES * len(schedules)
    told = {
        "values": {
            "covered": Share(covered, whole),
            "single_person": Share(min(max(carried.values(), default=0), covered), covered),
            "people": len(carried),
        },
        "claimed_at": max((min(each.end, facts.as_of) for each in manned), default=None),
        "inputs": sorted((each.schedule, each.start, each.end) for each in manned),
    }
    if not covered:
        return no(f"Nobody was on call in {SCHEDULE_DAYS} days.", Kind.INCIDENT, **told)
    paged = _pager_works(facts)
    reason = (
        f"On-call covered {covered / whole:.1%} of {SCHEDULE_DAYS} days with {len(carried)} people"
        + ("." if paged else ", and no page that was acted on shows that the pager works.")
    )
    return yes(reason, Depth.RUNS if paged else Depth.SUBSTANTIVE, Kind.INCIDENT, **told)


def _minutes(start: str, end: str, shifts: Iterable[Shift]) -> int:
    """Return the whole minutes from start to end that shifts cover, each minute once."""
    total, reached = 0.0, start
    for shift in sorted(shifts, key=lambda each: each.start):
        begin, stop = max(shift.start, reached), min(shift.end, end)
        if begin < stop:
            total += days_between(begin, stop) * _MINUTES
            reached = stop
    return round(total)


def _pager_works(facts: Facts) -> bool:
    if isinstance(facts.operations, Absent):
        return False
    alerts = facts.operations.alerts or ()
    return any(each.page and each.acted and within(each.at, facts.as_of) for each in alerts)


PROBE = Probe(
    claim="On-call is covered",
    area="reliability",
    version=1,
    kinds=(Kind.INCIDENT,),
    depth=Depth.RUNS,
    values={
        "covered": "share of the minutes of 28 days with somebody on call",
        "single_person": "the busiest person's share of the covered time",
        "people": "people on call in 28 days",
    },
    remedy=Remedy(
        "Close the gaps of the schedule, share it between people, and test the pager.", 2.0
    ),
    judge=_judge,
    awaits="alerts",
)
