"""The branch whose files count as policy, as it is committed; the working tree is never asked.

It is the one that `[changes] branch` of the default branch's own `pawl.toml` names, else the
default branch itself. What the remote has is taken before what is here under the same name. The
default branch is what the remote's HEAD says, or a bare clone's own. Else it is `main` or `master`,
but never one of the two where both are there: whoever may push a branch could have made the other.
"""

import hashlib
import re
from pathlib import Path

from pawl.base.errors import CannotTell
from pawl.maturity.facts.tree import TreeFile
from pawl.world.git_reading import GitReading
from pawl.world.git_references import named, read_small
from pawl.world.object_reader import ObjectReader
from pawl.world.repository import common_folder, git_folders

_DEFAULTS = (
    ("refs/remotes/origin/main", "refs/remotes/origin/master"),
    ("refs/heads/main", "refs/heads/master"),
)
MAX_TIPS = 500
"""Branches that are looked at, newest first."""
_BRANCH = re.compile(r"[\w][\w./+-]{0,200}")
_ORIGIN = b"refs/remotes/origin/"


def default_branch(reading: GitReading, place: Path) -> tuple[str, str]:
    """Return the default branch's reference and commit; raises CannotTell where there is none."""
    for reference in _told(place):
        commit = _commit(reading, reference)
        if commit:
            return reference, commit
    for pair in _DEFAULTS:
        there = [(each, commit) for each in pair if (commit := _commit(reading, each))]
        if len({commit for _, commit in there}) > 1:
            raise CannotTell(
                "there are both a main and a master, and nothing says which is the default branch.",
                place=reading.place,
                hint="Ask the remote: `git remote set-head origin --auto`.",
            )
        if there:
            return there[0]
    raise CannotTell(
        "there is no branch whose policy would count: neither the remote's default branch nor a "
        "main or master.",
        place=reading.place,
        hint="Fetch it, or name it under [changes] in pawl.toml.",
    )


def _told(place: Path) -> tuple[str, ...]:
    """Return what is said to be the default branch; the HEAD of a working tree says no such thing.

    That is only what somebody has checked out.
    """
    found = git_folders(place.absolute())
    if found is None:
        return ()
    top, git = found
    common = common_folder(git)
    told = named((read_small(common / "refs/remotes/origin/HEAD", 1_000) or b"").strip())
    if told.startswith(_ORIGIN):
        return (told.decode("ascii", "replace"),)
    bare = top is None and git.name != ".git"
    head = named((read_small(git / "HEAD", 1_000) or b"").strip()) if bare else b""
    return (head.decode("ascii", "replace"),) if head.startswith(b"refs/heads/") else ()


def branch_named(reading: GitReading, name: str) -> tuple[str, str]:
    """Return a branch's reference and commit by its name; raises CannotTell where there is none."""
    plain = name.removeprefix("refs/heads/").removeprefix("origin/")
    # A branch and nothing else: no commit before it, no older state of it.
    for reference in (f"refs/remotes/origin/{plain}", f"refs/heads/{plain}"):
        commit = _commit(reading, reference) if _BRANCH.fullmatch(plain) else ""
        if commit:
            return reference, commit
    raise CannotTell(
        f"the protected branch {name[:100]!r} is not here.",
        place=reading.place,
        hint="Fetch it: `git fetch origin`.",
    )


def file_with_digest(reading: GitReading, path: str, digest: str) -> bytes | None:
    """Return a file that has a SHA-256, of HEAD or the tip of a branch; None where none has it."""
    tips = reading.answer(
        *("for-each-ref", f"--count={MAX_TIPS}", "--sort=-committerdate"),
        *("--format=%(objectname)", "refs/heads", "refs/remotes"),
    )
    names = ["HEAD", *(tips or b"").decode("ascii", "replace").split()]
    asked = "".join(f"{name}:{path}\n" for name in dict.fromkeys(names))
    told = reading.answer("cat-file", "--batch-check", given=asked.encode())
    words = [line.split() for line in (told or b"").splitlines()]
    blobs = dict.fromkeys(
        each[0].decode("ascii") for each in words if len(each) == 3 and each[1] == b"blob"
    )
    with ObjectReader(reading) as objects:
        for _, content in objects.read([TreeFile(path, 0, blob) for blob in blobs]):
            if content is not None and hashlib.sha256(content).hexdigest() == digest:
                return content
    return None


def _commit(reading: GitReading, reference: str) -> str:
    told = reading.answer(
        "rev-parse", "--verify", "-q", "--end-of-options", f"{reference}^{{commit}}"
    )
    return told.decode("ascii", "replace").strip() if told else ""
