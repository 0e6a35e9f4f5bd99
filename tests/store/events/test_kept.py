"""The second copy of what is loaded, and the store's file made anew from it."""

import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.store.events.endurance import World, prices, tables

from pawl.services.spooled import SpoolFolder
from pawl.store.events import kept, remaking
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.engine import FILE_NAME, StoreBroken, says_damage
from pawl.store.spool import SpoolWriter, segments
from pawl.telemetry.bill import Key
from pawl.telemetry.event import Event

DAY_S = 86_400


def put(spool: Path, events: list[Event], label: str = "w") -> None:
    with SpoolWriter(spool, label) as writer:
        writer.append(events)
        writer.commit()


def filled(folder: Path, seed: int = 3) -> tuple[dict[str, list[str]], list[Event]]:
    """Load a dozen segments, price them, leave one live; return the tables and the events."""
    world, table = World(seed), prices(1)
    with DuckEvents(folder) as store:
        for number in range(12):
            put(folder / "spool", world.batch(30), f"w{number}")
            store.drain(folder / "spool")
        store.reprice(table.price, table.version)
        return tables(store), world.facts


def damage(folder: Path) -> None:
    """Overwrite the store's file from its second half on."""
    size = (folder / FILE_NAME).stat().st_size
    with (folder / FILE_NAME).open("r+b") as file:
        file.seek(12_288)
        file.write(os.urandom(size - 12_288))


def test_a_loaded_segment_is_kept_compressed(tmp_path: Path) -> None:
    """Its bytes are under the month of its last write, and no reader of the spool sees them."""
    spool = tmp_path / "spool"
    put(spool, World(1).batch(20))
    (segment,) = segments(spool)
    written = segment.path.read_bytes()
    os.utime(segment.path, (1_763_683_100, 1_763_683_100))  # 2025-11-20
    with DuckEvents(tmp_path) as store:
        assert store.drain(spool).removed == 1
        assert store.drain(spool).events == 0
    (copy,) = kept.kept(spool)
    assert copy == spool / "loaded" / "2025-11" / f"{segment.id}.ndjson.gz"
    assert gzip.decompress(copy.read_bytes()) == written
    assert (copy.stat().st_mode & 0o777, segments(spool)) == (0o600, [])
    assert SpoolFolder(spool).sizes() == {}


def test_only_so_much_is_compressed_at_once(tmp_path: Path) -> None:
    """One segment at least; what waits stays known as loaded and goes later."""
    for number in range(3):
        put(tmp_path, World(number).batch(20), f"w{number}")
    loaded = {segment.id: segment.size for segment in segments(tmp_path)}
    assert [kept.keep_loaded(tmp_path, loaded, most=1) for _ in range(4)] == [1, 1, 1, 0]


def test_a_segment_that_cannot_be_copied_stays(tmp_path: Path) -> None:
    """A folder that cannot be made, as on a full disk, costs nothing but the space."""
    spool = tmp_path / "spool"
    put(spool, World(1).batch(20))
    (spool / "loaded").write_text("in the way")
    with DuckEvents(tmp_path) as store:
        done = store.drain(spool)
        assert (done.removed, done.remaining_bytes, len(segments(spool))) == (0, 0, 1)
        assert store.drain(spool).events == 0
        (spool / "loaded").unlink()
        assert store.drain(spool).removed == 1


def test_old_copies_and_the_oldest_above_a_size_go(tmp_path: Path) -> None:
    """By the time of the last write, which the copy keeps."""
    now = 1_800_000_000.0
    for number, days in enumerate((401, 399, 1)):
        put(tmp_path, World(number).batch(20), f"w{number}")
        (segment,) = segments(tmp_path)
        os.utime(segment.path, (now - days * DAY_S,) * 2)
        kept.keep_loaded(tmp_path, {segment.id: segment.size})
    assert (kept.prune(tmp_path, now), len(kept.kept(tmp_path))) == (1, 2)
    newest = kept.kept(tmp_path)[-1]
    assert kept.prune(tmp_path, now, most_bytes=newest.stat().st_size) == 1
    assert kept.kept(tmp_path) == [newest]


