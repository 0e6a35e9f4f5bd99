"""What a format is: a pure reader of one kind of local transcript.

A format reads lines of one file in order and yields canonical events. Whether the file is
new, has grown or was rewritten is the shell's business: it keeps the small `state` that a
reader returns, and hands it back with the rest of the file.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from pawl.telemetry.event import Event


class Depth(msgspec.Struct, frozen=True):
    """How much to read: only requests, which is all a bill needs, or every event."""

    everything: bool = True


class TranscriptReader(Protocol):
    """A fold over the lines of one transcript file."""

    skipped: int
    """Lines that were no JSON object of this format; the import reports their number."""

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events in whole lines; `chunk` ends with a newline."""

    def state(self) -> bytes:
        """Return what the reader must know to go on after the last line fed."""


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """One source of transcripts.

    `agent` is the product's id, `roots` the environment-dependent default places as
    `(variable, path below it, path below home)`: the variable's value wins over home.
    `pattern` is the glob of files below a root. `open` starts a reader for a path (used only as
    text, for ids that live in file names), from `state` or from the start.
    """

    agent: str
    roots: tuple[tuple[str | None, str, str], ...]
    pattern: str
    open: Callable[[str, Depth, bytes | None], TranscriptReader]
