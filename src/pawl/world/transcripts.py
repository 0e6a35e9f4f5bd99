"""Find transcript files and read what was appended to them.

Everything below a root is somebody else's: symbolic links are not followed, special files are
not opened, a directory that cannot be listed or a file that cannot be read is reported and
passed over, and no line can take more than `MAX_LINE_BYTES` of memory.

A file that has not changed costs one `stat`. One that has grown is read from where it was left,
after a look at its first bytes and at those before that place: a file rewritten in place is read
from its start again, which is harmless, because the same facts have the same ids.
"""

import os
import re
import stat
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import NamedTuple

from pawl.telemetry.attribution import Workplace
from pawl.telemetry.imported import Found, Listing, Trouble

CHUNK_BYTES = 4 * 1024 * 1024
MAX_LINE_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 24
"""Directories below a root that are entered."""
_HEAD, _TAIL = 512, 256


def pattern_of(glob: str) -> re.Pattern[str]:
    """Return what matches a path below a root: `*` within a name, `**/` any directories."""
    parts = re.split(r"(\*\*/|\*)", glob)
    special = {"**/": "(?:[^/]+/)*", "*": "[^/]*"}
    return re.compile("".join(special.get(part) or re.escape(part) for part in parts))


def listing(root: str, glob: str) -> Listing:
    """Return the files below a root (or the root itself, if it is a file) that match."""
    files: list[Found] = []
    troubles: list[Trouble] = []
    try:
        status = os.stat(root)
    except OSError as error:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            troubles.append(Trouble(root, _reason(error)))
        return Listing(files, troubles)
    if stat.S_ISDIR(status.st_mode):
        _walk(root, "", pattern_of(glob), 0, files, troubles)
        files.sort()
    elif stat.S_ISREG(status.st_mode):
        files.append(_found(root, status))
    else:
        troubles.append(Trouble(root, "neither a file nor a directory"))
    return Listing(files, troubles)


def _walk(
    folder: str,
    below: str,
    pattern: re.Pattern[str],
    depth: int,
    files: list[Found],
    troubles: list[Trouble],
) -> None:
    if depth > MAX_DEPTH:
        troubles.append(Trouble(folder, "nested too deeply"))
        return
    matches = pattern.fullmatch
    deeper = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = below + entry.name
                if entry.is_dir(follow_symlinks=False):
                    deeper.append((entry.path, f"{name}/"))
                elif matches(name) is not None:
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except OSError as error:
                        troubles.append(Trouble(entry.path, _reason(error)))
                        continue
                    if stat.S_ISREG(status.st_mode):
                        files.append(_found(entry.path, status))
                    else:
                        troubles.append(Trouble(entry.path, _kind(status.st_mode)))
                elif entry.is_symlink() and entry.is_dir():
                    troubles.append(Trouble(entry.path, "a symbolic link, not followed"))
    except OSError as error:
        troubles.append(Trouble(folder, _reason(error)))
    for path, name in deeper:
        _walk(path, name, pattern, depth + 1, files, troubles)


def _found(path: str, status: os.stat_result) -> Found:
    return Found(path, status.st_ino, status.st_size, status.st_mtime_ns, status.st_uid)


def with_journal(found: Found) -> Found:
    """Return a database file's status with that of its write-ahead log, where changes go first."""
    try:
        log = os.stat(found.path + "-wal", follow_symlinks=False)
    except OSError:
        return found
    return found._replace(
        size=found.size + log.st_size, mtime_ns=max(found.mtime_ns, log.st_mtime_ns)
    )


def first_bytes(path: str, size: int = 4096) -> bytes:
    """Return the first bytes of a regular file; empty when it cannot be read."""
    try:
        with _opened(path) as file:
            return os.read(file.fd, size)
    except OSError:
        return b""


class Mark(NamedTuple):
    """How far a file was read: the offset after the last whole line, and what stood around."""

    offset: int
    head: bytes
    tail: bytes


START = Mark(0, b"", b"")


