"""Canonical times as seconds since the epoch and back, quickly: every event of a day has one."""

from datetime import datetime

from pawl.base.times import time_from_ms

DAY_S = 86_400
HOUR_S = 3_600
_MINUTES_REMEMBERED = 4_096


class Clock:
    """Turns canonical times into seconds; it remembers the minutes it has met."""

    def __init__(self) -> None:
        self._minutes: dict[str, float] = {}

    def seconds(self, text: str) -> float:
        """Return the seconds of a canonical time; raises ValueError for any other text."""
        minute = text[:16]
        try:
            begin = self._minutes[minute]
        except KeyError:
            begin = datetime.fromisoformat(f"{minute}:00+00:00").timestamp()
            if len(self._minutes) >= _MINUTES_REMEMBERED:
                self._minutes.clear()
            self._minutes[minute] = begin
        return begin + float(text[17:-1])


def seconds(text: str) -> float:
    """Return the seconds of one canonical time; raises ValueError for any other text."""
    return datetime.fromisoformat(text).timestamp()


def instant(at: float) -> str:
    """Return seconds since the epoch as a canonical time."""
    return time_from_ms(round(at * 1000))


def day_of(at: float) -> str:
    """Return the UTC day of an instant, such as `2026-11-21`."""
    return instant(at)[:10]
