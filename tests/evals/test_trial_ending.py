"""How a trial ended, and by whose doing."""

from typing import Any

import pytest

from pawl.evals.case import Limits
from pawl.evals.record import Sight
from pawl.evals.trial_ending import ending_of, limits_of, limits_told, sees_of, spent_of
from pawl.runs.agent import AgentError
from pawl.runs.failures import classify
from pawl.runs.record import Outcome, RunCost, RunRecord, Stop
from pawl.telemetry.event import Event, Kind, Source


def _record(outcome: Outcome, **fields: Any) -> RunRecord:
    return RunRecord(
        run_id="run_1",
        agent="claude-code",
        outcome=outcome,
        cost=fields.pop("cost", RunCost(usd=None, basis="unpriced")),
        **fields,
    )


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("Overloaded", 529),
        ("rate limit reached", 429),
        ("invalid x-api-key", 401),
        ("connection reset by peer", None),
        ("credit balance is too low", 400),
    ],
)
def test_a_providers_failure_is_not_the_agents(message: str, status: int | None) -> None:
    """Overload, rate limits, the network, a key and an empty account are infra."""
    record = _record(Outcome.AGENT_FAILED, error=classify(message, status))
    assert message in ending_of(record, readable=True).infra


def test_the_agents_own_failure_counts() -> None:
    """What the agent brought on itself, and any limit it ran into, enters its rate."""
    failed = _record(
        Outcome.AGENT_FAILED, error=AgentError(class_="permanent", message="max turns")
    )
    assert ending_of(failed, readable=True).infra == ""
    stopped = _record(Outcome.STOPPED, stop=Stop(limit="wall", value=9, threshold=8))
    assert ending_of(stopped, readable=True).infra == ""
    assert ending_of(stopped, readable=True).limit == "wall"


def test_the_words_of_an_unknown_command_excuse_nothing() -> None:
    """Whoever prints `connection refused` and fails has failed, where nobody reads its output."""
    record = _record(Outcome.AGENT_FAILED, error=classify("connection refused"), exit_code=1)
    assert ending_of(record, readable=False).infra == ""
    assert ending_of(record, readable=True).infra


def _event(kind: Kind, **attributes: str) -> Event:
    return Event(
        id=f"{kind}", kind=kind, source=Source.RUN, time="2026-11-21T00:00:00.000000Z",
        agent="claude-code", attributes=attributes,
    )  # fmt: skip


def test_time_that_ran_out_while_the_provider_failed_is_not_the_agents() -> None:
    """Who is stopped between two tries has failed nobody; who worked in between has."""
    stopped = _record(Outcome.STOPPED, stop=Stop(limit="wall", value=9, threshold=8))
    retry, call = _event(Kind.RETRY, status="401"), _event(Kind.TOOL_CALL)
    waited = ending_of(stopped, readable=True, events=(call, retry, _event(Kind.SESSION)))
    assert "status 401" in waited.infra
    assert ending_of(stopped, readable=True, events=(retry, call)).infra == ""
    turns = _record(Outcome.STOPPED, stop=Stop(limit="turns", value=9, threshold=8))
    assert ending_of(turns, readable=True, events=(retry,)).infra == ""


@pytest.mark.parametrize(
    ("record", "word"),
    [
        (_record(Outcome.REFUSED), "refused"),
        (_record(Outcome.INTERRUPTED, signal=15), "signal 15"),
        (_record(Outcome.STOPPED, stop=Stop(limit="spool", value=0, threshold=0)), "recorded"),
    ],
)
def test_what_pawl_itself_did_is_infra(record: RunRecord, word: str) -> None:
    """A refusal, an interruption and a disk that took nothing say nothing of the agent."""
    assert word in ending_of(record, readable=False).infra


def test_nothing_is_seen_of_what_cannot_be_read() -> None:
    """Of garbled output no call counts as seen, but network and workspace are seen apart."""
    every = tuple(Sight)[:5]
    seen = sees_of(_record(Outcome.SUCCEEDED), every, network=True, workspace=True, garbled=False)
    assert set(seen) == {*every, Sight.NETWORK, Sight.WORKSPACE}
    for record, garbled in ((_record(Outcome.UNREADABLE), False), (_record(Outcome.STOPPED), True)):
        found = sees_of(record, every, network=True, workspace=False, garbled=garbled)
        assert found == (Sight.NETWORK,)


def test_limits_that_cannot_be_held_are_not_told() -> None:
    """Turns and dollars of a command that nobody can read are left out, time never is."""
    case = Limits(turns=5, usd=0.25, mem_mb=512)
    assert limits_told(limits_of(case, 60, readable=True), 512) == {
        "turns": 5, "usd": 0.25, "wall_s": 60, "mem_mb": 512,
    }  # fmt: skip
    assert limits_told(limits_of(case, 60, readable=False), None) == {"wall_s": 60}
    assert limits_of(Limits(wall_s=7), 60, readable=True).wall_s == 7


def test_what_it_took_is_kept() -> None:
    """Dollars become micro-USD; unknown stays unknown."""
    record = _record(Outcome.SUCCEEDED, cost=RunCost(usd=0.02, basis="priced"), turns=2)
    assert spent_of(record).cost_micros == 20_000
    assert spent_of(_record(Outcome.SUCCEEDED)).cost_micros is None
