"""A second process that reads files through extracts, so that two cores share the work.

It is this same Pawl with the same extracts, found by their names. If it cannot be started or
dies, the first process reads everything itself: nothing depends on it but time.
"""

from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Future
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

Job = tuple[str, str, bytes, tuple[str, ...]]
"""Path, object id, bytes, and the extracts that read them."""


class SecondReader:
    """Reads batches of files beside us. Close it after use."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> "SecondReader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def start(self) -> None:
        """Begin starting the process: it takes a while to import what it needs."""
        if self._pool is None:
            # Imported here: most looks find little new, and need no second process.
            from concurrent.futures import ProcessPoolExecutor
            from multiprocessing import get_context

            # Not a fork: a process with threads that is copied may hold locks nobody releases.
            self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
            self._pool.submit(_extracts)

    def read(self, jobs: Sequence[Job]) -> "Pending":
        """Hand over a batch of files."""
        self.start()
        assert self._pool is not None
        try:
            return Pending(self._pool.submit(_read, list(jobs)))
        except (BrokenExecutor, RuntimeError):
            return Pending(None)


class Pending:
    """A batch that was handed over."""

    def __init__(self, future: "Future[list[Any]] | None") -> None:
        self._future = future

    def is_done(self) -> bool:
        """Say whether the answers can be had without waiting."""
        return self._future is None or self._future.done()

    def answers(self) -> list[Any] | None:
        """Wait for what was read of each file; None when the process is lost."""
        try:
            return None if self._future is None else self._future.result()
        except (BrokenExecutor, OSError):
            return None


@cache
def _extracts() -> dict[str, Any]:
    import pawl.maturity.extracts
    from pawl.base.catalogue import discover
    from pawl.maturity.extract import Extract

    return discover(pawl.maturity.extracts, "EXTRACT", Extract)


def _read(jobs: list[Job]) -> list[Any]:
    from pawl.maturity.reading import read_content

    extracts = _extracts()
    return [read_content(path, content, names, extracts) for path, _, content, names in jobs]
