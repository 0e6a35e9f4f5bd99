"""Files that an agent appends to are read as they grow, and nothing else is."""

import os
from pathlib import Path

from pawl.runs.bounded import MAX_LINE_BYTES
from pawl.world.follow import Follower, Transcripts


def read(follower: Follower, now: float = 0.0) -> bytes:
    return b"".join(piece.data for piece in follower.look(now))


def test_whole_lines_come_once(tmp_path: Path) -> None:
    """A file that appears later is found; half a line waits for its other half."""
    follower = Follower(str(tmp_path), "*/session.jsonl")
    assert read(follower) == b""
    (tmp_path / "project").mkdir()
    path = tmp_path / "project" / "session.jsonl"
    path.write_bytes(b"one\ntw")
    assert read(follower) == b"one\n"
    with path.open("ab") as file:
        file.write(b"o\n")
    assert read(follower) == b"two\n"
    assert read(follower) == b""


def test_new_files_are_found_once_a_second(tmp_path: Path) -> None:
    """After the first file, a glob is not asked at every look."""
    follower = Follower(str(tmp_path), "*.jsonl")
    (tmp_path / "a.jsonl").write_bytes(b"a\n")
    assert read(follower, 0.0) == b"a\n"
    (tmp_path / "b.jsonl").write_bytes(b"b\n")
    assert read(follower, 0.5) == b""
    assert read(follower, 1.5) == b"b\n"


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    """Neither a linked file nor a file in a linked folder is opened, nor a pipe."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.jsonl").write_bytes(b"secret\n")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.jsonl").symlink_to(outside / "secret.jsonl")
    (root / "folder").symlink_to(outside)
    os.mkfifo(root / "pipe.jsonl")
    assert read(Follower(str(root), "**/*.jsonl")) == b""


def test_a_file_that_was_cut_is_read_again(tmp_path: Path) -> None:
    """What stands in it now is told; events have ids, so nothing counts twice."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"one\ntwo\n")
    follower = Follower(str(tmp_path), "*.jsonl")
    assert read(follower) == b"one\ntwo\n"
    path.write_bytes(b"new\n")
    assert read(follower) == b"new\n"


def test_a_line_without_end_is_passed_over(tmp_path: Path) -> None:
    """Memory is bounded: a giant line is dropped, and the next line is read."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"x" * (MAX_LINE_BYTES + 3 * 1024 * 1024) + b"\nnext\n")
    follower = Follower(str(tmp_path), "*.jsonl")
    told = b"".join(read(follower) for _ in range(15))
    assert told == b"next\n"


def test_a_missing_folder_is_no_error(tmp_path: Path) -> None:
    """An agent that was never used has no transcripts yet."""
    followed = Transcripts()
    followed.follow(str(tmp_path / "none"), "*.jsonl")
    assert list(followed.look(0.0)) == []
