"""What a trial changed in its workspace: two snapshots compared, without git.

A link is what it says and never what it points to; of a binary file, a link, or a file too large
to be compared by lines no lines are told.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

import msgspec

from pawl.evals.record import FileChange

MAX_TEXT = 1024 * 1024
"""Bytes of a file whose lines are compared."""
MAX_CHANGES = 10_000
"""Changes that a record holds; with more of them, not all were seen."""
_MAX_ALIGNED = 2000
"""Lines that differ, on either side, that are still laid one against the other; it takes the
square of their number. Beyond that they are counted without regard to their order."""

Content = Callable[[str], bytes | None]
"""A file's bytes by its path; None where it is too large, or no regular file."""


class FileState(NamedTuple):
    """One entry of a workspace. `digest` is of its content and whether it may be executed."""

    kind: Literal["file", "link", "other"]
    digest: str
    size: int


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Every entry of a workspace by its path; `complete` where all of it could be looked at."""

    files: Mapping[str, FileState]
    complete: bool = True


class Difference(NamedTuple):
    """The changes, sorted by path, and whether they are all there are."""

    changes: tuple[FileChange, ...]
    complete: bool


def difference(before: Snapshot, after: Snapshot, old: Content, new: Content) -> Difference:
    """Return what differs between two snapshots; `old` and `new` give the files' bytes."""
    paths = sorted(
        path
        for path in {*before.files, *after.files}
        if before.files.get(path) != after.files.get(path)
    )
    changes = tuple(
        _change(path, before.files.get(path), after.files.get(path), old, new)
        for path in paths[:MAX_CHANGES]
    )
    whole = before.complete and after.complete and len(paths) <= MAX_CHANGES
    return Difference(changes, whole)


def lines_changed(before: str, after: str) -> tuple[int, int]:
    """Return how many lines were added and removed; a changed line is one of each."""
    old, new = before.splitlines(), after.splitlines()
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(old), len(new)) > _MAX_ALIGNED:
        was, now = Counter(old), Counter(new)
        return (now - was).total(), (was - now).total()
    same = sum(
        block.size
        for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    )
    return len(new) - same, len(old) - same


def _change(
    path: str, was: FileState | None, now: FileState | None, old: Content, new: Content
) -> FileChange:
    change: Literal["added", "modified", "deleted"] = (
        "added" if was is None else "deleted" if now is None else "modified"
    )
    before, after = _text(path, was, old), _text(path, now, new)
    # A name need not be UTF-8, and a record is.
    name = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if before is None or after is None:
        return FileChange(path=name, change=change)
    added, removed = lines_changed(before, after)
    return FileChange(path=name, change=change, lines_added=added, lines_removed=removed)


def _text(path: str, state: FileState | None, content: Content) -> str | None:
    """Return a file's text, empty where there was no file; None where it has none."""
    if state is None:
        return ""
    if state.kind != "file" or state.size > MAX_TEXT:
        return None
    found = content(path)
    if found is None or b"\0" in found:
        return None
    try:
        return found.decode("utf-8")
    except UnicodeDecodeError:
        return None
