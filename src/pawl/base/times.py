"""Instants as text: `2026-11-21T03:47:11.924000Z`.

Always UTC, always six digits, so that instants sort as strings and both event engines read
them as they are. The clock itself is the shell's; here are only conversions.
"""

from datetime import UTC, datetime

from pawl.base.errors import BadValue


def canonical_time(text: str) -> str:
    """Return an ISO 8601 instant in canonical form; an instant without an offset is UTC.

    Raises ValueError when the text is no instant. Untrusted readers catch it per line.
    """
    if len(text) == 24 and text[19] == "." and text[23] == "Z" and text[20:23].isdigit():
        # The usual form in transcripts: milliseconds, Z. Formatting the instant anew costs ten
        # times as much as checking it, and there are many lines.
        datetime.fromisoformat(text[:19])
        return f"{text[:23]}000Z"
    moment = datetime.fromisoformat(text)
    return format_time(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def format_time(moment: datetime) -> str:
    """Return an aware datetime in canonical form."""
    # Not strftime, which on Linux writes the year 1 as `1`.
    return f"{moment.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"


def time_from_ms(milliseconds: float) -> str:
    """Return the canonical form of milliseconds since the Unix epoch."""
    return format_time(datetime.fromtimestamp(milliseconds / 1000, UTC))


def parse_time(text: str) -> datetime:
    """Return a canonical or ISO 8601 instant as an aware datetime; raises BadValue."""
    try:
        return datetime.fromisoformat(canonical_time(text))
    except ValueError as error:
        raise BadValue(
            f"{text!r} is not a time.", hint="Write one such as 2026-11-21 or 2026-11-21T03:00:00Z."
        ) from error


def seconds_between(start: str, end: str) -> float:
    """Return the seconds from one canonical instant to another."""
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
