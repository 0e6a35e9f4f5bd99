"""What a batch needs of the world, as small protocols."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import msgspec

from pawl.runs.batch import Batch
from pawl.runs.batch_result import Result
from pawl.runs.outside import Signalled


class Files(Protocol):
    """The files of a batch, held by us alone."""

    def result_lines(self) -> Iterator[bytes]:
        """Yield the result lines that are there."""

    def journal_lines(self) -> Iterator[bytes]:
        """Yield the lines of the journal."""

    def add_result(self, line: bytes) -> None:
        """Write a result line; durable on return."""

    def add_journal(self, line: bytes) -> None:
        """Write a line of the journal; durable on return."""

    def record(self, run_id: str) -> bytes | None:
        """Return what an attempt's supervisor printed, when it is whole."""

    def kept_record(self, run_id: str) -> str:
        """Return where a record is kept."""

    def started(self, run_id: str, pid: int) -> None:
        """Note the process of an attempt."""

    def drop(self, run_id: str, *, keep_record: bool = False) -> None:
        """Forget the files of an attempt."""


class Gone(Protocol):
    """A supervisor that ended: exit code or minus signal, and the last of its stderr."""

    @property
    def run_id(self) -> str:
        """The attempt."""

    @property
    def status(self) -> int:
        """How it ended."""

    @property
    def stderr(self) -> str:
        """The last it said."""


class Children(Protocol):
    """The supervisors that run."""

    def start(
        self,
        run_id: str,
        flags: Sequence[str],
        command: Sequence[str],
        *,
        folder: str | None,
        stdin: bytes | None,
    ) -> int:
        """Start one and return its process; raises Unavailable."""

    def wait(self, timeout_s: float) -> Sequence[Gone | Signalled]:
        """Return what happened."""

    def tell_all(self, number: int) -> None:
        """Send a signal to every one."""

    def kill_all(self) -> None:
        """Kill every one."""


class Progress(Protocol):
    """Who is told while the batch runs."""

    def finished(self, result: Result, batch: Batch) -> None:
        """An item has its result."""

    def look(self, batch: Batch) -> None:
        """Some time passed."""

    def say(self, text: str) -> None:
        """Something worth a line happened."""


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch touches. `settle_dead` puts runs in order whose supervisor died."""

    files: Files
    children: Children
    now: Callable[[], str]
    monotonic: Callable[[], float]
    chance: Callable[[], float]
    new_run_id: Callable[[], str]
    settle_dead: Callable[[], object]
    is_folder: Callable[[str], bool]
