"""Wait for whatever happens around an agent: one selector, one thread, nothing that blocks.

Agent's stdout and stderr, the run's hook socket, signals and Pawl's own stdout and stderr all
meet here. Whoever reads Pawl's output may be slow or gone, and the disk may stall: what is not
taken yet is kept, and beyond `MAX_KEPT_BYTES` the agent is not read until there is room, so the
agent waits as it would without Pawl while limits go on being watched.
"""

import os
import select
import selectors
import stat
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pawl.runs.outside import Chunk, Closed, Happening, ReaderGone, Stream
from pawl.world.hook_socket import HookSocket
from pawl.world.signals import Signals

MAX_KEPT_BYTES = 4 * 1024 * 1024
_READ_BYTES = 256 * 1024


class Watch:
    """The eyes of one supervised run. Use as a context manager."""

    def __init__(self, signals: Signals) -> None:
        self._selector = selectors.DefaultSelector()
        self._signals = signals
        self._hooks: HookSocket | None = None
        self._readers: dict[int, Stream] = {}
        self._outlets = {fd: _Outlet(fd) for fd in (1, 2)}
        self._held_back = 0
        self._selector.register(signals.fileno(), selectors.EVENT_READ, self._hear_signals)

    def listen(self, hooks: HookSocket) -> None:
        """Hear an agent's hooks from now on."""
        self._hooks = hooks
        hooks.attach(self._selector)

    def read_from(self, stdout: int, stderr: int) -> None:
        """Read an agent's pipes from now on."""
        self._readers = {stdout: "stdout", stderr: "stderr"}
        for fd in self._readers:
            self._selector.register(fd, selectors.EVENT_READ, self._reader(fd))

    def stop_reading(self) -> None:
        """Forget the agent's pipes."""
        for fd in list(self._readers):
            self._forget(fd)

    @property
    def reading(self) -> bool:
        """Whether the agent's pipes may still tell something."""
        return bool(self._readers)

    @property
    def congested(self) -> bool:
        """Whether the agent waits: nobody takes Pawl's own output, or the disk takes nothing."""
        return self.kept_bytes + self._held_back > MAX_KEPT_BYTES

    @property
    def kept_bytes(self) -> int:
        """Bytes that nobody has taken yet."""
        return sum(outlet.size for outlet in self._outlets.values())

    def put(self, stream: Stream, data: bytes) -> None:
        """Hand bytes to Pawl's own stdout or stderr as soon as it takes them."""
        outlet = self._outlets[1 if stream == "stdout" else 2]
        outlet.put(data)
        if outlet.waits and outlet.fd not in self._selector.get_map():
            self._register_outlet(outlet)

    def hold_back(self, size: int) -> None:
        """Take note of how many bytes are kept elsewhere, because the disk has to come first."""
        self._held_back = size

    def wake(self) -> None:
        """Have `wait` return soon, with nothing. Any thread may call this."""
        self._signals.wake()

    def answer(self, ticket: int, body: bytes) -> None:
        """Answer a hook that asked; one that hung up is none the wiser."""
        if self._hooks is not None:
            self._hooks.answer(ticket, body)

    def wait(self, timeout_s: float | None) -> list[Happening]:
        """Return what happened, after at most so many seconds; None waits for ever."""
        happened: list[Happening] = [
            ReaderGone("stdout" if fd == 1 else "stderr")
            for fd, outlet in self._outlets.items()
            if outlet.take_gone()
        ]
        self._let_agent_wait()
        if self._hooks is not None:
            self._hooks.look()
        ready = self._selector.select(0 if happened else timeout_s)
        for key, _ in ready:
            act: Callable[[], list[Happening]] = key.data
            happened += act()
        return happened

    def close(self) -> None:
        """Let go of everything; what nobody took is dropped."""
        self._selector.close()

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hear_signals(self) -> list[Happening]:
        return self._signals.heard()

    def _reader(self, fd: int) -> Callable[[], list[Happening]]:
        def read() -> list[Happening]:
            try:
                data = os.read(fd, _READ_BYTES)
            except BlockingIOError:
                return []
            stream = self._readers[fd]
            if data:
                return [Chunk(stream, data)]
            self._forget(fd)
            return [Closed(stream)]

        return read

    def _forget(self, fd: int) -> None:
        if fd in self._selector.get_map():
            self._selector.unregister(fd)
        del self._readers[fd]

    def _let_agent_wait(self) -> None:
        """Read the agent only while there is room for what it says."""
        known = self._selector.get_map()
        for fd in self._readers:
            if self.congested:
                if fd in known:
                    self._selector.unregister(fd)
            elif fd not in known:
                self._selector.register(fd, selectors.EVENT_READ, self._reader(fd))

    def _register_outlet(self, outlet: "_Outlet") -> None:
        def write() -> list[Happening]:
            outlet.write()
            if not outlet.waits:
                self._selector.unregister(outlet.fd)
            return []

        try:
            self._selector.register(outlet.fd, selectors.EVENT_WRITE, write)
        except PermissionError:
            outlet.flush()  # A device that cannot be waited for never makes us wait.


@contextmanager
def watching() -> Iterator[Watch]:
    """Watch with Pawl's signals in the same selector; see `Signals` for what holds afterwards."""
    with Signals() as signals, Watch(signals) as watch:
        yield watch


class _Outlet:
    """One of Pawl's own outputs.

    It is shared with other programs, so it is not made non-blocking; instead no more is written
    than a pipe takes at once when it is ready (PIPE_BUF, see pipe(7)). Files never make us wait.
    """

    _AT_ONCE = 4096

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.size = 0
        self._parts: deque[bytes] = deque()
        self._gone = False
        self._told = False
        self._instant = False
        try:
            mode = os.fstat(fd).st_mode
        except OSError:
            self._gone = self._told = True
            return
        self._instant = stat.S_ISREG(mode) or _is_null(fd)

    @property
    def waits(self) -> bool:
        return self.size > 0

    def put(self, data: bytes) -> None:
        if self._gone or not data:
            return
        self._parts.append(data)
        self.size += len(data)
        if self._instant:
            self.flush()
        elif self.size == len(data) and self._is_ready():
            self.write()

    def _is_ready(self) -> bool:
        return bool(select.select((), (self.fd,), (), 0)[1])

    def flush(self) -> None:
        while self.size:
            self.write()

    def write(self) -> None:
        part = self._parts.popleft()
        piece = part if self._instant else part[: self._AT_ONCE]
        try:
            written = os.write(self.fd, piece)
        except BlockingIOError:
            written = 0  # Somebody else made it non-blocking.
        except OSError:
            self._gone = True
            self._parts.clear()
            self.size = 0
            return
        self.size -= written
        if written < len(part):
            self._parts.appendleft(part[written:])

    def take_gone(self) -> bool:
        fresh = self._gone and not self._told
        self._told = self._told or fresh
        return fresh


def _is_null(fd: int) -> bool:
    return os.fstat(fd).st_rdev == os.stat(os.devnull).st_rdev
