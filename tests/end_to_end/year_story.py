"""The script of the year: what lands when, what breaks, and what is learned from it.

No chance anywhere: whatever happens is a function of the week. Week 0 ends with the first look;
weeks before it are negative, since logs and the host reach further back than anybody looked.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha1, sha256

import msgspec

from pawl.base.times import format_time

SUBJECT = "repo:host.invalid/acme/shop"
START = datetime(2025, 1, 6, 12, tzinfo=UTC)
"""The Monday of the first look; each week's look comes seven days later."""
WEEKS = 52
FIRST_WEEK = -31
"""From when on logs and the host are complete: 31 weeks before the first look."""

LANDED = {
    "changes are recorded": 1,
    "CI runs": 2,
    "a supervisor restarts": 3,
    "failures become eval cases": 4,
    "owners approve": 5,
    "one gate decides": 6,
    "alerts and on-call": 7,
    "a pipeline deploys": 10,
    "objectives are measured": 10,
    "routines are kept": 13,
    "secrets are scanned": 16,
    "rollbacks are drilled": 17,
}
"""Which improvement lands in which week; the files of the tree land as `year_tree` says."""

OWNERS = ("ana", "ben", "cleo")
CAUSES = (
    "slow query", "full queue", "expired token", "wrong rounding", "lost webhook", "stale price",
    "long prompt", "missing index", "clock drift", "late retry", "empty answer", "double order",
)  # fmt: skip
"""Of small incidents, one a week in turn: the same one is back after twelve weeks."""
GRAVE = {9: "missing timeout", 23: "stale prompt cache", 30: "stale prompt cache"}
"""Of grave incidents, by week: the third one repeats the second."""
REPEAT_WEEK = 30
SMALL_REPEAT = (26, 20)
"""A small incident's week, and the earlier one whose cause it repeats."""
NO_LESSON = frozenset({2, 8, 18, 25, 27})
"""Weeks whose small incident was too slight to leave anything behind."""


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One incident of the story. `lesson` is the content of the control it left, `cited` what the
    team first took for one."""

    id: str
    week: int
    at: datetime
    cause: str
    grave: bool
    lesson: str | None
    learned_at: datetime | None
    cited: str | None = None


def look_at(week: int) -> datetime:
    """Return when a week's look is taken."""
    return START + timedelta(weeks=week)


def happenings(now: datetime) -> list[Happening]:
    """Return every incident up to a time, oldest first."""
    return [each for each in _all() if each.at <= now]


@cache
def _all() -> tuple[Happening, ...]:
    found = []
    for week in range(FIRST_WEEK + 1, WEEKS + 1):
        found.append(_small(week))
        if week in GRAVE:
            found.append(_grave(week))
    return tuple(found)


def _small(week: int) -> Happening:
    at = in_week(week, days=1, hours=3)
    name = f"INC-{100 + week}"
    repeated = SMALL_REPEAT[1] if week == SMALL_REPEAT[0] else week
    taught = week not in NO_LESSON and week > FIRST_WEEK + 10
    since = in_week(LANDED["failures become eval cases"], days=2)
    return Happening(
        id=name,
        week=week,
        at=at,
        cause=CAUSES[repeated % len(CAUSES)],
        grave=False,
        lesson=f"case of {name}" if taught else None,
        # What was known before there were eval cases was gone through once they came.
        learned_at=max(at + timedelta(days=2), since) if taught else None,
    )


def _grave(week: int) -> Happening:
    name = f"INC-{200 + week}"
    at = in_week(week, days=2, hours=6)
    repeats = week == REPEAT_WEEK
    return Happening(
        id=name,
        week=week,
        at=at,
        cause=GRAVE[week],
        grave=True,
        lesson=f"case of {name}",
        # After the repeat the team first named the case that it already had.
        learned_at=at + timedelta(days=4 if repeats else 0.5),
        cited="case of INC-223" if repeats else None,
    )


def is_learned(each: Happening, now: datetime) -> bool:
    """Say whether an incident's lesson had become a control by a time."""
    return each.learned_at is not None and each.learned_at <= now


@cache
def case_of(lesson: str) -> str:
    """Return how a control is named: by what it is for and the digest of its content."""
    return f"{lesson.replace(' ', '-')}@{sha256(lesson.encode()).hexdigest()}"


def in_week(week: int, *, days: float = 0, hours: float = 0) -> datetime:
    """Return a time in a week, counted from the look before it."""
    return START + timedelta(weeks=week - 1, days=days, hours=hours)


@cache
def moment(time: datetime) -> str:
    """Return a time as the facts tell it."""
    return format_time(time)


@cache
def sha(kind: str, number: int) -> str:
    """Return the id of a commit or tree."""
    return sha1(f"{kind} {number}".encode()).hexdigest()
