"""Small files in the data folder, each replaced whole."""

import os
from pathlib import Path

from pawl.base.errors import Unavailable


class DataFiles:
    """Files below one folder, which is made when the first of them is written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, or None when there is none."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed("read", name, error) from error

    def replace(self, name: str, content: bytes) -> None:
        """Put a file in another's place: whoever reads sees the old one or the new one."""
        path = self._folder / name
        draft = self._folder / f".{name}.{os.getpid()}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
                with open(fd, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(fd)
                os.replace(draft, path)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise self._failed("written", name, error) from error

    def create(self, name: str, content: bytes) -> bool:
        """Write a file where there is none, for this user only; False where there is one."""
        path = self._folder / name
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            fd = os.open(path, flags, 0o600)
            with open(fd, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(fd)
        except FileExistsError:
            return False
        except OSError as error:
            raise self._failed("written", name, error) from error
        return True

    def _failed(self, done: str, name: str, error: OSError) -> Unavailable:
        return Unavailable(
            f"cannot be {done}: {error.strerror or error}.",
            place=str(self._folder / name),
            hint="Make the data folder usable, or choose another with --data.",
        )
