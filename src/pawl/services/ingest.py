"""Take telemetry in: decoded, made durable in the spool, and only then acknowledged.

Where contents are kept, the texts of a batch are durable before its events are: whoever dies in
between leaves texts of events that will be sent again, and never an acknowledged event without.

Many requests share one fdatasync: while the writer's thread makes one batch durable, the lines of
every request that comes meanwhile collect into the next. Whatever cannot be made durable is
refused with the seconds after which to try again; nothing is dropped in silence. All methods but
`stop`, `draining`, `refusal` and the counts belong to the thread of the event loop.
"""

import asyncio
import contextlib
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple, Protocol

import msgspec

from pawl.base.errors import PawlError, Unavailable
from pawl.base.inflating import inflate
from pawl.services.contents import Keeping, Made
from pawl.services.imports import priced
from pawl.store.spool import SUFFIX, SpoolWriter, lines
from pawl.telemetry.content import Content, Gathered
from pawl.telemetry.event import Event, Kind
from pawl.telemetry.otlp.reading import Signal, Taken, read
from pawl.telemetry.pricing import PriceTable

LABEL = "otlp"
"""Names the segments of what was sent to the server."""
SEGMENT_BYTES = 16 * 1024 * 1024
IDLE_S = 60.0
"""Seconds without a batch after which the segment is sealed, so that it can be put away."""
RETRY_S = 5
"""Seconds a sender is asked to wait, and that a disk which refused is left alone."""
LOOK_EVERY_S = 0.5
INLINE_BYTES = 512 * 1024
"""Bodies up to this size are decoded on the event loop, in some milliseconds; larger ones one at
a time beside it, so that neither the pages nor other senders wait for them."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What may be taken in at most.

    `packed_bytes` bounds one compressed body, `unpacked_bytes` one body as it is decoded;
    `in_flight_bytes` all that is received and not durable yet. `spool_bytes` is how far the spool
    may grow while the events store does not take it. A body has `patience_s` seconds to arrive.
    """

    packed_bytes: int = 10 * 1024 * 1024
    unpacked_bytes: int = 20 * 1024 * 1024
    in_flight_bytes: int = 128 * 1024 * 1024
    spool_bytes: int = 4 * 1024**3
    patience_s: float = 30.0


class TooLarge(PawlError):
    """A body is larger than is taken."""

    code = "too-large"


class NotNow(Unavailable):
    """Nothing can be taken in just now; `retry_s` says when to try again."""

    code = "ingest-refused"

    def __init__(
        self, message: str, *, cause: str, place: str = "", hint: str = "", retry_s: int = RETRY_S
    ) -> None:
        super().__init__(message, place=place, hint=hint)
        self.cause = cause
        self.retry_s = retry_s


class Problem(NamedTuple):
    """The last refusal or defect: its code, what was said, and when in seconds since 1970."""

    code: str
    message: str
    at_s: float


class Read(Protocol):
    """Decodes a body; `pawl.telemetry.otlp.reading.read` is one."""

    def __call__(
        self,
        signal: Signal,
        content_type: str,
        body: bytes,
        *,
        received: str,
        gathered: Gathered | None = None,
    ) -> Taken: ...


class Counts(msgspec.Struct, kw_only=True):
    """What was counted since the server began, by signal; `requests` by signal and status."""

    requests: Counter[tuple[str, int]] = msgspec.field(default_factory=Counter)
    accepted: Counter[str] = msgspec.field(default_factory=Counter)
    rejected: Counter[str] = msgspec.field(default_factory=Counter)
    received_bytes: Counter[str] = msgspec.field(default_factory=Counter)
    durable_bytes: int = 0
    durable_batches: int = 0
    durable_requests: int = 0
    problem: Problem | None = None


class _Batch(NamedTuple):
    lines: bytearray
    texts: list[Content]
    waiting: list["asyncio.Future[None]"]
    loop: asyncio.AbstractEventLoop


