"""Numbers, times and names as the pages show them. Unknown is shown as a dash, never as zero."""

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from markupsafe import Markup

from pawl.base.durations import format_duration
from pawl.base.money import format_usd
from pawl.base.times import seconds_between
from pawl.render import stops
from pawl.runs.limit_names import limit_name
from pawl.runs.record import RunRow
from pawl.telemetry.activity import SessionRow

UNKNOWN = "\N{EN DASH}"


def money(micros: int | None) -> str:
    """Return micro-USD as dollars."""
    return UNKNOWN if micros is None else format_usd(micros)


def count(number: int | None) -> str:
    """Return a whole number with separators of thousands."""
    return UNKNOWN if number is None else f"{number:,}"


def short(number: int | None) -> str:
    """Return a number in three digits at most: 999, 1.2 k, 34 M."""
    if number is None:
        return UNKNOWN
    size = float(number)
    for unit in ("", " k", " M", " G"):
        if size < 999.5 or unit == " G":
            break
        size /= 1000
    return f"{size:.1f}{unit}" if unit and size < 9.95 else f"{size:.0f}{unit}"


def seconds(value: float | None) -> str:
    """Return seconds as a duration."""
    return UNKNOWN if value is None else format_duration(max(0.0, value))


def milliseconds(value: int | None) -> str:
    """Return milliseconds as a duration; below a second in milliseconds."""
    if value is None:
        return UNKNOWN
    return f"{value} ms" if value < 1000 else format_duration(value / 1000)


def took(row: RunRow, now: str) -> str:
    """Return how long a run took, or has taken so far; unknown where nobody saw its end."""
    ended = row.ended_at or (now if row.running else None)
    return UNKNOWN if ended is None else seconds(seconds_between(row.started_at, ended))


def lasted(row: SessionRow) -> float | None:
    """Return the seconds from a session's first to its last event; None while it runs."""
    return None if row.ended_at is None else seconds_between(row.started_at, row.ended_at)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it needs one."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def denied_tool(denial: msgspec.Raw) -> str:
    """Return the tool that an agent's own record of a refusal names."""
    try:
        found = msgspec.json.decode(denial)
    except msgspec.DecodeError:
        return UNKNOWN
    name = found.get("tool_name") if isinstance(found, dict) else None
    return name if isinstance(name, str) else UNKNOWN


def data_size(number: float | None) -> str:
    """Return bytes in binary units."""
    return UNKNOWN if number is None else stops.data_size(number)


def percent(part: float | None) -> str:
    """Return a share as a whole percentage; a share above zero never reads as 0 %."""
    if part is None:
        return UNKNOWN
    return "< 1 %" if 0 < part < 0.01 else f"{part * 100:.0f} %"


def quantity(value: float | None, unit: str) -> str:
    """Return a limit's number in its own unit."""
    if value is None:
        return UNKNOWN
    if unit == "s":
        return seconds(value)
    if unit == "usd_micros":
        return money(round(value))
    return data_size(value) if unit == "bytes" else count(round(value))


def figure(value: float | None, unit: str) -> str:
    """Return a value of the first page in its unit: a share, dollars, a multiple, a count."""
    if value is None:
        return UNKNOWN
    if unit == "share":
        return percent(value)
    if unit == "times":
        return f"{value:.1f}\N{MULTIPLICATION SIGN}"
    return money(round(value)) if unit == "usd_micros" else count(round(value))


def trend(value: float | None, before: float | None, unit: str) -> str:
    """Return how a value differs from the one before; unknown where either is."""
    if value is None or before is None:
        return UNKNOWN
    change = value - before
    if unit == "share":
        size = f"{abs(change) * 100:.0f}"
        told = "1 point" if size == "1" else f"{size} points"
        none = size == "0"
    else:
        told = figure(abs(change), unit)
        none = told == figure(0, unit)
    if none:
        return "as before"
    return (
        f"\N{BLACK UP-POINTING TRIANGLE} {told} more"
        if change > 0
        else (f"\N{BLACK DOWN-POINTING TRIANGLE} {told} less")
    )


def reason(name: str) -> str:
    """Return why runs ended, for people: a class of failure or a limit."""
    return _CLASSES.get(name, limit_name(name))


_CLASSES = {
    "transient": "provider or network",
    "needs-user": "needs a person",
    "permanent": "the request itself",
}
"""The classes of `pawl.runs.failures` in words."""


def ago(time: str | None, now: str) -> Markup:
    """Return an instant as a `time` element: relative to read, exact to copy."""
    if time is None:
        return Markup(UNKNOWN)  # noqa: S704  a constant
    gap = (_moment(now) - _moment(time)).total_seconds()
    return _time_element(time, _relative(gap, time, now))


def clock(time: str | None) -> Markup:
    """Return an instant as a `time` element with date and time of day in UTC."""
    if time is None:
        return Markup(UNKNOWN)  # noqa: S704  a constant
    return _time_element(time, f"{time[:10]} {time[11:19]}")


def _time_element(time: str, text: str) -> Markup:
    exact = f"{time[:10]} {time[11:19]} UTC"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(time, exact, text)


def _relative(gap: float, time: str, now: str) -> str:
    if gap < 0:
        return f"{time[:10]} {time[11:16]}"
    if gap < 45:
        return "just now"
    if gap < 3600:
        return f"{max(1, round(gap / 60))} min ago"
    if gap < 86_400:
        return f"{round(gap / 3600)} h ago"
    if gap < 7 * 86_400:
        return f"{round(gap / 86_400)} d ago"
    return short_day(time) if time[:4] == now[:4] else time[:10]


def short_day(day: str) -> str:
    """Return an ISO day as `3 Nov`."""
    moment = _moment(day[:10])
    return f"{moment.day} {moment.strftime('%b')}"


def unix(day: str) -> int:
    """Return the seconds since the epoch at which a UTC day or instant begins."""
    return int(_moment(day).timestamp())


def label(name: str) -> str:
    """Return a machine's word for people: `agent_failed` → `agent failed`."""
    return name.replace("_", " ").replace("-", " ")


def visible(value: object) -> object:
    """Return a text with characters that hide or reorder others made visible.

    Control characters and those that change the direction of writing become U+FFFD; line breaks
    and tabs stay. Everything else is returned as it is.
    """
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    return "".join(
        c if c in "\n\t" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value
    )


def _moment(time: str) -> datetime:
    moment = datetime.fromisoformat(time)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


FILTERS: dict[str, Callable[..., object]] = {
    "money": money,
    "count": count,
    "short": short,
    "seconds": seconds,
    "milliseconds": milliseconds,
    "took": took,
    "lasted": lasted,
    "counted": counted,
    "limit_name": limit_name,
    "stop_value": stops.amount,
    "denied_tool": denied_tool,
    "data_size": data_size,
    "percent": percent,
    "quantity": quantity,
    "figure": figure,
    "trend": trend,
    "reason": reason,
    "ago": ago,
    "clock": clock,
    "short_day": short_day,
    "unix": unix,
    "label": label,
}
