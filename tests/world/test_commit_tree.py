"""The files of a commit as bytes."""

import subprocess
from pathlib import Path

import pytest

from pawl.base.errors import PawlError
from pawl.world.commit_tree import CommitTree
from pawl.world.working_tree import WorkingTree


def _git(top: Path, *arguments: str) -> None:
    who = ("-c", "user.name=kim", "-c", "user.email=kim@example.org")
    subprocess.run(["git", "-C", str(top), *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A repository with two commits, the second of which changes and removes."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "a.txt").write_bytes(b"one")
    (tmp_path / "bin/b").write_bytes(b"\x00\xff" * 10)
    (tmp_path / "bin/b").chmod(0o755)
    (tmp_path / "link").symlink_to("a.txt")
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", "-A")
    _git(tmp_path, "commit", "-qm", "first")
    (tmp_path / "a.txt").write_bytes(b"two")
    (tmp_path / "bin/b").unlink()
    _git(tmp_path, "commit", "-qam", "second")
    return tmp_path


@pytest.mark.parametrize("ahead", [True, False])
def test_files_are_those_of_the_commit(top: Path, ahead: bool) -> None:
    """Bytes, modes and links are as they were, whether they were read ahead or not."""
    tree = CommitTree(top, "HEAD~1", lambda _: ahead)
    try:
        assert sorted(tree.entries) == ["a.txt", "bin/b", "link"]
        assert tree.content("a.txt", 100) == b"one"
        assert tree.content("bin/b", 100) == b"\x00\xff" * 10
        assert tree.content("bin/b", 19) is None
        assert tree.content("gone", 100) is None
        assert tree.content("link", 100) is None
        assert tree.entries["link"].target == "a.txt"
        assert tree.entries["bin/b"].executable
    finally:
        tree.close()


def test_the_working_tree_answers_alike(top: Path) -> None:
    """A file is read up to a size, and no link is followed."""
    tree = WorkingTree(top)
    assert tree.content("a.txt", 3) == b"two"
    assert tree.content("a.txt", 2) is None
    assert tree.content("link", 100) is None
    assert tree.content("gone", 100) is None


def test_a_revision_that_is_none_is_an_error(top: Path) -> None:
    """It is named."""
    with pytest.raises(PawlError):
        CommitTree(top, "nowhere", lambda _: False)
