"""Upkeep goes on whatever happens, and its failures are shown, not fatal."""

import threading
import time
from collections.abc import Callable

import pytest
from tests.server.fakes import NOW, FakeFacts

from pawl.base.errors import Unavailable
from pawl.services.pages import ImportProgress, Pages
from pawl.services.serving import DRAIN_EVERY_S, Serving
from pawl.store.events.clickhouse import ClickEvents
from pawl.store.events.duckdb import DuckEvents

Report = Callable[[ImportProgress], None]


def serving(drain: Callable[[], int], read: Callable[[Report], None] | None = None) -> Serving:
    """Return upkeep over nothing."""
    return Serving(pages=Pages(FakeFacts(), lambda: NOW), drain=drain, import_machine=read)


def test_draining_goes_on_after_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    """An expected failure and a defect are both told, and the next round clears them."""
    outcomes: list[int | Exception] = [2, Unavailable("disk full."), ValueError("odd"), 5]

    def drain() -> int:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    made = serving(drain)
    told = []
    for _ in range(4):
        made.drain_once()
        told.append((made.ready, made.drained.failure[:10], made.drained.events))
    assert told == [
        (True, "", 2),
        (False, "disk full.", 2),
        (False, "A defect o", 2),
        (True, "", 7),
    ]
    assert "ValueError: odd" in capsys.readouterr().err


def test_drains_are_as_far_apart_as_the_store_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store for which a small drain costs much gets the spool less often."""
    waited: list[float] = []

    class Ending(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0.0)
            return len(waited) > 2

    monkeypatch.setattr(threading, "Event", Ending)
    drained: list[int] = []
    made = Serving(
        pages=Pages(FakeFacts(), lambda: NOW),
        drain=lambda: drained.append(1) or 0,  # type: ignore[func-returns-value]
        drain_every_s=1e6,
    )
    made._keep_draining()
    assert len(drained) == 3
    assert min(waited) > 9e5
    assert ClickEvents.drain_every_s > DuckEvents.drain_every_s == DRAIN_EVERY_S


def test_a_failed_import_is_told_with_its_reason() -> None:
    """The pages learn why the transcripts could not be read, and keep what was read."""

    def read(report: Report) -> None:
        report(ImportProgress(state="running", bytes_done=7, bytes_total=9))
        raise Unavailable("no permission.")

    made = serving(lambda: 0, read)
    assert made.import_once() == "failed"
    assert (made.progress.message, made.progress.bytes_done) == ("no permission.", 7)


def test_an_import_ends_when_the_server_does() -> None:
    """Stopping does not wait for a long import: it ends at its next report."""
    closed = []

    def read(report: Report) -> None:
        while True:
            report(ImportProgress(state="running"))
            time.sleep(0.001)

    made = Serving(
        pages=Pages(FakeFacts(), lambda: NOW),
        drain=lambda: 0,
        import_machine=read,
        close=lambda: closed.append(True),
    )
    made.start()
    made.stop()
    assert closed == [True]
    assert made.progress.state == "running"


def test_new_sessions_are_looked_for_while_the_server_runs() -> None:
    """After the first import others follow, quietly; a failure shows until the next success."""
    looks: list[str] = []
    failures = {"2": Unavailable("no permission."), "3": ValueError("odd")}

    def read(report: Report) -> None:
        report(ImportProgress(state="running", bytes_done=len(looks), bytes_total=9))
        looks.append(made.progress.state)
        if str(len(looks)) in failures:
            raise failures[str(len(looks))]

    made = serving(lambda: 0, read)
    assert made.import_once() == "done"
    states = []
    for _ in range(3):
        made.look_again()
        states.append((made.progress.state, made.progress.message[:11]))
    assert states == [("failed", "no permissi"), ("failed", "A defect of"), ("done", "")]
    assert looks == ["running", "done", "failed", "failed"]


def test_looking_goes_on_in_the_background_until_the_end() -> None:
    """A session that is written while the server runs is read without anybody asking."""
    looked = threading.Semaphore(0)

    def read(report: Report) -> None:
        looked.release()

    made = Serving(
        pages=Pages(FakeFacts(), lambda: NOW),
        drain=lambda: 0,
        import_machine=read,
        import_every_s=0.01,
    )
    made.start()
    try:
        assert all(looked.acquire(timeout=30) for _ in range(3))
    finally:
        made.stop()
