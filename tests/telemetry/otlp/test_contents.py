"""What senders bring of what was said: gathered where somebody asked, and else left behind."""

import pytest
from tests.telemetry.otlp.cases import (
    CASES,
    RECEIVED,
    as_protobuf,
    bodies,
    claude_log,
    logs,
    span,
    spans,
)

from pawl.telemetry.content import Content, Gathered
from pawl.telemetry.event import Event
from pawl.telemetry.otlp.reading import JSON, PROTOBUF, Signal, read

Told = list[tuple[str, str, str]]


def said(signal: Signal, body: bytes, kind: str = JSON) -> tuple[list[Event], list[Content]]:
    """Return the events and the texts of a body."""
    gathered = Gathered(65_536)
    taken = read(signal, kind, body, received=RECEIVED, gathered=gathered)
    return taken.events, gathered.take()


def told(signal: Signal, body: bytes) -> Told:
    """Return (kind of event, role, text) of a body's texts; both encodings tell the same."""
    events, texts = said(signal, body)
    assert said(signal, as_protobuf(signal, body), PROTOBUF)[1] == texts
    kinds = {event.id: event.kind for event in events}
    return [(kinds[text.event_id].value, text.role.value, text.text) for text in texts]


@pytest.mark.parametrize("case", CASES)
def test_events_are_the_same_with_contents_and_without(case: str) -> None:
    """Every text is of an event that is there, and none of it got into one."""
    for signal, kind, body in bodies(case):
        events, texts = said(signal, body, kind)
        assert events == read(signal, kind, body, received=RECEIVED).events
        whole = {event.id: event for event in events}
        for text in texts:
            assert whole[text.event_id].session_id == text.session_id
            assert text.characters < 20 or text.text[:200] not in repr(whole[text.event_id])


def test_recorded_prompts_answers_and_tools_are_found() -> None:
    """What Claude Code told with its switches on, and Codex with its own."""
    found: dict[str, set[str]] = {}
    for case in ("claude/otel-json-details", "codex/otel-json"):
        for signal, kind, body in bodies(case):
            for text in said(signal, body, kind)[1]:
                found.setdefault(text.role.value, set()).add(text.text)
    assert "Fix the bug" in found["prompt"]
    assert "Fix the failing test" in found["prompt"]
    assert "Fixed add to use addition; the program prints 5 now." in found["answer"]
    assert any("return a + b" in each for each in found["arguments"])
    assert any("Process exited with code 0" in each for each in found["result"])


def test_a_record_that_is_refused_brings_no_text() -> None:
    """Neither does one that makes no event."""
    bad = claude_log("api_request", input_tokens=-1, prompt="hidden")
    unknown = claude_log("somebodys_event", prompt="hidden")
    assert told(Signal.LOGS, logs(bad, unknown)) == []


def test_what_a_sender_withheld_is_no_text() -> None:
    """Claude Code has a word for a prompt that it was not asked to send."""
    assert told(Signal.LOGS, logs(claude_log("user_prompt", prompt="<REDACTED>"))) == []


def test_the_conventions_messages_are_of_the_request() -> None:
    """Instructions, what was asked and what was answered; as text, or as lists of parts."""
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.response.id": "resp_1",
        "gen_ai.usage.input_tokens": 5,
        "gen_ai.system_instructions": "Be brief",
        "gen_ai.input.messages": ["What is 2 + 2?"],
        "gen_ai.output.messages": '[{"role":"assistant"}]',
    }
    body = spans(span("chat", attributes), service="our-bot")
    assert told(Signal.TRACES, body) == [
        ("request", "instructions", "Be brief"),
        ("request", "prompt", '["What is 2 + 2?"]'),
        ("request", "answer", '[{"role":"assistant"}]'),
    ]


def test_a_tools_arguments_are_the_calls_and_its_output_the_results() -> None:
    """One span tells both."""
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "search",
        "gen_ai.tool.call.arguments": '{"q":"x"}',
        "gen_ai.tool.call.result": "nothing",
    }
    body = spans(span("execute_tool search", attributes), service="our-bot")
    assert told(Signal.TRACES, body) == [
        ("tool_call", "arguments", '{"q":"x"}'),
        ("tool_result", "result", "nothing"),
    ]


def test_whose_text_it_is_comes_from_the_event() -> None:
    """The developer and the run that the resource names."""
    record = claude_log("user_prompt", prompt="Fix it")
    body = logs(record, **{"pawl.run_id": "run_1", "user.email": "ada@example.org"})
    ((_,), (text,)) = said(Signal.LOGS, body)
    assert (text.run_id, text.developer, text.session_id) == ("run_1", "ada@example.org", "s-1")