def test_a_damaged_file_is_moved_aside_and_made_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With the same tables to the last row, what was still in the spool too, and a warning."""
    before, facts = filled(tmp_path)
    damage(tmp_path)
    put(tmp_path / "spool", [], "idle")
    table = prices(1)
    with DuckEvents(tmp_path) as store:
        if store.remade is None:  # The damage is in no block that opening reads.
            with pytest.raises(StoreBroken):
                store._rows("SELECT sum(hash(e)) FROM events AS e", {})
    with DuckEvents(tmp_path) as store:
        store.reprice(table.price, table.version)
        assert tables(store) == before
        assert store._rows("SELECT count(*) FROM events", {}) == [(len(facts),)]
    assert len(list(tmp_path.glob("events.damaged-*.duckdb"))) == 1
    assert "was made anew" in caplog.text
    assert not (tmp_path / remaking.MARK).exists()


@pytest.mark.parametrize("cut", [0, 100, 5000])
def test_a_file_cut_short_is_made_anew(tmp_path: Path, cut: int) -> None:
    """Whatever is left of it; to the engine an empty file would be a new one."""
    before, _ = filled(tmp_path)
    with (tmp_path / FILE_NAME).open("r+b") as file:
        file.truncate(cut)
    table = prices(1)
    with DuckEvents(tmp_path) as store:
        assert store.remade is not None
        store.reprice(table.price, table.version)
        assert tables(store) == before


def test_a_rebuild_asked_for_gives_the_same_bill(tmp_path: Path) -> None:
    """Live segments and a segment that is in both copies count once; the mark changes."""
    filled(tmp_path)
    table, spool, more = prices(1), tmp_path / "spool", World(9)
    by = (Key.HOUR, Key.MODEL, Key.PROJECT)
    twice = kept.kept(spool)[0]
    (spool / twice.name.removesuffix(".gz")).write_bytes(gzip.decompress(twice.read_bytes()))
    with DuckEvents(tmp_path) as store, SpoolWriter(spool, "live") as writer:
        writer.append([_renamed(event) for event in more.batch(20)])
        writer.commit()
        store.drain(spool)
        store.reprice(table.price, table.version)
        before, mark = store.bill(by), (tmp_path / "events.mark").read_text()
        remade = store.rebuild(spool)
        assert (remade.bad, remade.damaged) == (0, 0)
        store.reprice(table.price, table.version)
        assert store.bill(by) == before
        assert (tmp_path / "events.mark").read_text() != mark
        assert store.drain(spool).events == 0


def test_what_was_dropped_stays_away(tmp_path: Path) -> None:
    """Making anew does not bring back the months that were deleted on purpose."""
    filled(tmp_path)
    with DuckEvents(tmp_path) as store:
        assert store.drop_before("2025-12") > 0
        store.rebuild(tmp_path / "spool")
        assert store._rows("SELECT count(*) FROM events", {}) == [(0,)]


def test_a_damaged_copy_gives_what_precedes_the_damage(tmp_path: Path) -> None:
    """And is counted; the others are whole."""
    _, facts = filled(tmp_path)
    copy = kept.kept(tmp_path / "spool")[0]
    copy.write_bytes(copy.read_bytes()[:-40])
    with DuckEvents(tmp_path) as store:
        remade = store.rebuild(tmp_path / "spool")
    assert remade.damaged == 1
    assert len(facts) - 30 <= remade.events <= len(facts)


def test_a_busy_or_full_or_closed_file_is_not_taken_for_damage() -> None:
    """Only what the engine says of wrong bytes is."""
    said = "IO Error: {}"
    for text in (
        'Could not set lock on file "x": Conflicting lock is held in corrupt.py',
        'Cannot open file "x": Permission denied',
        'Could not write file "x": No space left on device',
    ):
        assert not says_damage(duckdb.IOException(said.format(text)))
    assert says_damage(duckdb.IOException(said.format("Corrupt database file: checksum")))


_CHILD = """
import os, sys
from pathlib import Path
from pawl.store.events import kept, remaking
from pawl.store.events.duckdb import DuckEvents
steps, folder, task = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
left = [steps]
def watched(event, arguments):
    if event in WATCHED and str(arguments[0]).startswith(str(folder)):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), 9)
WATCHED = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.utime"}
with DuckEvents(folder) as store:
    if task == "drain":
        real = kept.keep_loaded
        def keep(*arguments, **named):
            sys.addaudithook(watched)
            return real(*arguments, **named)
        kept.keep_loaded = keep
        store.drain(folder / "spool")
    else:
        sys.addaudithook(watched)
        store.rebuild(folder / "spool")
print("whole")
"""


def dies_at(step: int, folder: Path, task: str) -> bool:
    """Do a task in a process that kills itself before its nth step on a file; say if it died."""
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, str(step), str(folder), task],
        capture_output=True,
        check=False,
    )
    assert child.returncode in (0, -signal.SIGKILL), child.stderr.decode()
    return child.returncode != 0


def sums(folder: Path) -> Any:
    with DuckEvents(folder) as store:
        store.drain(folder / "spool")
        return tables(store), store._rows("SELECT count(*), count(DISTINCT id) FROM events", {})


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("task", "steps"), [("drain", range(1, 40, 4)), ("rebuild", range(2, 60, 12))]
)
def test_kill_9_between_two_steps_loses_nothing(tmp_path: Path, task: str, steps: range) -> None:
    """Compress, sync, rename, delete; unpack, load, move aside, rename: some of the steps."""
    assert _killed_at(tmp_path, task, steps) > 1


@pytest.mark.heavy
@pytest.mark.parametrize("task", ["drain", "rebuild"])
def test_kill_9_between_any_two_steps_loses_nothing(tmp_path: Path, task: str) -> None:
    """Every step is harmless."""
    assert _killed_at(tmp_path, task, range(1, 200)) > 8


def _killed_at(tmp_path: Path, task: str, steps: range) -> int:
    """Kill a task before each of some steps until it ends whole; return how often it died."""
    world = World(4)
    facts = [world.batch(8) for _ in range(2)]
    expected = None
    for died, step in enumerate(steps):
        folder = tmp_path / str(step)
        for number, batch in enumerate(facts):
            put(folder / "spool", batch, f"w{number}")
        if task == "rebuild":
            sums(folder)
        killed = dies_at(step, folder, task)
        found = sums(folder)
        expected = expected or found
        assert found == expected, step
        assert found[1] == [(len(world.facts),) * 2]
        assert len(kept.kept(folder / "spool")) == 2
        assert not list((folder / "spool").glob("*.ndjson"))
        with DuckEvents(folder) as store:  # Nor is the copy less than what it is a copy of.
            store.rebuild(folder / "spool")
            assert (tables(store), found[1]) == found
        if not killed:
            return died
    return len(steps)


def _renamed(event: Event) -> Event:
    import msgspec

    return msgspec.structs.replace(event, id=f"more-{event.id}")
