"""What git's own files tell about a folder."""

import os
import subprocess
from pathlib import Path

import pytest

from pawl.world.git import file_at, git_place, normalised_remote

REMOTES = {
    "git@github.com:acme/shop.git": "github.com/acme/shop",
    "ssh://git@git.example.com:2222/acme/shop.git": "git.example.com/acme/shop",
    "https://user:s3cret@github.com/acme/shop": "github.com/acme/shop",
    "https://GitHub.com/acme/shop/": "github.com/acme/shop",
    "/srv/git/shop.git": "/srv/git/shop",
    "file:///srv/git/shop.git": "/srv/git/shop",
    "": None,
}


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Dev", "-c", "user.email=dev@example.com")
    command = ("git", *who, "-C", str(folder), *arguments)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    top = tmp_path / "shop"
    top.mkdir()
    git(top, "init", "-q", "-b", "main")
    (top / "a").write_text("a")
    git(top, "add", ".")
    git(top, "commit", "-qm", "one")
    return top


@pytest.mark.parametrize("url", REMOTES)
def test_a_remote_is_told_without_credentials(url: str) -> None:
    """Scheme, user, password, port and `.git` are no part of a repository's name."""
    assert normalised_remote(url) == REMOTES[url]


def test_branch_commit_and_origin(repository: Path) -> None:
    """Found from any folder inside, the same as git tells them."""
    git(repository, "remote", "add", "origin", "https://me:pw@github.com/acme/shop.git")
    inside = repository / "deep" / "er"
    inside.mkdir(parents=True)
    place = git_place(inside)
    assert place is not None
    assert place.top == repository
    assert (place.branch, place.origin) == ("main", "github.com/acme/shop")
    assert place.commit == git(repository, "rev-parse", "HEAD")


def test_packed_references_and_detached_heads(repository: Path) -> None:
    """A commit is found in packed-refs; a detached HEAD has a commit and no branch."""
    git(repository, "pack-refs", "--all")
    commit = git(repository, "rev-parse", "HEAD")
    place = git_place(repository)
    assert place is not None
    assert (place.branch, place.commit) == ("main", commit)
    git(repository, "checkout", "-q", "--detach")
    place = git_place(repository)
    assert place is not None
    assert (place.branch, place.commit) == (None, commit)


def test_a_linked_working_tree(repository: Path, tmp_path: Path) -> None:
    """A worktree has its own HEAD and shares references and remotes."""
    git(repository, "remote", "add", "origin", "git@github.com:acme/shop.git")
    git(repository, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    place = git_place(tmp_path / "side")
    assert place is not None
    assert (place.branch, place.origin) == ("side", "github.com/acme/shop")
    assert place.commit == git(repository, "rev-parse", "HEAD")


def test_before_the_first_commit(tmp_path: Path) -> None:
    """A fresh repository has a branch and no commit."""
    git(tmp_path, "init", "-q", "-b", "main")
    place = git_place(tmp_path)
    assert place is not None
    assert (place.branch, place.commit) == ("main", None)


def test_hostile_git_files_do_not_hold_us_up(tmp_path: Path) -> None:
    """A pipe for HEAD, a name that climbs out: unknown, at once."""
    folder = tmp_path / ".git"
    folder.mkdir()
    (folder / "HEAD").write_text("ref: ../../../etc/passwd\n")
    place = git_place(tmp_path)
    assert place is not None
    assert place.commit is None
    (folder / "HEAD").unlink()
    os.mkfifo(folder / "HEAD")
    assert git_place(tmp_path) is None


def test_a_file_of_another_revision(repository: Path) -> None:
    """The base version of a policy is read from its revision; an unknown one is None."""
    (repository / "a").write_text("changed")
    assert file_at(repository, "HEAD", "a") == "a"
    assert file_at(repository, "HEAD", "gone") is None
    assert file_at(repository, "refs/remotes/origin/main", "a") is None


def test_no_repository(tmp_path: Path) -> None:
    """Outside a working tree there is nothing to tell."""
    assert git_place(tmp_path) is None
