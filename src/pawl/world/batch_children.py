"""The supervisors of a batch's runs: one `pawl run` process for each, and what they come to.

A process of its own keeps a run whole whatever happens to the batch or to another run. On Linux
each is told to end when the batch dies; everywhere it keeps the batch's lock until it is gone.
"""

import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from pawl.base.errors import Unavailable
from pawl.runs.outside import Signalled
from pawl.world.process import dies_with_parent
from pawl.world.signals import Signals

_TAIL_BYTES = 4096
_READ_BYTES = 64 * 1024


class Gone(NamedTuple):
    """A supervisor ended: its exit code, or minus its signal, and the last it said on stderr."""

    run_id: str
    status: int
    stderr: str


class _Child:
    def __init__(self, popen: "subprocess.Popen[bytes]") -> None:
        assert popen.stderr is not None
        self.popen = popen
        self.stderr = popen.stderr
        self.tail = b""
        os.set_blocking(self.stderr.fileno(), False)

    def read(self) -> bool:
        """Take in what it said; False when it will say nothing more."""
        while True:
            try:
                chunk = os.read(self.stderr.fileno(), _READ_BYTES)
            except BlockingIOError:
                return True
            if not chunk:
                return False
            self.tail = (self.tail + chunk)[-_TAIL_BYTES:]


class Children:
    """The supervisors that run. For the main thread, and where no other thread runs."""

    def __init__(self, data: Path, lock: int, record_path: Callable[[str], Path]) -> None:
        # -P: the folder of an item must not be where Python looks for modules.
        self._pawl = (sys.executable, "-P", "-m", "pawl", "--data", str(data), "run", "--json")
        self._lock = lock
        self._record_path = record_path
        self._children: dict[str, _Child] = {}
        self._signals = Signals()
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> "Children":
        self._signals.__enter__()
        self._selector.register(self._signals.fileno(), selectors.EVENT_READ)
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children.values():
            child.popen.kill()
            child.popen.wait()
            child.stderr.close()
        self._selector.close()
        self._signals.__exit__()

    def start(
        self,
        run_id: str,
        flags: Sequence[str],
        command: Sequence[str],
        *,
        folder: str | None,
        stdin: bytes | None,
    ) -> int:
        """Start a supervised run and return its process; raises Unavailable when it cannot be.

        What it prints goes to the file of its record. It gets a session of its own, so that a
        Ctrl-C at the terminal is the batch's to pass on.
        """
        argv = (*self._pawl, "--run-id", run_id, *flags, "--", *command)
        try:
            with open(self._record_path(run_id), "wb") as out, _stdin(stdin) as given:
                popen = subprocess.Popen(
                    argv,
                    cwd=folder,
                    stdin=given,
                    stdout=out,
                    stderr=subprocess.PIPE,
                    pass_fds=(self._lock,),
                    start_new_session=True,
                    preexec_fn=dies_with_parent(signal.SIGTERM),
                )
        except (OSError, ValueError) as error:
            raise Unavailable(f"a supervisor cannot be started: {error}.") from error
        child = self._children[run_id] = _Child(popen)
        self._selector.register(child.stderr, selectors.EVENT_READ, child)
        return popen.pid

    def wait(self, timeout_s: float) -> list[Gone | Signalled]:
        """Return what happened: supervisors that ended, signals to us."""
        happened: list[Gone | Signalled] = []
        for key, _ in self._selector.select(max(0.0, timeout_s)):
            if key.data is None:
                happened += [each for each in self._signals.heard() if isinstance(each, Signalled)]
            elif not key.data.read():
                self._selector.unregister(key.fileobj)
        for run_id, child in list(self._children.items()):
            status = child.popen.poll()
            if status is not None:
                happened.append(self._ended(run_id, child, status))
        return happened

    def tell_all(self, number: int) -> None:
        """Send a signal to every supervisor; it ends its agent in order."""
        for child in self._children.values():
            child.popen.send_signal(number)

    def kill_all(self) -> None:
        """Kill every supervisor that did not end in order."""
        for child in self._children.values():
            child.popen.kill()

    def _ended(self, run_id: str, child: _Child, status: int) -> Gone:
        child.read()
        try:
            self._selector.unregister(child.stderr)
        except KeyError:
            pass  # It had closed its stderr before it ended.
        child.stderr.close()
        del self._children[run_id]
        return Gone(run_id, status, child.tail.decode("utf-8", "replace"))


@contextmanager
def _stdin(content: bytes | None) -> Iterator[IO[bytes]]:
    """Give a nameless file with what the agent reads; nothing is in it without content."""
    with tempfile.TemporaryFile() as file:
        file.write(content or b"")
        file.seek(0)
        yield file
