"""Taking telemetry in: one fdatasync for many requests, and nothing acknowledged before it."""

import asyncio
import gzip
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from benchmarks.telemetry_batches import batch
from hypothesis import given
from hypothesis import strategies as st
from tests.looping import finished
from tests.server.fakes import FakeFacts
from tests.server.sender import JSON, PROTOBUF, body, decode, kept

from pawl.base.inflating import BadGzip, inflate
from pawl.services import ingest as module
from pawl.services.ingest import Ingest, Limits, NotNow
from pawl.services.pages import Pages
from pawl.services.serving import Serving
from pawl.store.spool import SpoolWriter, segments
from pawl.telemetry.otlp.reading import Refused, Signal, Taken

NOW = "2026-11-21T12:00:00.000000Z"
Make = Callable[..., Ingest]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Make]:
    """Return a maker of ingests over the test's folder; their threads end with the test."""
    opened: list[Ingest] = []

    def make(**more: object) -> Ingest:
        given = {"decode": decode, **more}
        opened.append(Ingest(tmp_path, now=lambda: NOW, **given))  # type: ignore[arg-type]
        return opened[-1]

    yield make
    for one in opened:
        one.stop()


async def take(ingest: Ingest, *ids: str) -> Taken:
    """Take a batch in."""
    return await ingest.take(Signal.LOGS, JSON, body(*ids), gzipped=False)


class Disk:
    """Counts the writes to the spool, and holds or fails them when told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.writes = 0
        self.reached = threading.Event()
        self.free = threading.Event()
        self.free.set()
        self.failure: Exception | None = None
        keep = SpoolWriter.keep

        def kept(writer: SpoolWriter, batch: bytearray) -> None:
            self.writes += 1
            self.reached.set()
            assert self.free.wait(30)
            if self.failure is not None:
                raise self.failure
            keep(writer, batch)

        monkeypatch.setattr(SpoolWriter, "keep", kept)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk below the spool, with dials."""
    return Disk(monkeypatch)


def test_a_hundred_requests_share_a_write(made: Make, disk: Disk, tmp_path: Path) -> None:
    """A hundred requests at once are made durable by one fdatasync; each hears of it."""
    ingest = made()

    async def story() -> None:
        await asyncio.gather(*(take(ingest, f"e{n}") for n in range(100)))

    finished(story())
    assert disk.writes == 1
    assert sorted(kept(tmp_path)) == sorted(f"e{n}" for n in range(100))
    assert (ingest.counts.durable_batches, ingest.counts.durable_requests) == (1, 100)


def test_what_comes_meanwhile_is_the_next_batch(made: Make, disk: Disk) -> None:
    """Requests that come while one write is under way wait for the next, all together."""
    ingest = made()

    async def story() -> None:
        disk.free.clear()
        first = asyncio.create_task(take(ingest, "first"))
        await asyncio.to_thread(disk.reached.wait)
        later = [asyncio.create_task(take(ingest, f"later{n}")) for n in range(50)]
        await asyncio.sleep(0)
        assert not first.done()
        disk.free.set()
        await asyncio.gather(first, *later)

    finished(story())
    assert disk.writes == 2


def test_a_sender_that_has_gone_does_not_hinder_the_others(
    made: Make, disk: Disk, tmp_path: Path
) -> None:
    """A request is cancelled while it waits; what it brought is durable, and so are the others."""
    ingest = made()

    async def story() -> None:
        disk.free.clear()
        tasks = [asyncio.create_task(take(ingest, name)) for name in "abc"]
        await asyncio.to_thread(disk.reached.wait)
        tasks[1].cancel()
        disk.free.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results] == [Taken, asyncio.CancelledError, Taken]

    finished(story())
    assert kept(tmp_path) == ["a", "b", "c"]
    assert ingest.in_flight_bytes == 0


