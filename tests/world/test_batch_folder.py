"""The files of a batch: durable lines, one holder, and nothing of a killed batch beside it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pawl.base.errors import BadFile, BadValue, Refused, Unavailable
from pawl.world import batch_folder
from pawl.world.batch_folder import BatchFolder, set_aside, take

HOLDER = """
import sys, time
from pathlib import Path
from pawl.world.batch_folder import take
held = take(Path(sys.argv[1]), holder="the first batch", say=print)
print("held", flush=True)
time.sleep(300)
"""
PARENT = """
import subprocess, sys
from pathlib import Path
from pawl.world.batch_folder import take
held = take(Path(sys.argv[1]), holder="a killed batch", say=print)
child = subprocess.Popen(
    [sys.executable, "-c", "import sys; sys.stdin.read()"],
    stdin=int(sys.argv[2]), pass_fds=(held.lock,),
)
print("started", flush=True)
"""

ORPHAN = """
import subprocess, sys
from pathlib import Path
from pawl.world import batch_folder
batch_folder.LINUX = False  # Where no signal comes with the death of a parent.
held = batch_folder.take(Path(sys.argv[1]), holder="a killed batch", say=print)
child = subprocess.Popen(["sleep", "300"], pass_fds=(held.lock,))
held.started("run_x", child.pid)
"""


def hold(out: Path, said: list[str] | None = None, wait_s: float = 5.0) -> BatchFolder:
    """Hold a batch's files."""
    heard: list[str] = [] if said is None else said
    return take(out, holder="this test", say=heard.append, wait_s=wait_s)


def test_lines_are_kept_and_a_torn_one_is_cut_off(tmp_path: Path) -> None:
    """What was written whole comes back; what a crash tore is gone before the next is written."""
    out = tmp_path / "out.ndjson"
    held = hold(out)
    assert list(held.result_lines()) == []
    held.add_journal(b"begun\n")
    held.add_result(b"one\n")
    held.close()
    with open(out, "ab") as file:
        file.write(b"two, but to")
    held = hold(out)
    assert list(held.result_lines()) == [b"one"]
    held.add_result(b"two\n")
    assert list(held.result_lines()) == [b"one", b"two"]
    assert list(held.journal_lines()) == [b"begun"]
    held.close()
    assert out.read_bytes() == b"one\ntwo\n"


def test_a_line_longer_than_a_chunk_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines are found wherever the chunks end."""
    monkeypatch.setattr(batch_folder, "_CHUNK", 3)
    held = hold(tmp_path / "out")
    for line in (b"a\n", b"a long line\n", b"\n", b"abc\n"):
        held.add_result(line)
    assert list(held.result_lines()) == [b"a", b"a long line", b"", b"abc"]
    held.close()


def test_somebody_elses_file_is_not_cut(tmp_path: Path) -> None:
    """A file without a journal beside it is no batch's, so its last line is not a torn one."""
    out = tmp_path / "notes"
    out.write_bytes(b"milk, eggs")
    held = hold(out)
    with pytest.raises(BadFile):
        list(held.result_lines())
    held.close()
    assert out.read_bytes() == b"milk, eggs"


def test_a_giant_without_a_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of something else takes no memory, and is not cut."""
    monkeypatch.setattr(batch_folder, "MAX_LINE", 10)
    monkeypatch.setattr(batch_folder, "_CHUNK", 16)
    out = tmp_path / "out"
    out.write_bytes(b"x" * 100)
    held = hold(out)
    with pytest.raises(BadFile):
        list(held.result_lines())
    held.close()
    assert out.stat().st_size == 100


def test_a_write_that_fails_leaves_no_part_of_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is told, and the file is as it was."""
    held = hold(tmp_path / "out")
    held.add_result(b"one\n")
    real = os.write

    def half(fd: int, data: bytes) -> int:
        if fd == held.lock:
            return real(fd, data)
        real(fd, bytes(data)[:2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(Unavailable, match="No space left"):
        held.add_result(b"two\n")
    monkeypatch.undo()
    held.close()
    assert (tmp_path / "out").read_bytes() == b"one\n"


def test_records_are_whole_or_not_there(tmp_path: Path) -> None:
    """Half a record is none; a kept one is named from the folder of the results."""
    held = hold(tmp_path / "out")
    assert held.record("run_x") is None
    held.record_path("run_x").write_bytes(b'{"half"')
    assert held.record("run_x") is None
    held.record_path("run_x").write_bytes(b"{}\n")
    assert held.record("run_x") == b"{}\n"
    assert held.kept_record("run_x") == "out.batch/runs/run_x.json"
    held.drop("run_x", keep_record=True)
    assert held.record("run_x") == b"{}\n"
    held.drop("run_x")
    assert held.record("run_x") is None
    held.close()


def test_a_second_batch_is_refused_with_the_holders_name(tmp_path: Path) -> None:
    """Whoever comes second is told who is there, by whatever name they know the file."""
    out, link = tmp_path / "out", tmp_path / "link"
    link.symlink_to(out)
    with subprocess.Popen(
        (sys.executable, "-c", HOLDER, str(out)), stdout=subprocess.PIPE
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(Refused, match=f"the first batch, process {first.pid}"):
            hold(link)
        first.kill()
    hold(out).close()


def test_what_a_killed_batch_left_is_waited_for(tmp_path: Path) -> None:
    """The lock stays with the supervisors: nobody resumes beside one, and then it is free."""
    out = tmp_path / "out"
    reading, writing = os.pipe()
    command = (sys.executable, "-c", PARENT, str(out), str(reading))
    subprocess.run(command, pass_fds=(reading,), check=True, stdout=subprocess.DEVNULL)
    os.close(reading)
    said: list[str] = []
    with pytest.raises(Refused, match="have not ended"):
        hold(out, said, wait_s=0.1)
    assert said == ["a batch was killed here: its runs are told to end"]
    os.close(writing)
    hold(out, wait_s=60).close()


def test_what_a_killed_batch_left_is_told_to_end(tmp_path: Path) -> None:
    """Where the system ends no orphans, whoever resumes does, by number and start time."""
    out = tmp_path / "out"
    command = (sys.executable, "-c", ORPHAN, str(out))
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    said: list[str] = []
    hold(out, said, wait_s=60).close()
    assert said == ["a batch was killed here: its runs are told to end"]


def test_what_is_there_is_set_aside(tmp_path: Path) -> None:
    """Beginning anew keeps both files under the first number that is free."""
    out = tmp_path / "out"
    for number in (1, 2):
        held = hold(out)
        held.add_result(f"{number}\n".encode())
        held.close()
        held = hold(out)
        assert set_aside(held) == (f"{out}.{number}",)
        assert list(held.result_lines()) == []
        held.close()
    assert (tmp_path / "out.2").read_text() == "2\n"


def test_results_go_to_a_file_in_a_folder_that_takes_them(tmp_path: Path) -> None:
    """A folder is no results file, and a place that cannot be written is told."""
    with pytest.raises(BadValue):
        hold(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable):
        hold(tmp_path / "file" / "out")
