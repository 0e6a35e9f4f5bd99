"""Read the change between two commits of a repository that is not trusted.

Nothing of it is run or obeyed (see `git_reading`), and everything is read from its objects: what
happens to the files of the working tree meanwhile changes nothing. Pure parsing is
`pawl.review.diff_reading`.
"""

from pathlib import Path
from typing import NamedTuple

from pawl.base.errors import BadValue, CannotTell
from pawl.world.git_reading import GitReading
from pawl.world.repository import common_folder, git_folders

MAX_PATCH_BYTES = 16 * 1024 * 1024
"""Bytes of a patch that are read; an agent would need weeks for more."""
_MAX_LISTING_BYTES = 64 * 1024 * 1024
_DIFF = (
    *("diff", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative", "-M", "-l1000"),
    *("--full-index", "--submodule=short", "--ignore-submodules=none"),
    "--diff-algorithm=histogram",
)
_CONTEXT = "-U6"
"""Unchanged lines around a change, twice what git shows people: an agent has nothing but them."""


class ReadChange(NamedTuple):
    """A change as git tells it: merge base and head as full ids, listing and patch as bytes.

    `cut` says that the patch breaks off. `checked_out` is the commit of the working tree.
    """

    base: str
    head: str
    listing: bytes
    patch: bytes
    cut: bool
    checked_out: str | None


def read_git_change(
    place: Path, base: str, head: str, *, max_patch: int = MAX_PATCH_BYTES
) -> ReadChange:
    """Return what `head` changes since it left `base`, in the repository that holds a place.

    Raises BadValue for a revision that names no commit, and CannotTell without a repository, and
    where the two have nothing in common (which a shallow clone has not either).
    """
    found = git_folders(place.absolute())
    if found is None:
        raise CannotTell(
            "there is no git repository.", place=str(place), hint="Run it in the repository."
        )
    git = found[1]
    reading = GitReading(git, common_folder(git), str(place))
    try:
        first = _commit(reading, base, "--base")
        last = _commit(reading, head, "--head")
        shared = reading.answer("merge-base", first, last)
        if not shared:
            raise CannotTell(
                "the two commits have no common one here.",
                place=f"{base}...{head}",
                hint="Fetch more of the history, such as with `git fetch --unshallow`.",
            )
        start = shared.decode("ascii", "replace").split("\n")[0]
        listing, more = _printed(
            reading, _MAX_LISTING_BYTES, *_DIFF, "--raw", "--numstat", "-z", start, last
        )
        if more:
            raise CannotTell("the change has too many files to list.", place=f"{base}...{head}")
        patch, cut = _printed(reading, max_patch, *_DIFF, "-p", _CONTEXT, start, last)
        here = reading.answer("rev-parse", "--verify", "-q", "HEAD^{commit}")
    finally:
        reading.close()
    checked_out = here.decode("ascii", "replace").strip() if here else None
    return ReadChange(start, last, listing, patch, cut, checked_out)


def _commit(reading: GitReading, revision: str, place: str) -> str:
    if not revision.startswith("-") and "\0" not in revision and len(revision) < 500:
        told = reading.answer(
            "rev-parse", "--verify", "-q", "--end-of-options", f"{revision}^{{commit}}"
        )
        if told:
            return told.decode("ascii", "replace").strip()
    raise BadValue(
        f"{revision[:100]!r} names no commit here.",
        place=place,
        hint="Name a branch, a tag or a commit; fetch it first if it is not here.",
    )


def _printed(reading: GitReading, most: int, *arguments: str) -> tuple[bytes, bool]:
    """Return what a git command prints up to a size, and whether there was more."""
    process = reading.start(*arguments)
    assert process.stdout is not None
    with reading.limited(process):
        printed = process.stdout.read(most + 1)
        if len(printed) > most:
            process.kill()
            reading.finish(process)
            return printed[:most], True
        if reading.finish(process) != 0:
            raise CannotTell(
                "git cannot compare the two commits.",
                place=reading.place,
                hint="See what `git fsck` says of it; a shallow or partial clone may lack objects.",
            )
    return printed, False
