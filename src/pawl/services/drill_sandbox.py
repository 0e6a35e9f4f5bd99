"""The place where a fault may act: a folder that is thrown away, processes that are ended, a clock.

Nothing else is handed to a fault. Its programs are started with an environment made from nothing,
so neither the real data folder, nor a server, nor a key of somebody's reaches them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import msgspec

from pawl.base.times import format_time, parse_time
from pawl.incidents.drill import AbortRules, Measured
from pawl.incidents.drill_run import Note
from pawl.store.records.connection import Engine

_POLL_S = 0.05
_LOOK_EVERY_S = 0.2
_MB = 1024 * 1024


class Child(Protocol):
    """A program of the sandbox."""

    def poll(self) -> int | None:
        """Return its exit status, minus the signal that ended it, or None while it lives."""

    def kill(self) -> None:
        """End it and all that it started, with SIGKILL."""

    def output(self) -> bytes:
        """Return what it has printed to stdout so far."""

    def errors(self) -> bytes:
        """Return what it has printed to stderr so far."""


class Place(Protocol):
    """The machine's side of a sandbox."""

    @property
    def folder(self) -> Path:
        """The folder that is thrown away."""

    @property
    def pawl(self) -> tuple[str, ...]:
        """How `pawl` is started."""

    @property
    def python(self) -> str:
        """The Python that programs are run by."""

    def start(self, command: Sequence[str]) -> Child:
        """Start a program in the sandbox; raises CannotTell where it cannot be started."""

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes back."""

    def now(self) -> str:
        """Return the time."""

    def wait(self, seconds: float) -> None:
        """Let time go by."""

    def processes(self) -> int:
        """Return how many processes of the sandbox there are."""

    def written_bytes(self) -> int:
        """Return how much the sandbox holds."""


class Broke(Exception):
    """An abort rule was broken; the drill ends here."""


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """How a program of the sandbox ended."""

    status: int
    output: bytes
    errors: bytes


class Clock:
    """A made-up clock: it stands until it is wound."""

    def __init__(self, start: str) -> None:
        self._now = parse_time(start)

    def __call__(self) -> str:
        """Return the time."""
        return format_time(self._now)

    def wind(self, seconds: float) -> None:
        """Let time go by."""
        self._now += timedelta(seconds=seconds)


class Sandbox:
    """What a fault acts in, and whom it tells what it saw."""

    def __init__(
        self, place: Place, rules: AbortRules, tell: Callable[[str], None] = lambda text: None
    ) -> None:
        self.folder = place.folder
        self.data = place.folder / "data"
        self.python = place.python
        self.measured: dict[str, Measured] = {}
        self.notes: list[Note] = []
        self._place, self._rules, self._tell = place, rules, tell
        self._began = place.monotonic()
        self._looked = float("-inf")
        self._spent_usd = 0.0
        self._engines: list[Engine] = []

    def note(self, text: str) -> None:
        """Put a line on the timeline."""
        after_s = round(self._place.monotonic() - self._began, 3)
        self.notes.append(Note(after_s=after_s, text=text))
        self._tell(f"{after_s:7.2f} s  {text}")

    def measure(self, name: str, value: float, why: str = "") -> None:
        """Say what a measure came to."""
        self.measured[name] = Measured(value=round(float(value), 6), why=why)

    def cannot_tell(self, why: str, *names: str) -> None:
        """Say that measures could not be taken, and why."""
        for name in names:
            self.measured[name] = Measured(value=None, why=why)

    def spend(self, usd: float) -> None:
        """Count dollars that a made-up agent reported; raises Broke beyond the rule."""
        self._spent_usd += usd
        self.check()

    def check(self) -> None:
        """Raise Broke when an abort rule is broken. Called between all steps."""
        rules = self._rules
        now = self._place.monotonic()
        if now - self._began > rules.after_s:
            raise Broke(f"It lasted longer than {rules.after_s:g} s.")
        if self._spent_usd > rules.spend_usd_max:
            raise Broke(f"Its agents reported more than {rules.spend_usd_max:g} USD.")
        if now - self._looked < _LOOK_EVERY_S:
            return  # Looking at files and processes takes longer than a step of most faults.
        self._looked = now
        if self._place.written_bytes() > rules.written_mb_max * _MB:
            raise Broke(f"It wrote more than {rules.written_mb_max:g} MB.")
        count = self._place.processes()
        if count > rules.processes_max:
            raise Broke(f"It had {count} processes; {rules.processes_max} are allowed.")

    def clock(self) -> Clock:
        """Return a made-up clock that begins now."""
        return Clock(self._place.now())

    def now(self) -> str:
        """Return the real time."""
        return self._place.now()

    def engine(self) -> Engine:
        """Open records in the sandbox; they are closed with it."""
        # Imported here: a fault that needs no records opens none.
        from pawl.store.records.engine import open_records

        self._engines.append(open_records(self.data))
        return self._engines[-1]

    def program(self, name: str, text: str) -> str:
        """Write a Python program into the sandbox and return where it is."""
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!{self.python} -IS\n{text}")
        path.chmod(0o755)
        return str(path)

    def start(self, *command: str) -> Child:
        """Start a program; whoever does not end it leaves that to the end of the drill."""
        self.check()
        self._looked = float("-inf")
        return self._place.start(command)

    def pawl(self, *arguments: str) -> Finished:
        """Run `pawl` on the sandbox's data folder to its end; raises Broke."""
        return self.ended(self.start(*self._place.pawl, "--data", str(self.data), *arguments))

    def serve(self, *arguments: str) -> Child:
        """Start `pawl` on the sandbox's data folder and let it go on."""
        return self.start(*self._place.pawl, "--data", str(self.data), *arguments)

    def ended(self, child: Child) -> Finished:
        """Wait until a program has ended; raises Broke."""
        self.until(lambda: child.poll() is not None)
        status = child.poll()
        assert status is not None
        return Finished(status=status, output=child.output(), errors=child.errors())

    def until(self, holds: Callable[[], bool], at_most_s: float = float("inf")) -> bool:
        """Wait until something holds and say whether it does; raises Broke when time is up."""
        began = self._place.monotonic()
        while not holds():
            self.check()
            if self._place.monotonic() - began > at_most_s:
                return False
            self._place.wait(_POLL_S)
        return True

    def close(self) -> None:
        """Close the records."""
        for engine in self._engines:
            engine.dispose()


Parameters = Mapping[str, bool | int | float | str]
"""What a spec says of a fault, with the plugin's own values where it says nothing."""
