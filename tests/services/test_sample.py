"""The bundled sample: recorded sessions, complete, small and the same each time."""

import importlib

import pytest

from pawl.runs.agent import Agent
from pawl.runs.record import Outcome
from pawl.services.sample import BUNDLE, Replay, recordings, replays
from pawl.telemetry.event import Kind
from pawl.telemetry.format import Format
from pawl.telemetry.usage import Usage

NOW = "2026-11-21T12:00:00.000000Z"


def price(model: str, usage: Usage, day: str) -> int | None:
    """Price everything but one model."""
    return None if model == "my-gateway-model" else usage.total


def load(now: str = NOW) -> list[Replay]:
    """Return the sample as of an instant."""
    recorded = recordings(BUNDLE.read_bytes())
    formats: dict[str, Format] = {}
    agents: dict[str, Agent] = {}
    for name in {recording.format for recording in recorded}:
        formats[name] = importlib.import_module(f"pawl.telemetry.formats.{name}").FORMAT
        agents[name] = importlib.import_module(f"pawl.runs.agents.{name}").AGENT
    return list(replays(recorded, formats, agents, price, now))


def test_the_sample_is_small() -> None:
    """The bundle stays below one megabyte."""
    assert BUNDLE.stat().st_size < 1_000_000


def test_every_recording_tells_something() -> None:
    """All recordings of the four agents are read by their formats, each more than once."""
    told = load()
    agents = {replay.events[0].agent for replay in told}
    assert agents == {"claude-code", "codex", "gemini-cli", "opencode"}
    assert len(told) > 3 * len(recordings(BUNDLE.read_bytes()))
    assert all(any(e.kind is Kind.REQUEST for e in r.events) for r in told if r.record is None)


@pytest.mark.parametrize("hour", ["00:03", "06:00", "12:00", "23:59"])
def test_nothing_lies_in_the_future(hour: str) -> None:
    """Whatever time it is, the sample ends before now and reaches back about a month."""
    now = f"2026-11-21T{hour}:00.000000Z"
    told = load(now)
    assert max(replay.ended for replay in told) < now
    assert "2026-10-22" < min(replay.started for replay in told)[:10] < "2026-10-26"


def test_no_fact_of_a_replay_is_taken_for_another_one() -> None:
    """Ids of events and requests differ between replays, so that nothing is counted once only."""
    told = load()
    ids = [event.id for replay in told for event in replay.events]
    by_replay = [{event.id for event in replay.events} for replay in told]
    assert len(set(ids)) == sum(map(len, by_replay))


def test_supervised_runs_end_in_several_ways() -> None:
    """There are successes, failures and stops, each as its recording ended."""
    outcomes = {replay.record.outcome for replay in load() if replay.record}
    assert outcomes >= {Outcome.SUCCEEDED, Outcome.AGENT_FAILED, Outcome.STOPPED}


def test_the_sample_is_the_same_each_time() -> None:
    """Same instant, same sample."""
    assert load() == load()
