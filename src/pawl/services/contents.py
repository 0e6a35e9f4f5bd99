"""Contents on their way in: what keeping them asks of a store."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from pawl.runs.machine_settings import ContentSettings
from pawl.store.contents import Rules
from pawl.telemetry.content import Content


class Texts(Protocol):
    """Where contents are kept; `pawl.store.contents.Contents` is one."""

    def keep(self, found: Sequence[Content]) -> object:
        """Store texts durably; raises Unavailable."""

    def close(self) -> None:
        """Close what is open; it can be used again."""


class Keeping(NamedTuple):
    """Where contents are kept on this machine, and how many bytes of each."""

    texts: Texts
    max_bytes: int


def rules_of(settings: ContentSettings) -> Rules:
    """Return how long and how much is kept, as the settings say."""
    return Rules(days=settings.days, max_bytes=settings.max_bytes, max_mib=settings.max_mib)


class Made(NamedTuple):
    """What a body of telemetry came to: lines for the spool, and the texts beside them."""

    lines: bytearray
    texts: list[Content]
    text_bytes: int

    @property
    def size(self) -> int:
        """The bytes it takes in memory, about."""
        return len(self.lines) + self.text_bytes
