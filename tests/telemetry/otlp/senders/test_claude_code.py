"""Claude Code's log events and spans, by hand."""

from typing import Any

import pytest
from tests.telemetry.otlp.cases import claude_log, logs, span, spans, take

from pawl.telemetry.event import Event, Kind
from pawl.telemetry.otlp.reading import Signal


def request(**attributes: Any) -> list[Event]:
    """Return the events of an `api_request`."""
    counted = {"input_tokens": 10, "output_tokens": 5, "request_id": "req_1", "model": "m"}
    return take(Signal.LOGS, logs(claude_log("api_request", **(counted | attributes)))).events


def test_lifetimes_of_cache_writes_are_kept_apart() -> None:
    """Without a breakdown all of a write is of the default lifetime."""
    (event,) = request(cache_creation_tokens=10)
    assert (event.cache_write_5m, event.cache_write_1h) == (10, 0)
    (event,) = request(cache_creation_tokens=10, cache_creation_1h_tokens=7)
    assert (event.cache_write_5m, event.cache_write_1h) == (3, 7)


def test_a_faster_answer_is_a_model_of_its_own() -> None:
    """It is priced apart, under the name that transcripts give it."""
    assert request(speed="normal")[0].model == "m"
    assert request(speed="fast")[0].model == "m-fast"


@pytest.mark.parametrize(
    ("name", "attributes", "kinds"),
    [
        ("tool_decision", {"decision": "accept"}, [Kind.TOOL_CALL]),
        ("tool_decision", {"decision": "reject"}, [Kind.TOOL_CALL, Kind.TOOL_DENIED]),
        ("tool_result", {"success": "true"}, [Kind.TOOL_RESULT]),
        ("api_error", {"status_code": 529}, [Kind.ERROR]),
        ("internal_error", {"error_code": "X"}, [Kind.ERROR]),
        ("api_refusal", {"request_id": "r"}, [Kind.REFUSAL]),
        ("api_retries_exhausted", {"total_attempts": 11}, [Kind.RETRY]),
        ("compaction", {"trigger": "auto", "success": "true"}, [Kind.COMPACTION]),
        ("subagent_completed", {"total_tokens": 9}, [Kind.SUBAGENT_ENDED]),
        ("user_prompt", {"prompt_length": 5}, [Kind.PROMPT]),
        ("assistant_response", {"response_length": 5}, [Kind.MESSAGE]),
        ("hook_execution_complete", {"num_blocking": 1}, [Kind.HOOK]),
        ("mcp_server_connection", {"status": "failed"}, [Kind.MCP_CONNECTION]),
        ("api_request", {"duration_ms": 5}, []),
        ("api_response_body", {"body": "secret"}, []),
        ("something_new", {"body": "secret"}, []),
    ],
)
def test_each_event_of_claude_code_has_its_kind(
    name: str, attributes: dict[str, Any], kinds: list[Kind]
) -> None:
    """Every documented event that tells of work is a kind of ours; the others are taken as read."""
    taken = take(Signal.LOGS, logs(claude_log(name, **attributes)))
    assert [event.kind for event in taken.events] == kinds
    assert taken.accepted == 1
    assert "secret" not in repr(taken)


def test_a_sub_agents_span_belongs_to_the_session() -> None:
    """Its conversation is the sub-agent's id; the session is the one it works for."""
    told_by_span = {"session.id": "s-1", "gen_ai.conversation.id": "a-7", "agent_id": "a-7"}
    (event,) = take(Signal.TRACES, spans(span("claude_code.hook", told_by_span))).events
    assert event.session_id == "s-1"
    assert event.attributes["agent_id"] == "a-7"
