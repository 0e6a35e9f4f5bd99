"""opencode's spans, which are those of the AI SDK, by hand."""

from typing import Any

import pytest
from tests.telemetry.otlp.cases import span, spans, take

from pawl.telemetry.event import Event, Kind
from pawl.telemetry.otlp.reading import Signal

SDK = {
    "ai.telemetry.metadata.sessionId": "ses_1",
    "ai.model.id": "claude-opus-5-5",
    "ai.response.id": "msg_1",
}


def opencode(name: str, attributes: dict[str, Any]) -> list[Event]:
    """Return the events of a span of opencode."""
    return take(Signal.TRACES, spans(span(name, SDK | attributes), service="opencode")).events


@pytest.mark.parametrize(
    ("attributes", "fresh"),
    [
        ({"ai.model.provider": "openai.responses", "ai.usage.promptTokens": 100}, 60),
        ({"ai.model.provider": "anthropic.messages", "ai.usage.inputTokens": 100}, 100),
        (
            {
                "ai.model.provider": "anthropic.messages",
                "ai.usage.inputTokens": 140,
                "ai.usage.inputTokenDetails.noCacheTokens": 100,
            },
            100,
        ),
    ],
)
def test_the_ai_sdk_counts_as_the_provider_does(attributes: dict[str, Any], fresh: int) -> None:
    """Cached tokens are inside the input for most, outside for Anthropic, apart in version 6."""
    counted = {"ai.usage.cachedInputTokens": 40, "ai.usage.outputTokens": 7}
    found = opencode("ai.streamText.doStream", attributes | counted)
    assert [event.kind for event in found] == [Kind.SPAN, Kind.REQUEST]
    assert (found[1].input, found[1].cache_read, found[1].output) == (fresh, 40, 7)
    assert found[1].session_id == "ses_1"


def test_sums_of_the_ai_sdk_are_not_counted() -> None:
    """The span around the steps carries their sum."""
    assert [event.kind for event in opencode("ai.streamText", {"ai.usage.inputTokens": 9})] == [
        Kind.SPAN
    ]


def test_tools_of_the_ai_sdk_are_calls_with_results() -> None:
    """A tool's span tells the call, the result and how long it took, without what it was given."""
    found = opencode(
        "ai.toolCall",
        {"ai.toolCall.name": "bash", "ai.toolCall.id": "c1", "ai.toolCall.args": "secret"},
    )
    assert [event.kind for event in found] == [Kind.SPAN, Kind.TOOL_CALL, Kind.TOOL_RESULT]
    assert {(event.tool, event.tool_call_id) for event in found} == {("bash", "c1")}
    assert found[2].duration_ms == 1500
    assert found[2].attributes["arguments_characters"] == "6"
    assert "secret" not in repr(found)
