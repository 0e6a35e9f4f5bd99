"""Writing below a folder: whole files, and never through a link."""

import os
from pathlib import Path

import pytest

from pawl.base.errors import CannotTell
from pawl.world.tree_writer import TreeWriter


def test_a_file_is_made_with_its_folders_and_replaced_whole(tmp_path: Path) -> None:
    """The new bytes stand where the old ones did, and nothing else is left in the folder."""
    writer = TreeWriter(tmp_path)
    writer.write_bytes("a/b/c.gz", b"one")
    writer.write_bytes("a/b/c.gz", b"two")
    assert (tmp_path / "a/b/c.gz").read_bytes() == b"two"
    assert os.listdir(tmp_path / "a/b") == ["c.gz"]


def test_a_folder_behind_a_link_is_not_written_to(tmp_path: Path) -> None:
    """Neither a link out of the tree nor a circle of links is followed, first or last."""
    outside, top = tmp_path / "outside", tmp_path / "top"
    outside.mkdir()
    top.mkdir()
    (top / "out").symlink_to(outside)
    (top / "loop").symlink_to("loop")
    (top / "inside").mkdir()
    (top / "inside" / "out").symlink_to(outside)
    for path in ("out/x", "out/deep/x", "loop/x", "inside/out/x"):
        with pytest.raises(CannotTell) as caught:
            TreeWriter(top).write_bytes(path, b"x")
        assert caught.value.place == path
    assert os.listdir(outside) == []


def test_a_file_that_is_a_link_is_replaced_and_its_target_stays(tmp_path: Path) -> None:
    """The link itself gives way to a file."""
    target = tmp_path / "target"
    target.write_bytes(b"keep")
    (tmp_path / "link").symlink_to(target)
    TreeWriter(tmp_path).write_bytes("link", b"new")
    assert target.read_bytes() == b"keep"
    assert not (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/x", "", "a/", "a//b", "./x"])
def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    """Nothing is written outside, nor under a name that is none."""
    top = tmp_path / "top"
    top.mkdir()
    with pytest.raises(CannotTell):
        TreeWriter(top).write_bytes(path, b"x")
    assert os.listdir(top) == []
    assert not (tmp_path / "x").exists()


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    """What cannot be written is named, and no draft is left behind."""
    top = tmp_path / "top"
    (top / "x").mkdir(parents=True)
    with pytest.raises(CannotTell):
        TreeWriter(top).write_bytes("x", b"x")
    assert os.listdir(top) == ["x"]
