"""What a format is: a pure reader of one kind of local transcript.

A format reads lines of one file in order and yields canonical events, or only the observations
of model requests that a bill needs. Whether the file is new, has grown or was rewritten is the
shell's business: it keeps the small `state` that a reader returns, and hands it back with the
rest of the file.

A transcript is hostile input. A line that is no JSON object of its format is skipped and
counted; a negative token count is refused and counted, never clamped; nothing here raises.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import msgspec

from pawl.telemetry.event import Event
from pawl.telemetry.observation import Observation


class Depth(msgspec.Struct, frozen=True):
    """How much to read: only requests, which is all a bill needs, or every event."""

    everything: bool = True


class TranscriptReader(Protocol):
    """A fold over the lines of one transcript file. Call either `feed` or `observe`, not both."""

    skipped: int
    """Lines that were no JSON object of this format; the import reports their number."""
    refused: int
    """Requests whose token counts cannot be true, such as negative ones."""

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events in whole lines; `chunk` ends with a newline."""

    def observe(self, chunk: bytes) -> list[Observation]:
        """Return only what the lines tell of requests, the quick way."""

    def state(self) -> bytes:
        """Return what the reader must know to go on after the last line fed."""


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """One source of transcripts.

    `agent` is the product's id, `roots` the environment-dependent default places as
    `(variable, path below it, path below home)`: the variable's value wins over home.
    `pattern` is the glob of files below a root. `open` starts a reader for a path (used only as
    text, for ids that live in file names), from `state` or from the start. With `whole` a file
    is one document: it is read whole again whenever it changed. `recognises` says whether the
    first bytes of a file, given by path, are of this format. `store` names a reader of the shell
    for products that keep a database instead of files.
    """

    agent: str
    roots: tuple[tuple[str | None, str, str], ...]
    pattern: str
    open: Callable[[str, Depth, bytes | None], TranscriptReader]
    recognises: Callable[[str, bytes], bool]
    whole: bool = False
    store: str | None = None


class RefusedCount(ValueError):
    """A token count that cannot be true."""


def count(value: Any) -> int:
    """Return a token count; absent is zero within a usage object that is there.

    Raises RefusedCount for negative numbers and for what is no whole number.
    """
    if value is None:
        return 0
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or not 0 <= value < 1 << 53:
        raise RefusedCount(value)
    return value


def text(value: Any) -> str | None:
    """Return a non-empty text that can be stored, else None. Lone surrogates become `?`."""
    if not isinstance(value, str) or not value:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode()
    return value


def mapping(value: Any) -> dict[str, Any]:
    """Return a JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return a JSON array, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def lines(chunk: bytes) -> Iterator[bytes]:
    """Yield the non-blank lines of a chunk."""
    for line in chunk.split(b"\n"):
        if line and not line.isspace():
            yield line


_decode = msgspec.json.Decoder().decode


def json_object(line: bytes) -> dict[str, Any] | None:
    """Return the JSON object in a line, or None. Bytes that are not UTF-8 become U+FFFD."""
    try:
        value = _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            value = json.loads(line.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def fact_id(name: str, *told: object) -> str:
    """Return an id for what a message tells of its request: another one once it tells more.

    A store keeps the first event of an id, so the counts of an unfinished answer must not take
    the id of those it ends with.
    """
    return f"{name}.{hashlib.sha256(repr(told).encode()).hexdigest()[:8]}"


def line_id(line: bytes) -> str:
    """Return an id for a line that brings none: the same wherever the same bytes are read."""
    return hashlib.sha256(line.strip()).hexdigest()[:24]
