"""A file outside of the data folder, to which each checkpoint is appended and made durable.

`path` is the file's, from the top of the file system; `~` stands for the home folder. A link is not
followed, and what a crash left half written is ended, so that the next checkpoint is whole.

It is worth most on a disk that only takes additions: another machine's, one of write-once media,
or a file with the append-only attribute.
"""

import os
import stat
from pathlib import Path

from pawl.base.errors import CannotTell, Unavailable
from pawl.governance.note import SIGNED, TreeHead, notes_in
from pawl.world.ledger_place import Kept, Opening, Place, outside

_MOST_BYTES = 64 * 1024 * 1024
_TAIL_BYTES = 64 * 1024


class _File:
    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self, note: str, head: TreeHead) -> str:
        """Append the note, unless it is the newest already."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        try:
            new = not self._path.exists()
            fd = os.open(self._path, flags, 0o644)
            try:
                if not stat.S_ISREG(os.fstat(fd).st_mode):
                    raise OSError(0, "it is no file")
                tail = self._tail(fd)
                if not tail.endswith(note):
                    # What a crash left half written is ended, so that it takes no other with it.
                    torn = bool(tail) and notes_in(tail)[-1].count(SIGNED) == 0
                    lead = f"\n{SIGNED}\n" if torn or (tail and tail[-1] != "\n") else ""
                    self._write(fd, f"{lead}{note}".encode())
                os.fsync(fd)
            finally:
                os.close(fd)
            if new:
                _sync_folder(self._path.parent)
        except OSError as error:
            raise Unavailable(
                f"a checkpoint cannot be written: {error.strerror}.",
                place=str(self._path),
                hint="See that the folder is there, writable and has space.",
            ) from error
        return str(self._path)

    def kept(self) -> tuple[tuple[str, str], ...]:
        """Return every note in the file."""
        try:
            fd = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with open(fd, "rb") as file:
                if not stat.S_ISREG(os.fstat(fd).st_mode):
                    raise OSError(0, "it is no file")
                text = file.read(_MOST_BYTES + 1).decode("utf-8", "replace")
        except OSError as error:
            raise CannotTell(
                f"the checkpoints cannot be read: {error.strerror}.", place=str(self._path)
            ) from error
        return tuple(
            (f"{self._path} no. {number}", note) for number, note in enumerate(notes_in(text), 1)
        )

    def _tail(self, fd: int) -> str:
        size = os.fstat(fd).st_size
        return os.pread(fd, _TAIL_BYTES, max(0, size - _TAIL_BYTES)).decode("utf-8", "replace")

    def _write(self, fd: int, content: bytes) -> None:
        while content:
            content = content[os.write(fd, content) :]


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _open(opening: Opening) -> Kept:
    return _File(outside(opening, opening.settings.path, "path"))


PLACE = Place(title="File that is only appended to", open=_open)
