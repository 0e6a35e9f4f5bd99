"""Processes that do one piece of work each and hand back bytes; killed with the one they serve.

A supervised run wants a process of its own: it reaps whatever it started and hears signals, and
nothing may run beside it when it forks. Each piece of work is forked, so nothing is loaded again.
"""

import os
import selectors
import signal
import subprocess
import tempfile
from collections.abc import Callable

from pawl.evals.judging import MAX_ANSWER, Judge
from pawl.world.process import die_with_parent

_PIECE = 64 * 1024


class Workers:
    """Pieces of work under way. Use as a context manager: what is under way at its end is ended."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._told: dict[int, tuple[int, int, bytearray]] = {}
        """By the reading end of its pipe: the work's number, its process, what it said."""

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        for fd, told in list(self._told.items()):
            os.kill(told[1], signal.SIGTERM)  # Its run ends in order, and its agent with it.
            self._end(fd)
        self._selector.close()

    def start(self, number: int, work: Callable[[], bytes]) -> None:
        """Begin a piece of work in a process of its own. No thread may run."""
        reading, writing = os.pipe()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                die_with_parent(parent)
                os.close(reading)
                _be_quiet()
                data = work()
                while data:
                    data = data[os.write(writing, data) :]
                status = 0
            finally:
                os._exit(status)
        os.close(writing)
        self._told[reading] = (number, pid, bytearray())
        self._selector.register(reading, selectors.EVENT_READ)

    def wait(self) -> list[tuple[int, bytes | None]]:
        """Return the pieces that ended, at least one; None of one whose process broke."""
        ended: list[tuple[int, bytes | None]] = []
        while not ended and self._told:
            for key, _ in self._selector.select():
                fd = key.fd
                number, _, said = self._told[fd]
                piece = os.read(fd, _PIECE)
                said += piece
                if not piece:
                    ended.append((number, bytes(said) if self._end(fd) == 0 else None))
        return ended

    def _end(self, fd: int) -> int:
        _, pid, _ = self._told.pop(fd)
        self._selector.unregister(fd)
        os.close(fd)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def feed_stdin(content: bytes) -> None:
    """Make bytes this process's stdin, from their beginning."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        os.dup2(file.fileno(), 0)


def ask(judge: Judge, question: bytes) -> bytes | None:
    """Run a judge's command with a question on stdin; return what it printed.

    None where it cannot be started, takes too long or fails. It is the user's own command, and
    runs as one: it is not held, since its model is another one.
    """
    with tempfile.TemporaryFile() as told:
        try:
            process = subprocess.Popen(
                judge.command,
                stdin=subprocess.PIPE,
                stdout=told,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            return None
        try:
            process.communicate(question, timeout=judge.timeout_s)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            return None
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # All of it has ended.
            process.wait()
        told.seek(0)
        return told.read(MAX_ANSWER) if process.returncode == 0 else None


def _be_quiet() -> None:
    """Let nothing of a run reach the terminal of the one it is for; signals do what they did."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
