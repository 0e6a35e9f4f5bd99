"""Requests that telemetry tells without an id are found again by what they have in common."""

from typing import Any

from tests.telemetry.formats.lines import FIXTURES, observe
from tests.telemetry.otlp.cases import span, spans, take, told

from pawl.telemetry.event import Kind
from pawl.telemetry.format import Depth
from pawl.telemetry.formats.opencode import FORMAT as OPENCODE
from pawl.telemetry.likeness import is_likeness, likeness, usage_likeness
from pawl.telemetry.observation import Observation
from pawl.telemetry.otlp.reading import Signal
from pawl.telemetry.reconcile import reconcile
from pawl.telemetry.usage import Usage

EXPORT = (FIXTURES / "opencode/tools-json/step2.stdout.json").read_bytes()


def step(seen: Observation, number: int) -> dict[str, Any]:
    """Return the span that the AI SDK sends of a request."""
    attributes = {
        "ai.telemetry.metadata.sessionId": seen.session_id,
        "ai.model.id": seen.model,
        "ai.model.provider": "openai.responses",
        "ai.response.id": f"resp_{number}",
        "ai.usage.inputTokens": (seen.input or 0) + seen.cache_read + seen.cache_write_5m,
        "ai.usage.cachedInputTokens": seen.cache_read,
        "ai.usage.inputTokenDetails.cacheWriteTokens": seen.cache_write_5m,
        "ai.usage.outputTokens": seen.output,
        "ai.usage.reasoningTokens": seen.reasoning,
    }
    return span("ai.streamText.doStream", attributes, spanId=f"{number:016x}")


def test_opencodes_spans_and_its_messages_are_the_same_requests() -> None:
    """The response's id is the provider's, the message's is its own; session and counts agree."""
    messages = observe(OPENCODE, EXPORT)
    sent = spans(*(step(seen, n) for n, seen in enumerate(messages)), service="opencode")
    telemetry = told(take(Signal.TRACES, sent).events)
    assert len(telemetry) == len(messages) > 1
    both = reconcile([*telemetry, *messages])
    assert [request.usage for request in both] == [r.usage for r in reconcile(messages)]
    assert all(request.confirms == (("telemetry", "opencode"),) for request in both)


def test_two_requests_alike_stay_two_where_somebody_names_them() -> None:
    """Telemetry of both confirms one of them; the other is not lost and neither is added."""
    alike = likeness("a", "s", 1, 0, 0, 1, 0)
    named = [
        Observation(f"e{n}", f"2026-11-20T10:00:0{n}.000000Z", 0, "a", request_id=f"r{n}",
                    message_id=alike, input=1, output=1, session_id="s")
        for n in (1, 2)
    ]  # fmt: skip
    unnamed = [
        Observation(f"t{n}", f"2026-11-20T10:00:0{n}.000000Z", 2, "a", message_id=alike,
                    input=1, output=1, session_id="s")
        for n in (1, 2)
    ]  # fmt: skip
    assert len(reconcile([*unnamed, *named])) == 2
    assert len(reconcile([*named, *unnamed])) == 2


def test_a_likeness_is_none_of_the_providers_ids() -> None:
    """It can be told from them, and there is none without a session."""
    usage = Usage(1, 2, 3, 4, 5, 6)
    alike = usage_likeness("a", "s", usage)
    assert alike == likeness("a", "s", 1, 2, 7, 5, 6)
    assert alike is not None
    assert is_likeness(alike)
    assert not is_likeness("msg_1")
    assert usage_likeness("a", None, usage) is None


def test_every_message_of_opencode_has_one() -> None:
    """The file names the request, and tells what telemetry knows it by."""
    for event in OPENCODE.open("x", Depth(), None).feed(EXPORT):
        if event.kind is Kind.REQUEST:
            assert event.request_id
            assert event.message_id is not None
            assert is_likeness(event.message_id)
