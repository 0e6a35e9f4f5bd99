"""What a run came to, what it exits with, and when it is worth another try."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.runs.told import STARTED, call, event, hear, request, running

from pawl.runs import signals
from pawl.runs.agent import AgentError, Conclusion, Exit
from pawl.runs.endings import ended_without_result
from pawl.runs.failures import classify
from pawl.runs.outcome import RETRY_CAP_S, assemble, exit_code, refused, retry_delay
from pawl.runs.record import Outcome, RunRecord
from pawl.runs.spec import Limits
from pawl.runs.state import State
from pawl.runs.supervise import step
from pawl.telemetry.event import Kind

ENDED = "2026-11-21T04:00:09.000000Z"
DONE = Conclusion(outcome="succeeded", result="4", session_id="s", reported_micros=70)
CODE_0 = Exit(code=0, signal=None)


def _record(
    state: State, conclusion: Conclusion | None = DONE, exit: Exit | None = CODE_0
) -> RunRecord:
    if exit is not None:
        step(state, signals.ChildExited(exit, 9.0))
    return assemble(state.spec, state, conclusion, exit, ended=ENDED)


def test_success_carries_everything_known() -> None:
    """The record of a good run holds its result, usage, own price, calls and times."""
    state = running()
    hear(state, request(1, 50), call(1, "Read"))
    record = _record(state)
    assert (record.outcome, record.result, exit_code(record)) == (Outcome.SUCCEEDED, "4", 0)
    assert record.usage is not None
    assert record.usage.output == 50
    assert (record.cost.usd, record.cost.basis) == (0.00005, "priced")
    assert record.reported_cost_usd == 0.00007
    assert record.tool_calls == {"Read": 1}
    assert (record.started_at, record.duration_ms) == (STARTED, 9000)


def test_unknown_usage_is_not_zero() -> None:
    """Without any usage told, usage is null and so is the cost, unless the agent names one."""
    silent = _record(running(), Conclusion(outcome="succeeded", result="4"))
    assert (silent.usage, silent.cost.usd, silent.cost.basis) == (None, None, "unpriced")
    told = _record(running())
    assert (told.usage, told.cost.usd, told.cost.basis) == (None, 0.00007, "reported")


def test_partly_priced_is_not_priced() -> None:
    """When any model lacks a price the priced part is not the cost."""
    state = running()
    hear(state, request(1, 50), request(2, 50, "odd"))
    assert _record(state, Conclusion(outcome="succeeded", result="4")).cost.usd is None


def test_stop_outranks_what_the_agent_says() -> None:
    """A run over its limit is stopped, with the limit named, even if it had an answer."""
    state = running(Limits(tokens=10))
    hear(state, request(1, 50))
    record = _record(state)
    assert (record.outcome, exit_code(record), record.result) == (Outcome.STOPPED, 6, "4")
    assert record.stop is not None
    assert (record.stop.limit, record.stop.value, record.stop.threshold) == ("tokens", 50, 10)


@pytest.mark.parametrize(("number", "code"), [(2, 130), (15, 143)])
def test_interruption_is_told_by_its_signal(number: int, code: int) -> None:
    """INT and TERM to Pawl end the run as interrupted, each with its usual exit code."""
    state = running()
    step(state, signals.Interrupted(number, 1.0))
    record = _record(state, None, Exit(code=1, signal=None))
    assert (record.outcome, exit_code(record)) == (Outcome.INTERRUPTED, code)


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("succeeded", 0), ("agent_failed", 1), ("unreadable", 3), ("interrupted", 143)],
)
def test_exit_codes(outcome: str, code: int) -> None:
    """Each outcome of the agent has its exit code."""
    assert exit_code(_record(running(), Conclusion(outcome=outcome))) == code


def test_nothing_concluded_is_unreadable() -> None:
    """A run whose output could not be read at all is not a success."""
    assert _record(running(), None).outcome is Outcome.UNREADABLE


def test_refusal() -> None:
    """A run that was not started used nothing, and says why not."""
    record = refused(running().spec, "the budget is spent", started=STARTED)
    assert (record.outcome, exit_code(record), record.cost.usd) == (Outcome.REFUSED, 5, 0)
    assert record.error is not None
    assert record.error.message == "the budget is spent"


def test_limit_passed_unseen_is_noted() -> None:
    """Usage that only the end told of cannot stop the run any more; the record says so."""
    state = running(Limits(tokens=10))
    step(state, signals.ChildExited(CODE_0, 9.0))
    hear(state, event(Kind.TOTAL, "t", model="priced", input=0, output=50))
    record = assemble(state.spec, state, DONE, CODE_0, ended=ENDED)
    assert record.outcome is Outcome.SUCCEEDED
    assert record.warnings == ("Over its limit, seen only after the end: tokens 50 of 10.",)


def _failed(class_: str) -> RunRecord:
    error = AgentError(class_=class_, message="no")
    return _record(running(), Conclusion(outcome="agent_failed", error=error))


def test_only_transient_failures_are_tried_again() -> None:
    """A bad key or a prompt too long is not tried again, nor is a run that was stopped."""
    assert retry_delay(_failed("transient"), 1, retries=2, chance=0.0) == 2.0
    for class_ in ("permanent", "needs-user"):
        assert retry_delay(_failed(class_), 1, retries=2, chance=0.0) is None
    state = running(Limits(tokens=1))
    hear(state, request(1, 5))
    assert retry_delay(_record(state), 1, retries=2, chance=0.0) is None


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_waits_grow_to_a_cap(attempt: int, chance: float) -> None:
    """Waits double up to a cap, and chance takes off half at most."""
    wait = retry_delay(_failed("transient"), attempt, retries=10_000, chance=chance)
    whole = min(RETRY_CAP_S, 2.0 * 2 ** min(attempt - 1, 30))
    assert wait is not None
    assert whole / 2 <= wait <= whole
    assert retry_delay(_failed("transient"), 3, retries=2, chance=chance) is None


@pytest.mark.parametrize(
    ("message", "status", "class_"),
    [
        ("API Error: Request rejected (429)", 429, "transient"),
        ("Overloaded", 529, "transient"),
        ("Internal server error", 500, "transient"),
        ("Connection refused (ECONNREFUSED)", None, "transient"),
        ("Request timed out", None, "transient"),
        ("exceeded retry limit, last status: 429 Too Many Requests", None, "transient"),
        ("Prompt is too long", 400, "permanent"),
        ("There's an issue with the selected model (x)", 404, "permanent"),
        ("safeguards flagged this message", None, "permanent"),
        ("something nobody has seen", None, "permanent"),
        ("Invalid API key", 401, "needs-user"),
        ("denied", 403, "needs-user"),
        ("Credit balance is too low", 400, "needs-user"),
        ("You exceeded your current quota, check billing", 429, "needs-user"),
        ("Not logged in · Please run /login", None, "needs-user"),
        ("error: unknown option '--max-budget'", None, "needs-user"),
        ("Not inside a trusted directory", None, "needs-user"),
    ],
)
def test_classes_of_failures(message: str, status: int | None, class_: str) -> None:
    """Known failures fall into the class that says who can help."""
    assert classify(message, status).class_ == class_


@given(st.text(), st.none() | st.integers(0, 999))
def test_any_failure_has_a_class(message: str, status: int | None) -> None:
    """No message is too odd to classify, and none is kept without bound."""
    found = classify(message * 50, status)
    assert found.class_ in ("transient", "permanent", "needs-user")
    assert len(found.message) <= 2000


@pytest.mark.parametrize(
    ("exit", "unreadable", "outcome"),
    [
        (Exit(code=0, signal=None), 0, "unreadable"),
        (Exit(code=0, signal=None), 3, "unreadable"),
        (Exit(code=1, signal=None), 3, "unreadable"),
        (Exit(code=1, signal=None), 0, "agent_failed"),
        (Exit(code=None, signal=9), 3, "interrupted"),
        (Exit(code=143, signal=None), 0, "interrupted"),
        (Exit(code=124, signal=None), 0, "interrupted"),
    ],
)
def test_endings_without_a_result(exit: Exit, unreadable: int, outcome: str) -> None:
    """No result is never a success, whatever the exit code."""
    assert ended_without_result(exit, unreadable=unreadable).outcome == outcome
