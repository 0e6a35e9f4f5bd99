"""Write files below a folder without ever following a link."""

import os
from pathlib import Path

from pawl.base.errors import CannotTell

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class TreeWriter:
    """The files of one tree, to be written."""

    def __init__(self, top: Path) -> None:
        self.top = top

    def write_bytes(self, path: str, content: bytes) -> None:
        """Replace or make a regular file whole, through no link; raises CannotTell.

        Folders on the way are made. Whoever reads meanwhile sees the old file or the new one.
        """
        *folders, name = path.split("/")
        if not name or any(part in ("", ".", "..") for part in (*folders, name)):
            raise CannotTell("is no path below the top folder.", place=path)
        try:
            fd = os.open(self.top, _FOLDER & ~os.O_NOFOLLOW)
            try:
                for folder in folders:
                    inner = _entered(folder, fd)
                    os.close(fd)
                    fd = inner
                _written(fd, name, content)
            finally:
                os.close(fd)
        except OSError as error:
            raise CannotTell(
                f"cannot be written: {error.strerror or error}.",
                place=path,
                hint="Nothing is written through a link; make it a folder or file of its own.",
            ) from error


def _entered(name: str, fd: int) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=fd)
    except FileNotFoundError:
        try:
            os.mkdir(name, 0o777, dir_fd=fd)
        except FileExistsError:
            pass  # Somebody else made it just now; what it is, opening tells.
        return os.open(name, _FOLDER, dir_fd=fd)


def _written(fd: int, name: str, content: bytes) -> None:
    draft = f".{os.urandom(8).hex()}.new"
    made = os.open(draft, _NEW, 0o666, dir_fd=fd)
    try:
        with open(made, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, name, src_dir_fd=fd, dst_dir_fd=fd)
    except BaseException:
        os.unlink(draft, dir_fd=fd)
        raise
