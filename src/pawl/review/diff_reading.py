"""Read what git says of a change: `git diff --raw --numstat -z`, and the same change as a patch.

The listing says which files there are, whatever their names hold; the patch gives the lines. Both
come in one order, so no path is taken from the patch, where quoting makes it ambiguous. Counts of
the two must agree, or a file counts as unread.
"""

import re
from collections.abc import Iterator

import msgspec

from pawl.base.errors import CannotTell
from pawl.base.patterns import regex
from pawl.review.diff import Change, ChangedFile, Hunk, Kind, Line, Mark, Status

MAX_FILES = 20_000
"""Files of one change that are listed."""
MAX_LINE = 4_000
"""Characters of one line that are kept: longer ones are no code that anybody reads."""

_HUNK = regex(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@ ?(.*)", re.DOTALL)
_RAW = regex(r":(\d{6}) (\d{6}) [0-9a-f]+ [0-9a-f]+ ([ACDMRTUX])\d*")
_STATUSES: dict[str, Status] = {
    "A": "added",
    "C": "copied",
    "D": "deleted",
    "M": "modified",
    "R": "renamed",
    "T": "type-changed",
}
_SUBMODULE, _LINK, _NOTHING = "160000", "120000", "000000"


class _Listed(msgspec.Struct):
    """A file of the listing, until its hunks are known."""

    path: str
    old_path: str
    status: Status
    modes: tuple[str, str]
    added: int | None = None
    removed: int | None = None


def read_change(base: str, head: str, listing: bytes, patch: bytes, *, cut: bool) -> Change:
    """Return the change that a listing and a patch describe; `cut` says the patch breaks off.

    Raises CannotTell for a listing that is none, or one of more than `MAX_FILES` files.
    """
    listed = _listing(listing)
    sections = _sections(patch, cut=cut)
    files = []
    for each in listed:
        # A file that becomes a link, or the other way round, is removed and made anew.
        parts = [next(sections, None) for _ in range(2 if each.status == "type-changed" else 1)]
        files.append(_file(each, parts))
    return Change(base=base, head=head, files=tuple(files), cut=cut)


def path_text(raw: bytes) -> str:
    """Return a path as text that every output can write: bytes that are no UTF-8 as `\\xff`."""
    return raw.decode("utf-8", "backslashreplace")


def _listing(printed: bytes) -> list[_Listed]:
    parts = iter(printed.split(b"\0"))
    found: list[_Listed] = []
    counted = 0
    for part in parts:
        if not part:
            continue
        if part.startswith(b":"):
            found.append(_raw(part, parts))
            if len(found) > MAX_FILES:
                raise CannotTell(
                    f"the change has more than {MAX_FILES:,} files.",
                    hint="Review it in parts, with a base that is nearer.",
                )
        elif counted < len(found):
            _count(found[counted], part, parts)
            counted += 1
    if counted != len(found):
        raise CannotTell("git lists the change in a form that is not known.")
    return found


def _raw(part: bytes, parts: Iterator[bytes]) -> _Listed:
    match = _RAW.fullmatch(part.decode("ascii", "replace"))
    first = next(parts, b"")
    if match is None or not first or match[3] not in _STATUSES:
        raise CannotTell("git lists the change in a form that is not known.")
    last = next(parts, b"") if match[3] in "CR" else first
    return _Listed(
        path=path_text(last),
        old_path=path_text(first),
        status=_STATUSES[match[3]],
        modes=(match[1], match[2]),
    )


def _count(listed: _Listed, part: bytes, parts: Iterator[bytes]) -> None:
    added, _, rest = part.partition(b"\t")
    removed, _, path = rest.partition(b"\t")
    if not path:  # A rename: the two paths follow.
        next(parts, b"")
        next(parts, b"")
    if added.isdigit() and removed.isdigit():
        listed.added, listed.removed = int(added), int(removed)


class _Section(msgspec.Struct):
    hunks: list[Hunk]
    binary: bool = False


def _sections(patch: bytes, *, cut: bool) -> Iterator[_Section]:
    """Yield the files of a patch; where it breaks off, the last one is left out."""
    lines = patch.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    section: _Section | None = None
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if line.startswith(b"diff --git "):
            if section is not None:
                yield section
            section = _Section([])
        elif section is not None and line.startswith(b"@@ "):
            hunk, at = _hunk(line, lines, at)
            if hunk is not None:
                section.hunks.append(hunk)
        elif section is not None and line.startswith((b"Binary files ", b"GIT binary patch")):
            section.binary = True
    if section is not None and not cut:
        yield section


def _hunk(head: bytes, lines: list[bytes], at: int) -> tuple[Hunk | None, int]:
    """Return a hunk and where it ends, by its own counts: its lines may look like anything."""
    match = _HUNK.fullmatch(head.decode("utf-8", "replace"))
    if match is None:
        return None, at
    old, new = int(match[1]), int(match[3])
    old_left, new_left = (1 if text is None else int(text) for text in (match[2], match[4]))
    found: list[Line] = []
    while at < len(lines) and (old_left > 0 or new_left > 0):
        raw = lines[at]
        mark: Mark = "+" if raw[:1] == b"+" else "-" if raw[:1] == b"-" else " "
        if raw[:1] not in (b"+", b"-", b" "):
            if raw[:1] == b"\\":
                _unended(found)
                at += 1
                continue
            break  # It breaks off.
        text = raw[1 : MAX_LINE * 4].decode("utf-8", "replace")[:MAX_LINE]
        found.append(Line(mark, text, old if mark != "+" else None, new if mark != "-" else None))
        old, old_left = old + (mark != "+"), old_left - (mark != "+")
        new, new_left = new + (mark != "-"), new_left - (mark != "-")
        at += 1
    if at < len(lines) and lines[at].startswith(b"\\"):
        _unended(found)
        at += 1
    return Hunk(tuple(found), match[5][:200]), at


def _unended(lines: list[Line]) -> None:
    if lines:
        lines[-1] = msgspec.structs.replace(lines[-1], ends=False)


def _file(listed: _Listed, parts: list[_Section | None]) -> ChangedFile:
    found = [part for part in parts if part is not None]
    hunks = tuple(hunk for part in found for hunk in part.hunks)
    kind = _kind(listed, found, hunks, whole=len(found) == len(parts))
    return ChangedFile(
        path=listed.path,
        old_path=listed.old_path,
        status=listed.status,
        kind=kind,
        old_mode=listed.modes[0],
        new_mode=listed.modes[1],
        added=listed.added,
        removed=listed.removed,
        hunks=hunks if kind == "text" else (),
    )


def _kind(listed: _Listed, found: list[_Section], hunks: tuple[Hunk, ...], *, whole: bool) -> Kind:
    modes = {mode for mode in listed.modes if mode != _NOTHING}
    if _SUBMODULE in modes:
        return "submodule"
    if not whole:
        return "unread"
    if listed.added is None or any(part.binary for part in found):
        return "binary"
    counts = [
        sum(line.mark == mark for hunk in hunks for line in hunk.lines) for mark in ("+", "-")
    ]
    if counts != [listed.added, listed.removed]:
        return "unread"
    if _LINK in modes:
        return "link"
    return "text" if hunks else "mode"
