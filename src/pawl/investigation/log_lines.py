"""Lines of logs in the forms that are common: JSON objects, a time and a level, or a time alone.

A line that holds no time belongs to the one before it, as those of a stack trace do. What has no
time before it either is counted and left out.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from pawl.base import typed
from pawl.investigation.facts import Line

MAX_LINE = 16_384
"""Characters of one line that are kept."""
_MAX_OBJECT = 16 * MAX_LINE
"""Characters of a JSON object in one line; of a longer one nothing can be read."""
_ATTRIBUTES = ("tenant", "region", "client", "version", "model", "tool", "user")
_PLAIN = re.compile(
    r"\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)\]?\s+(.*)",
    re.DOTALL,
)
_LEVEL = re.compile(
    r"[\[(]?(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERR(?:OR)?|CRIT(?:ICAL)?|FATAL|PANIC)[\])]?:?\s+"
    r"(?:\[?([\w.-]{1,80})\]?[:\s]\s*)?(.*)",
    re.IGNORECASE | re.DOTALL,
)


class _Object(msgspec.Struct):
    """What is read of a JSON line; loggers name the same things differently, and type them so.

    A field that is of no use to us as it is must not cost the line.
    """

    timestamp: Any = None
    time: Any = None
    ts: Any = None
    at: Any = msgspec.field(name="@timestamp", default=None)
    level: Any = None
    severity: Any = None
    lvl: Any = None
    service: Any = None
    component: Any = None
    logger: Any = None
    app: Any = None
    message: Any = None
    msg: Any = None
    event: Any = None
    error: Any = None
    tenant: Any = None
    region: Any = None
    client: Any = None
    version: Any = None
    model: Any = None
    tool: Any = None
    user: Any = None


class _Journal(msgspec.Struct):
    """What is read of a line of `journalctl -o json`."""

    at: str = msgspec.field(name="__REALTIME_TIMESTAMP")
    message: str | list[int] | None = msgspec.field(name="MESSAGE", default=None)
    priority: str = msgspec.field(name="PRIORITY", default="6")
    unit: str = msgspec.field(name="_SYSTEMD_UNIT", default="")
    program: str = msgspec.field(name="SYSLOG_IDENTIFIER", default="")


_BY_NUMBER = {10: "debug", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"}
"""The numbers that pino and bunyan write."""
_TELLING = ("message", "msg", "name", "id")


def read_lines(texts: Iterable[str], place: str, component: str = "") -> Iterator[Line | None]:
    """Yield the lines of a log; None for each that has no time at all."""
    objects = typed.decoder(_Object)
    last: Line | None = None
    for number, text in enumerate(texts, 1):
        line = _read(text[:_MAX_OBJECT].rstrip("\r\n"), f"{place}:{number}", component, objects)
        if line is None and last is not None and text.strip() and not text.startswith('{"'):
            continue  # It belongs to the one before: what tells errors apart comes first.
        if line is not None or text.strip():
            yield line
        last = line or last


def read_journal(texts: Iterable[str], place: str) -> Iterator[Line | None]:
    """Yield the lines of a system's journal in its JSON form; None for each that is no such."""
    decoder = typed.decoder(_Journal)
    for number, text in enumerate(texts, 1):
        try:
            found = decoder.decode(text[: MAX_LINE * 4])
            at = int(found.at) / 1_000_000
        except (msgspec.DecodeError, ValueError, UnicodeDecodeError):
            yield None
            continue
        message = found.message
        if isinstance(message, list):  # Bytes that are no UTF-8 come as numbers.
            message = bytes(each & 255 for each in message[:MAX_LINE]).decode("utf-8", "replace")
        level = "error" if found.priority <= "3" else "warn" if found.priority == "4" else "info"
        name = found.unit.removesuffix(".service") or found.program
        yield Line(at, level, name, (message or "")[:MAX_LINE], f"{place}:{number}")


def _read(
    text: str, place: str, component: str, objects: "msgspec.json.Decoder[_Object]"
) -> Line | None:
    if text.startswith("{"):
        try:
            return _of_object(objects.decode(text), place, component)
        except (msgspec.DecodeError, UnicodeError, ValueError):
            return None
    text = text[:MAX_LINE]
    match = _PLAIN.match(text)
    if match is None:
        return None
    at = _seconds(match[1])
    if at is None:
        return None
    rest = match[2]
    level = _LEVEL.match(rest)
    if level is None:
        return Line(at, "info", component, rest, place)
    name = level[2] or ""
    if name and component:
        return Line(at, level[1].lower(), component, rest[level.end(1) :].strip(" ]):"), place)
    return Line(at, level[1].lower(), name or component, level[3], place)


def _of_object(found: _Object, place: str, component: str) -> Line | None:
    said = next(
        (e for e in (found.timestamp, found.time, found.ts, found.at) if e is not None), None
    )
    at = _seconds(said)
    if at is None:
        return None
    level = next((e for e in (found.level, found.severity, found.lvl) if e is not None), "info")
    level = _BY_NUMBER.get(level, "info") if isinstance(level, int) else _text(level) or "info"
    names = (found.service, found.component, found.app, component, found.logger)
    name = next((told for each in names if (told := _text(each))), "")
    texts = (found.message, found.msg, found.event)
    message = next((told for each in texts if (told := _text(each))), "")
    if error := _text(found.error):
        message = f"{message}: {error}" if message else error
    of = tuple((key, value[:100]) for key in _ATTRIBUTES if (value := _text(getattr(found, key))))
    return Line(at, level[:20], name[:200], message[:MAX_LINE], place, of)


def _text(value: Any) -> str:
    """Return what a field says; of an object its message, name or id, and of a list nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        told = next((value[key] for key in _TELLING if isinstance(value.get(key), str)), "")
        return str(told)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else ""


def _seconds(said: Any) -> float | None:
    """Return an instant as epoch seconds; numbers may be seconds or milliseconds."""
    if isinstance(said, str):
        try:
            moment = datetime.fromisoformat(said.replace(",", "."))
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return None
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 < said < 1e14:
        return None
    return said / 1000 if said > 1e11 else float(said)
