"""The conventions for generative AI, old names and new."""

from typing import Any

import pytest
from tests.telemetry.otlp.cases import NOW, logs, span, spans, take, told

from pawl.telemetry.event import Kind
from pawl.telemetry.otlp.reading import Signal
from pawl.telemetry.reconcile import reconcile

OLD = {
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-5.5",
    "gen_ai.usage.prompt_tokens": 100,
    "gen_ai.usage.completion_tokens": 20,
    "gen_ai.usage.cache_read_input_tokens": 30,
    "gen_ai.usage.reasoning_tokens": 4,
}
MIDDLE = {
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "alias",
    "gen_ai.response.model": "gpt-5.5",
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 20,
    "gen_ai.usage.cache_read.input_tokens": 30,
    "gen_ai.usage.cache_creation.input_tokens": 0,
    "gen_ai.usage.reasoning.output_tokens": 4,
}
NEW = {key: plain for key, plain in MIDDLE.items() if "creation" not in key} | {
    "gen_ai.usage.cache_write.input_tokens": 0
}
LLM = {
    "llm.system": "openai",
    "llm.model_name": "gpt-5.5",
    "llm.token_count.prompt": 100,
    "llm.token_count.completion": 20,
    "llm.token_count.prompt_details.cache_read": 30,
    "llm.token_count.completion_details.reasoning": 4,
    "openinference.span.kind": "LLM",
}
NAMED = {"gen_ai.operation.name": "chat", "gen_ai.response.id": "resp_1"}


@pytest.mark.parametrize("spelled", [OLD, MIDDLE, NEW, LLM | {"gen_ai.operation.name": None}])
def test_old_and_new_names_tell_the_same_request(spelled: dict[str, Any]) -> None:
    """The input includes cached tokens, whatever the attribute is called."""
    attributes = {k: v for k, v in (NAMED | spelled).items() if v is not None}
    body = spans(span("chat gpt-5.5", attributes), service="our-bot")
    found = take(Signal.TRACES, body).events
    assert [event.kind for event in found] == [Kind.SPAN, Kind.REQUEST]
    event = found[1]
    assert event.usage is not None
    assert (event.input, event.cache_read, event.output, event.reasoning) == (70, 30, 20, 4)
    assert (event.agent, event.model, event.provider) == ("our-bot", "gpt-5.5", "openai")
    assert (event.message_id, event.duration_ms) == ("resp_1", 1500)


@pytest.mark.parametrize("operation", ["invoke_agent", "invoke_workflow", "create_agent", "plan"])
def test_sums_over_requests_are_not_requests(operation: str) -> None:
    """An invocation of an agent carries the tokens of its requests, and is a span only."""
    attributes = NAMED | MIDDLE | {"gen_ai.operation.name": operation}
    found = take(Signal.TRACES, spans(span("x", attributes), service="our-bot")).events
    assert [event.kind for event in found] == [Kind.SPAN]


def test_a_tools_span_is_a_call_and_its_result() -> None:
    """With its name, id and outcome."""
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "search",
        "gen_ai.tool.call.id": "c1",
        "gen_ai.tool.call.arguments": "secret",
    }
    failed = span("execute_tool search", attributes, status={"code": 2})
    found = take(Signal.TRACES, spans(failed, service="our-bot")).events
    assert [event.kind for event in found] == [Kind.SPAN, Kind.TOOL_CALL, Kind.TOOL_RESULT]
    assert (found[2].tool, found[2].tool_call_id, found[2].outcome) == ("search", "c1", "error")
    assert "secret" not in repr(found)


def test_a_span_of_somebodys_service_is_not_ours() -> None:
    """A database call says nothing of models or agents; it is taken and let go of."""
    found = take(Signal.TRACES, spans(span("SELECT", {"db.system": "x"}), service="our-bot"))
    assert (found.accepted, found.events) == (1, [])


@pytest.mark.parametrize("identified", [True, False])
def test_a_span_and_the_event_inside_it_tell_of_one_request(identified: bool) -> None:
    """By the response's id, else by the span that the event was sent in."""
    attributes = NAMED | MIDDLE
    if not identified:
        del attributes["gen_ai.response.id"]
    seen = span("chat", attributes)
    log = {
        "timeUnixNano": str(NOW),
        "eventName": "gen_ai.client.inference.operation.details",
        "traceId": seen["traceId"],
        "spanId": seen["spanId"],
        "attributes": seen["attributes"],
    }
    both = [
        *take(Signal.TRACES, spans(seen, service="our-bot")).events,
        *take(Signal.LOGS, logs(log, service="our-bot")).events,
    ]
    assert len(told(both)) == 2
    assert len(reconcile(told(both))) == 1
