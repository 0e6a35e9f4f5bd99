"""Codex's log events and spans, by hand."""

from typing import Any

from tests.telemetry.otlp.cases import claude_log, logs, span, spans, take

from pawl.telemetry.event import Event, Kind
from pawl.telemetry.otlp.reading import Signal


def codex(name: str, **attributes: Any) -> list[Event]:
    """Return the events of a log event of Codex."""
    record = claude_log(f"codex.{name}", **attributes)
    return take(Signal.LOGS, logs(record, service="codex_cli_rs")).events


def test_an_attempt_of_codex_is_news_only_when_it_failed_or_repeats() -> None:
    """One that went well is no event; a repeated one is a retry, a failed one an error."""
    name = "http.response.status_code"
    assert codex("api_request", **{name: 200, "attempt": 0}) == []
    again = codex("api_request", **{name: 503, "attempt": 2})
    assert [event.kind for event in again] == [Kind.RETRY, Kind.ERROR]
    assert {event.attributes["status"] for event in again} == {"503"}


def test_a_codex_decision_has_our_words() -> None:
    """An approved call is a call; a denied one is that too."""
    assert [e.kind for e in codex("tool_decision", decision="approved")] == [Kind.TOOL_CALL]
    assert [e.kind for e in codex("tool_decision", decision="denied")] == [
        Kind.TOOL_CALL,
        Kind.TOOL_DENIED,
    ]


def test_noise_of_a_runtime_is_no_span() -> None:
    """Codex traces its own runtime; gemini_cli and claude_code spans are work."""
    noisy = [span("fs.read_file", {}), span("receiving", {}), span("run_turn", {})]
    found = take(Signal.TRACES, spans(*noisy, service="codex_exec"))
    assert [event.attributes["name"] for event in found.events] == ["run_turn"]
    assert found.accepted == 3
