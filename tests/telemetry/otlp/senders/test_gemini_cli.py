"""Gemini CLI's log events and spans, by hand; see also what it really sent in test_recorded."""

from typing import Any

from tests.telemetry.otlp.cases import claude_log, logs, span, spans, take

from pawl.telemetry.event import Event, Kind
from pawl.telemetry.otlp.reading import Signal


def gemini(name: str, **attributes: Any) -> list[Event]:
    """Return the events of a log event of Gemini CLI."""
    record = claude_log(f"gemini_cli.{name}", **attributes)
    return take(
        Signal.LOGS, logs(record, service="gemini-cli", **{"service.version": "v20"})
    ).events


def test_thoughts_are_outside_the_output_and_cached_tokens_inside_the_input() -> None:
    """What server-side tools read is input too; the version told is the runtime's."""
    (event,) = gemini(
        "api_response",
        input_token_count=100,
        cached_content_token_count=60,
        output_token_count=9,
        thoughts_token_count=4,
        tool_token_count=7,
    )
    assert (event.input, event.cache_read, event.output, event.reasoning) == (47, 60, 13, 4)
    assert event.agent_version is None


def test_tools_are_told_by_spans_which_know_the_call() -> None:
    """The log event of a tool call names no call, so it would be a second one."""
    assert gemini("tool_call", function_name="replace", success=True) == []
    called = {"gen_ai.tool.name": "replace", "gen_ai.tool.call_id": "c1"}
    found = take(Signal.TRACES, spans(span("tool_call", called), service="gemini-cli")).events
    assert [event.kind for event in found] == [Kind.SPAN, Kind.TOOL_CALL, Kind.TOOL_RESULT]
    assert {(event.tool, event.tool_call_id) for event in found} == {("replace", "c1")}


def test_loops_errors_and_compaction_are_told() -> None:
    """An error keeps its status; a loop says what kind it was."""
    (error,) = gemini("api_error", status_code=429, error="quota")
    assert (error.kind, error.attributes["status"]) == (Kind.ERROR, "429")
    (loop,) = gemini("loop_detected", loop_type="consecutive_identical_tool_calls")
    assert loop.kind is Kind.LOOP
    assert loop.attributes["pattern"] == "consecutive_identical_tool_calls"
    (compaction,) = gemini("chat_compression", tokens_before=900, tokens_after=90)
    assert compaction.attributes["tokens_after"] == "90"
