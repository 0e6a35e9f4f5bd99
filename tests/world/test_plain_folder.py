"""A folder outside git is walked without leaving it."""

import os
import subprocess
from pathlib import Path

import pytest

from pawl.base.errors import CannotTell
from pawl.world.plain_folder import MAX_HASHED_BYTES, PlainFolder


def test_files_are_named_as_git_names_their_bytes(tmp_path: Path) -> None:
    """Every file is there, ignored ones too; only `.git` is left out."""
    (tmp_path / "a").write_text("hello\n")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.sh").write_text("x")
    (tmp_path / "deep" / "b.sh").chmod(0o755)
    (tmp_path / ".gitignore").write_text("a\n")
    (tmp_path / "deep" / ".git").mkdir()
    (tmp_path / "deep" / ".git" / "config").write_text("x")
    folder = PlainFolder(tmp_path)
    files = folder.files()
    assert [(file.path, file.kind) for file in files] == [
        (".gitignore", "file"),
        ("a", "file"),
        ("deep/b.sh", "executable"),
    ]
    told = subprocess.run(
        ("git", "hash-object", "--stdin"), input=b"hello\n", capture_output=True, check=True
    )
    assert files[1].blob == told.stdout.decode().strip()
    contents = {file.path: content for file, content in folder.contents(files)}
    assert contents["a"] == b"hello\n"


def test_links_and_devices_are_not_followed(tmp_path: Path) -> None:
    """A link is an entry of its own, in the place of a file and of a folder; a pipe is none."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    top = tmp_path / "top"
    top.mkdir()
    (top / "file").symlink_to(outside / "secret")
    (top / "folder").symlink_to(outside)
    (top / "loop").symlink_to(top)
    os.mkfifo(top / "pipe")
    folder = PlainFolder(top)
    files = folder.files()
    assert [(file.path, file.kind) for file in files] == [
        ("file", "link"),
        ("folder", "link"),
        ("loop", "link"),
    ]
    assert [content for _, content in folder.contents(files)] == [None, None, None]


def test_a_folder_that_becomes_a_link_is_not_followed(tmp_path: Path) -> None:
    """What is swapped between the listing and the reading is not read."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a").write_text("same")
    top = tmp_path / "top"
    (top / "in").mkdir(parents=True)
    (top / "in" / "a").write_text("same")
    folder = PlainFolder(top)
    files = folder.files()
    (top / "in" / "a").unlink()
    (top / "in").rmdir()
    (top / "in").symlink_to(tmp_path / "outside")
    assert [content for _, content in folder.contents(files)] == [None]


def test_a_file_that_changed_since_is_not_believed(tmp_path: Path) -> None:
    """Bytes other than those listed are not to be had."""
    (tmp_path / "a").write_text("one")
    folder = PlainFolder(tmp_path)
    files = folder.files()
    (tmp_path / "a").write_text("two")
    assert [content for _, content in folder.contents(files)] == [None]


def test_giants_are_listed_and_not_read(tmp_path: Path) -> None:
    """A file above the limit has a size and no id."""
    with (tmp_path / "giant").open("wb") as file:
        file.truncate(MAX_HASHED_BYTES + 1)
    folder = PlainFolder(tmp_path)
    (giant,) = folder.files()
    assert (giant.size, giant.blob) == (MAX_HASHED_BYTES + 1, "")
    assert [content for _, content in folder.contents([giant])] == [None]


def test_names_that_are_no_text(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are shown escaped, and the file is read all the same."""
    with open(os.fsencode(tmp_path) + b"/\xff\n", "wb") as file:
        file.write(b"x")
    folder = PlainFolder(tmp_path)
    (file_,) = folder.files()
    assert file_.path == "\\xff\n"
    assert [content for _, content in folder.contents([file_])] == [b"x"]


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    """Not to be had is not the same as empty."""
    with pytest.raises(CannotTell):
        PlainFolder(tmp_path / "gone").files()
