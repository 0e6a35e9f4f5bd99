"""The spool: acknowledged means durable, whole lines only, nothing shared between writers."""

import errno
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.store import spool as spool_module
from pawl.store.spool import SpoolFull, SpoolWriter, read_segment, segments
from pawl.telemetry.event import Event, Kind, Source

AT = "2026-11-21T00:00:00.000000Z"


def event(name: str, **fields: object) -> Event:
    return Event(id=name, time=AT, kind=Kind.MESSAGE, source=Source.RUN, agent="a", **fields)  # type: ignore[arg-type]


def ids(folder: Path) -> list[str]:
    return [found.id for segment in segments(folder) for found in read_segment(segment.path).events]


def test_what_is_committed_is_read_back(tmp_path: Path) -> None:
    """Events come back equal, in order, with the offset after the last of them."""
    first, second = event("1", project="ä\n", attributes={"k": "v"}), event("2", input=3)
    with SpoolWriter(tmp_path, "run_1") as writer:
        writer.append([first, second])
        writer.commit()
        (segment,) = segments(tmp_path)
        read = read_segment(segment.path)
    assert read.events == [first, second]
    assert read.next_offset == segment.size
    assert read_segment(segment.path, read.next_offset).events == []


def test_nothing_is_there_before_commit(tmp_path: Path) -> None:
    """An append alone leaves no file; closing drops it."""
    writer = SpoolWriter(tmp_path, "run_1")
    writer.append([event("1")])
    assert segments(tmp_path) == []
    assert writer.pending_bytes > 0
    writer.close()
    assert segments(tmp_path) == []


def test_a_batch_is_made_durable_while_more_is_appended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is appended after `take` belongs to the next batch, however long the disk works."""
    writer = SpoolWriter(tmp_path, "run_1")
    writer.append([event("1")])
    batch = writer.take()
    datasync = spool_module._datasync

    def slowly(fd: int) -> None:
        writer.append([event("2")])
        datasync(fd)

    with monkeypatch.context() as patch:
        patch.setattr(spool_module, "_datasync", slowly)
        worker = threading.Thread(target=writer.keep, args=(batch,))
        worker.start()
        worker.join()
    assert ids(tmp_path) == ["1"]
    assert writer.pending_bytes == len(batch)
    writer.commit()
    assert writer.take() == b""
    writer.close()
    assert ids(tmp_path) == ["1", "2"]


def test_a_refused_batch_leaves_nothing_and_can_be_kept_later(
    tmp_path: Path, small_files: None
) -> None:
    """A batch that does not fit is not there in part; a smaller one after it is kept."""
    with SpoolWriter(tmp_path, "r") as writer:
        writer.append([event("1")])
        writer.keep(writer.take())
        writer.append([event(f"late-{number}") for number in range(50)])
        batch = writer.take()
        writer.append([event("2")])
        with pytest.raises(SpoolFull):
            writer.keep(batch)
        assert ids(tmp_path) == ["1"]
        writer.commit()
        assert sorted(ids(tmp_path)) == ["1", "2"]
        del batch[: len(batch) - len(spool_module._line(event("late-49")))]
        writer.keep(batch)
    assert sorted(ids(tmp_path)) == ["1", "2", "late-49"]


def test_a_segment_is_live_until_its_writer_closes(tmp_path: Path) -> None:
    """The lock tells a living writer's segment from a sealed one."""
    writer = SpoolWriter(tmp_path, "run_1")
    writer.append([event("1")])
    writer.commit()
    assert [segment.live for segment in segments(tmp_path)] == [True]
    writer.close()
    assert [segment.live for segment in segments(tmp_path)] == [False]


def test_names_never_come_back(tmp_path: Path) -> None:
    """Two writers with one label write two segments."""
    for _ in range(2):
        with SpoolWriter(tmp_path, "run_1") as writer:
            writer.append([event("1")])
            writer.commit()
    assert len(segments(tmp_path)) == 2


def test_a_full_segment_is_followed_by_another(tmp_path: Path) -> None:
    """The writer rolls over between commits once a segment has reached its size."""
    with SpoolWriter(tmp_path, "run_1", max_bytes=200) as writer:
        for number in range(6):
            writer.append([event(str(number))])
            writer.commit()
    assert len(segments(tmp_path)) >= 2
    assert ids(tmp_path) == [str(number) for number in range(6)]


