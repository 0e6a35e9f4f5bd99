"""Hear signals in the selector instead of between two lines of Python."""

import signal
import socket
from types import FrameType

from pawl.runs.outside import ChildrenChanged, Happening, Signalled

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """Handlers while a run is supervised, for a process that ends soon after.

    At the end the signals that ask to end are ignored: the run has its record and its status by
    then, and a late signal must not make another of it. The other handlers come back.

    A signal that was ignored when Pawl started stays ignored, as `nohup` asks. Ctrl-Z does
    nothing: a suspended Pawl would leave an agent running that nobody holds to its limits.
    For the main thread only.
    """

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._old: dict[int, object] = {}

    def fileno(self) -> int:
        """The end that becomes readable with each signal."""
        return self._reader.fileno()

    def heard(self) -> list[Happening]:
        """Return the signals since the last time."""
        try:
            numbers = self._reader.recv(4096)
        except BlockingIOError:
            return []
        happened: list[Happening] = [Signalled(n) for n in numbers if n in _ENDING]
        if signal.SIGCHLD in numbers:
            happened.append(ChildrenChanged())
        return happened

    def wake(self) -> None:
        """Make the end readable although there is no signal. Any thread may call this."""
        try:
            self._writer.send(b"\0")
        except BlockingIOError:
            pass  # So much is unheard that it is readable anyway.

    def __enter__(self) -> "Signals":
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in (*_ENDING, signal.SIGTSTP, signal.SIGCHLD):
            old = signal.getsignal(number)
            if old is not signal.SIG_IGN or number == signal.SIGCHLD:
                self._old[number] = old
                signal.signal(number, _wake_up)
        return self

    def __exit__(self, *_: object) -> None:
        for number, old in self._old.items():
            after = signal.SIG_IGN if number in _ENDING else old or signal.SIG_DFL
            signal.signal(number, after)  # type: ignore[arg-type]
        signal.set_wakeup_fd(self._wakeup)
        self._reader.close()
        self._writer.close()


def _wake_up(number: int, frame: FrameType | None) -> None:
    """Do nothing: that a handler exists makes the interpreter write to the wake-up socket."""
