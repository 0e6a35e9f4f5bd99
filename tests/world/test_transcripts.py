"""Finding transcript files and reading what was appended, on a real and hostile disk."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pawl.world import transcripts
from pawl.world.transcripts import START, Mark, Reading, listing, pattern_of, with_journal

GLOB = "**/*.jsonl"


def files(root: Path, glob: str = GLOB) -> list[str]:
    return [str(Path(found.path).relative_to(root)) for found in listing(str(root), glob).files]


def reasons(root: Path) -> list[str]:
    return sorted(trouble.reason for trouble in listing(str(root), GLOB).troubles)


def read(path: Path, mark: Mark = START) -> tuple[bytes, Reading]:
    (found,) = listing(str(path), GLOB).files
    reading = Reading(found, mark)
    return b"".join(reading.chunks()), reading


def test_files_are_found_below_a_root(tmp_path: Path) -> None:
    """Only names that match are found, at any depth, in the order of their paths."""
    for name in ("b/x.jsonl", "a/b/c/y.jsonl", "z.jsonl", "a/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}\n")
    assert files(tmp_path) == ["a/b/c/y.jsonl", "b/x.jsonl", "z.jsonl"]
    assert files(tmp_path / "absent") == []


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("**/*.jsonl", "a/b/x.jsonl", True),
        ("*/chats/*.jsonl", "shop/chats/s.jsonl", True),
        ("*/chats/*.jsonl", "a/shop/chats/s.jsonl", False),
        ("opencode*.db", "opencode.db", True),
        ("opencode*.db", "opencode.db-wal", False),
        ("**/*", "a/b", True),
    ],
)
def test_patterns(glob: str, path: str, *, matches: bool) -> None:
    """A star stays within a name, two stars cross directories."""
    assert (pattern_of(glob).fullmatch(path) is not None) is matches


def test_symbolic_links_are_not_followed(tmp_path: Path) -> None:
    """A circle, a way out and a link to a file are reported, and what they point at is not read."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "out.jsonl").write_text("{}\n")
    (root / "circle").symlink_to(root)
    (root / "out").symlink_to(tmp_path)
    (root / "link.jsonl").symlink_to(tmp_path / "out.jsonl")
    assert files(root) == []
    assert reasons(root) == ["a symbolic link, not followed"] * 3


def test_special_files_are_not_opened(tmp_path: Path) -> None:
    """A pipe with the name of a transcript is reported, and nobody waits for it."""
    os.mkfifo(tmp_path / "pipe.jsonl")
    assert files(tmp_path) == []
    assert reasons(tmp_path) == ["not a regular file"]


def test_a_deep_tree_ends_somewhere(tmp_path: Path) -> None:
    """Directories nested beyond the limit are reported instead of entered."""
    folder = tmp_path
    for _ in range(transcripts.MAX_DEPTH + 2):
        folder = folder / "d"
    folder.mkdir(parents=True)
    assert reasons(tmp_path) == ["nested too deeply"]


def test_a_torn_last_line_waits(tmp_path: Path) -> None:
    """What has no newline yet is not given, and is read from its beginning later."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"one\ntw")
    content, reading = read(path)
    assert (content, reading.torn, reading.mark.offset) == (b"one\n", b"tw", 4)
    path.write_bytes(b"one\ntwo\n")
    content, reading = read(path, reading.mark)
    assert (content, reading.restarted) == (b"two\n", False)


@pytest.mark.parametrize("new", [b"ONE\ntwo\nmore\n", b"one\nTWO\nmore\n", b"x\n"])
def test_a_file_rewritten_in_place_is_read_from_its_start(tmp_path: Path, new: bytes) -> None:
    """Other bytes at the start or before the mark, or fewer of them, mean another file."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"one\ntwo\n")
    _, reading = read(path)
    path.write_bytes(new)
    content, again = read(path, reading.mark)
    assert (content, again.restarted) == (new, True)


def test_a_giant_line_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line beyond the limit costs itself, is counted, and takes no memory."""
    monkeypatch.setattr(transcripts, "CHUNK_BYTES", 16)
    monkeypatch.setattr(transcripts, "MAX_LINE_BYTES", 64)
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"before\n" + b"x" * 500 + b"\nafter\n" + b"y" * 30 + b"\n")
    content, reading = read(path)
    assert content == b"before\nafter\n" + b"y" * 30 + b"\n"
    assert (reading.oversized, reading.mark.offset) == (1, path.stat().st_size)


def test_a_giant_line_without_an_end_is_not_read_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest of a line that was too long already is passed over when it comes."""
    monkeypatch.setattr(transcripts, "CHUNK_BYTES", 16)
    monkeypatch.setattr(transcripts, "MAX_LINE_BYTES", 64)
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"x" * 500)
    content, reading = read(path)
    assert content == b""
    path.write_bytes(b"x" * 500 + b"\nafter\n")
    content, _ = read(path, reading.mark)
    assert content.endswith(b"after\n")


def test_a_file_that_cannot_be_read_is_an_error_of_its_own(tmp_path: Path) -> None:
    """A file gone between finding and reading raises for the scan to report."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"one\n")
    (found,) = listing(str(path), GLOB).files
    path.unlink()
    with pytest.raises(OSError, match="No such file"):
        list(Reading(found, START).chunks())


def test_a_database_counts_its_journal(tmp_path: Path) -> None:
    """A database whose changes are in its write-ahead log has changed."""
    path = tmp_path / "opencode.db"
    path.write_bytes(b"x")
    (found,) = listing(str(path), "*").files
    (tmp_path / "opencode.db-wal").write_bytes(b"1234")
    assert with_journal(found).size == 5


@given(st.lists(st.binary(max_size=30), max_size=6), st.integers(1, 20))
@settings(max_examples=30)
def test_growing_in_any_steps_gives_every_line_once(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], chunk: int
) -> None:
    """However a file grows and whatever size of piece is read, whole lines come once, in order."""
    path = tmp_path_factory.mktemp("grow") / "x.jsonl"
    path.write_bytes(b"")
    before, transcripts.CHUNK_BYTES = transcripts.CHUNK_BYTES, chunk
    try:
        mark, got = START, b""
        for piece in pieces:
            with path.open("ab") as file:
                file.write(piece)
            content, reading = read(path, mark)
            got, mark = got + content, reading.mark
    finally:
        transcripts.CHUNK_BYTES = before
    whole = b"".join(pieces)
    assert got == whole[: whole.rfind(b"\n") + 1]
