"""A change as values: files, hunks, lines with their numbers on both sides."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from pawl.review.finding import Side

Mark = Literal[" ", "+", "-"]
Status = Literal["added", "modified", "deleted", "renamed", "copied", "type-changed"]
Kind = Literal["text", "binary", "submodule", "link", "mode", "unread"]
"""What there is to read: text with hunks, or why there is none. `mode` is a change without any
line: a mode, or a rename as it is."""


class Line(msgspec.Struct, frozen=True):
    """One line of a hunk. `old` and `new` are its numbers from 1; None on the side it is not on.

    `ends` is False for a last line without a line break.
    """

    mark: Mark
    text: str
    old: int | None
    new: int | None
    ends: bool = True

    def number(self, side: Side) -> int | None:
        """Return its number on a side."""
        return self.new if side == "new" else self.old


class Hunk(msgspec.Struct, frozen=True):
    """Lines that stand together."""

    lines: tuple[Line, ...]
    section: str = ""

    @property
    def size(self) -> int:
        """Characters, line breaks included."""
        return sum(len(line.text) + 1 for line in self.lines)

    def on(self, side: Side) -> tuple[Line, ...]:
        """Return the lines of one side."""
        return tuple(line for line in self.lines if line.number(side) is not None)


class ChangedFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a change. `path` is the new one, or that of a deleted file.

    `added` and `removed` are git's own counts; None for a binary file.
    """

    path: str
    old_path: str
    status: Status
    kind: Kind
    old_mode: str
    new_mode: str
    added: int | None
    removed: int | None
    hunks: tuple[Hunk, ...] = ()

    def on(self, side: Side) -> Iterator[Line]:
        """Yield the lines of one side, of all hunks."""
        for hunk in self.hunks:
            yield from hunk.on(side)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A change between two commits; `base` is their merge base, all are full ids.

    `cut` says that the text of the last files was not read, because there is too much of it.
    """

    base: str
    head: str
    files: tuple[ChangedFile, ...]
    cut: bool = False
