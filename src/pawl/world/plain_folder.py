"""A folder outside git as something to look at.

No link is followed, nothing but `.git` is left out, and only regular files are opened. A file is
named by the object id that git would give its bytes, so it is recognised wherever it was read.
"""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha1
from pathlib import Path
from types import TracebackType

from pawl.base.errors import CannotTell
from pawl.maturity.facts.history import FileChange, History
from pawl.maturity.facts.tree import TreeFile
from pawl.world.git_history import path_text

MAX_ENTRIES = 1_000_000
MAX_HASHED_BYTES = 64 * 1024 * 1024
"""Larger files are listed and not read at all: their `blob` is empty."""

_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = _OPEN | os.O_DIRECTORY


class PlainFolder:
    """The files of a folder as they are now. It has neither commits nor history."""

    commit: str | None = None
    tree: str | None = None
    origin: str | None = None

    def __init__(self, place: Path) -> None:
        self.place = str(place)
        self.name = place.name or "folder"
        self._names: dict[str, bytes] = {}

    def __enter__(self) -> "PlainFolder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._names.clear()

    def files(self) -> tuple[TreeFile, ...]:
        """Return every regular file and link below the folder, sorted by path.

        Raises CannotTell when the folder itself cannot be read; a folder inside it that cannot
        is passed over.
        """
        try:
            top = os.open(self.place, _FOLDER & ~os.O_NOFOLLOW)
        except OSError as error:
            raise CannotTell(
                f"the folder cannot be read: {error.strerror}.", place=self.place
            ) from error
        os.close(top)
        found: list[TreeFile] = []
        for folder, folders, names, fd in os.fwalk(os.fsencode(self.place)):
            folders[:] = sorted(name for name in folders if name != b".git")
            below = os.path.relpath(folder, os.fsencode(self.place))
            for name in (*names, *folders):
                raw = name if below == b"." else below + b"/" + name
                entry = self._entry(raw, name, fd)
                if entry is not None:
                    found.append(entry)
            if len(found) > MAX_ENTRIES:
                raise CannotTell(
                    f"the folder has more than {MAX_ENTRIES:,} files.", place=self.place
                )
        return tuple(sorted(found, key=lambda file: file.path))

    def below(self, folder: str) -> tuple[TreeFile, ...]:
        """Return the files below one of its folders."""
        return tuple(file for file in self.files() if file.path.startswith(folder))

    def base(self) -> str | None:
        """Return None: a folder outside git has no version before this one."""
        return None

    def contents(self, files: Sequence[TreeFile]) -> Iterator[tuple[TreeFile, bytes | None]]:
        """Yield each file with its bytes; None when it cannot be read or has changed since."""
        for file in files:
            content = self._read(self._names.get(file.path), file.size)
            same = content is not None and _object_id(content) == file.blob
            yield file, content if same else None

    def history(
        self, since: str, known: Mapping[str, tuple[FileChange, ...]] | None = None
    ) -> History | None:
        """Return None: a folder has no history."""

    def uncommitted(self) -> int | None:
        """Return None: nothing is ever committed here."""

    def _entry(self, raw: bytes, name: bytes, fd: int) -> TreeFile | None:
        try:
            told = os.stat(name, dir_fd=fd, follow_symlinks=False)
            path = path_text(raw)
            if stat.S_ISLNK(told.st_mode):
                target = os.readlink(name, dir_fd=fd)
                return TreeFile(path, len(target), _object_id(target), "link")
            if not stat.S_ISREG(told.st_mode):
                return None
            self._names[path] = raw
            kind = "executable" if told.st_mode & stat.S_IXUSR else "file"
            return TreeFile(path, told.st_size, _hashed(name, fd, told.st_size), kind)  # type: ignore[arg-type]
        except OSError:
            return None

    def _read(self, raw: bytes | None, size: int) -> bytes | None:
        if raw is None or size > MAX_HASHED_BYTES:
            return None
        return read_below(self.place, raw, size + 1)


def read_below(top: str, raw: bytes, most: int) -> bytes | None:
    """Return the first `most` bytes of a regular file below a folder, or None where it is none.

    Each folder on the way is opened without following a link.
    """
    *folders, name = raw.split(b"/")
    try:
        fd = os.open(top, _FOLDER & ~os.O_NOFOLLOW)
        try:
            for folder in folders:
                inner = os.open(folder, _FOLDER, dir_fd=fd)
                os.close(fd)
                fd = inner
            with open(os.open(name, _OPEN, dir_fd=fd), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    return None
                return file.read(most)
        finally:
            os.close(fd)
    except OSError:
        return None


def _object_id(content: bytes) -> str:
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _hashed(name: bytes, fd: int, size: int) -> str:
    if size > MAX_HASHED_BYTES:
        return ""
    made = sha1(b"blob %d\0" % size, usedforsecurity=False)
    with open(os.open(name, _OPEN, dir_fd=fd), "rb") as file:
        while chunk := file.read(1 << 20):
            made.update(chunk)
    return made.hexdigest()
