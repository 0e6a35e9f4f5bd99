"""What real agents sent, against what the model's server told them."""

import json
import random
from collections import Counter

import pytest
from tests.telemetry.formats.lines import observe
from tests.telemetry.otlp.cases import (
    CASES,
    FIXTURES,
    OTLP,
    RECEIVED,
    bodies,
    events,
    told,
    truth,
)

from pawl.telemetry.event import Event, Kind
from pawl.telemetry.format import Format
from pawl.telemetry.formats.claude_code import FORMAT as CLAUDE
from pawl.telemetry.formats.codex import FORMAT as CODEX
from pawl.telemetry.formats.gemini_cli import FORMAT as GEMINI
from pawl.telemetry.observation import Observation
from pawl.telemetry.otlp.reading import Signal, read
from pawl.telemetry.reconcile import Request, reconcile

KILLED = "claude/otel-sigterm"
"""Its second request never ended, and its telemetry says nothing of it."""


def totals(requests: list[Request]) -> tuple[int, ...]:
    """Return the number of requests and their buckets, both cache writes together."""
    used = [request.usage for request in requests if request.usage is not None]
    return (
        len(used),
        sum(usage.input for usage in used),
        sum(usage.cache_read for usage in used),
        sum(usage.cache_write_5m + usage.cache_write_1h for usage in used),
        sum(usage.output for usage in used),
    )


def truth_totals(case: str) -> tuple[int, ...]:
    """Return the same of what the server told."""
    used = truth(case)[:1] if case == KILLED else truth(case)
    return (
        len(used),
        sum(usage["input"] for usage in used),
        sum(usage["cache_read"] for usage in used),
        sum(usage["cache_write"] + usage.get("cache_write_1h", 0) for usage in used),
        sum(usage["output"] for usage in used),
    )


def test_every_recorded_agent_is_there() -> None:
    """The cases are those that the tests below mean."""
    assert {case.partition("/")[0] for case in CASES} == {
        "claude",
        "claude-2.1.197",
        "codex",
        "gemini",
    }


@pytest.mark.parametrize("case", CASES)
def test_requests_add_up_to_what_the_server_told(case: str) -> None:
    """Requests told by log events, spans or both have the counts of the answers, each once."""
    assert totals(reconcile(told(events(case)))) == truth_totals(case)


@pytest.mark.parametrize("case", CASES)
def test_every_record_is_taken(case: str) -> None:
    """Nothing that a real agent sent is rejected."""
    for signal, kind, body in bodies(case):
        taken = read(signal, kind, body, received=RECEIVED)
        assert (taken.rejected, taken.reason) == (0, "")
        assert taken.accepted > 0


@pytest.mark.parametrize("case", CASES)
def test_the_same_batch_again_is_the_same_events(case: str) -> None:
    """Sent twice, later, and in another order, it has the same ids, each of one event."""
    once = events(case)
    shuffled = bodies(case)
    random.Random(4).shuffle(shuffled)
    again = [
        event
        for signal, kind, body in shuffled
        for event in read(signal, kind, body, received="2026-11-22T00:00:00.000000Z").events
    ]
    assert {event.id: event for event in once} == {event.id: event for event in again}
    assert len({event.id for event in once}) == len(once)


def transcript_of(form: Format, case: str, donor: str | None) -> list[Observation]:
    """Return a case's transcript: its own, or that of the same script under its session's id."""
    if donor is None:
        return observe(form, (OTLP / case / "transcript.jsonl").read_bytes())
    (path,) = (FIXTURES / "agents" / donor / "transcripts").rglob("*.jsonl")
    (session,) = {event.session_id for event in events(case) if event.kind is Kind.REQUEST}
    found = observe(form, path.read_bytes(), str(path))
    assert session is not None
    old = {seen.session_id for seen in found}.pop()
    assert old is not None
    return observe(form, path.read_bytes().replace(old.encode(), session.encode()), str(path))


