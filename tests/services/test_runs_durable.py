"""What was seen reaches the user in order and never before the disk had its say."""

import queue
import threading
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import Unavailable
from pawl.runs.outside import Happening, Stream
from pawl.services import run_durable
from pawl.services.run_durable import Durable
from pawl.telemetry.event import Event, Kind, Source


class Disk:
    """A spool and a watch whose disk does one commit each time it is told how that ends."""

    congested = reading = False
    kept_bytes = 0

    def __init__(self) -> None:
        self.pending = bytearray()
        self.busy = False
        self.fates: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self.woken = threading.Semaphore(0)
        self.kept: list[int] = []
        self.lost: list[int] = []
        self.passed: list[int] = []
        self.held_bytes: list[int] = []
        self.threads: set[int] = set()

    @property
    def pending_bytes(self) -> int:
        return len(self.pending)

    def append(self, events: Iterable[Event]) -> None:
        for each in events:
            self.pending.append(int(each.id))

    def take(self) -> bytearray:
        batch, self.pending = self.pending, bytearray()
        self.busy = bool(batch)
        return batch

    def keep(self, batch: bytearray) -> None:
        self.threads.add(threading.get_ident())
        fate = self.fates.get(timeout=20)
        if fate is not None:
            self.lost += batch
            raise fate
        self.kept += batch

    def commit(self) -> None:
        raise NotImplementedError

    def discard(self) -> int:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    # the watch

    def wake(self) -> None:
        self.woken.release()

    def put(self, stream: Stream, data: bytes) -> None:
        assert data[0] in self.kept or data[0] in self.lost or data[1:] == b"free"
        self.passed.append(data[0])

    def answer(self, ticket: int, body: bytes) -> None:
        self.passed.append(ticket)

    def hold_back(self, size: int) -> None:
        self.held_bytes.append(size)

    def listen(self, hooks: object) -> None:
        raise NotImplementedError

    def read_from(self, stdout: int, stderr: int) -> None:
        raise NotImplementedError

    def stop_reading(self) -> None:
        raise NotImplementedError

    def wait(self, timeout_s: float | None) -> list[Happening]:
        raise NotImplementedError

    def do(self, fate: BaseException | None = None) -> None:
        """Have one commit end like this, and wait until it has."""
        self.fates.put(fate)
        assert self.woken.acquire(timeout=20)
        self.busy = False


def event(number: int) -> Event:
    return Event(
        id=str(number),
        time="2026-11-21T00:00:00.000000Z",
        kind=Kind.MESSAGE,
        source=Source.RUN,
        agent="fake",
    )


FULL = Unavailable("no space left")


@given(st.lists(st.sampled_from(["seen", "free", "disk", "full"]), max_size=30))
def test_everything_is_passed_on_once_in_order_after_its_commit(steps: list[str]) -> None:
    """However reading, commits and failures interleave: order, no early word, right losses."""
    disk = Disk()
    durable = Durable(disk, disk)
    said, lost = 0, 0
    for step in steps + ["disk"] * 3:
        if step == "seen" or step == "free":
            said += 1
            if step == "seen":
                durable.keep(event(said))
            durable.held.show("stdout", bytes([said]) + (b"" if step == "seen" else b"free"))
        elif disk.busy:
            disk.do(FULL if step == "full" else None)
        failed = durable.landed()
        lost += failed.size if failed else 0
        durable.go_on()
    durable.close()
    assert disk.passed == list(range(1, said + 1))
    assert sorted(disk.kept) == disk.kept
    assert lost == len(disk.lost)
    assert (durable.waiting_bytes, disk.held_bytes[-1]) == (0, 0)


def test_what_is_seen_during_a_commit_shares_the_next_one() -> None:
    """Group commit: however much comes meanwhile, one more commit makes it durable."""
    disk = Disk()
    durable = Durable(disk, disk)
    for number in range(1, 6):
        durable.keep(event(number))
        durable.go_on()
    disk.do()
    assert durable.landed() is None
    durable.go_on()
    disk.do()
    durable.close()
    assert disk.kept == [1, 2, 3, 4, 5]


def test_a_refused_batch_says_what_it_lost_before_anything_is_passed_on() -> None:
    """Whoever decides what a loss means hears of it first, and may add a word to what follows."""
    disk = Disk()
    durable = Durable(disk, disk)
    durable.keep(event(1))
    durable.held.show("stdout", b"\x01")
    durable.go_on()
    durable.held.show("stdout", b"\x03free")
    disk.do(FULL)
    lost = durable.landed()
    assert lost is not None
    assert (lost.size, lost.error, disk.passed) == (1, FULL, [])
    lost.held.show("stderr", b"\x02free")
    durable.go_on()
    durable.close()
    assert disk.passed == [1, 2, 3]


def test_all_that_waits_is_counted() -> None:
    """The watch learns of bytes under way and of bytes to come, and transcripts of the events."""
    disk = Disk()
    durable = Durable(disk, disk)
    durable.keep(event(1))
    durable.held.show("stdout", b"12345")
    durable.go_on()
    durable.held.show("stdout", b"1234567")
    disk.pending += bytes(run_durable.MAX_EVENT_BYTES)
    durable.go_on()
    assert disk.held_bytes == [6, 13 + run_durable.MAX_EVENT_BYTES]
    assert durable.full
    disk.pending.clear()
    assert not durable.full
    disk.do()
    durable.close()


def test_a_defect_in_the_thread_is_told_where_it_is_heard() -> None:
    """What is not the disk's refusal is raised again instead of counted as a loss."""
    disk = Disk()
    durable = Durable(disk, disk)
    durable.keep(event(1))
    durable.go_on()
    disk.do(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        durable.landed()
    durable.close()


def test_no_thread_is_left_after_the_end() -> None:
    """A process that forks again does so with one thread; before the first event there is none."""
    before = threading.active_count()
    disk = Disk()
    durable = Durable(disk, disk)
    durable.held.answer(1, b"{}")
    durable.go_on()
    assert (disk.passed, threading.active_count()) == ([1], before)
    durable.keep(event(1))
    durable.go_on()
    disk.do()
    durable.close()
    assert disk.kept == [1]
    assert disk.threads != {threading.get_ident()}
    assert threading.active_count() == before


def test_without_a_thread_it_is_kept_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent that used up the user's processes cannot keep its events out of the spool."""

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    disk = Disk()
    durable = Durable(disk, disk)
    durable.keep(event(1))
    durable.held.show("stdout", b"\x01")
    disk.fates.put(None)
    durable.go_on()
    assert (disk.kept, disk.passed) == ([1], [])
    assert durable.landed() is None
    durable.go_on()
    assert disk.passed == [1]
    durable.close()
