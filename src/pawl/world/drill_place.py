"""The machine's side of a drill's sandbox: a temporary folder, programs in it, and their end.

Programs get an environment made from nothing, with a home and a data folder of their own, and a
mark by which they are counted and ended whatever session or group they gave themselves.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from pawl.base.errors import CannotTell
from pawl.world.clock import now
from pawl.world.process_table import LINUX, Process, descendants, marked, processes, send

MARK = "PAWL_DRILL_ID"
_KEPT = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "LD_LIBRARY_PATH")
_PREFIX = "pawl-"
_ROUNDS = 50
_SURE_LOOKS = 3
_MAX_OUTPUT = 16 * 1024 * 1024


class DrillChild:
    """A program in the sandbox. Its output goes into files, so that it never waits for a reader."""

    def __init__(self, popen: "subprocess.Popen[bytes]", out: Path, err: Path) -> None:
        self._popen, self._out, self._err = popen, out, err

    def poll(self) -> int | None:
        """Return its exit status, minus the signal that ended it, or None while it lives."""
        return self._popen.poll()

    def kill(self) -> None:
        """End it and its process group with SIGKILL."""
        if self._popen.poll() is None:  # Else its number may be somebody else's by now.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()

    def output(self) -> bytes:
        """Return what it has printed to stdout so far."""
        return _read(self._out)

    def errors(self) -> bytes:
        """Return what it has printed to stderr so far."""
        return _read(self._err)


class DrillPlace:
    """A sandbox of one drill; see `drill_place`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.pawl = (sys.executable, "-m", "pawl")
        self.python = sys.executable
        self._name = name
        self._count = 0
        self._children: list[DrillChild] = []
        for each in ("home", "data", "tmp", "work", "told"):
            (folder / each).mkdir()
        # A repository of its own: else one that the temporary folder lies in would have its say.
        subprocess.run(
            ("git", "init", "-q", "-b", "main", str(folder / "work")),
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def start(self, command: Sequence[str]) -> DrillChild:
        """Start a program in the sandbox; raises CannotTell where it cannot be started."""
        self._count += 1
        out, err = (self.folder / "told" / f"{self._count}.{end}" for end in ("out", "err"))
        try:
            with open(out, "wb") as stdout, open(err, "wb") as stderr:
                popen = subprocess.Popen(
                    command,
                    cwd=self.folder / "work",
                    env=self._environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=stderr,
                    start_new_session=True,
                )
        except OSError as error:
            raise CannotTell(f"{command[0]} cannot be started: {error.strerror}.") from error
        self._children.append(DrillChild(popen, out, err))
        return self._children[-1]

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes back."""
        return time.monotonic()

    def now(self) -> str:
        """Return the time."""
        return now()

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        time.sleep(seconds)

    def processes(self) -> int:
        """Return how many processes of the sandbox there are."""
        return len(self._members()) if self._children else 0

    def written_bytes(self) -> int:
        """Return how much the sandbox holds, links not followed."""
        total = 0
        for folder, _, names in os.walk(self.folder):
            for name in names:
                with suppress(OSError):
                    total += os.lstat(os.path.join(folder, name)).st_size
        return total

    def end(self) -> int:
        """End every program of the sandbox; return how many were still there."""
        ended = _end_all(self._members)
        for child in self._children:
            child.kill()
        return ended

    def _members(self) -> list[Process]:
        own = {os.getpid()}
        if LINUX:
            return [each for each in marked(MARK).get(self._name, []) if each.pid not in own]
        roots = {child._popen.pid for child in self._children if child.poll() is None}
        table = processes()
        return [table[pid] for pid in roots if pid in table] + descendants(table, roots)

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        return {
            **kept,
            "PATH": os.pathsep.join((str(self.folder / "bin"), kept.get("PATH", os.defpath))),
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "PAWL_DATA": str(self.folder / "data"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "TERM": "dumb",
            MARK: self._name,
        }


@contextmanager
def drill_place(name: str) -> Iterator[DrillPlace]:
    """Make the sandbox of a run; at the end its programs are ended and its folder is removed."""
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{name}-"))
    place = DrillPlace(folder, name)
    try:
        yield place
    finally:
        place.end()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM end what is going on as Ctrl-C does, for the main thread; exit status 143."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def clear_left(name: str) -> None:
    """End the programs and remove the folder of a run whose own process died."""
    _end_all(lambda: marked(MARK).get(name, []))
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}{name}-*"):
        # Only what is ours: another user's folder of that name is not.
        if folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.getuid():
            shutil.rmtree(folder, ignore_errors=True)


def _end_all(members: Callable[[], list[Process]]) -> int:
    """Kill whatever is found until several looks in a row find nobody; return how many were hit.

    A process that is just being started, or forks and ends meanwhile, may be missed by one look.
    """
    ended = empty = 0
    for _ in range(_ROUNDS):
        hit = sum(send(each, signal.SIGKILL) for each in members())
        ended += hit
        empty = 0 if hit else empty + 1
        if empty == _SURE_LOOKS:
            break
        time.sleep(0.005)
    return ended


def _read(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(_MAX_OUTPUT)
