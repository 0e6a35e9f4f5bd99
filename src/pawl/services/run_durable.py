"""Make a run's events durable beside its supervision, and hold back what waits for that.

A disk can stall for longer than a model needs for an answer. So one thread does what may wait
for the disk, and the supervision goes on reading, deciding and ending. What is seen while one
commit is under way goes into the next one. What was seen together with an event is passed on to
the user, and hooks are answered, after the commit that holds it, always in the order in which it
was seen; when nothing is under way and there is nothing to keep, at once.

How much may wait is bounded: the watch is told of every byte and stops reading the agent, and
transcripts are not read while `full`.
"""

import queue
import threading

import msgspec

from pawl.base.errors import Unavailable
from pawl.runs.outside import Stream
from pawl.services.run_around import BatchSpool, Watching
from pawl.telemetry.event import Event

MAX_EVENT_BYTES = 8 * 1024 * 1024
"""Twice what stops the reading of the agent's pipes: a transcript grows whether it is read or not,
so its limits are watched for longer."""


class Held:
    """What is passed on once the events that were seen with it are durable, or lost."""

    def __init__(self) -> None:
        self.size = 0
        self._passing: list[tuple[Stream, bytes]] = []
        self._replies: list[tuple[int, bytes]] = []

    def show(self, stream: Stream, data: bytes) -> None:
        """Hold bytes for the user."""
        self._passing.append((stream, data))
        self.size += len(data)

    def answer(self, ticket: int, body: bytes) -> None:
        """Hold the answer to a hook."""
        self._replies.append((ticket, body))
        self.size += len(body)

    def release(self, watch: Watching) -> None:
        """Pass all of it on."""
        for stream, data in self._passing:
            watch.put(stream, data)
        for ticket, body in self._replies:
            watch.answer(ticket, body)


class Lost(msgspec.Struct, frozen=True):
    """A batch that the disk refused: its bytes, why, and what is held back with it."""

    size: int
    error: Unavailable
    held: Held


class Durable:
    """The events of one attempt on their way to the disk. Used by the supervising thread only.

    Of its own thread nothing runs before the first events nor after `close`, so that the agent
    is always started by a process of one thread.
    """

    def __init__(self, spool: BatchSpool, watch: Watching) -> None:
        self._spool = spool
        self._watch = watch
        self.held = Held()
        """What waits for the next commit."""
        self._covered = Held()  # What waits for the commit under way.
        self._flying = 0  # The bytes of the batch under way; no batch is empty.
        self._batches: queue.SimpleQueue[bytearray | None] = queue.SimpleQueue()
        self._landed: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def waiting_bytes(self) -> int:
        """Everything that is in memory because it is not durable yet."""
        return self._flying + self._spool.pending_bytes + self._covered.size + self.held.size

    @property
    def full(self) -> bool:
        """Whether so many events wait that what can wait elsewhere should."""
        return self._flying + self._spool.pending_bytes > MAX_EVENT_BYTES

    def keep(self, event: Event) -> None:
        """Take an event that is to become durable."""
        self._spool.append((event,))

    def landed(self) -> Lost | None:
        """Take note of a commit that is over; return what it lost. Nothing is passed on yet."""
        if not self._flying or self._landed.empty():
            return None
        failure = self._landed.get()
        size, self._flying = self._flying, 0
        if failure is None:
            return None
        if not isinstance(failure, Unavailable):
            raise failure  # A defect of ours, not a matter of the disk.
        return Lost(size, failure, self._covered)

    def go_on(self) -> None:
        """Pass on what need not wait any more and begin the next commit; never waits."""
        if not self._flying:
            self._covered.release(self._watch)
            self._covered, self.held = self.held, Held()
            batch = self._spool.take()
            if batch:
                self._flying = len(batch)
                self._send(batch)
            else:
                self._covered.release(self._watch)
                self._covered = Held()
        self._watch.hold_back(self.waiting_bytes)

    def close(self) -> None:
        """End the thread, after the commit that is under way."""
        if self._thread is not None:
            self._batches.put(None)
            self._thread.join()
            self._thread = None

    def _send(self, batch: bytearray) -> None:
        if self._thread is None:
            thread = threading.Thread(target=self._work, name="pawl-disk", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                # The agent may have used up the user's processes. Late is better than not kept.
                self._write(batch)
                return
            self._thread = thread
        self._batches.put(batch)

    def _work(self) -> None:
        while (batch := self._batches.get()) is not None:
            self._write(batch)

    def _write(self, batch: bytearray) -> None:
        failure: BaseException | None = None
        try:
            self._spool.keep(batch)
        except BaseException as error:
            failure = error
        self._landed.put(failure)
        self._watch.wake()
