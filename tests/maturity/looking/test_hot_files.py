"""Which files are hot, and what does not make one so."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.facts.history import Commit, FileChange, History
from pawl.maturity.looking.hot_files import MASS_FILES, MAX_HOT, hot_files

AS_OF = "2026-11-21T00:00:00.000000Z"


def _commit(day: str, *files: tuple[str, int | None, int | None], **more: Any) -> Commit:
    at = f"{day}T00:00:00.000000Z"
    return Commit(
        id=day + more.get("subject", ""),
        parents=more.get("parents", ("p",)),
        author=more.get("author", "a@x.org"),
        committer="a@x.org",
        authored_at=at,
        committed_at=at,
        subject="s",
        trailers=more.get("trailers", ()),
        files=tuple(FileChange(*each) for each in files),
    )


def _history(*commits: Commit) -> History:
    return History(commits=commits, complete_since="2026-01-01T00:00:00.000000Z")


def _days(count: int) -> list[str]:
    return [f"2026-11-{day:02d}" for day in range(20, 20 - count, -1)]


def test_the_file_changed_by_most_commits_comes_first() -> None:
    """Commits decide, not lines; a file that fewer than three commits changed is not hot."""
    commits = [_commit(day, ("src/a.py", 1, 0), ("src/b.py", 900, 3)) for day in _days(3)]
    commits += [_commit("2026-11-02", ("src/a.py", 1, 1), ("src/once.py", 1, 1))]
    found = hot_files(_history(*commits), AS_OF)
    assert [(file.path, file.commits, file.churn) for file in found] == [
        ("src/a.py", 4, 5),
        ("src/b.py", 3, 2709),
    ]


def test_what_programs_or_others_write_is_never_hot() -> None:
    """Lock files, snapshots, generated code, vendored trees and fixtures are left out."""
    paths = (
        "uv.lock",
        "package-lock.json",
        "src/api_pb2.py",
        "vendor/x/a.go",
        "tests/fixtures/a.py",
        "tests/__snapshots__/a.js",
        "README.md",
    )
    commits = [_commit(day, *((path, 5, 5) for path in paths)) for day in _days(5)]
    assert hot_files(_history(*commits), AS_OF) == ()


def test_mass_changes_merges_and_old_commits_do_not_heat() -> None:
    """A commit of very many files, a merge, and what lies outside the window count for nothing."""
    many = [(f"src/f{index}.py", 1, 1) for index in range(MASS_FILES + 1)]
    mass = [_commit(day, *many) for day in _days(4)]
    merges = [_commit(day, ("src/a.py", 1, 1), parents=("p", "q")) for day in _days(4)]
    old = [_commit("2026-01-01", ("src/b.py", 1, 1), subject=str(each)) for each in range(4)]
    future = [_commit("2026-12-01", ("src/c.py", 1, 1), subject=str(each)) for each in range(4)]
    assert hot_files(_history(*future, *mass, *merges, *old), AS_OF) == ()


def test_a_move_and_a_binary_do_not_count() -> None:
    """A file that goes and an equal one that comes is a move; a binary has no lines."""
    commits = [
        _commit(day, ("src/a.py", 0, 40), ("src/b.py", 40, 0), ("src/c.py", None, None))
        for day in _days(4)
    ]
    assert hot_files(_history(*commits), AS_OF) == ()


def test_people_are_counted_without_machines() -> None:
    """Authors and co-authors are people once each; bots and agents are none."""
    trailers = (
        ("Co-authored-by", "B <b@y.org>"),
        ("co-authored-by", "Claude <noreply@anthropic.com>"),
    )
    commits = [_commit(day, ("src/a.py", 1, 1), trailers=trailers) for day in _days(3)]
    commits += [_commit("2026-11-02", ("src/a.py", 1, 1), author="renovate[bot]@x.org")]
    assert hot_files(_history(*commits), AS_OF)[0].people == 2


@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from(["src/a.py", "b.go", "uv.lock", "x/y.rs"]),
                st.integers(0, 50),
                st.integers(0, 50),
            ),
            max_size=4,
            unique_by=lambda each: each[0],
        ),
        max_size=12,
    )
)
def test_order_of_commits_does_not_matter(changes: list[list[tuple[str, int, int]]]) -> None:
    """The same commits in any order give the same files, sorted by how often they changed."""
    commits = [_commit("2026-11-10", *each, subject=str(at)) for at, each in enumerate(changes)]
    found = hot_files(_history(*commits), AS_OF)
    assert found == hot_files(_history(*reversed(commits)), AS_OF)
    assert [file.commits for file in found] == sorted(
        (file.commits for file in found), reverse=True
    )
    assert len(found) <= MAX_HOT
    assert all(file.people == 1 for file in found)
    assert msgspec.json.encode(found)
