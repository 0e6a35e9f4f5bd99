"""Find the files that a window's commits changed most often: where knowledge and care pay most.

A file is hot by the number of commits that changed it. Left out are what programs write (lock
files, snapshots, generated code), foreign trees, tests' fixtures, and commits that touch very many
files at once: a mass rename or a new formatter says nothing about any one file. Moves inside a
commit show as one file gone and an equal one come; both sides are left out.
"""

from collections.abc import Iterator

import msgspec

from pawl.maturity.facts.history import Commit, FileChange, History
from pawl.maturity.looking.identities import people
from pawl.maturity.looking.recent import WINDOW_DAYS, days_before
from pawl.parsing.languages import is_own_code

MASS_FILES = 50
"""A commit that touches more files than this is a mass change."""
MIN_COMMITS = 3
"""A file that fewer commits changed is not hot, however small the repository."""
MAX_HOT = 50
"""The hottest so many files are enough to judge by."""


class HotFile(msgspec.Struct, frozen=True, kw_only=True):
    """One hot file: commits that changed it, lines changed, and how many people did so.

    `people` counts authors and co-authors, machines and agents left out.
    """

    path: str
    commits: int
    churn: int
    people: int


def recent_commits(history: History, as_of: str, days: float) -> list[Commit]:
    """Return the commits of the window that ends at `as_of`, newest first, merges left out."""
    start = days_before(as_of, days)
    return [
        commit
        for commit in history.commits
        if len(commit.parents) < 2 and start <= commit.committed_at <= as_of
    ]


def is_mass_change(commit: Commit) -> bool:
    """Say whether a commit touches so many files that it is about none of them."""
    return len(commit.files) > MASS_FILES


def own_changes(commit: Commit) -> Iterator[FileChange]:
    """Yield a commit's changes of code written here, moves left out."""
    changes = [change for change in commit.files if is_own_code(change.path)]
    gone = {change.removed for change in changes if change.added == 0 and change.removed}
    come = {change.added for change in changes if change.removed == 0 and change.added}
    moved = gone & come
    for change in changes:
        if change.added is None or change.removed is None:
            continue
        if change.added == 0 and change.removed in moved:
            continue
        if change.removed == 0 and change.added in moved:
            continue
        yield change


def _authors(commit: Commit) -> list[str]:
    """Return a commit's author and those its trailers name beside."""
    beside = [value for key, value in commit.trailers if key.lower() == "co-authored-by"]
    return [commit.author, *beside]


def hot_files(history: History, as_of: str, *, days: float = WINDOW_DAYS) -> tuple[HotFile, ...]:
    """Return the files most often changed in the window, the hottest first."""
    commits: dict[str, int] = {}
    churn: dict[str, int] = {}
    authors: dict[str, set[str]] = {}
    for commit in recent_commits(history, as_of, days):
        if is_mass_change(commit):
            continue
        for change in own_changes(commit):
            path = change.path
            commits[path] = commits.get(path, 0) + 1
            churn[path] = churn.get(path, 0) + (change.added or 0) + (change.removed or 0)
            authors.setdefault(path, set()).update(_authors(commit))
    hottest = sorted(commits, key=lambda path: (-commits[path], -churn[path], path))
    return tuple(
        HotFile(
            path=path,
            commits=commits[path],
            churn=churn[path],
            people=len(people(authors[path])),
        )
        for path in hottest[:MAX_HOT]
        if commits[path] >= MIN_COMMITS
    )
