"""A dump's folder, and beside it the working files with which a collection goes on.

Everything is replaced whole and readable by its owner alone: a dump holds people's accounts. No
link is followed below either folder, because a dump may lie in a repository that is not trusted.
"""

import fcntl
import os
import re
import shutil
import stat
from pathlib import Path
from types import TracebackType

import msgspec

from pawl.base import typed
from pawl.base.errors import BadValue, Unavailable

_NAME = re.compile(r"(?:[\w%-][\w.%@-]{0,250}/){0,2}[\w%-][\w.%@-]{0,250}", re.ASCII)
_FILES = 200_000
"""Files that one dump may be cleared of: more were not written by a collection."""


class _Export(msgspec.Struct):
    schema: str = ""


class CollectionFolder:
    """Holds `into`, the dump, and `work`. One process at a time; opened with `with`.

    Raises Unavailable when another process holds it, or the disk fails.
    """

    def __init__(self, work: Path, into: Path) -> None:
        self._work = work
        self._into = into
        self._lock = -1

    @property
    def place(self) -> str:
        """The folder of the dump."""
        return str(self._into)

    def __enter__(self) -> "CollectionFolder":
        try:
            self._work.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._lock = os.open(self._work / "lock", flags, 0o600)
        except OSError as error:
            raise _failed("made", self._work, error) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise Unavailable(
                "another collection of this repository is running.",
                place=str(self._work),
                hint="Wait until it is done.",
            ) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._lock)

    def read(self, name: str) -> bytes | None:
        """Return a working file, or None."""
        return _read(self._path(self._work, name))

    def write(self, name: str, content: bytes) -> None:
        """Replace a working file whole."""
        _replace(self._path(self._work, name), content)

    def append(self, name: str, line: bytes) -> None:
        """Put a line behind a working file's last."""
        path = self._path(self._work, name)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            with open(os.open(path, flags, 0o600), "r+b", buffering=0) as file:
                end = file.seek(0, os.SEEK_END)
                # A line that broke off when we were killed must not take this one with it.
                torn = end > 0 and os.pread(file.fileno(), 1, end - 1) != b"\n"
                file.write(b"\n" + line if torn else line)
        except OSError as error:
            raise _failed("written", path, error) from error

    def forget(self, name: str) -> None:
        """Remove a working file or folder, where there is one."""
        path = self._path(self._work, name)
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise _failed("removed", path, error) from error

    def has_dumped(self, name: str) -> bool:
        """Say whether a file is in the dump."""
        try:
            return stat.S_ISREG(os.lstat(self._path(self._into, name)).st_mode)
        except OSError:
            return False

    def dumped(self, name: str) -> bytes | None:
        """Return a file of the dump, or None."""
        return _read(self._path(self._into, name))

    def dump(self, name: str, content: bytes) -> None:
        """Replace a file of the dump whole."""
        _replace(self._path(self._into, name), content)

    def undump(self, name: str) -> None:
        """Remove a file of the dump, where there is one."""
        path = self._path(self._into, name)
        try:
            path.unlink(missing_ok=True)
        except NotADirectoryError:
            pass
        except OSError as error:
            raise _failed("removed", path, error) from error

    def clear_dump(self) -> None:
        """Empty the dump; raises BadValue when the folder holds anything else."""
        if self._into.is_symlink() or not self._into.is_dir():
            if self._into.is_symlink() or self._into.exists():
                raise self._foreign()
            return
        if not any(self._into.iterdir()):
            return
        try:
            told = typed.decode(self.dumped("export.json") or b"", type=_Export)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise self._foreign() from None
        if told.schema != "pawl.host/1":
            raise self._foreign()
        names = [*self._into.glob("*.json"), *self._into.glob("*/*.json")]
        for path in names[:_FILES]:
            # The manifest last: what is half empty still counts as a dump of ours.
            if path.name != "export.json" and not path.parent.is_symlink():
                path.unlink()
        self.undump("export.json")

    def _foreign(self) -> BadValue:
        return BadValue(
            "holds something else than a dump.",
            place=str(self._into),
            hint="Name an empty folder with --into, or one that was collected into before.",
        )

    def _path(self, top: Path, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise BadValue(f"{name!r} is no name for a file of a dump.", place=str(top))
        path = top / name
        inside = path.parent
        while inside != top:
            if inside.is_symlink():
                raise BadValue(
                    "is a link.", place=str(inside), hint="Collect into a folder without links."
                )
            inside = inside.parent
        return path


def _read(path: Path) -> bytes | None:
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        with open(os.open(path, flags), "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _failed("read", path, error) from error


def _replace(path: Path, content: bytes) -> None:
    draft = path.parent / f".{path.name[:200]}.draft"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(draft, flags, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            # A power cut could leave the file empty otherwise, which reads as "there is none".
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        raise _failed("written", path, error) from error


def _failed(done: str, path: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"cannot be {done}: {error.strerror or error}.",
        place=str(path),
        hint="Make the folder usable, or choose another with --into or --data.",
    )
