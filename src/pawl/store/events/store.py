"""What every events store does, whatever engine it stands on."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from pawl.store.events.batches import BATCH_BYTES
from pawl.store.events.drained import Drained
from pawl.store.events.questions import Questions
from pawl.telemetry.usage import Usage


class EventsStore(Questions, ABC):
    """Loads the spool, prices, drops months, and answers questions. Close it after use."""

    drain_every_s = 1.0
    """Seconds between the beginnings of two drains; more where a small one costs as a large one."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the engine."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def announce(self, url: str) -> None:
        """Tell other processes where this store is answered for, once that is known."""

    @abstractmethod
    def drain(self, spool: Path, *, batch_bytes: int = BATCH_BYTES) -> Drained:
        """Load every segment up to its last whole line; loading the same twice changes nothing."""

    @abstractmethod
    def reprice(self, price: Callable[[str, Usage, str], int | None], version: str) -> int:
        """Price what another version of the price table priced, or none; return how many."""

    @abstractmethod
    def drop_before(self, month: str) -> int:
        """Delete the events before a month such as `2026-11`; return how many."""

    @abstractmethod
    def make_anew(self) -> None:
        """Make requests, rollups and runs anew from all events."""
