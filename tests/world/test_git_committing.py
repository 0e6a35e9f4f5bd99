"""Files are committed to a branch of their own, and to no other, whatever else has changed."""

from pathlib import Path

import pytest
from tests.services.made_learning import git, made_tree

from pawl.base.errors import BadValue, CannotTell
from pawl.world.git_committing import commit_files, stand_on


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, whose user git knows."""
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n\tname = Leo\n\temail = leo@example.com\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return made_tree(tmp_path / "tree")


def test_only_the_named_files_are_committed(tree: Path) -> None:
    """What else is changed or staged stays as it is, and committing again makes no commit."""
    for name in ("one.txt", "other.txt", "staged.txt", "*.txt"):
        (tree / name).write_text(name)
    git(tree, "add", "staged.txt")
    stand_on(tree, "lesson", "main")
    first = commit_files(tree, ("one.txt", "*.txt"), "Learn", "lesson")
    assert git(tree, "diff", "--name-only", "main..lesson").splitlines() == ["*.txt", "one.txt"]
    assert git(tree, "diff", "--cached", "--name-only") == "staged.txt"
    assert git(tree, "log", "-1", "--format=%ae") == "leo@example.com"
    stand_on(tree, "lesson", "main")
    assert commit_files(tree, ("one.txt", "*.txt"), "Learn", "lesson") == first


@pytest.mark.parametrize("name", ["main", "-x", "a b", "taken", "", "a..b"])
def test_no_other_branch_is_taken(tree: Path, name: str) -> None:
    """The protected one, one that is there, and what is no name are refused; we stay on main."""
    git(tree, "branch", "taken")
    with pytest.raises(BadValue):
        stand_on(tree, name, "main")
    assert git(tree, "symbolic-ref", "--short", "HEAD") == "main"


def test_nothing_is_committed_once_another_branch_is_checked_out(tree: Path) -> None:
    """Whoever changes the branch meanwhile gets no commit on it."""
    stand_on(tree, "lesson", "main")
    git(tree, "switch", "-q", "main")
    (tree / "one.txt").write_text("1")
    with pytest.raises(CannotTell):
        commit_files(tree, ("one.txt",), "Learn", "lesson")
    assert git(tree, "rev-list", "--count", "main") == "1"


def test_a_hook_that_says_no_is_told(tree: Path) -> None:
    """The user's own hooks are heard: then there is no commit, and the files are still there."""
    hook = tree / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    (tree / "one.txt").write_text("1")
    stand_on(tree, "lesson", "main")
    with pytest.raises(CannotTell):
        commit_files(tree, ("one.txt",), "Learn", "lesson")
    assert (tree / "one.txt").read_text() == "1"
