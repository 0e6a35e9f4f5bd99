"""What happened between two commits: who wrote it, and the trees before and after.

Nothing of the repository is run or obeyed (see `git_reading`). Addresses are as the commits have
them: a mailmap belongs to whoever wrote the change, and so does not say who that was.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pawl.base.errors import BadValue, CannotTell
from pawl.world.git_reading import GitReading
from pawl.world.git_references import read_small
from pawl.world.git_tree import GitTree
from pawl.world.repository import common_folder, git_folders

MAX_COMMITS = 10_000
"""Commits of one change; of more nobody could say who wrote them."""
_FORMAT = "%H%x00%ae%x00%an%x00%ce%x00%cn%x00%B%x00%aI"
_FIELDS = 7


class Written(NamedTuple):
    """One commit: who wrote and who committed it, by address and name, and its message.

    `written_at` is when, as the author's git has it.
    """

    id: str
    author: str
    author_name: str
    committer: str
    committer_name: str
    message: str
    written_at: str


class GitRange(NamedTuple):
    """What leads from one commit to another. `before` is where the two have left each other."""

    base: str
    head: str
    before: GitTree
    after: GitTree
    commits: tuple[Written, ...]


@contextmanager
def git_reading(place: Path) -> Iterator[GitReading]:
    """Open the repository that holds a place for reading; raises CannotTell where none does."""
    found = git_folders(place.absolute())
    if found is None:
        raise CannotTell(
            "there is no git repository.", place=str(place), hint="Run it in the repository."
        )
    reading = GitReading(found[1], common_folder(found[1]), str(place))
    try:
        yield reading
    finally:
        reading.close()


@contextmanager
def git_range(place: Path, base: str, head: str) -> Iterator[GitRange]:
    """Open what `head` changes since it left `base`.

    Raises BadValue for a revision that names no commit, and CannotTell without a repository, and
    where a shallow clone does not hold all of it.
    """
    with git_reading(place) as reading:
        first, last = commit_of(reading, base), commit_of(reading, head)
        shared = reading.answer("merge-base", first, last)
        if not shared:
            raise CannotTell(
                "the two commits have no common one here.",
                place=f"{base}..{head}",
                hint="Fetch more of the history, such as with `git fetch --unshallow`.",
            )
        start = shared.decode("ascii", "replace").split("\n")[0]
        commits = _commits(reading, first, last, f"{base}..{head}")
        _refuse_shallow(place, commits, f"{base}..{head}")
        yield GitRange(start, last, GitTree(reading, start), GitTree(reading, last), commits)


def commit_of(reading: GitReading, revision: str) -> str:
    """Return the full id of the commit that a revision names; raises BadValue."""
    if revision and not revision.startswith("-") and "\0" not in revision and len(revision) < 500:
        told = reading.answer(
            "rev-parse", "--verify", "-q", "--end-of-options", f"{revision}^{{commit}}"
        )
        if told:
            return told.decode("ascii", "replace").strip()
    raise BadValue(
        f"{revision[:100]!r} names no commit here.",
        place=reading.place,
        hint="Name a branch, a tag or a commit; fetch it first if it is not here.",
    )


def is_mainline(reading: GitReading, tip: str, commit: str) -> bool:
    """Say whether a branch with a tip once was at a commit: by first parents alone.

    Both are full ids; raises CannotTell where git cannot list what lies between.
    """
    if commit == tip:
        return True
    printed = reading.answer(
        *("log", "--first-parent", "--no-show-signature", "--no-decorate", "--no-notes"),
        *("--format=%P", tip, f"^{commit}", "--"),
    )
    if printed is None:
        raise CannotTell(
            "git cannot read the commits.", place=commit, hint="See what `git fsck` says."
        )
    # The oldest that is listed left from it, or the branch went past it.
    oldest = printed.rstrip(b"\n").rpartition(b"\n")[2].split()
    return bool(oldest) and oldest[0].decode("ascii") == commit


def _commits(reading: GitReading, base: str, head: str, place: str) -> tuple[Written, ...]:
    printed = reading.answer(
        *("log", "-z", "--no-show-signature", "--no-decorate", "--no-notes", "--no-mailmap"),
        *(f"--max-count={MAX_COMMITS + 1}", f"--format={_FORMAT}", f"^{base}", head, "--"),
    )
    if printed is None:
        raise CannotTell(
            "git cannot read the commits.", place=place, hint="See what `git fsck` says."
        )
    parts = [part.decode("utf-8", "replace") for part in printed.split(b"\0")]
    found = tuple(
        Written(*parts[start : start + _FIELDS])
        for start in range(0, len(parts) - _FIELDS + 1, _FIELDS)
    )
    if len(found) > MAX_COMMITS:
        raise CannotTell(
            f"it has more than {MAX_COMMITS:,} commits.", place=place, hint="Name a nearer base."
        )
    return found


def _refuse_shallow(place: Path, commits: tuple[Written, ...], range_: str) -> None:
    found = git_folders(place.absolute())
    assert found is not None
    cut = set((read_small(common_folder(found[1]) / "shallow") or b"").decode("ascii").split())
    if any(commit.id in cut for commit in commits):
        raise CannotTell(
            "the clone is shallow, so who wrote the change is not all here.",
            place=range_,
            hint="Fetch the rest with `git fetch --unshallow`.",
        )
