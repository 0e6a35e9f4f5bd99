"""Run a program of the operator's: within a time, with bounded output, and nothing left of it."""

import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from pawl.base.errors import BadValue
from pawl.base.redaction import redact
from pawl.world.process_table import marked, send

OUTPUT_MAX = 16 * 1024 * 1024
"""Bytes of standard output; whoever prints more is ended. As large as a manifest may be."""
_TAIL = 4096
_TIED = str(Path(__file__).with_name("tied.py"))
MARK = "PAWL_INTENT"
"""The variable in every environment below a command, by which what it left is found."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """How a program ended. `status` is None where it took too long or printed too much.

    `problem` is a sentence for whoever reads why it did not do its work, without what looks like a
    secret; empty after status 0.
    """

    status: int | None
    printed: bytes
    problem: str


def program(argv: Sequence[str], folder: str, place: str) -> tuple[str, ...]:
    """Return argv with the program's own path; raises BadValue where there is none.

    A name is looked for on PATH, in absolute folders only; a path is below `folder` or absolute.
    """
    if not argv or not argv[0]:
        raise BadValue("names no program.", place=place, hint='Write ["/path/to/program", "…"].')
    if os.sep in argv[0]:
        found: str | None = os.path.join(folder, argv[0])
        if not (os.path.isfile(str(found)) and os.access(str(found), os.X_OK)):
            found = None
    else:
        places = [each for each in os.get_exec_path() if os.path.isabs(each)]
        found = shutil.which(argv[0], path=os.pathsep.join(places))
    if found is None:
        raise BadValue(
            f"{argv[0][:200]!r} is no program that can be run here.",
            place=place,
            hint="Name one that is installed, or give its whole path.",
        )
    return (found, *argv[1:])


def run(
    argv: Sequence[str],
    given: bytes,
    *,
    folder: str,
    environment: Mapping[str, str],
    mark: str,
    timeout_s: float,
) -> Told:
    """Run a program with `given` on its standard input and wait for it.

    It dies with us. Its process group is ended with it; when it ran out of its time, so is all that
    it started, however well that hid.
    """
    try:
        process = subprocess.Popen(
            (sys.executable, "-I", "-S", _TIED, str(os.getpid()), *argv),
            cwd=folder,
            env={**environment, MARK: mark},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            bufsize=0,
        )
    except (OSError, ValueError) as error:
        return Told(status=None, printed=b"", problem=f"it cannot be started: {error}.")
    talk = _Talk(process, given)
    try:
        over = talk.until(time.monotonic() + timeout_s)
        status = process.poll() if over else None
    finally:
        _end(process, mark, hunt=process.poll() is None)
        talk.close()
    if talk.too_much:
        problem = f"it printed more than {OUTPUT_MAX:,} bytes."
    elif status is None:
        problem = f"it was not done within {timeout_s:g} s."
    elif status != 0:
        problem = f"it ended with {_ending(status)}.{_said(talk.complained)}"
    else:
        problem = ""
    return Told(
        status=None if talk.too_much else status, printed=bytes(talk.printed), problem=problem
    )


class _Talk:
    """What goes into a process and comes out of it, with one thread and without blocking."""

    def __init__(self, process: "subprocess.Popen[bytes]", given: bytes) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.printed, self.complained = bytearray(), bytearray()
        self.too_much = False
        self._process, self._left = process, memoryview(given)
        self._in, self._out, self._err = process.stdin, process.stdout, process.stderr
        self._selector = selectors.DefaultSelector()
        for pipe, event in (
            (self._in, selectors.EVENT_WRITE),
            (self._out, selectors.EVENT_READ),
            (self._err, selectors.EVENT_READ),
        ):
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, event)

    def until(self, deadline: float) -> bool:
        """Talk until the process has ended; False where the time or the bound came first."""
        while not self.too_much:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            # A child that was left behind may hold the pipes open: the program's own end counts.
            if self._process.poll() is not None:
                self._drain()
                return not self.too_much
            if not self._selector.get_map():
                time.sleep(min(0.01, left))
                continue
            for key, _ in self._selector.select(min(left, 0.05)):
                self._step(key.fileobj)
        return False

    def close(self) -> None:
        """Close the pipes."""
        self._selector.close()
        for pipe in (self._in, self._out, self._err):
            try:
                pipe.close()
            except OSError:
                pass  # What was not yet written has nobody to read it.

    def _drain(self) -> None:
        for pipe in (self._out, self._err):
            while pipe in {key.fileobj for key in self._selector.get_map().values()}:
                if not self._read(pipe) or self.too_much:
                    break

    def _step(self, pipe: object) -> None:
        if pipe is self._in:
            self._write()
        else:
            self._read(pipe)

    def _write(self) -> None:
        try:
            written = os.write(self._in.fileno(), self._left[:65_536])
        except BlockingIOError:
            return
        except OSError:
            written = len(self._left)  # It does not want to know.
        self._left = self._left[written:]
        if not self._left:
            self._selector.unregister(self._in)
            self._in.close()

    def _read(self, pipe: object) -> bool:
        """Read what there is; False where there is nothing now."""
        stream = self._out if pipe is self._out else self._err
        try:
            part = os.read(stream.fileno(), 65_536)
        except BlockingIOError:
            return False
        if not part:
            self._selector.unregister(stream)
            return False
        if stream is self._err:
            self.complained += part
            del self.complained[:-_TAIL]
            return True
        self.printed += part
        if len(self.printed) > OUTPUT_MAX:
            self.too_much = True
            self.printed.clear()
        return True


def _end(process: "subprocess.Popen[bytes]", mark: str, *, hunt: bool) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    if hunt:
        for _ in range(50):
            found = [each for each in marked(MARK).get(mark, []) if each.pid != os.getpid()]
            if not sum(send(each, signal.SIGKILL) for each in found):
                break
            time.sleep(0.005)
    process.wait()


def _ending(status: int) -> str:
    return f"status {status}" if status >= 0 else f"signal {-status}"


def _said(complained: bytearray) -> str:
    lines = redact(bytes(complained).decode("utf-8", "replace")).split("\n")
    words = [" ".join(line.split()) for line in lines if line.strip()]
    return f" It said: {words[-1][:300]}" if words else ""
