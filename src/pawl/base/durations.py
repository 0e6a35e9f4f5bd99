"""Durations as people write them: `90s`, `10m`, `1h30m`, `7d`."""

import re

from pawl.base.errors import BadValue

_UNIT_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")


def parse_duration(text: str, *, place: str = "") -> float:
    """Return the seconds that `text` means; a bare number is seconds.

    Raises BadValue when the text is not a positive duration.
    """
    cleaned = text.strip().lower()
    try:
        seconds = float(cleaned)
    except ValueError:
        parts = _PART.findall(cleaned)
        complete = "".join(number + unit for number, unit in parts) == cleaned
        seconds = sum(float(n) * _UNIT_SECONDS[u] for n, u in parts) if complete else 0.0
    if not 0 < seconds < float("inf"):
        raise BadValue(
            f"{text!r} is not a duration.", place=place, hint="Write one such as 90s, 10m or 1h30m."
        )
    return seconds


def format_duration(seconds: float) -> str:
    """Return seconds for people, with two units at most: `0.4 s`, `12 s`, `3 m 20 s`, `2 h 5 m`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60} m"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"
