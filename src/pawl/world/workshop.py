"""A throw-away copy of a folder to plant a fault in and run a gate's command."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from pawl.base.errors import BadValue, Unavailable
from pawl.maturity.canary import Plant, Ran
from pawl.world.session import ended

_TOLD_BYTES = 2000


class Workshop:
    """A copy of a folder, links kept as links. Close it after use: the copy goes with it.

    `link` names paths below the folder that the copy links to instead of copying them, `leave`
    paths that it goes without; either may be missing.
    """

    def __init__(self, place: Path, link: Sequence[str] = (), leave: Sequence[str] = ()) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pawl-canary-"))
        self._copy = self._folder / place.resolve().name
        apart = {place.resolve() / path for path in (*link, *leave)}

        def not_copied(folder: str, names: list[str]) -> list[str]:
            return [name for name in names if Path(folder) / name in apart]

        try:
            shutil.copytree(
                place.resolve(),
                self._copy,
                symlinks=True,
                ignore_dangling_symlinks=True,
                ignore=not_copied,
            )
            for path in link:
                self._link(place.resolve() / path, self._copy / path)
        except (OSError, shutil.Error) as error:
            self.close()
            raise Unavailable(
                f"cannot be copied: {error}.", place=str(place), hint="See the disk's free space."
            ) from error

    def __enter__(self) -> "Workshop":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the copy."""
        shutil.rmtree(self._folder, ignore_errors=True)

    @staticmethod
    def _link(original: Path, copied: Path) -> None:
        if original.exists() and copied.parent.is_dir():
            copied.symlink_to(original)

    def plant(self, fault: Plant) -> None:
        """Put a fault into the copy; raises BadValue where its path leads out of it."""
        path = self._copy / fault.path
        top = self._copy.resolve()
        if not path.parent.resolve().is_relative_to(top) or path.is_symlink():
            raise BadValue("leads out of the repository.", place=fault.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if fault.append else "w") as file:
            file.write(fault.text)

    def run(self, command: tuple[str, ...], timeout_s: float) -> Ran:
        """Run a command in the copy; everything it started in its group ends with it."""
        started = time.monotonic()
        with tempfile.TemporaryFile() as told:
            try:
                process = subprocess.Popen(
                    command,
                    cwd=self._copy,
                    stdin=subprocess.DEVNULL,
                    stdout=told,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                return Ran(status=None, seconds=0.0, told=str(error))
            status = ended(process, timeout_s)
            seconds = round(time.monotonic() - started, 3)
            told.seek(max(0, told.seek(0, os.SEEK_END) - _TOLD_BYTES))
            return Ran(status=status, seconds=seconds, told=told.read().decode("utf-8", "replace"))
