"""When a measure left what was usual for it, which way, how far, and whether it came back.

The usual is the median of the first part of the window with the median absolute deviation around
it, so that a few odd points move neither. A measure has moved when several points running lie
outside; one point is noise.
"""

from itertools import pairwise
from statistics import median

import msgspec

from pawl.base.times import time_from_ms
from pawl.investigation.facts import Series
from pawl.investigation.knowledge import Knowledge, Measure
from pawl.investigation.terms import Terms

MAX_POINTS = 20_000
"""Points of one series that are looked at, the newest."""


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A measure that moved. `onset` and `end` are epoch seconds; `end` is None while it lasts.

    `step_s` is the time between two points: the onset is not known better than that.
    """

    series: Series
    measure: str
    is_symptom: bool
    rises: bool
    before: float
    peak: float
    onset: float
    end: float | None
    step_s: float

    @property
    def times(self) -> float:
        """How many times the usual the farthest point is; 1 or more whichever way it went."""
        low, high = sorted((abs(self.before), abs(self.peak)))
        return high / low if low > 0 else float("inf") if high > 0 else 1.0

    @property
    def began_at(self) -> str:
        """The onset as a canonical time."""
        return time_from_ms(self.onset * 1000)


def moved(series: Series, terms: Terms, knowledge: Knowledge) -> Moved | None:
    """Return how a measure moved; None where it did not, or too little is known to say."""
    points = series.points[-MAX_POINTS:]
    kind = measure_of(series, knowledge)
    lead = max(terms.lead_points, int(len(points) * terms.lead_share))
    if kind is None or len(points) <= lead:
        return None
    usual = [value for _, value in points[:lead]]
    middle = median(usual)
    spread = median(abs(value - middle) for value in usual)
    band = max(spread * terms.spreads, abs(middle) * terms.relative, kind.least)
    outside = [_side(value - middle, band, kind) for _, value in points]
    begin = _first_run(outside, terms.run_points, lead)
    if begin is None:
        return None
    side = outside[begin]
    stop = next(
        (
            at
            for at in range(begin + 1, len(points))
            if not any(each == side for each in outside[at : at + terms.run_points])
        ),
        None,
    )
    part = [value for _, value in points[begin : stop if stop is not None else len(points)]]
    steps = [two[0] - one[0] for one, two in pairwise(points[: lead + 1])]
    return Moved(
        series=series,
        measure=kind.id,
        is_symptom=kind.is_symptom,
        rises=side > 0,
        before=middle,
        peak=max(part) if side > 0 else min(part),
        onset=points[begin][0],
        end=None if stop is None else points[stop][0],
        step_s=median(steps),
    )


def measure_of(series: Series, knowledge: Knowledge) -> Measure | None:
    """Return what a series measures, by the words of its name; None for one nobody knows."""
    text = " ".join((series.name, *series.labels.values())).lower()
    return next((each for each in knowledge.measures if any(w in text for w in each.words)), None)


def _side(apart: float, band: float, kind: Measure) -> int:
    if abs(apart) <= band:
        return 0
    side = 1 if apart > 0 else -1
    return side if kind.bad == "either" or (side > 0) == (kind.bad == "rises") else 0


def _first_run(outside: list[int], length: int, begin: int) -> int | None:
    """Return where the first `length` points running lie outside on one side."""
    for at in range(begin, len(outside) - length + 1):
        if outside[at] and all(each == outside[at] for each in outside[at : at + length]):
            return at
    return None
