"""The clock of incidents in a server: it looks when something is due, and says when it does not."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.made_incident_desk import MadeIncidents, made_incidents

from pawl.base.errors import Unavailable
from pawl.incidents.event import Happened
from pawl.services.incident_server import LEAST_S, SILENT_S, TICK_EVERY_S, IncidentServer


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeIncidents]:
    """A desk over records of its own."""
    made = made_incidents(tmp_path / "data")
    yield made
    made.engine.dispose()


def test_it_waits_for_what_is_due_and_never_long(made: MadeIncidents) -> None:
    """Five seconds at most; less where a deadline comes sooner; no busy waiting for one."""
    server = IncidentServer(made.desk, now=made.clock)
    assert server.look() == TICK_EVERY_S
    made.declared()
    made.clock.wind(seconds=118)
    assert LEAST_S <= server.look() < 2.1
    made.clock.wind(seconds=2)
    assert server.look() == TICK_EVERY_S
    made.clock.wind(seconds=180)
    server.look()
    assert made.desk.next_due() is None
    assert TICK_EVERY_S <= 5


class Broken:
    """A desk whose records do not answer."""

    def tick(self) -> tuple[Happened, ...]:
        """Fail."""
        raise Unavailable("the records do not answer.")

    def next_due(self) -> str | None:
        """Fail as well."""
        raise ZeroDivisionError

    def last_tick(self) -> str | None:
        """Return that there was none."""
        return None


def test_records_that_do_not_answer_are_told_and_tried_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The clock goes on, and whoever asks is told why nothing happens."""
    server = IncidentServer(Broken(), now=lambda: "2026-11-21T12:00:00.000000Z")
    assert server.look() == TICK_EVERY_S
    assert "do not answer" in server.trouble or "ZeroDivisionError" in server.trouble
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_look_at_other_things_that_fails_holds_up_no_deadline(made: MadeIncidents) -> None:
    """What is done besides comes after, and its failure is told."""

    def fail() -> None:
        raise Unavailable("git does not answer.")

    server = IncidentServer(made.desk, now=made.clock, also=fail)
    made.declared()
    made.clock.wind(seconds=301)
    server.look()
    assert made.desk.next_due() is None
    assert "git" in server.trouble


def test_it_runs_from_start_to_stop(made: MadeIncidents) -> None:
    """In a thread of its own, at once and again and again; afterwards it is still."""
    looked = threading.Semaphore(0)
    server = IncidentServer(made.desk, now=made.clock, also=looked.release, every_s=0.01)
    assert server.trouble == ""
    server.start()
    try:
        for _ in range(3):
            assert looked.acquire(timeout=20)
        assert server.trouble == ""
        assert made.desk.last_tick() is not None
    finally:
        server.stop()
    server.stop()


def test_silence_is_told(made: MadeIncidents) -> None:
    """A thread that hangs does not look as if it lived."""
    began, hang = threading.Event(), threading.Event()

    def wait() -> None:
        began.set()
        hang.wait(20)

    server = IncidentServer(made.desk, now=made.clock, also=wait)
    server.start()
    try:
        assert began.wait(20)
        made.clock.wind(seconds=SILENT_S + 1)
        assert "nobody has looked" in server.trouble
    finally:
        hang.set()
        server.stop()
