"""Whether a named value reaches its threshold: yes, no, or not to be told.

Three-valued: a value that is missing, of another type, or a share of nothing is unknown, never
no. A census share is compared as it is. A sample share stands for more than was looked at, so
the worse end of its interval must clear the threshold, and while the interval lies across the
threshold nobody can tell.
"""

from math import inf

import msgspec

from pawl.base.intervals import wilson
from pawl.maturity.evidence import Share, Value
from pawl.maturity.model import Threshold
from pawl.maturity.verdict import ThresholdResult


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One threshold, ready to be compared. `wanted` says it in words.

    `lowest` and `highest` bound a number; `exactly` is a yes or a word, where one is asked for.
    """

    name: str
    wanted: str
    lowest: float = -inf
    highest: float = inf
    exactly: bool | str | None = None

    @property
    def bounded(self) -> bool:
        """Whether it asks for a number."""
        return self.lowest != -inf or self.highest != inf


def check_of(name: str, threshold: Threshold) -> Check:
    """Return a threshold ready to be compared."""
    parts = []
    if threshold.equals is not None:
        parts.append(f"exactly {_plain(threshold.equals)}")
    if threshold.at_least is not None:
        parts.append(f"at least {_plain(threshold.at_least)}")
    if threshold.at_most is not None:
        parts.append(f"at most {_plain(threshold.at_most)}")
    bounds = [-inf if threshold.at_least is None else threshold.at_least]
    tops = [inf if threshold.at_most is None else threshold.at_most]
    exactly = None
    if isinstance(threshold.equals, bool | str):
        exactly = threshold.equals
    elif threshold.equals is not None:
        bounds.append(threshold.equals)
        tops.append(threshold.equals)
    return Check(
        name=name,
        wanted=" and ".join(parts) or "any value",
        lowest=max(bounds),
        highest=min(tops),
        exactly=exactly,
    )


def holds(check: Check, value: Value | None, z: float) -> bool | None:
    """Say whether a value reaches a threshold; None where nobody can tell."""
    kind = type(value)
    if kind is int or kind is float:
        # Compared as they are: judging many subjects spends its time here.
        if check.exactly is not None or not -inf < value < inf:  # type: ignore[operator]
            return None
        return check.lowest <= value <= check.highest  # type: ignore[operator]
    if isinstance(value, Share):
        hits, of = value.hits, value.of
        if check.exactly is not None or of <= 0 or not 0 <= hits <= of:
            return None
        if value.census:
            return check.lowest <= hits / of <= check.highest
        return _within(check, *wilson(hits, of, z))
    if value is None or check.bounded:
        return None
    if check.exactly is None:
        return True
    # In Python `True == 1` and a word is no number: other types cannot be compared.
    return value == check.exactly if type(check.exactly) is kind else None


def compare(check: Check, value: Value | None, z: float) -> ThresholdResult:
    """Return the threshold with the value filled in and whether it holds."""
    low = high = None
    if isinstance(value, Share) and not value.census and 0 <= value.hits <= value.of > 0:
        low, high = wilson(value.hits, value.of, z)
    return ThresholdResult(
        name=check.name,
        wanted=check.wanted,
        found=value,
        low=low,
        high=high,
        holds=holds(check, value, z),
    )


def _within(check: Check, low: float, high: float) -> bool | None:
    """Compare a share known to lie between two ends, itself when they are the same."""
    if high < check.lowest or low > check.highest:
        return False
    return True if low >= check.lowest and high <= check.highest else None


def _plain(value: bool | int | float | str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)
