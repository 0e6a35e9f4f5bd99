"""The cadence's clock: one server looks, a restart tells nobody twice, a failure is said."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.services.made_cadence import Made

from pawl.base.errors import BadFile
from pawl.base.finding import Outcome
from pawl.services.cadence_server import (
    LOOK_EVERY_S,
    SILENT_S,
    STALE_S,
    TIMER,
    CadenceServer,
    cadence_findings,
    ticking_trouble,
)
from pawl.store.records.connection import Engine
from pawl.store.records.engine import open_records
from pawl.store.records.outbox import OutboxRecords
from pawl.store.records.timers import TimerRecords


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_records(tmp_path)
    yield made
    made.dispose()


def server(made: Made, engine: Engine, holder: str) -> CadenceServer:
    return CadenceServer(made.desk, TimerRecords(engine), now=made.clock, holder=holder)


def test_one_server_looks_and_another_takes_over(engine: Engine) -> None:
    """While one lives the other stands by; once it is silent for long the other goes on."""
    made = Made(engine)
    first, second = server(made, engine, "a"), server(made, engine, "b")
    assert first.look()
    assert not second.look()
    made.clock.wind(seconds=LOOK_EVERY_S + 1)
    assert not second.look()
    assert first.look()
    made.clock.wind(seconds=LOOK_EVERY_S + STALE_S + 1)
    assert second.look()
    assert TIMER in TimerRecords(engine).heartbeats()


def test_servers_that_take_turns_remind_once(engine: Engine) -> None:
    """Three of them over a day and a half, each begun anew, put each message out one time."""
    made = Made(engine)
    for turn in range(12):
        again = Made(engine, made.clock)
        server(again, engine, f"s{turn % 3}").look()
        made.clock.wind(hours=3)
    letters = OutboxRecords(engine).letters("waiting", 1_000)
    names = [each.id for each in letters]
    assert len(names) == len(set(names)) == 10


def test_a_cadence_that_does_not_read_is_a_failure_that_is_told(engine: Engine) -> None:
    """The look raises, the server notes it, and goes on when the file reads again."""
    made = Made(engine)
    good, made.place.read = made.place.read, BadFile("is broken", place="cadence.yaml")
    one = server(made, engine, "a")
    one.start()
    beats = TimerRecords(engine)
    for _ in range(200):
        beat = beats.heartbeats().get(TIMER)
        if beat is not None and beat.failure:
            break
        one._ending.wait(0.02)
    assert "is broken" in one.trouble
    one.stop()
    assert "is broken" in one.failure
    assert beat is not None
    assert "is broken" in beat.failure
    made.place.read = good
    made.clock.wind(seconds=STALE_S * 2)
    assert server(made, engine, "a").look()


def test_a_ticker_that_died_is_told(engine: Engine) -> None:
    """Whoever asks is told: while it ticks nothing, and when it is silent since when."""
    made = Made(engine)
    one = server(made, engine, "a")
    assert list(cadence_findings(None, made.clock())) == []
    one.look()
    beat = TimerRecords(engine).heartbeats()[TIMER]
    (good,) = cadence_findings(beat, made.clock())
    assert (good.outcome, ticking_trouble(beat, made.clock())) == (Outcome.PASS, "")
    made.clock.wind(seconds=SILENT_S + 1)
    (dead,) = cadence_findings(beat, made.clock())
    assert dead.outcome is Outcome.FAIL
    assert beat.at in dead.message
    (alone,) = cadence_findings(beat, made.clock(), served=False)
    assert alone.outcome is Outcome.PASS
    (blind,) = cadence_findings(None, made.clock(), why="The disk is gone.")
    assert blind.outcome is Outcome.CANNOT_TELL
    assert ticking_trouble(None, made.clock())
    assert not ticking_trouble(None, made.clock(), started=made.clock())
    failed = msgspec.structs.replace(beat, at=made.clock(), failure="The disk is full.")
    (full,) = cadence_findings(failed, made.clock(), served=False)
    assert full.outcome is Outcome.FAIL
