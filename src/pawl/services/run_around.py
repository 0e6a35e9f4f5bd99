"""What the supervision of a run needs of the world, as small protocols."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from pawl.runs.outside import Grown, Happening, Stream
from pawl.telemetry.event import Event
from pawl.telemetry.format import TranscriptReader


class Shown(StrEnum):
    """What goes to Pawl's stdout: what the user asked the agent for, one record, the stream."""

    HANDBACK = "handback"
    JSON = "json"
    STREAM = "stream"


class Child(Protocol):
    """The agent's own process; `status` is its exit code, or minus the signal that killed it."""

    stdout: int
    stderr: int

    @property
    def status(self) -> int | None:
        """None while it lives."""

    def close(self) -> None:
        """Close its pipes."""


class ProcessTree(Protocol):
    """Everything the agent starts."""

    def spawn(self, argv: Sequence[str], *, environment: Mapping[str, str], folder: str) -> Child:
        """Start the agent; raises Refused."""

    def reap(self) -> int:
        """Take note of children that ended."""

    def members(self) -> Sequence[Any]:
        """Return what lives."""

    def terminate(self) -> int:
        """Send TERM to all; return how many got it."""

    def kill(self) -> int:
        """Kill all; return how many that took."""


class Watching(Protocol):
    """Where things happen."""

    @property
    def reading(self) -> bool:
        """Whether the agent's pipes may still tell something."""

    @property
    def congested(self) -> bool:
        """Whether the agent waits: nobody takes Pawl's own output, or the disk takes nothing."""

    @property
    def kept_bytes(self) -> int:
        """Bytes for Pawl's own output that nobody has taken yet."""

    def listen(self, hooks: Any) -> None:
        """Hear an agent's hooks, too."""

    def read_from(self, stdout: int, stderr: int) -> None:
        """Read these pipes."""

    def stop_reading(self) -> None:
        """Forget the pipes."""

    def put(self, stream: Stream, data: bytes) -> None:
        """Write to Pawl's own output when it is ready."""

    def hold_back(self, size: int) -> None:
        """Take note of how many bytes wait for the disk; the agent waits when they are many."""

    def wake(self) -> None:
        """Have `wait` return soon. Any thread may call this."""

    def answer(self, ticket: int, body: bytes) -> None:
        """Answer a hook."""

    def wait(self, timeout_s: float | None) -> list[Happening]:
        """Return what happened."""


class Following(Protocol):
    """Files that grow."""

    def follow(self, root: str, pattern: str) -> None:
        """Follow what matches."""

    def look(self, now: float) -> Iterable[tuple[str, str, Grown]]:
        """Return what was appended."""


class Spool(Protocol):
    """Where events become durable."""

    def append(self, events: Iterable[Event]) -> None:
        """Take events into memory."""

    def commit(self) -> None:
        """Make them durable; raises Unavailable."""

    def discard(self) -> int:
        """Forget what is not durable; return its bytes."""

    def close(self) -> None:
        """Seal it: nobody adds to it any more."""


class BatchSpool(Spool, Protocol):
    """A spool that one thread appends to while another makes a batch durable."""

    @property
    def pending_bytes(self) -> int:
        """Bytes in memory, batches that were taken left out."""

    def take(self) -> bytearray:
        """Hand over what was appended since; empty when there is nothing."""

    def keep(self, batch: bytearray) -> None:
        """Make a batch durable; raises Unavailable. May be called on another thread."""


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What one attempt needs of the world."""

    tree: ProcessTree
    watch: Watching
    following: Following
    spool: BatchSpool
    monotonic: Callable[[], float]
    now: Callable[[], str]
    open_transcript: Callable[[str, str], TranscriptReader]
    """(format id, path) → a reader of that file."""
    on_disk_full: str = "stop"
