"""Upkeep goes on whatever happens, and its failures are shown, not fatal."""

import time
from collections.abc import Callable

import pytest
from tests.server.fakes import NOW, FakeFacts

from pawl.base.errors import Unavailable
from pawl.services.pages import ImportProgress, Pages
from pawl.services.serving import Serving

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