@pytest.mark.parametrize(
    ("form", "case", "donor"),
    [
        (CLAUDE, "claude/otel-json-details", None),
        (CODEX, "codex/otel-json", "codex/tools-json"),
        (CODEX, "codex/otel-binary", "codex/tools-json"),
        (GEMINI, "gemini/otel", "gemini/tools-json"),
    ],
)
def test_telemetry_and_transcript_tell_of_the_same_requests(
    form: Format, case: str, donor: str | None
) -> None:
    """Folded together they change no total: the transcript pays, the telemetry confirms."""
    transcript, telemetry = transcript_of(form, case, donor), told(events(case))
    alone = reconcile(transcript)
    for order in ([*transcript, *telemetry], [*telemetry, *transcript]):
        both = reconcile(order)
        assert totals(both) == totals(alone) == truth_totals(case)
        for request in both:
            assert request.payer[0] == "transcript"
            assert [source for source, _ in request.confirms] == ["telemetry"]
            assert request.disagrees == ()


def test_a_requests_cost_is_the_senders_own() -> None:
    """Claude Code's figures add up to the total cost of its own result."""
    for case in ("claude/otel-json", "claude/otel-subagents", "claude-2.1.197/otel-json"):
        result = json.loads((FIXTURES / "agents" / case / "stdout.json").read_text())
        cost = sum(request.reported_micros or 0 for request in reconcile(told(events(case))))
        assert cost == pytest.approx(result["total_cost_usd"] * 1_000_000, abs=4)


def test_tokens_add_up_to_the_agents_own_total() -> None:
    """The usage in Codex's and Claude Code's own results is what their telemetry adds up to."""
    lines = (FIXTURES / "agents/codex/otel-json/stdout.jsonl").read_text().splitlines()
    usage = json.loads(lines[-1])["usage"]
    _, fresh, read_, written, output = totals(reconcile(told(events("codex/otel-json"))))
    assert usage["input_tokens"] == fresh + read_ + written
    assert (usage["cached_input_tokens"], usage["output_tokens"]) == (read_, output)
    result = json.loads((FIXTURES / "agents/claude/otel-subagents/stdout.json").read_text())
    (model,) = result["modelUsage"].values()
    _, fresh, read_, written, output = totals(reconcile(told(events("claude/otel-subagents"))))
    assert model["inputTokens"] == fresh
    assert model["cacheReadInputTokens"] == read_
    assert model["cacheCreationInputTokens"] == written
    assert model["outputTokens"] == output


def test_lifetimes_of_cache_writes_come_from_the_log() -> None:
    """A span tells cache writes without their lifetime: the log of the same request pays."""
    found = events("claude/otel-subagents")
    spanned = [event for event in found if event.kind is Kind.REQUEST and event.final is False]
    assert len(spanned) == 7
    paid = reconcile(told(found))
    assert sum(request.usage.cache_write_1h for request in paid if request.usage) == sum(
        event.cache_write_1h or 0
        for event in found
        if event.kind is Kind.REQUEST and event.final is True
    )


def of(found: list[Event], kind: Kind) -> list[Event]:
    """Return the events of a kind."""
    return [event for event in found if event.kind is kind]


def test_tools_have_names_outcomes_and_times() -> None:
    """A call and its result share an id; sizes are kept, and a failure is one."""
    found = events("claude/otel-json-details")
    calls = {event.tool_call_id: event for event in of(found, Kind.TOOL_CALL)}
    results = of(found, Kind.TOOL_RESULT)
    assert [event.tool for event in results] == ["Read", "Edit", "Bash"]
    for event in results:
        assert event.outcome == "ok"
        assert event.duration_ms is not None
        assert calls[event.tool_call_id].tool == event.tool
    assert results[0].attributes["arguments_bytes"] == "37"
    assert results[2].commit == "4b776353c2fefcc09c22ab3bb3278869fd6a047e"
    (failed,) = of(events("claude-2.1.197/otel-json"), Kind.TOOL_RESULT)
    assert (failed.outcome, failed.attributes["error_type"]) == ("error", "ShellError")
    (denied,) = of(events("claude/otel-errors"), Kind.TOOL_DENIED)
    assert denied.tool