def test_a_defect_below_is_not_a_silent_drop(
    made: Make, disk: Disk, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever keeps the spool from being written, the sender is told to try again."""
    ingest = made()
    disk.failure = ZeroDivisionError()

    async def story() -> None:
        with pytest.raises(NotNow, match="ZeroDivisionError"):
            await take(ingest, "a")
        disk.failure = None
        await take(ingest, "a")

    finished(story())
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_segments_rotate_and_an_idle_one_is_sealed(
    made: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A segment is left at its size, and when nothing comes, so that it can be put away."""
    monkeypatch.setattr(module, "SEGMENT_BYTES", 100)
    monkeypatch.setattr(module, "IDLE_S", 0.01)
    ingest = made()
    finished(take(ingest, "a"))
    finished(take(ingest, "b"))
    assert len(segments(tmp_path)) == 2
    give_up = time.monotonic() + 30
    while any(segment.live for segment in segments(tmp_path)) and time.monotonic() < give_up:
        time.sleep(0.005)
    finished(take(ingest, "c"))
    assert len(segments(tmp_path)) == 3
    assert all(segment.id.startswith("otlp.") for segment in segments(tmp_path))


def test_ending_makes_durable_what_was_handed_over(made: Make, disk: Disk, tmp_path: Path) -> None:
    """`stop` waits for the write that is under way and seals the segment; nothing starts after."""
    ingest = made()

    async def story() -> None:
        disk.free.clear()
        first = asyncio.create_task(take(ingest, "a"))
        await asyncio.to_thread(disk.reached.wait)
        ending = asyncio.create_task(asyncio.to_thread(ingest.stop))
        disk.free.set()
        await asyncio.gather(first, ending)
        with pytest.raises(NotNow, match="ending"):
            await take(ingest, "b")

    finished(story())
    assert kept(tmp_path) == ["a"]
    assert not any(segment.live for segment in segments(tmp_path))
    ingest.stop()


def test_a_server_that_ends_loads_what_it_acknowledged(made: Make, tmp_path: Path) -> None:
    """The last loading of the spool comes after the last batch that is taken in."""
    ingest = made()
    loads: list[bool] = []

    def drain() -> int:
        loads.append(ingest.refusal() is None)
        return 0

    serving = Serving(pages=Pages(FakeFacts(), lambda: NOW), drain=drain, ingest=ingest)
    serving.start()
    serving.stop()
    assert (loads[0], loads[-1]) == (True, False)


@given(
    content_type=st.sampled_from([JSON, PROTOBUF]),
    signal=st.sampled_from(list(Signal)),
    cut=st.integers(0, 700),
    rubbish=st.binary(max_size=50),
    gzipped=st.booleans(),
)
def test_whatever_comes_is_taken_or_refused(
    content_type: str, signal: Signal, cut: int, rubbish: bytes, gzipped: bool
) -> None:
    """A damaged batch is refused by name or brings events; nothing else ever happens."""
    body = batch(1, 1, 1)[:cut] + rubbish
    sent = gzip.compress(body) if gzipped else body
    with tempfile.TemporaryDirectory() as folder:
        ingest = Ingest(Path(folder), now=lambda: NOW)
        try:
            taken = finished(ingest.take(signal, content_type, sent, gzipped=gzipped))
        except Refused:
            assert not kept(Path(folder))
        else:
            assert kept(Path(folder)) == [event.id for event in taken.events]
        finally:
            ingest.stop()


def test_the_lag_is_that_of_the_oldest_not_loaded(made: Make) -> None:
    """The lag begins with an acknowledgement and ends with a loading that began after it."""
    clock = [100.0]
    ingest = made(monotonic=lambda: clock[0])
    assert ingest.lag_s() == 0
    finished(take(ingest, "a"))
    clock[0] += 3
    assert ingest.lag_s() == 3
    with pytest.raises(OSError, match="broken"), ingest.draining():
        raise OSError("broken")
    assert ingest.lag_s() == 3
    with ingest.draining():
        clock[0] += 1
        finished(take(ingest, "b"))  # Whether this loading sees it is not known.
        clock[0] += 1
        assert ingest.lag_s() == 5
    assert ingest.lag_s() == 1
    with ingest.draining():
        pass
    assert ingest.lag_s() == 0


def test_a_full_spool_is_told_before_anything_is_read(made: Make, tmp_path: Path) -> None:
    """Other writers' segments count too: the limit is on what waits to be loaded."""
    tmp_path.joinpath("run.1.ndjson").write_bytes(bytes(1000))
    refusal = made(limits=Limits(spool_bytes=1000)).refusal()
    assert refusal is not None
    assert refusal.cause == "spool-behind"
    assert made(limits=Limits(spool_bytes=1001)).refusal() is None


@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=4), st.integers(0, 9000))
def test_inflating_is_what_gzip_undoes(members: list[bytes], most: int) -> None:
    """All members are unpacked, one after the other; more than is allowed is not."""
    whole = b"".join(members)
    unpacked = inflate(b"".join(map(gzip.compress, members)), most)
    assert unpacked == (whole if len(whole) <= most else None)


@given(st.binary(min_size=1, max_size=500), st.data())
def test_what_is_cut_off_is_no_gzip(content: bytes, data: st.DataObject) -> None:
    """A gzip that ends early is never taken for whole."""
    packed = gzip.compress(content)
    cut = data.draw(st.integers(0, len(packed) - 1))
    with pytest.raises(BadGzip):
        inflate(packed[:cut], 10_000)


@given(st.binary(min_size=1, max_size=500), st.binary(min_size=1, max_size=500))
def test_what_follows_must_be_gzip_too(content: bytes, rubbish: bytes) -> None:
    """Bytes after the end are refused unless they are another member."""
    with pytest.raises(BadGzip):
        inflate(gzip.compress(content) + b"\0" + rubbish, 10_000)


def test_a_bomb_is_cut_off() -> None:
    """Of a hundred mebibytes no more are made than were asked for; as many as that are taken."""
    size = 100 * 1024 * 1024
    packed = gzip.compress(bytes(size), 1)
    tracemalloc.start()
    try:
        assert inflate(packed, 1000) is None
        assert inflate(packed, 10 * 1024 * 1024) is None
        assert tracemalloc.get_traced_memory()[1] < 20 * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert inflate(packed, size) == bytes(size)
    assert inflate(packed, size - 1) is None
