"""Who is on call over a stretch of time, stand-ins and all, and when nobody is.

What `oncall.on_call` answers for one instant is worked out here for a window, as turns that join
without a gap: a turn without a person is one. Pure: zones and times are arguments.
"""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from heapq import heappop, heappush
from itertools import pairwise

import msgspec

from pawl.incidents.oncall import COMMAND, Schedule, Shift, shifts


def turns(
    schedule: Schedule, rotation: str, zones: Mapping[str, tzinfo], since: str, until: str
) -> tuple[Shift, ...]:
    """Return who is on call for a rotation from one instant to another, gaps with nobody in them.

    Turns of one person that follow each other are one, and the first and last end at the window.
    """
    if since >= until:
        return ()
    found: list[Shift] = []
    for each in _pieces(schedule, rotation, zones, since, until):
        if found and found[-1].person == each.person:
            found[-1] = msgspec.structs.replace(found[-1], ends=each.ends)
        else:
            found.append(each)
    return tuple(found)


def gaps(
    schedule: Schedule, zones: Mapping[str, tzinfo], since: str, until: str
) -> tuple[Shift, ...]:
    """Return the times in which a rotation that is paged has nobody on call, in order."""
    return tuple(
        sorted(
            (
                each
                for rotation in paged(schedule)
                for each in turns(schedule, rotation, zones, since, until)
                if not each.person
            ),
            key=lambda each: (each.starts, each.rotation),
        )
    )


def paged(schedule: Schedule) -> tuple[str, ...]:
    """Return the rotations that an incident pages, in order, whether there are such or not."""
    return tuple(dict.fromkeys(each.page for each in schedule.escalation if each.page != COMMAND))


def rotations(schedule: Schedule) -> tuple[str, ...]:
    """Return every rotation that is paged or described, those that are paged first."""
    return tuple(dict.fromkeys((*paged(schedule), *(each.id for each in schedule.rotations))))


def _pieces(
    schedule: Schedule, rotation: str, zones: Mapping[str, tzinfo], since: str, until: str
) -> Iterator[Shift]:
    """Yield pieces of time in which nothing changes; the last override that is written counts."""
    overrides = [
        (max(each.starts, since), min(each.ends, until), number, each.person)
        for number, each in enumerate(schedule.overrides)
        if each.rotation == rotation and each.starts < until and each.ends > since
    ]
    own = next((each for each in schedule.rotations if each.id == rotation), None)
    regular = [] if own is None else list(shifts(schedule, own, zones, since, until))
    marks = {since, until}
    marks |= {each for row in overrides for each in row[:2]}
    marks |= {at for each in regular for at in (each.starts, each.ends) if since < at < until}
    edges = sorted(marks)
    waiting = sorted(overrides, reverse=True)
    standing: list[tuple[int, str, str]] = []
    turn = 0
    for starts, ends in pairwise(edges):
        while waiting and waiting[-1][0] <= starts:
            _, over, number, person = waiting.pop()
            heappush(standing, (-number, over, person))
        while standing and standing[0][1] <= starts:
            heappop(standing)
        while turn < len(regular) and regular[turn].ends <= starts:
            turn += 1
        person = ""
        if standing:
            person = standing[0][2]
        elif turn < len(regular) and regular[turn].starts <= starts:
            person = regular[turn].person
        yield Shift(rotation=rotation, person=person, starts=starts, ends=ends)