@given(cut=st.integers(1, 60))
def test_a_torn_line_waits_for_the_living_and_is_dropped_for_the_dead(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The half line is the reader's to wait for while the lock is held, and to count after."""
    folder = tmp_path_factory.mktemp("spool")
    writer = SpoolWriter(folder, "run_1")
    writer.append([event("1"), event("2")])
    writer.commit()
    (segment,) = segments(folder)
    os.truncate(segment.path, segment.size - cut)
    alive = read_segment(segment.path)
    assert (len(alive.events), alive.torn) == (1, 0)
    writer.close()
    dead = read_segment(segment.path)
    assert (len(dead.events), dead.torn, dead.bad) == (1, 1, 0)
    assert dead.next_offset == segment.size - cut
    assert read_segment(segment.path, dead.next_offset).torn == 0


def test_a_line_that_is_no_event_is_counted(tmp_path: Path) -> None:
    """Other lines of the segment are read all the same."""
    path = tmp_path / "x.ndjson"
    good = spool_module._line(event("1"))
    path.write_bytes(b"{}\n" + good + b"\xff\n" + good)
    read = read_segment(path)
    assert (len(read.events), read.bad, read.torn) == (2, 2, 0)


def test_reading_in_pieces_reads_all(tmp_path: Path) -> None:
    """A bound on bytes gives whole lines and an offset to go on from."""
    with SpoolWriter(tmp_path, "r") as writer:
        writer.append([event(str(number)) for number in range(50)])
        writer.commit()
    (segment,) = segments(tmp_path)
    offset, found = 0, []
    while offset < segment.size:
        read = read_segment(segment.path, offset, max_bytes=300)
        found += read.events
        offset = read.next_offset
    assert [each.id for each in found] == [str(number) for number in range(50)]


def test_an_oversized_event_keeps_its_identity_only(tmp_path: Path) -> None:
    """A line beyond the bound loses attributes and long texts, and says so."""
    big = event("1", model="m" * 3_000_000, attributes={"x": "y" * 3_000_000})
    with SpoolWriter(tmp_path, "r") as writer:
        writer.append([big])
        writer.commit()
    (segment,) = segments(tmp_path)
    assert segment.size < spool_module.MAX_LINE_BYTES
    (read,) = read_segment(segment.path).events
    assert read.id == "1"
    assert "oversized" in read.attributes


def test_text_without_a_utf8_form_is_written(tmp_path: Path) -> None:
    """A lone surrogate becomes a question mark instead of an error."""
    with SpoolWriter(tmp_path, "r") as writer:
        writer.append([event("1", branch="\udce4x", attributes={"\udcff": "\ud800"})])
        writer.commit()
    (segment,) = segments(tmp_path)
    (read,) = read_segment(segment.path).events
    assert read.branch == "?x"
    assert read.attributes == {"?": "?"}


def test_links_and_strangers_are_passed_over(tmp_path: Path) -> None:
    """Only regular files with the suffix are segments; links are not followed."""
    (tmp_path / "target").write_bytes(b"{}\n")
    (tmp_path / "a.ndjson").symlink_to(tmp_path / "target")
    (tmp_path / "b.txt").write_bytes(b"")
    (tmp_path / "c.ndjson").mkdir()
    assert segments(tmp_path) == []
    assert segments(tmp_path / "absent") == []


@pytest.mark.parametrize("label", ["", "../x", "a/b", ".hidden", "a b", "x" * 101])
def test_a_label_that_is_no_file_name_is_refused(tmp_path: Path, label: str) -> None:
    """The label goes into a file name and cannot leave the folder."""
    with pytest.raises(ValueError):
        SpoolWriter(tmp_path, label)


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may grow beyond 4 KiB, as if the disk were full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, old)


def test_a_partial_write_is_cut_back(tmp_path: Path, small_files: None) -> None:
    """What was acknowledged stays, whole; what failed stays pending and can be discarded."""
    with SpoolWriter(tmp_path, "r") as writer:
        acknowledged = [str(number) for number in range(20)]
        writer.append([event(name) for name in acknowledged])
        writer.commit()
        writer.append([event(f"late-{number}") for number in range(50)])
        with pytest.raises(SpoolFull) as caught:
            writer.commit()
        assert caught.value.place.startswith(str(tmp_path))
        assert caught.value.hint
        assert ids(tmp_path) == acknowledged
        assert all(read_segment(s.path).torn == 0 for s in segments(tmp_path))
        assert writer.discard() > 0
        writer.append([event("after")])
        writer.commit()
    assert sorted(ids(tmp_path)) == sorted([*acknowledged, "after"])


def test_a_failed_commit_can_be_tried_again_in_a_new_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an error of the disk the old segment is left for good, and nothing is twice."""
    with SpoolWriter(tmp_path, "r") as writer:
        writer.append([event("1")])
        writer.commit()
        writer.append([event("2")])

        def broken(fd: int) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        with monkeypatch.context() as patch:
            patch.setattr(spool_module, "_datasync", broken)
            with pytest.raises(SpoolFull, match="Input/output error"):
                writer.commit()
        assert ids(tmp_path) == ["1"]
        writer.commit()
        assert len(segments(tmp_path)) == 2
    assert sorted(ids(tmp_path)) == ["1", "2"]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_full_disk_is_reported_and_loses_nothing(tmp_path: Path) -> None:
    """On a really full file system acknowledged events stay, and room makes it go on."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a file system")
    try:
        filler = tmp_path / "filler"
        acknowledged: list[str] = []
        with SpoolWriter(tmp_path / "spool", "r") as writer:
            filler.write_bytes(b"x" * 16_384)

            def fill() -> None:
                for number in range(10_000):
                    writer.append([event(f"{number}", project="p" * 500)])
                    writer.commit()
                    acknowledged.append(str(number))

            with pytest.raises(SpoolFull, match="No space left") as caught:
                fill()
            assert "Free some space" in caught.value.hint
            assert ids(tmp_path / "spool") == acknowledged
            filler.unlink()
            writer.commit()
        assert ids(tmp_path / "spool") == [*acknowledged, str(len(acknowledged))]
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file where the folder should be is an error with a place, not a traceback."""
    (tmp_path / "spool").write_text("")
    with pytest.raises(SpoolFull) as caught:
        SpoolWriter(tmp_path / "spool", "r")
    assert caught.value.place == str(tmp_path / "spool")


def test_importing_the_spool_imports_no_engine() -> None:
    """A supervised run starts with the spool; neither store may come with it."""
    code = (
        "import sys, pawl.store.spool\n"
        "print([m for m in ('duckdb', 'sqlalchemy', 'alembic', 'sqlite3') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
