"""Read what an agent printed: hostile until proven otherwise.

Values are taken out of decoded JSON only by the functions here, which answer with a value of
the wanted type or with None, so that a reader of a stream never raises on any input.
"""

from typing import Any

import msgspec

from pawl.base import typed

MAX_LINE = 32 * 1024 * 1024
"""Bytes of one line that are parsed; a longer one is unreadable."""

_BIG = 1 << 53


def json_object(line: bytes) -> dict[str, Any] | None:
    """Return the JSON object in a line, or None when it holds something else."""
    if not line or len(line) > MAX_LINE:
        return None
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def raw_fields(line: bytes) -> dict[str, msgspec.Raw] | None:
    """Return the fields of a JSON object as the bytes they were written in."""
    try:
        return typed.decode(line, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None


def joined(fields: dict[str, msgspec.Raw]) -> bytes:
    """Return raw fields as one JSON object, without spaces; numbers stay as they were written."""
    parts = (msgspec.json.encode(key) + b":" + bytes(value) for key, value in fields.items())
    return b"{" + b",".join(parts) + b"}"


def text(value: Any, key: str) -> str | None:
    """Return the text under a key."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def mapping(value: Any, key: str) -> dict[str, Any]:
    """Return the object under a key; an empty one when there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def items(value: Any, key: str) -> list[Any]:
    """Return the array under a key; an empty one when there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def count(value: Any, key: str) -> int | None:
    """Return the whole number under a key, from 0 up to 2^53; None for anything else."""
    found = value.get(key) if isinstance(value, dict) else None
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= _BIG:
        return None
    return found


def dollars(value: Any, key: str) -> float | None:
    """Return the amount under a key: a finite number from 0 up."""
    found = value.get(key) if isinstance(value, dict) else None
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < 1e9:
        return None
    return float(found)
