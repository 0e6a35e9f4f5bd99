"""Keep the ledger of runs beside the agent, and put in order what a dead supervisor left.

Opening the records takes longer than an agent should wait for its start, so a thread does it
while the agent starts. Whatever the thread could not write stays in the run's folder, and the
next start writes it.
"""

import queue
import threading
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

import msgspec

from pawl.base import typed
from pawl.base.errors import PawlError, Unavailable
from pawl.governance.ledger import PAWL, Actor
from pawl.runs.record import RunRecord, Stop, read_record
from pawl.runs.spec import RunSpec
from pawl.services.run_around import Spool
from pawl.telemetry.event import Event, Kind, Source


class Records(Protocol):
    """The commands of `pawl.store.records.runs.RunRecords` that a run needs."""

    def start(self, spec: RunSpec, actor: Actor, now: str, *, pid: int, lock_path: str) -> bool:
        """Record a start."""

    def stop(self, run_id: str, stop: Stop, now: str) -> bool:
        """Record a stop."""

    def settle(self, record: RunRecord, now: str) -> bool:
        """Record an ending."""

    def interrupt(self, run_id: str, reason: str, now: str) -> bool:
        """Record that nobody saw the ending."""


class Folder(Protocol):
    """A run's folder, locked."""

    @property
    def lock_path(self) -> str:
        """The file that is locked."""

    def keep_record(self, record: bytes) -> None:
        """Keep the record until the ledger has it."""

    def remove(self) -> None:
        """The run is in order."""

    def release(self) -> None:
        """Leave the folder for a later start."""


class Left(Protocol):
    """A folder whose supervisor is dead, with what is in it."""

    @property
    def run_id(self) -> str:
        """The run."""

    @property
    def spec(self) -> bytes | None:
        """The specification's JSON."""

    @property
    def record(self) -> bytes | None:
        """The finished record's JSON, when it got that far."""

    @property
    def folder(self) -> Folder:
        """The folder, locked for us."""


T = TypeVar("T", RunSpec, RunRecord)
Job = Callable[[Records], object]


class Books:
    """Jobs on the records, done in order by one thread. `failure` is the first that failed."""

    def __init__(self, open_records: Callable[[], Records]) -> None:
        self._open = open_records
        self._records: Records | None = None
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self.failure: PawlError | None = None

    def tell(self, job: Job) -> None:
        """Have a job done; returns at once. Starts the thread when it does not run."""
        self._jobs.put(job)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="pawl-books", daemon=True)
            self._thread.start()

    def finish(self) -> None:
        """Wait until every job is done and the thread has ended; `tell` may start it again."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                if self._records is None:
                    self._records = self._open()
                job(self._records)
            except PawlError as error:
                self.failure = self.failure or error
            except Exception as error:
                # A defect here must not lose the run: its folder stays for the next start.
                self.failure = self.failure or Unavailable(f"the records failed: {error!r}.")


def put_in_order(
    left: Iterable[Left],
    records: Records,
    *,
    now: Callable[[], str],
    open_spool: Callable[[str], Spool],
    kill_marked: Callable[[str], int],
) -> int:
    """Settle what dead supervisors left: end their processes, tell ledger and spool.

    A run whose record was finished is settled with it; any other is marked interrupted. Returns
    how many runs were marked. Telling twice changes nothing, so dying here is harmless too.
    """
    marked = 0
    for each in left:
        killed = kill_marked(each.run_id)
        spec = _read(each.spec, lambda text: typed.decode(text, type=RunSpec))
        record = _read(each.record, read_record)
        if spec is None and record is None:
            each.folder.remove()  # Died before it had started anything.
            continue
        if spec is not None:
            records.start(spec, PAWL, now(), pid=0, lock_path=each.folder.lock_path)
        reason = f"its supervisor died; processes ended: {killed}"
        if record is not None:
            records.settle(record, now())
        else:
            marked += records.interrupt(each.run_id, reason, now())
        if spec is not None:
            # It may have been told already; the event's id is the same, so it counts once.
            spool = open_spool(each.run_id)
            spool.append([ended_event(spec, record, now(), reason=reason)])
            spool.commit()
            spool.close()
        each.folder.remove()
    return marked


def ended_event(spec: RunSpec, record: RunRecord | None, now: str, *, reason: str = "") -> Event:
    """Return the end of a run: as its record tells, else as interrupted for a reason."""
    owners = msgspec.structs.asdict(spec.attribution)
    return Event(
        id=f"{spec.run_id}:run_ended",
        time=record.ended_at or now if record else now,
        kind=Kind.RUN_ENDED,
        source=Source.RUN,
        agent=spec.agent,
        run_id=spec.run_id,
        session_id=record.session_id if record else None,
        agent_version=record.agent_version if record else None,
        outcome=record.outcome.value if record else "interrupted",
        duration_ms=record.duration_ms if record else None,
        attributes=_ending(record) if record else {"reason": reason},
        **owners,
    )


def _ending(record: RunRecord) -> dict[str, str]:
    attributes = {"attempts": str(record.attempts)}
    if record.exit_code is not None:
        attributes["exit_code"] = str(record.exit_code)
    if record.signal is not None:
        attributes["signal"] = str(record.signal)
    if record.turns is not None:
        attributes["turns"] = str(record.turns)
    if record.stop is not None:
        attributes["stop_limit"] = record.stop.limit
        attributes["stop_value"] = f"{record.stop.value:g}"
        attributes["stop_threshold"] = f"{record.stop.threshold:g}"
    if record.error is not None:
        attributes["error_class"] = record.error.class_
    return attributes


def _read(text: bytes | None, decode: Callable[[bytes], T]) -> T | None:
    if text is None:
        return None
    try:
        return decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
