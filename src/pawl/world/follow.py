"""Follow files that an agent appends to, such as its own transcript, while it runs.

The files belong to a program that may be hostile: only regular files below the given root are
opened, never through a symbolic link, and no look reads more than a bounded piece of each.
"""

import glob
import itertools
import os
import stat
from collections.abc import Iterable

from pawl.runs.bounded import MAX_LINE_BYTES
from pawl.runs.outside import Grown

_PIECE_BYTES = 1024 * 1024
_MAX_FILES = 500
_LOOK_FOR_NEW_S = 1.0


class Follower:
    """The files below `root` that match a glob, each read from its start as it grows."""

    def __init__(self, root: str, pattern: str) -> None:
        self._root = os.path.realpath(root)
        self._pattern = pattern
        self._files: dict[str, _File] = {}
        self._looked: float | None = None

    def look(self, now: float) -> list[Grown]:
        """Return what was appended since the last look; `now` is monotonic seconds.

        New files are looked for at every look until one is found, and once a second after that.
        """
        if not self._files or self._looked is None or now - self._looked >= _LOOK_FOR_NEW_S:
            self._looked = now
            self._find()
        grown = (file.read() for file in self._files.values())
        return [piece for piece in grown if piece is not None]

    def close(self) -> None:
        """Forget the files."""
        self._files.clear()

    def _find(self) -> None:
        if not os.path.isdir(self._root):
            return
        found = glob.iglob(self._pattern, root_dir=self._root, recursive=True)
        for name in itertools.islice(found, 4 * _MAX_FILES):
            path = os.path.join(self._root, name)
            if len(self._files) >= _MAX_FILES:
                return
            if path not in self._files and self._is_below(path):
                self._files[path] = _File(path)

    def _is_below(self, path: str) -> bool:
        folder = os.path.realpath(os.path.dirname(path))
        inside = folder == self._root or folder.startswith(self._root + os.sep)
        return inside and not os.path.islink(path)


class _File:
    def __init__(self, path: str) -> None:
        self._path = path
        self._offset = 0
        self._identity: tuple[int, int] | None = None
        self._rest = b""
        self._skipping = False

    def read(self) -> Grown | None:
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            fd = os.open(self._path, flags)
        except OSError:
            return None
        try:
            return self._read(fd)
        except OSError:
            return None
        finally:
            os.close(fd)

    def _read(self, fd: int) -> Grown | None:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            return None
        identity = (found.st_dev, found.st_ino)
        if self._identity not in (None, identity) or found.st_size < self._offset:
            # Another file in its place, or cut short: what it says now is read from the start.
            # Events have ids of their own, so what was told before is not counted again.
            self._offset, self._rest, self._skipping = 0, b"", False
        self._identity = identity
        if found.st_size == self._offset:
            return None
        data = os.pread(fd, _PIECE_BYTES, self._offset)
        self._offset += len(data)
        return self._cut(data)

    def _cut(self, data: bytes) -> Grown | None:
        whole, newline, rest = data.rpartition(b"\n")
        if not newline:
            self._rest = b"" if self._skipping else self._rest + rest
            if len(self._rest) > MAX_LINE_BYTES:
                self._rest, self._skipping = b"", True
            return None
        text = self._rest + whole + newline
        if self._skipping:
            text = text.partition(b"\n")[2]
        self._rest, self._skipping = rest, False
        return Grown(self._path, text) if text else None


class Transcripts:
    """Several followers under one roof; patterns are added as session ids become known."""

    def __init__(self) -> None:
        self._followers: dict[tuple[str, str], Follower] = {}

    def follow(self, root: str, pattern: str) -> None:
        """Follow what matches a glob below a folder; asking twice is harmless."""
        self._followers.setdefault((root, pattern), Follower(root, pattern))

    def look(self, now: float) -> Iterable[tuple[str, str, Grown]]:
        """Return (root, pattern, piece) of whatever grew."""
        for (root, pattern), follower in list(self._followers.items()):
            for piece in follower.look(now):
                yield root, pattern, piece
