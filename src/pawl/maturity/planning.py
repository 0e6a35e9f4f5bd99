"""Spread work over weeks of a given capacity, in order, and say what each week does and proves.

Weeks are counted from the day of the assessment, so the plan follows from it and from nothing
else.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

PLAN_WEEKS = 13
"""Weeks of the plan: the quarter, or 90 days, between two assessments."""
_WEEK_DAYS = 7
_MAX_WEEKS = 520
"""Ten years: beyond, a day says nothing, and no date is written."""
_ROUND = 1e-9
"""Person-days below which two amounts are the same; they are sums of floats."""


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """How many person-days of one week go to one goal, and whether it is done by its end."""

    goal: str
    days: float
    done: bool


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """One week of the plan. `proves` are goals that are proved in it, if all goes as planned."""

    number: int
    starts: str
    ends: str
    work: tuple[Slice, ...]
    proves: tuple[str, ...]
    spare_days: float


class Spent(msgspec.Struct, frozen=True):
    """When one goal is worked on: person-days by week, weeks counted from zero."""

    weeks: tuple[tuple[int, float], ...]

    @property
    def first(self) -> int:
        """The week in which it begins."""
        return self.weeks[0][0]

    @property
    def last(self) -> int:
        """The week in which it ends."""
        return self.weeks[-1][0]


def week_start(start: date, number: int) -> date:
    """Return the first day of a week, counted from zero."""
    return start + timedelta(days=_WEEK_DAYS * number)


def week_end(start: date, number: int) -> date:
    """Return the last day of a week, counted from zero."""
    return week_start(start, number + 1) - timedelta(days=1)


def spend(efforts: Sequence[float], capacity: float) -> list[Spent | None]:
    """Give each effort, in order, what the weeks still have; None beyond ten years."""
    found: list[Spent | None] = []
    week, spare = 0, capacity
    for effort in efforts:
        parts: list[tuple[int, float]] = []
        left = effort
        while left > _ROUND and week < _MAX_WEEKS:
            if spare <= _ROUND:
                week, spare = week + 1, capacity
                continue
            taken = min(left, spare)
            parts.append((week, taken))
            left, spare = left - taken, spare - taken
        if left > _ROUND or week >= _MAX_WEEKS:
            found.append(None)
        else:
            # Without work of its own a goal only waits: it begins with what pays for it.
            found.append(Spent(tuple(parts) or ((week, 0.0),)))
    return found


def weeks_of(
    goals: Sequence[tuple[str, str | None]],
    plan: Sequence[Spent | None],
    start: date,
    capacity: float,
) -> tuple[Week, ...]:
    """Return the plan's weeks; `goals` are ids with the day on which each is proved."""
    found = []
    for number in range(PLAN_WEEKS):
        first, last = week_start(start, number), week_end(start, number)
        work = tuple(
            Slice(goal=goal, days=days, done=spent is not None and spent.last == number)
            for (goal, _), spent in zip(goals, plan, strict=True)
            for week, days in (spent.weeks if spent else ())
            if week == number and days > 0
        )
        found.append(
            Week(
                number=number + 1,
                starts=first.isoformat(),
                ends=last.isoformat(),
                work=work,
                proves=tuple(
                    goal
                    for goal, proved in goals
                    if proved and first.isoformat() <= proved <= last.isoformat()
                ),
                spare_days=max(0.0, capacity - sum(each.days for each in work)),
            )
        )
    return tuple(found)
