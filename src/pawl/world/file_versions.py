"""What a file of a repository said over time: its versions on the way to a commit.

Only first parents are followed: what a branch said before it was merged was not in force. A commit
says itself when it was made, so none counts from before the commits that it stands on: dating one
back takes writing the whole history anew.
"""

from pathlib import Path
from typing import NamedTuple

from pawl.base.errors import CannotTell
from pawl.base.times import time_from_ms
from pawl.world.git_range import git_reading
from pawl.world.git_reading import GitReading
from pawl.world.git_tree import GitTree

MAX_COMMITS = 50_000
MAX_VERSIONS = 500


class FileVersion(NamedTuple):
    """What a file said from a canonical time on; None where there was none."""

    at: str
    content: bytes | None


def file_versions(place: Path, tip: str, path: str, since: str) -> tuple[FileVersion, ...]:
    """Return the versions of a file in force since a time, oldest first; none where it never was.

    The first of them may be older. Of very many only the newest are there.
    """
    with git_reading(place) as reading:
        touched = _lines(reading, "%H", f"-n{MAX_VERSIONS}", tip, "--", path)
        if not touched:
            return ()
        when = _times(reading, tip)
        found: list[FileVersion] = []
        for (commit,) in touched:
            # What lies beyond the commits that were read is no later than the oldest of them.
            at = when.get(commit) or min(when.values())
            content = dict(GitTree(reading, commit, below=path).contents((path,)))[path]
            found.append(FileVersion(at, content))
            if at <= since:
                break
    return tuple(reversed(found))


def _times(reading: GitReading, tip: str) -> dict[str, str]:
    """Return from when on each commit can have been there, by its id."""
    found: dict[str, str] = {}
    latest = 0
    for commit, seconds in reversed(_lines(reading, "%H %ct", f"-n{MAX_COMMITS}", tip)):
        latest = max(latest, int(seconds))
        found[commit] = time_from_ms(latest * 1000)
    return found


def _lines(reading: GitReading, form: str, *asked: str) -> list[list[str]]:
    told = reading.answer(
        "log", "--first-parent", "--no-show-signature", f"--format={form}", *asked
    )
    if told is None:
        raise CannotTell(
            "git cannot read the history.",
            place=reading.place,
            hint="See what `git fsck` says of the repository.",
        )
    return [line.split() for line in told.decode("ascii", "replace").splitlines() if line]
