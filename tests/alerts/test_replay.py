"""Replays tell the same story each time, and what comes before `since` only teaches."""

import msgspec
import pytest

import pawl.alerts.rules
from pawl.alerts.configuring import set_up
from pawl.alerts.instants import instant, seconds
from pawl.alerts.playing import events_of, shipped_cases
from pawl.alerts.replay import replay
from pawl.alerts.rule import Rule
from pawl.base.catalogue import discover
from pawl.runs.alert_settings import AlertSettings

RULES = discover(pawl.alerts.rules, "RULE", Rule)
SETUP = set_up(RULES, AlertSettings())
CASE = shipped_cases("cost-over-threshold").cases[0]
START = seconds(CASE.start)


@pytest.mark.parametrize("rule", ["cost-anomaly", "stuck-loop", "tool-errors"])
def test_two_replays_give_the_same_bytes(rule: str) -> None:
    """Same events, same numbers, same clock: same answer."""
    case = next(case for case in shipped_cases(rule).cases if case.expect)
    end = instant(seconds(case.start) + 3600)
    answers = {
        msgspec.json.encode(replay(events_of(case), SETUP, until=end, tick_s=10)) for _ in range(2)
    }
    assert len(answers) == 1
    assert b'"fired_at"' in next(iter(answers))


def test_what_lies_before_since_is_not_looked_at_but_counts() -> None:
    """The day's spend before `since` is known when looking begins."""
    since = instant(START + 300)
    replayed = replay(events_of(CASE), SETUP, since=since, until=instant(START + 600), tick_s=10)
    first = replayed.episodes[0]
    assert first.fired_at == since
    assert replayed.looks == 31
    assert first.value == 30.0


def test_events_after_the_end_are_left_out() -> None:
    """`until` cuts off in the middle of a series."""
    replayed = replay(events_of(CASE), SETUP, until=instant(START + 100), tick_s=10)
    assert replayed.episodes == ()
    assert replayed.taken.facts == 11


def test_a_quiet_gap_is_ticked_through() -> None:
    """The clock goes on while nothing happens, so a window empties in time."""
    events = events_of(CASE)
    replayed = replay(events, SETUP, until=instant(START + 3600), tick_s=60)
    assert replayed.looks == 60
    assert replayed.until == instant(START + 3600)


def test_no_events_are_no_looks() -> None:
    """An empty past has nothing to say."""
    replayed = replay([], SETUP, until=instant(START), tick_s=60)
    assert (replayed.looks, replayed.episodes) == (0, ())
