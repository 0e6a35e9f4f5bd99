"""Small files that must not be lost: kept in the first of several folders that takes them.

What is kept stands on the disk when `keep` returns. Reading believes nothing: only regular files of
this user's, of a name and size as ours have.
"""

import os
import re
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from pawl.base.errors import Unavailable

MAX_BYTES = 1024 * 1024
MAX_FILES = 1_000
_NAME = re.compile(r"[0-9A-Za-z_-]{1,100}\.json")


class KeptFiles:
    """Files in folders of which the first that can be written to takes each."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)

    def keep(self, name: str, content: bytes) -> str:
        """Write a file for this user only and return its path; raises Unavailable if none can."""
        reasons = []
        for folder in self._folders:
            try:
                return str(_written(folder, name, content))
            except OSError as error:
                reasons.append(f"{folder}: {error.strerror or error}")
        raise Unavailable(
            f"it could be kept nowhere: {'; '.join(reasons)}.",
            hint="Make the data folder usable, or choose another with --data.",
        )

    def waiting(self) -> tuple[str, ...]:
        """Return the paths of what is kept, the oldest name first."""
        found: list[tuple[str, str]] = []
        for folder in self._folders:
            found += ((path.name, str(path)) for path in _own(folder))
        return tuple(path for _, path in sorted(found)[:MAX_FILES])

    def read(self, path: str) -> bytes | None:
        """Return what a file holds; None for one that is gone, not ours, or too large."""
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with open(fd, "rb") as file:
                known = os.fstat(fd)
                if not stat.S_ISREG(known.st_mode) or known.st_uid != os.getuid():
                    return None
                content = file.read(MAX_BYTES + 1)
        except OSError:
            return None
        return content if len(content) <= MAX_BYTES else None

    def drop(self, path: str) -> None:
        """Take a file away; one that is gone already is no trouble."""
        Path(path).unlink(missing_ok=True)


def kept_folders(data: Path | None) -> tuple[Path, ...]:
    """Return where declarations are kept: the data folder, else the user's home, else `/tmp`."""
    temporary = Path(tempfile.gettempdir()) / f"pawl-declared-{os.getuid()}"
    found = [] if data is None else [data / "declared"]
    with suppress(RuntimeError):  # Nobody says where home is.
        found.append(Path.home() / ".pawl-declared")
    return (*found, temporary)


def _written(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_ours(folder):
        raise PermissionError(None, "the folder is somebody else's")
    path, draft = folder / name, folder / f".{name}.{os.getpid()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with open(os.open(draft, flags, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # Whoever reads sees all of it or none of it.
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
    return path


def _own(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that may be ours."""
    try:
        if not _is_ours(folder):
            return
        names = os.listdir(folder)
    except OSError:
        return
    yield from (folder / name for name in names if _NAME.fullmatch(name))


def _is_ours(folder: Path) -> bool:
    """Say whether a folder is this user's own; in a shared one anybody may have made it first."""
    known = folder.lstat()
    return stat.S_ISDIR(known.st_mode) and known.st_uid == os.getuid()
