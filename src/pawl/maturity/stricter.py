"""Say whether a bound that replaces another is at least as strict, and refuse it by name if not."""

import operator
from collections.abc import Callable
from typing import Any, NoReturn

from pawl.base.durations import parse_duration
from pawl.base.errors import BadFile
from pawl.maturity.model import Threshold


class Row:
    """One row of an overlay: compares what was with what it wants, and names what loosens."""

    def __init__(self, place: str, row: str) -> None:
        self.place = place
        self.row = row

    def higher(self, key: str, old: Any, new: Any, *, at_most: float | None = None) -> Any:
        """Return the new value, which must not be below the old; None leaves the old."""
        if at_most is not None and new is not None and not new <= at_most:
            self.refuse(key, f"{new} is above {at_most:g}, which nothing can reach.")
        return self._compared(key, old, new, operator.ge, "lower")

    def lower(self, key: str, old: Any, new: Any, *, at_least: float | None = None) -> Any:
        """Return the new value, which must not be above the old; None leaves the old."""
        if at_least is not None and new is not None and not new >= at_least:
            self.refuse(key, f"{new} is below {at_least:g}, which nothing can reach.")
        return self._compared(key, old, new, operator.le, "raise")

    def shorter(self, key: str, old: str | None, new: str | None) -> str | None:
        """Return the new duration, which must not be longer than the old."""
        return self._lasting(key, old, new, operator.le, "lengthen")

    def longer(self, key: str, old: str | None, new: str | None) -> str | None:
        """Return the new duration, which must not be shorter than the old."""
        return self._lasting(key, old, new, operator.ge, "shorten")

    def refuse(self, key: str, why: str) -> NoReturn:
        """Raise BadFile naming the row and the key."""
        refuse(self.place, f"{self.row}.{key}".strip("."), why)

    def _compared(
        self, key: str, old: Any, new: Any, holds: Callable[[Any, Any], bool], verb: str
    ) -> Any:
        if new is None:
            return old
        # Not "if worse": whatever does not compare, such as NaN, is refused too.
        if old is not None and not holds(new, old):
            self.refuse(key, f"it would {verb} {plain(old)} to {plain(new)}.")
        return new

    def _lasting(
        self,
        key: str,
        old: str | None,
        new: str | None,
        holds: Callable[[float, float], bool],
        verb: str,
    ) -> str | None:
        if new is None:
            return old
        seconds = parse_duration(new, place=f"{self.place}: {self.row}.{key}")
        if old is not None and not holds(seconds, parse_duration(old)):
            self.refuse(key, f"it would {verb} {old} to {new}.")
        return new


def possible(threshold: Threshold) -> bool:
    """Say whether any value can hold a threshold."""
    low, high, equals = threshold.at_least, threshold.at_most, threshold.equals
    if any(bound is not None and bound != bound for bound in (low, high)):
        return False
    if low is not None and high is not None and low > high:
        return False
    if equals is None or (low is None and high is None):
        return True
    if isinstance(equals, bool | str):
        return False
    return (low is None or equals >= low) and (high is None or equals <= high)


def plain(value: object) -> str:
    """Return a bound for people."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def refuse(place: str, row: str, why: str) -> NoReturn:
    """Raise BadFile naming the row."""
    raise BadFile(f"{row}: {why}", place=place, hint="An overlay may only make a model stricter.")
