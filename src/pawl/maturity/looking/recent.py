"""Windows counted back from the facts' own time, and shares that know how small they are."""

from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

from pawl.base.times import format_time, parse_time, seconds_between
from pawl.maturity.evidence import Share

WINDOW_DAYS = 90
"""Days that probes look back: the quarter in which formal assessments come."""
FEW = 10
"""Below so many things a share is judged by its interval: each one moves it by a tenth or more."""

_DAY = 86_400


@lru_cache(maxsize=4096)
def days_before(moment: str, days: float) -> str:
    """Return the canonical time so many days before another."""
    return format_time(parse_time(moment) - timedelta(days=days))


def days_between(earlier: str, later: str) -> float:
    """Return the days from one time to another; times may be canonical or ISO 8601."""
    return seconds_between(format_time(parse_time(earlier)), format_time(parse_time(later))) / _DAY


def whole_days(earlier: str, later: str) -> int:
    """Return the whole days from one time to another, never below zero."""
    return max(0, int(days_between(earlier, later)))


def within(moment: str | None, as_of: str, days: float = WINDOW_DAYS) -> bool:
    """Say whether a canonical time lies in the window that ends at `as_of`."""
    return moment is not None and days_before(as_of, days) <= moment <= as_of


def newest(moments: Iterable[str | None]) -> str | None:
    """Return the latest of some canonical times, or None of none."""
    return max((moment for moment in moments if moment is not None), default=None)


def share_of(hits: int, of: int, *, whole: bool = True) -> Share:
    """Return a share; of few things, or of a part of them, it is a sample."""
    return Share(hits, of, census=whole and of >= FEW)
