"""Read what an agent answers: JSON somewhere in its text, believed in nothing.

The agent read a diff that anybody may have written, so its answer is as hostile as the diff. What
cannot be read is told as unreadable, never as "no findings".
"""

import json
from typing import Any

import msgspec

from pawl.base import typed
from pawl.base.redaction import redact
from pawl.review.finding import (
    MAX_EVIDENCE,
    MAX_PATH,
    MAX_SUGGESTION,
    MAX_TITLE,
    Category,
    Dropped,
    Said,
)

MAX_ANSWER = 1024 * 1024
"""Characters of an answer that are looked through."""
MAX_SAID = 200
"""Findings of one answer that are read."""
_TRIES = 200
"""Places of a text that may be in the answer that are tried, the last ones first."""
_BEFORE = 2_000
"""Characters before the list of findings in which its object may begin."""
_PARSED = 4
"""Times the longest answer that is parsed in all, whatever a hostile one makes us try."""
_TEXTS = {
    "title": MAX_TITLE,
    "file": MAX_PATH,
    "evidence": MAX_EVIDENCE,
    "suggestion": MAX_SUGGESTION,
}
_CATEGORIES = frozenset(category.value for category in Category)


class Answer(msgspec.Struct, frozen=True):
    """What an answer holds. `unreadable` says why nothing of it can be used, or is empty."""

    said: tuple[Said, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    unreadable: str = ""


def read_answer(text: str | None, structured: bytes | None = None) -> Answer:
    """Return the findings in an agent's answer: in its structured output, else in its text."""
    value = None if structured is None else _decoded(bytes(structured[:MAX_ANSWER]))
    if value is not None:
        pass
    elif text is None or not text.strip():
        return Answer(unreadable="the agent answered nothing")
    elif len(text) > MAX_ANSWER:
        return Answer(unreadable=f"the answer is longer than {MAX_ANSWER:,} characters")
    else:
        value = _found(text)
    if value is None:
        return Answer(unreadable="the answer holds no JSON object with a list of findings")
    listed = value["findings"]
    said: list[Said] = []
    dropped: list[Dropped] = []
    for each in listed[:MAX_SAID]:
        try:
            said.append(_said(each))
        except (msgspec.ValidationError, ValueError, TypeError) as error:
            dropped.append(_malformed(each, str(error)))
    if listed and not said:
        return Answer((), tuple(dropped), "no finding in the answer is of the form asked for")
    if len(listed) > MAX_SAID:
        dropped.append(
            Dropped(reason=f"{len(listed) - MAX_SAID} more findings than are read of one answer")
        )
    return Answer(tuple(said), tuple(dropped))


def _found(text: str) -> dict[str, Any] | None:
    """Return the last object in a text that has a list of findings; the whole text first."""
    whole = _decoded(text.strip().encode("utf-8", "replace"))
    if whole is not None:
        return whole
    decoder = json.JSONDecoder()
    at, left = len(text), _PARSED * MAX_ANSWER
    for _ in range(_TRIES):
        at = text.rfind('"findings"', 0, at)
        if at < 0:
            return None
        # The object's other members may stand before the list, with braces of their own.
        start = at
        while left > 0 and (start := text.rfind("{", max(0, at - _BEFORE), start)) >= 0:
            try:
                value, end = decoder.raw_decode(text, start)
            except json.JSONDecodeError as error:
                left -= error.pos - start + 1
                continue
            except (ValueError, RecursionError):
                return None
            left -= end - start
            if end > at and _is_answer(value):
                return dict(value)
    return None


def _decoded(content: bytes) -> dict[str, Any] | None:
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None
    return value if _is_answer(value) else None


def _is_answer(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("findings"), list)


def _said(value: Any) -> Said:
    if not isinstance(value, dict):
        raise TypeError("it is no object")
    fields = {name: value[name] for name in Said.__struct_fields__ if value.get(name) is not None}
    for name, length in _TEXTS.items():
        if isinstance(fields.get(name), str):
            clean = redact(_text(fields[name])) if name != "file" else _text(fields[name])
            fields[name] = clean if name == "file" else clean[:length].strip("\n")
    category = str(fields.get("category", "")).strip().lower()
    fields["category"] = category if category in _CATEGORIES else Category.OTHER.value
    for name in ("severity", "side"):
        if isinstance(fields.get(name), str):
            fields[name] = fields[name].strip().lower()
    fields.setdefault("last_line", fields.get("line"))
    said = typed.convert(fields, Said, strict=True)
    if said.last_line < said.line:
        said = msgspec.structs.replace(said, line=said.last_line, last_line=said.line)
    return said


def _text(text: str) -> str:
    """Return text without what no output can write: halves of pairs, and NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


def _malformed(value: object, why: str) -> Dropped:
    told = value if isinstance(value, dict) else {}
    title, file, line = told.get("title"), told.get("file"), told.get("line")
    return Dropped(
        title=redact(_text(title))[:MAX_TITLE] if isinstance(title, str) else "",
        file=_text(file)[:MAX_PATH] if isinstance(file, str) else "",
        line=line if isinstance(line, int) and 0 < line < 2**31 else None,
        reason=f"not of the form asked for: {_text(why)[:300]}",
    )
