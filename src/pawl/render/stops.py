"""Why a run was stopped, in words and in the limit's own unit."""

from pawl.base.durations import format_duration
from pawl.base.money import MICROS_PER_USD, format_usd
from pawl.runs.limit_names import limit_name
from pawl.runs.record import Stop

_SPEAKING = frozenset({"loop", "tool", "spool"})
"""Stops whose detail says more than their numbers."""


def amount(value: float, limit: str) -> str:
    """Return a value or threshold of a limit with its unit; counts stand alone."""
    if limit == "usd":
        return format_usd(round(value * MICROS_PER_USD))
    if limit in ("wall", "idle"):
        return format_duration(max(0.0, value))
    return data_size(value) if limit == "output_bytes" else f"{value:,.0f}"


def data_size(number: float) -> str:
    """Return bytes in binary units."""
    size = float(number)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"


def stop_text(stop: Stop) -> str:
    """Return what was reached and what was allowed: `$0.28 spent, $0.25 allowed`."""
    if stop.limit in _SPEAKING and stop.detail:
        return stop.detail.removesuffix(".")
    value, threshold = amount(stop.value, stop.limit), amount(stop.threshold, stop.limit)
    if stop.limit == "usd":
        reached = f"{value} spent"
    elif stop.limit in ("wall", "idle"):
        reached = f"{value} of {limit_name(stop.limit)}"
    else:
        reached = f"{value} {limit_name(stop.limit)}"
    return f"{reached}, {threshold} allowed"
