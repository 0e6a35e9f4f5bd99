"""Exports that a person hands over: files and folders on this machine, named on the command line.

A folder is walked without following links and without leaving it; a file that is named itself is
opened whatever it is reached through, because the person meant it.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from pawl.base.errors import BadValue

MAX_FILES = 50_000
_MAX_BYTES = 64 * 1024 * 1024


class HandedFile(msgspec.Struct, frozen=True):
    """One file that was handed over; `typed` when a person named this very file."""

    path: str
    size: int
    typed: bool

    def read(self) -> bytes | None:
        """Return its bytes, or None when it cannot be read, is no regular file or too large."""
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            fd = os.open(self.path, flags if self.typed else flags | os.O_NOFOLLOW)
        except (OSError, ValueError):
            return None
        with open(fd, "rb") as file:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                return None
            content = file.read(_MAX_BYTES + 1)
        return content if len(content) <= _MAX_BYTES else None


def handed_over(places: Sequence[Path]) -> list[HandedFile]:
    """Return the files that these paths name or hold; raises BadValue for one that is not there."""
    found: list[HandedFile] = []
    for place in places:
        if place.is_dir():
            found.extend(_inside(place))
        elif place.is_file():
            found.append(HandedFile(str(place), place.stat().st_size, True))
        else:
            raise BadValue(
                "there is no such file or folder.",
                place=str(place),
                hint="Name a folder of exports, or one exported file.",
            )
        if len(found) > MAX_FILES:
            raise BadValue(f"holds more than {MAX_FILES:,} files.", place=str(place))
    return found


def _inside(folder: Path) -> Iterator[HandedFile]:
    for top, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(top, name)
            try:
                told = os.lstat(path)
                path.encode()
            except (OSError, UnicodeEncodeError):
                continue
            if stat.S_ISREG(told.st_mode):
                yield HandedFile(path, told.st_size, False)
