"""What every reader of reports keeps to: sizes, and one way to refuse."""

from typing import Any, NoReturn, TypeVar

import msgspec

from pawl.base import typed
from pawl.base.errors import BadFile
from pawl.base.patterns import regex
from pawl.base.times import canonical_time

T = TypeVar("T")

MAX_CHARACTERS = 64 * 1024 * 1024
"""Characters of one report; larger ones are refused before they are parsed."""

MAX_TEXT = 500
"""Characters that are kept of a message or a name."""

_COMMIT = regex(r"(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64})")


def refuse(reason: str, source: str, hint: str = "") -> NoReturn:
    """Raise BadFile for a report that cannot be read."""
    raise BadFile(reason, place=source, hint=hint or "Export it again.")


def refuse_giants(text: str, source: str) -> None:
    """Raise BadFile for a report that is too large to look at."""
    if len(text) > MAX_CHARACTERS:
        refuse(f"larger than {MAX_CHARACTERS:,} characters.", source, "Export less of it.")


def decode(text: str, kind: type[T], source: str, what: str) -> T:
    """Return a JSON document as `kind`, other fields passed over; raises BadFile."""
    refuse_giants(text, source)
    try:
        return typed.decode(text.encode("utf-8", "replace"), type=kind)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        refuse(f"not readable as {what}: {error}.", source)


def convert(value: Any, kind: type[T], source: str, what: str) -> T:
    """Return a JSON value as `kind`, other fields passed over; raises BadFile."""
    try:
        return typed.convert(value, kind, strict=True)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        refuse(f"not readable as {what}: {error}.", source)


def time_or_none(text: str | None) -> str | None:
    """Return a time in canonical form, or None for what is none."""
    if not text:
        return None
    try:
        return canonical_time(text.strip())
    except (ValueError, OverflowError):
        return None


def commit_or_none(text: str | None) -> str | None:
    """Return a commit's full id in lower case, or None for what is none."""
    found = (text or "").strip()
    return found.lower() if _COMMIT.fullmatch(found) else None


def cut(text: str | None) -> str:
    """Return the beginning of a text, without line breaks."""
    return " ".join((text or "")[: 4 * MAX_TEXT].split())[:MAX_TEXT]


def repository_path(path: str) -> str:
    """Return a path as a tree writes it: forward slashes, nothing leading."""
    plain = path.replace("\\", "/").removeprefix("file://")
    while plain.startswith("./"):
        plain = plain[2:]
    return plain.lstrip("/")