def test_spans_of_a_run_are_a_tree_with_durations() -> None:
    """Each span names its trace and parent; a tool's span names its call, a request's its id."""
    found = of(events("claude/otel-json-details"), Kind.SPAN)
    names = Counter(event.attributes["name"] for event in found)
    assert names["claude_code.tool"] == 3
    assert names["claude_code.llm_request"] == 4
    ids = {event.attributes["span_id"] for event in found}
    assert len({event.attributes["trace_id"] for event in found}) == 1
    for event in found:
        assert event.duration_ms is not None
        assert event.attributes.get("parent_span_id", next(iter(ids))) in ids
        if event.attributes["name"] == "claude_code.tool":
            assert event.tool
            assert event.tool_call_id
        if event.attributes["name"] == "claude_code.llm_request":
            assert event.request_id
            assert event.input is None


def test_errors_retries_and_sub_agents_are_told() -> None:
    """A request that failed is an error with its status; a sub-agent's end is told, no tokens."""
    found = events("claude/otel-api-error")
    (error,) = of(found, Kind.ERROR)
    assert error.attributes["status"] == "500"
    assert error.attributes["error"] == "Internal server error"
    assert [event.attributes["attempts"] for event in of(found, Kind.RETRY)] == ["2"]
    ended = of(events("claude/otel-subagents"), Kind.SUBAGENT_ENDED)
    assert {event.attributes["agent_name"] for event in ended} == {"Explore", "general-purpose"}
    assert all(event.usage is None for event in ended)


def test_metrics_confirm_and_never_add() -> None:
    """Token metrics say what the requests say, and no event of theirs carries tokens or money."""
    found = events("claude/otel-json")
    measured = of(found, Kind.METRIC)
    assert measured
    for event in measured:
        assert (event.usage, event.reported_micros) == (None, None)
    by_type: Counter[str] = Counter()
    for event in measured:
        if event.attributes["metric"] == "claude_code.token.usage":
            by_type[event.attributes["type"]] += round(float(event.attributes["value"]))
    usage = truth_totals("claude/otel-json")
    assert (
        tuple(by_type[name] for name in ("input", "cacheRead", "cacheCreation", "output"))
        == (usage[1:])
    )


SECRETS = (
    "Fix the bug",
    "Fix the failing test",
    "return a - b",
    "return a + b",
    "python3 app.py",
    "cat app.py",
    "app.py",
    "Fixed add",
    "Look.",
    "Begin Patch",
    "non-interactive CLI agent",
    "Wall time",
    "REDACTED",
)


@pytest.mark.parametrize("case", CASES)
def test_no_content_reaches_an_event(case: str) -> None:
    """Prompts, answers, commands, files and tool outputs were sent, and are nowhere in events."""
    sent = b"".join(body for signal, _, body in bodies(case) if signal is not Signal.METRICS)
    if case == "claude/otel-json-details":
        assert all(text.encode() in sent for text in ("Fix the bug", "return a - b", "Look."))
    for event in events(case):
        words = repr(event)
        for secret in SECRETS:
            assert secret not in words


def test_sizes_stand_for_content() -> None:
    """What was not kept is known by its length."""
    (prompt,) = of(events("claude/otel-json-details"), Kind.PROMPT)
    assert prompt.attributes["characters"] == str(len("Fix the bug"))
    result = of(events("codex/otel-json"), Kind.TOOL_RESULT)[0]
    assert result.attributes["arguments_characters"] == str(len('{"cmd": "cat app.py"}'))
    assert int(result.attributes["result_characters"]) > 0


def test_versions_and_people_are_known() -> None:
    """The agent's version is its own, never that of the runtime it stands on."""
    assert {e.agent_version for e in events("claude/otel-json")} == {"2.1.329"}
    assert {e.agent_version for e in events("codex/otel-json")} == {"0.169.0"}
    assert {e.agent_version for e in events("gemini/otel")} == {None}
    assert {e.attributes["team"] for e in events("claude/otel-json")} == {"platform"}
