"""Files that must not be lost: kept in the first folder that takes them, believed by none."""

import os
from pathlib import Path

import pytest

from pawl.base.errors import Unavailable
from pawl.world.kept_files import MAX_BYTES, KeptFiles, kept_folders


def test_what_is_kept_is_there_for_this_user_only(tmp_path: Path) -> None:
    """Written whole, read again, and gone when it is dropped, twice or not."""
    files = KeptFiles([tmp_path / "a/b"])
    place = files.keep("one.json", b"1")
    assert files.keep("two.json", b"2") > place
    assert [files.read(each) for each in files.waiting()] == [b"1", b"2"]
    assert Path(place).stat().st_mode & 0o777 == 0o600
    assert Path(place).parent.stat().st_mode & 0o777 == 0o700
    files.drop(place)
    files.drop(place)
    assert len(files.waiting()) == 1
    assert files.read(place) is None


def test_a_folder_that_takes_nothing_is_passed_over(tmp_path: Path) -> None:
    """The next one takes it; where none does, every reason is told."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    files = KeptFiles([blocked / "x", tmp_path / "there"])
    assert files.keep("one.json", b"1").startswith(str(tmp_path / "there"))
    with pytest.raises(Unavailable, match="kept nowhere"):
        KeptFiles([blocked / "x", blocked]).keep("one.json", b"1")
    with pytest.raises(Unavailable):
        KeptFiles([]).keep("one.json", b"1")


def test_a_folder_behind_a_link_is_not_ours(tmp_path: Path) -> None:
    """In a shared place somebody else may have put a link where we would write."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    files = KeptFiles([tmp_path / "link"])
    with pytest.raises(Unavailable):
        files.keep("one.json", b"1")
    (tmp_path / "theirs/one.json").write_text("{}")
    assert files.waiting() == ()


def test_nothing_is_read_through_a_link_a_pipe_or_without_end(tmp_path: Path) -> None:
    """Each of them is None, at once."""
    files = KeptFiles([tmp_path])
    (tmp_path / "secret").write_text("s")
    (tmp_path / "a.json").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "b.json")
    (tmp_path / "c.json").write_bytes(b" " * (MAX_BYTES + 1))
    (tmp_path / "d.json").mkdir()
    assert len(files.waiting()) == 4
    assert [files.read(each) for each in files.waiting()] == [None] * 4


def test_a_file_that_is_half_written_is_not_seen(tmp_path: Path) -> None:
    """What a killed process left of its draft has no name of ours."""
    (tmp_path / ".one.json.123").write_text("{")
    (tmp_path / "one.json.tmp").write_text("{")
    assert KeptFiles([tmp_path]).waiting() == ()


def test_where_they_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data folder first, then the home, then the temporary folder; each of this user's own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    first, second, third = kept_folders(tmp_path / "data")
    assert (first, second) == (tmp_path / "data/declared", tmp_path / ".pawl-declared")
    assert third.name == f"pawl-declared-{os.getuid()}"
    assert kept_folders(None) == (second, third)