class Reading:
    """Whole lines of one file from a mark on. Raises OSError when it cannot be opened or read.

    After `chunks` is exhausted, `mark` says how far it came, `torn` holds the last line if it
    has no newline yet, and `oversized` counts lines that were too long to keep.
    """

    def __init__(self, found: Found, mark: Mark) -> None:
        self._found = found
        self.mark = mark
        self.torn = b""
        self.oversized = 0
        self.restarted = False

    def chunks(self) -> Iterator[bytes]:
        """Yield pieces of the file that end with a newline, up to the size that was found."""
        with _opened(self._found.path) as file:
            fd = file.fd
            mark = self.mark
            if mark.offset and not _is_same(fd, mark, self._found.size):
                self.restarted = True
                mark = START
            os.lseek(fd, mark.offset, os.SEEK_SET)
            head, offset, tail = mark.head, mark.offset, mark.tail
            rest, left, giant = b"", self._found.size - mark.offset, False
            while left > 0:
                # One byte more than asked for a file that fits, so that no second read is needed.
                piece = os.read(fd, min(left, CHUNK_BYTES))
                if not piece:
                    break
                left -= len(piece)
                cut = piece.rfind(b"\n") + 1
                if not cut:
                    if giant or len(rest) + len(piece) > MAX_LINE_BYTES:
                        giant, offset = True, offset + len(rest) + len(piece)
                        rest = b""
                    else:
                        rest += piece
                    continue
                if giant:
                    # The end of a line too long to keep is passed over with the rest of it.
                    self.oversized += 1
                    first = piece.find(b"\n") + 1
                    whole, giant = piece[first:cut], False
                    offset += first
                else:
                    whole = (
                        rest + piece[:cut] if rest else piece if cut == len(piece) else piece[:cut]
                    )
                rest = piece[cut:]
                if not head:
                    head = _digest(os.pread(fd, min(_HEAD, offset + len(whole)), 0), _HEAD)
                offset += len(whole)
                tail = _digest(whole[-_TAIL:], _TAIL)
                if whole:
                    yield whole
            self.mark = Mark(offset, head, tail)
            self.torn = rest


def _is_same(fd: int, mark: Mark, size: int) -> bool:
    """Say whether a file still begins and goes on as it did when the mark was made."""
    if size < mark.offset:
        return False
    length = int.from_bytes(mark.head[:2], "big")
    if _digest(os.pread(fd, length, 0), _HEAD) != mark.head:
        return False
    length = int.from_bytes(mark.tail[:2], "big")
    return _digest(os.pread(fd, length, mark.offset - length), _TAIL) == mark.tail


def _digest(content: bytes, most: int) -> bytes:
    """Return the length and a short digest of some bytes."""
    content = content[-most:]
    return len(content).to_bytes(2, "big") + blake2b(content, digest_size=8).digest()


class _opened:  # noqa: N801 - used like the built-in `open`
    """A regular file opened for reading, never a pipe or a device behind a link."""

    def __init__(self, path: str) -> None:
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        self.fd = os.open(path, flags)
        if not stat.S_ISREG(os.fstat(self.fd).st_mode):
            os.close(self.fd)
            raise OSError(0, "not a regular file", path)

    def __enter__(self) -> "_opened":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.fd)


def _kind(mode: int) -> str:
    return "a symbolic link, not followed" if stat.S_ISLNK(mode) else "not a regular file"


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


class TranscriptDisk:
    """This machine's files, as the services ask for them. `workplace` looks a directory up."""

    def __init__(self, workplace: Callable[[str], Workplace]) -> None:
        self.workplace = workplace

    def list_files(self, root: str, glob: str) -> Listing:
        """Return the files below a root that match; a root that is not there has none."""
        return listing(root, glob)

    def with_journal(self, found: Found) -> Found:
        """Return a database's status with that of its write-ahead log."""
        return with_journal(found)

    def read(self, found: Found, mark: tuple[int, bytes, bytes]) -> Reading:
        """Return the lines of a file from a mark on."""
        return Reading(found, Mark(*mark))

    def first_bytes(self, path: str, size: int) -> bytes:
        """Return the first bytes of a file, or none when it cannot be read."""
        return first_bytes(path, size)

    def owner_name(self, owner: int) -> str:
        """Return the login name of a file's owner."""
        return owner_name(owner)


def owner_name(owner: int) -> str:
    """Return the login name of a user id; the number when it has no name."""
    # The password database is asked only for files that are read, not on every start.
    import pwd

    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return str(owner)
