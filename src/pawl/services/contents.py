"""Contents on their way in and out: what keeping them asks of a store, and what a page shows."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from pawl.telemetry.content import Content


class Texts(Protocol):
    """Where contents are kept; `pawl.store.contents.Contents` is one."""

    def keep(self, found: Sequence[Content]) -> object:
        """Store texts durably; raises Unavailable."""

    def close(self) -> None:
        """Close what is open."""


class Made(NamedTuple):
    """What a body of telemetry came to: lines for the spool, and the texts beside them."""

    lines: bytearray
    texts: list[Content]
    text_bytes: int

    @property
    def size(self) -> int:
        """The bytes it takes in memory, about."""
        return len(self.lines) + self.text_bytes
