"""Cut a change into parts that an agent can read at once, by files and, where those are large, by
hunks; and write a part out for it, with line numbers."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

import msgspec

from pawl.review.diff import Change, ChangedFile, Hunk, Line
from pawl.review.review import NotReviewed

_WHY = {
    "binary": "binary",
    "submodule": "a submodule: another repository's commits",
    "link": "a symbolic link",
    "mode": "no line of it changes",
    "unread": "its diff could not be read",
}


class Piece(msgspec.Struct, frozen=True):
    """Some hunks of a file; all of them where `of` is 1."""

    file: ChangedFile
    hunks: tuple[Hunk, ...]
    number: int = 1
    of: int = 1


class Part(msgspec.Struct, frozen=True):
    """What one run reviews."""

    pieces: tuple[Piece, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The files it is about, each once."""
        return tuple(dict.fromkeys(piece.file.path for piece in self.pieces))


class Split(msgspec.Struct, frozen=True):
    """The parts of a change, and the files that are in none of them.

    `limited` says that files are left out because the change is too large.
    """

    parts: tuple[Part, ...]
    left_out: tuple[NotReviewed, ...]
    limited: bool


def split(change: Change, skip: tuple[str, ...], *, size: int, most: int) -> Split:
    """Cut a change into at most `most` parts of about `size` characters each.

    `skip` are patterns of paths that nobody writes by hand. A hunk that is larger than `size` by
    itself, such as a new file, is cut between lines.
    """
    pieces: list[Piece] = []
    left_out: list[NotReviewed] = []
    for file in change.files:
        why = _why_not(file, skip, cut=change.cut)
        if why:
            left_out.append(NotReviewed(file=file.path, reason=why[0], by_choice=why[1]))
            continue
        pieces += _pieces(file, size)
    parts = _packed(pieces, size)
    for part in parts[most:]:
        left_out += [
            NotReviewed(file=piece.file.path, reason=f"the change has more than {most} parts")
            for piece in part.pieces
        ]
    cut = change.cut and any(file.kind == "unread" for file in change.files)
    return Split(tuple(parts[:most]), tuple(dict.fromkeys(left_out)), cut or len(parts) > most)


def part_text(part: Part) -> str:
    """Return a part for an agent to read: each line with its number before and after."""
    return "\n".join(_piece_text(piece) for piece in part.pieces)


def _why_not(file: ChangedFile, skip: tuple[str, ...], *, cut: bool) -> tuple[str, bool] | None:
    """Return why a file is not reviewed, and whether that is as it should be."""
    if any(fnmatchcase(file.path, each) or fnmatchcase(f"/{file.path}", each) for each in skip):
        return "not written by hand", True
    if file.kind == "unread" and cut:
        return "the diff is larger than is read", False
    if file.kind in _WHY:
        return _WHY[file.kind], file.kind != "unread"
    return None


def _pieces(file: ChangedFile, size: int) -> list[Piece]:
    groups: list[list[Hunk]] = [[]]
    filled = 0
    for hunk in (each for whole in file.hunks for each in _slices(whole, size)):
        if groups[-1] and filled + hunk.size > size:
            groups.append([])
            filled = 0
        groups[-1].append(hunk)
        filled += hunk.size
    return [
        Piece(file, tuple(group), number, len(groups)) for number, group in enumerate(groups, 1)
    ]


def _slices(hunk: Hunk, size: int) -> Iterator[Hunk]:
    """Yield a hunk, or consecutive slices of one that is too large."""
    if hunk.size <= size:
        yield hunk
        return
    lines: list[Line] = []
    filled = 0
    for line in hunk.lines:
        if lines and filled + len(line.text) + 1 > size:
            yield Hunk(tuple(lines), hunk.section)
            lines, filled = [], 0
        lines.append(line)
        filled += len(line.text) + 1
    yield Hunk(tuple(lines), hunk.section)


def _packed(pieces: list[Piece], size: int) -> list[Part]:
    parts: list[list[Piece]] = []
    filled = 0
    for piece in pieces:
        weight = sum(hunk.size for hunk in piece.hunks) + len(piece.file.path)
        if not parts or filled + weight > size:
            parts.append([])
            filled = 0
        parts[-1].append(piece)
        filled += weight
    return [Part(tuple(part)) for part in parts]


def _piece_text(piece: Piece) -> str:
    file = piece.file
    named = _shown(file.path)
    if file.old_path != file.path:
        named = f"{named} (was {_shown(file.old_path)})"
    lines = [f"=== {file.status}: {named}"]
    if file.old_mode != file.new_mode and "000000" not in (file.old_mode, file.new_mode):
        lines.append(f"mode {file.old_mode} -> {file.new_mode}")
    if piece.of > 1:
        lines.append(f"(piece {piece.number} of {piece.of} of this file)")
    for hunk in piece.hunks:
        lines.append(f"@@ {_shown(hunk.section)}".rstrip())
        for line in hunk.lines:
            old, new = ("" if number is None else str(number) for number in (line.old, line.new))
            lines.append(f"{old:>6} {new:>6} {line.mark}{line.text}")
    return "\n".join(lines) + "\n"


def _shown(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)
