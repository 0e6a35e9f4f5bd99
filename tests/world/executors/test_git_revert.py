"""The executor `git-revert`: one commit on the branch, from the branch's own past."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.world.executors.made_orders import opened, order

from pawl.base.canonical import sha256_hex
from pawl.base.errors import BadValue
from pawl.changes.components import parts_of
from pawl.changes.executing import Errand, Order, is_as_wanted
from pawl.changes.parts import Model, Part
from pawl.world.executor import NotExecuted

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}
BEFORE: dict[str, bytes | None] = {"CLAUDE.md": b"Be kind.\n", "tool.py": b"old\n", "new.py": None}
AFTER: dict[str, bytes | None] = {"CLAUDE.md": b"Be rude.\n", "tool.py": b"new\n", "new.py": b"x\n"}


def git(top: Path, *arguments: str) -> str:
    """Run git and return what it prints."""
    done = subprocess.run(
        ["git", "-C", str(top), *arguments],
        env=ENVIRONMENT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A repository in which main has a change, and a commit of somebody else after it."""
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    more: dict[str, bytes | None] = {"other": b"1\n"}
    for number, state in enumerate((BEFORE, AFTER, more)):
        for path, content in state.items():
            if content is not None:
                (folder / path).write_bytes(content)
        if number == 0:
            (folder / "tool.py").chmod(0o755)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", f"c{number}")
    git(folder, "checkout", "-q", "--detach")
    return folder


def back(**other: object) -> Order:
    """Return the order to roll the change back."""
    parts = parts_of(BEFORE)
    return order(Errand.ROLLBACK, parts=parts, **other)


def test_one_commit_puts_the_files_back(top: Path) -> None:
    """Files are as before with their modes, what came with the change goes, all else stays."""
    executor = opened("git-revert", top, repository=".", branch="main")
    was = git(top, "rev-parse", "main")
    assert not is_as_wanted(executor.read_back(back()), back().parts)
    for _ in range(2):
        executor.call(back())
    assert is_as_wanted(executor.read_back(back()), back().parts)
    assert git(top, "rev-list", f"{was}..main").count("\n") == 0, "it was not one commit"
    assert git(top, "diff", "--name-status", was, "main").split() == [
        *("M", "CLAUDE.md", "D", "new.py", "M", "tool.py"),
    ]
    assert git(top, "ls-tree", "main", "tool.py").startswith("100755")
    assert "Pawl-Intent: chg-1.5" in git(top, "log", "-1", "--format=%B", "main")


def test_going_out_is_merging(top: Path) -> None:
    """To start it makes no commit, and the read-back says whether it was merged."""
    executor = opened("git-revert", top, repository=".", branch="main")
    was = git(top, "rev-parse", "main")
    wanted = order(parts=parts_of(AFTER))
    executor.call(wanted)
    assert git(top, "rev-parse", "main") == was
    assert is_as_wanted(executor.read_back(wanted), wanted.parts)


def test_nothing_of_the_repository_runs(top: Path) -> None:
    """Its hooks, filters, monitor and settings have no say."""
    marker = top / "ran"
    for hook in ("reference-transaction", "post-commit", "pre-commit", "post-index-change"):
        path = top / ".git" / "hooks" / hook
        path.write_text(f"#!/bin/sh\ntouch {marker}\n")
        path.chmod(0o755)
    (top / ".git" / "info" / "attributes").write_text("* filter=evil\n")
    for name, value in {
        "filter.evil.smudge": f"touch {marker}",
        "filter.evil.clean": f"touch {marker}",
        "core.fsmonitor": f"touch {marker}",
        "commit.gpgsign": "true",
        "gpg.program": f"touch {marker}",
    }.items():
        git(top, "config", name, value)
    marker.unlink(missing_ok=True)
    executor = opened("git-revert", top, repository=".", branch="main")
    executor.call(back())
    assert is_as_wanted(executor.read_back(back()), back().parts)
    assert not marker.exists()


def test_a_branch_that_is_checked_out_is_left_alone(top: Path) -> None:
    """Else the next commit there would quietly bring the change back."""
    git(top, "checkout", "-q", "main")
    executor = opened("git-revert", top, repository=".", branch="main")
    with pytest.raises(NotExecuted, match="checked out"):
        executor.call(back())


def test_it_pushes_where_it_is_told(top: Path, tmp_path: Path) -> None:
    """With an address the branch there is fetched, put back and pushed; ours stays."""
    remote = tmp_path / "remote.git"
    git(tmp_path, "clone", "-q", "--bare", str(top), str(remote))
    git(top, "branch", "-q", "-D", "main")
    executor = opened("git-revert", top, repository=".", branch="main", push=f"file://{remote}")
    executor.call(back())
    assert is_as_wanted(executor.read_back(back()), back().parts)
    assert "Roll back chg-1" in git(remote, "log", "-1", "--format=%s", "main")
    assert git(top, "branch", "--list", "main") == ""


def test_what_never_was_is_not_made_up(top: Path) -> None:
    """Content that the branch never had is told, and trying again is of no use."""
    executor = opened("git-revert", top, repository=".", branch="main")
    never: dict[str, Part | None] = parts_of({"tool.py": b"never"})
    with pytest.raises(NotExecuted, match="never on the branch") as caught:
        executor.call(order(Errand.ROLLBACK, parts=never))
    assert caught.value.final
    for odd in ("model/x", "code/sha256:" + sha256_hex(b"x")):
        with pytest.raises(NotExecuted, match="no file"):
            executor.call(order(Errand.ROLLBACK, parts={odd: Model(family="a", model="b")}))


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "--help", "-", "a\nb", ":/x"])
def test_odd_paths_touch_nothing_outside(top: Path, path: str) -> None:
    """A path that leads out of the tree, or looks like an option, is not there."""
    was = git(top, "rev-parse", "main")
    executor = opened("git-revert", top, repository=".", branch="main")
    wanted = order(Errand.ROLLBACK, parts={f"code/{path}": None})
    try:
        executor.call(wanted)
        assert is_as_wanted(executor.read_back(wanted), wanted.parts)
    except NotExecuted:
        pass
    assert git(top, "rev-parse", "main") == was


@pytest.mark.parametrize(
    "settings",
    [
        {"repository": "."},
        {"repository": ".", "branch": "--upload-pack=x"},
        {"repository": ".", "branch": "a..b"},
        {"repository": ".", "branch": "main", "push": "--receive-pack=touch x"},
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_refused(top: Path, settings: dict[str, Any]) -> None:
    """A branch or address that git would take for something else is refused."""
    with pytest.raises(BadValue):
        opened("git-revert", top, **settings)


def test_a_repository_that_is_none_is_told(tmp_path: Path) -> None:
    """No repository, or no such branch, confirms nothing."""
    with pytest.raises(NotExecuted, match="no git repository"):
        opened("git-revert", tmp_path, repository="x", branch="main").read_back(back())