class Ingest:
    """Takes what senders of telemetry bring into the spool below `folder`.

    Starts nothing and writes no file before the first request. `now` gives the canonical time,
    `prices` what requests cost. `keeping` is where contents are kept; without it none are
    looked at.
    """

    def __init__(
        self,
        folder: Path,
        *,
        now: Callable[[], str],
        limits: Limits | None = None,
        prices: PriceTable | None = None,
        decode: Read = read,
        monotonic: Callable[[], float] = time.monotonic,
        keeping: Keeping | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.counts = Counts()
        self.in_flight_bytes = 0
        # A segment that is written counts until it is left, however much of it is loaded.
        self._segment_bytes = max(1, min(SEGMENT_BYTES, self.limits.spool_bytes // 4))
        self._folder = folder
        self._now = now
        self._prices = prices
        self._decode = decode
        self._monotonic = monotonic
        self._keeping = keeping
        self._pending = bytearray()
        self._pending_texts: list[Content] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._busy = False
        self._queue: SimpleQueue[_Batch | None] = SimpleQueue()
        self._writer: threading.Thread | None = None
        self._beside: ThreadPoolExecutor | None = None
        self._stopped = False
        self._full: Unavailable | None = None
        self._full_until = 0.0
        self._spooled = 0
        self._looked: float | None = None
        self._acknowledged_since: float | None = None
        self._draining_since: float | None = None

    # -- may it come in ---------------------------------------------------------------------------

    def refusal(self) -> NotNow | None:
        """Return why nothing is taken in just now; None when it is."""
        if self._stopped:
            return NotNow("the server is ending.", cause="ending")
        if self._full is not None and self._monotonic() < self._full_until:
            return _refused_by(self._full)
        if self.spool_bytes() >= self.limits.spool_bytes:
            return NotNow(
                f"the spool holds {self._spooled} bytes that the events store has not taken yet; "
                f"{self.limits.spool_bytes} are allowed.",
                cause="spool-behind",
                place=str(self._folder),
                hint="See in /readyz why the events store does not take them.",
            )
        return None

    def reserve(self, size: int) -> None:
        """Count bytes that were received, before they are kept; raises NotNow for too many."""
        if self.in_flight_bytes + size > self.limits.in_flight_bytes:
            raise NotNow("too many bytes are being taken in at once.", cause="in-flight", retry_s=1)
        self.in_flight_bytes += size

    def release(self, size: int) -> None:
        """Give back bytes that were reserved."""
        self.in_flight_bytes -= size

    # -- taking in --------------------------------------------------------------------------------

    async def take(self, signal: Signal, content_type: str, body: bytes, *, gzipped: bool) -> Taken:
        """Decode a body and return what it brought once that is durable.

        Raises TooLarge and BadGzip for a body that does not unpack, Refused for one that is no
        OTLP message, and NotNow when it could not be made durable: then nothing of it is kept.
        """
        plain = inflate(body, INLINE_BYTES) if gzipped else body
        if plain is not None and len(plain) <= INLINE_BYTES:
            taken, made = self._decoded(signal, content_type, plain)
        else:
            if self._beside is None:
                self._beside = ThreadPoolExecutor(1, thread_name_prefix="pawl-decode")
            taken, made = await asyncio.get_running_loop().run_in_executor(
                self._beside, self._unpacked_and_decoded, signal, content_type, body, gzipped
            )
        if made.lines:
            await self._keep(made)
        return taken

    def _unpacked_and_decoded(
        self, signal: Signal, content_type: str, body: bytes, gzipped: bool
    ) -> tuple[Taken, Made]:
        most = self.limits.unpacked_bytes
        plain = inflate(body, most) if gzipped else body
        if plain is None:
            raise TooLarge(
                f"the body unpacks to more than {most} bytes.", hint="Send smaller batches."
            )
        return self._decoded(signal, content_type, plain)

    def _decoded(self, signal: Signal, content_type: str, body: bytes) -> tuple[Taken, Made]:
        gathered = None
        if self._keeping is None:
            taken = self._decode(signal, content_type, body, received=self._now())
        else:
            gathered = Gathered(self._keeping.max_bytes)
            taken = self._decode(
                signal, content_type, body, received=self._now(), gathered=gathered
            )
        # Priced here, because pricing what is in the store already rewrites its rows.
        made = lines(taken.events if self._prices is None else self._priced(taken.events))
        if gathered is None:
            return taken, Made(made, [], 0)
        size = gathered.size
        return taken, Made(made, gathered.take(), size)

    def _priced(self, events: Iterable[Event]) -> Iterator[Event]:
        assert self._prices is not None
        for event in events:
            if event.kind is Kind.REQUEST:
                yield msgspec.structs.replace(event, **priced(event, self._prices))
            else:
                yield event

    async def _keep(self, made: Made) -> None:
        """Return once the lines, and the texts before them, are durable."""
        if refused := self.refusal():  # It may have come to this while the body was read.
            raise refused
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._pending += made.lines
        self._pending_texts += made.texts
        self._waiting.append(done)
        self.in_flight_bytes += made.size
        try:
            if not self._busy:
                self._busy = True
                # Not at once: requests that are ready in the same turn come along.
                loop.call_soon(self._hand_over, loop)
            await done
        finally:
            self.in_flight_bytes -= made.size

    # -- the writer -------------------------------------------------------------------------------

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="pawl-ingest")
            self._writer.start()
        batch = _Batch(self._pending, self._pending_texts, self._waiting, loop)
        self._pending, self._pending_texts, self._waiting = bytearray(), [], []
        self._queue.put(batch)

    def _write(self) -> None:
        """Make batches durable, one after the other, until told to end."""
        writer: SpoolWriter | None = None
        while True:
            try:
                batch = self._queue.get(timeout=IDLE_S)
            except Empty:
                if writer is not None:
                    writer.close()
                if self._keeping is not None:
                    self._keeping.texts.close()
                continue
            if batch is None:
                break
            failure: Exception | None = None
            try:
                if self._keeping is not None:
                    self._keeping.texts.keep(batch.texts)
                if writer is None:
                    writer = SpoolWriter(self._folder, LABEL, max_bytes=self._segment_bytes)
                writer.keep(batch.lines)
            except Exception as error:  # Whatever it is, those who wait must hear of it.
                if not isinstance(error, Unavailable):
                    traceback.print_exc()
                failure = error
            with contextlib.suppress(RuntimeError):  # The loop is closed: nobody waits any more.
                batch.loop.call_soon_threadsafe(self._written, batch, failure)
        if writer is not None:
            writer.close()

    def _written(self, batch: _Batch, failure: Exception | None) -> None:
        if failure is None:
            self._full = None
            self._spooled += len(batch.lines)
            self.counts.durable_bytes += len(batch.lines)
            self.counts.durable_batches += 1
            self.counts.durable_requests += len(batch.waiting)
            if self._acknowledged_since is None:
                self._acknowledged_since = self._monotonic()
        elif isinstance(failure, Unavailable):
            self._full, self._full_until = failure, self._monotonic() + RETRY_S
            failure = _refused_by(failure)
        else:
            failure = NotNow(
                f"a defect of Pawl's ({type(failure).__name__}) kept the spool from being written.",
                cause="defect",
                hint="See the server's log.",
            )
        for waiting in batch.waiting:
            if waiting.done():  # Whoever sent it has gone; it is durable all the same.
                continue
            if failure is None:
                waiting.set_result(None)
            else:
                waiting.set_exception(failure)
        if self._waiting:
            self._hand_over(batch.loop)
        else:
            self._busy = False

    def stop(self) -> None:
        """Take nothing more, make durable what was handed over, seal the segment."""
        self._stopped = True
        if self._writer is not None:
            self._queue.put(None)
            self._writer.join()
            self._writer = None
        if self._beside is not None:
            self._beside.shutdown()
            self._beside = None

    # -- what is told of it -----------------------------------------------------------------------

    def note(self, code: str, message: str) -> None:
        """Remember a refusal or a defect for those who look."""
        self.counts.problem = Problem(code, message, time.time())

    def spool_bytes(self) -> int:
        """Return the bytes of the spool's segments, as of half a second ago or since."""
        now = self._monotonic()
        if self._looked is None or now - self._looked >= LOOK_EVERY_S:
            self._looked = now
            self._spooled = _size(self._folder)
        return self._spooled

    @contextlib.contextmanager
    def draining(self) -> Iterator[None]:
        """Wrap a loading of the spool, so that `lag_s` knows how far the events store is."""
        began, self._acknowledged_since = self._acknowledged_since, None
        if self._draining_since is None:
            self._draining_since = began
        yield
        self._draining_since = None

    def lag_s(self) -> float:
        """Return how many seconds the oldest acknowledged event waits to be loaded; 0 for none."""
        waiting = (self._draining_since, self._acknowledged_since)
        oldest = min((at for at in waiting if at is not None), default=None)
        return 0.0 if oldest is None else self._monotonic() - oldest


def _refused_by(disk: Unavailable) -> NotNow:
    return NotNow(disk.message, cause=disk.code, place=disk.place, hint=disk.hint)


def _size(folder: Path) -> int:
    size = 0
    for segment in folder.glob(f"*{SUFFIX}"):
        with contextlib.suppress(FileNotFoundError):  # It was loaded and put away meanwhile.
            size += segment.stat().st_size
    return size
