"""Claude Code's session files, as they are and as they are not supposed to be."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.telemetry.formats.lines import FIXTURES, claude, encoded, observe

from pawl.telemetry.event import Event, Kind
from pawl.telemetry.format import Depth
from pawl.telemetry.formats.claude_code import FORMAT
from pawl.telemetry.observation import observation
from pawl.telemetry.reconcile import Request, reconcile

RESUMED = next((FIXTURES / "claude/tools-stream/transcripts").rglob("*.jsonl")).read_bytes()


def test_a_partial_count_is_not_final() -> None:
    """Only a stop reason makes a response's count final."""
    first, last = observe(FORMAT, encoded(claude(output=1, stop=None), claude(output=7)))
    assert (first.final, last.final) == (False, True)


def test_only_further_blocks_of_one_response_are_passed_over() -> None:
    """Lines that look like the one before but are of another response, or final, are told."""
    fake = {"type": "tool_use", "id": "t", "name": "put", "input": {"requestId": "req_1"}}
    lines = [
        claude(output=3, stop=None),
        claude(output=3, stop=None, uuid="again"),
        claude(output=3),
        claude(output=3, request="req_2", message="msg_2"),
        claude(output=3, request="req_3", message="msg_3", content=[fake]),
        claude(output=3, request=None, message="msg_4"),
    ]
    seen = observe(FORMAT, encoded(*lines))
    assert [(one.request_id, one.message_id, one.final) for one in seen] == [
        ("req_1", "msg_1", False),
        ("req_1", "msg_1", True),
        ("req_2", "msg_2", True),
        ("req_3", "msg_3", True),
        (None, "msg_4", True),
    ]


def test_thinking_is_noted_inside_output() -> None:
    """Thinking tokens are part of output and are not added to it."""
    usage = {"input_tokens": 1, "output_tokens": 9, "output_tokens_details": {"thinking_tokens": 4}}
    (seen,) = observe(FORMAT, encoded(claude(usage=usage)))
    assert (seen.output, seen.reasoning) == (9, 4)


def test_old_lines_carry_their_own_cost() -> None:
    """The cost older versions wrote is kept as reported, beside our own price."""
    (seen,) = observe(FORMAT, encoded(claude(costUSD=0.0125)))
    assert seen.reported_micros == 12_500


def test_a_faster_tier_has_a_price_of_its_own() -> None:
    """A request at another speed is not billed at the ordinary rate of its model."""
    usage = {"input_tokens": 1, "output_tokens": 1, "speed": "fast"}
    (seen,) = observe(FORMAT, encoded(claude(usage=usage)))
    assert seen.model == "claude-opus-5-5-fast"


def test_messages_the_program_wrote_itself_are_no_requests() -> None:
    """A synthetic message is an error event, and costs nothing."""
    line = claude(
        model="<synthetic>", isApiErrorMessage=True, apiErrorStatus=529, error="overloaded"
    )
    assert observe(FORMAT, encoded(line)) == []
    events = FORMAT.open("x.jsonl", Depth(), None).feed(encoded(line))
    (error,) = [event for event in events if event.kind is Kind.ERROR]
    assert error.attributes["status"] == "529"


@pytest.mark.parametrize(
    "usage",
    [
        {"input_tokens": -5, "output_tokens": 1},
        {"input_tokens": 1, "output_tokens": 1, "cache_read_input_tokens": -1},
        {"input_tokens": 1, "output_tokens": 1.5},
        {"input_tokens": "12", "output_tokens": 1},
        {"input_tokens": True, "output_tokens": 1},
        {"input_tokens": 10**30, "output_tokens": 1},
    ],
)
def test_a_count_that_cannot_be_true_is_refused_and_counted(usage: dict[str, object]) -> None:
    """A negative or broken count is neither clamped to zero nor dropped in silence."""
    reader = FORMAT.open("x.jsonl", Depth(everything=False), None)
    assert reader.observe(encoded(claude(usage=usage))) == []
    assert reader.refused == 1


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"assistant","message":{"usage":{"output_tokens":1}\n',
        b'\xff\xfe"output_tokens"\n',
        b'["output_tokens"]\n',
        b'"output_tokens"\n',
        b'{"type":"assistant","message":' + b'{"output_tokens":' * 5000 + b"\n",
        b'{"type":"assistant","timestamp":"soon","message":{"usage":{"output_tokens":1}}}\n',
    ],
)
def test_garbage_is_skipped_and_counted(line: bytes) -> None:
    """A line that is no request costs only itself."""
    reader = FORMAT.open("x.jsonl", Depth(everything=False), None)
    assert len(reader.observe(line + encoded(claude()))) == 1
    assert reader.skipped == 1


@pytest.mark.parametrize("junk", [b"\xff\xfe\xc3(", b"\\ud83d", "\u2028".encode()])
def test_strange_bytes_in_content_do_not_lose_the_request(junk: bytes) -> None:
    """Text that is not UTF-8, or half a character, is content; the usage beside it counts."""
    content = [{"type": "text", "text": "JUNK"}]
    line = encoded(claude(content=content)).replace(b"JUNK", junk)
    assert len(observe(FORMAT, line)) == 1
    assert any(e.kind is Kind.REQUEST for e in FORMAT.open("x", Depth(), None).feed(line))


def test_a_field_of_a_wrong_type_costs_only_itself() -> None:
    """A line whose branch is a number is still a request, without a branch."""
    (seen,) = observe(FORMAT, encoded(claude(gitBranch=7, version=[1], requestId={"a": 1})))
    assert (seen.branch, seen.request_id, seen.message_id) == (None, None, "msg_1")


def test_usage_inside_tool_arguments_is_no_usage() -> None:
    """A tool called with something that looks like a response bills nothing more."""
    fake = {"message": {"id": "m", "model": "x", "usage": {"input_tokens": 9, "output_tokens": 9}}}
    call = {"type": "tool_use", "id": "t", "name": "put", "input": fake | {"requestId": "r"}}
    (seen,) = observe(FORMAT, encoded(claude(content=[call])))
    assert (seen.request_id, seen.input) == ("req_1", 10)


@given(st.lists(st.integers(0, 40), max_size=6))
@settings(max_examples=30)
def test_reading_in_pieces_is_reading_at_once(cuts: list[int]) -> None:
    """However a growing file is cut into pieces, with readers that come and go, facts are equal."""
    rows = RESUMED.splitlines(keepends=True)
    places = sorted({cut for cut in cuts if cut < len(rows)})
    whole = FORMAT.open("x.jsonl", Depth(), None).feed(RESUMED)
    pieces = []
    state: bytes | None = None
    for start, end in zip([0, *places], [*places, len(rows)], strict=True):
        reader = FORMAT.open("x.jsonl", Depth(), state)
        pieces.extend(reader.feed(b"".join(rows[start:end])))
        state = reader.state()

    def split(events: list[Event]) -> tuple[dict[str, Event], list[Request]]:
        facts = {event.id: event for event in events if event.kind is not Kind.REQUEST}
        told = [observation(event) for event in events if event.kind is Kind.REQUEST]
        return facts, reconcile(told)

    assert split(pieces) == split(whole)


def test_tool_calls_meet_their_results() -> None:
    """A call and its result share an id and a tool, and both have digests instead of content."""
    events = FORMAT.open("x.jsonl", Depth(), None).feed(RESUMED)
    calls = {e.tool_call_id: e for e in events if e.kind is Kind.TOOL_CALL}
    results = {e.tool_call_id: e for e in events if e.kind is Kind.TOOL_RESULT}
    assert len(calls) == 4
    assert calls.keys() == results.keys()
    for call, result in results.items():
        assert result.tool == calls[call].tool
        assert len(result.attributes["result_digest"]) == 16
        assert len(calls[call].attributes["arguments_digest"]) == 16
    assert "return a - b" not in "".join(str(event) for event in events)


def _kinds(case: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for path in (FIXTURES / case / "transcripts").rglob("*.jsonl"):
        for event in FORMAT.open(str(path), Depth(), None).feed(path.read_bytes()):
            found[str(event.kind)] += 1
            if event.kind is Kind.TOOL_RESULT:
                found[f"result {event.outcome}"] += 1
    return found


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("claude/error-429-recovers", {"retry": 2, "request": 1, "error": 0}),
        ("claude/error-after-tools", {"retry": 1, "request": 2, "error": 1, "tool_call": 2}),
        ("claude/tool-failure", {"result error": 2, "request": 2}),
        ("claude/subagents-foreground", {"subagent_started": 2, "subagent_ended": 2}),
        ("claude/compact", {"compaction": 1}),
    ],
)
def test_recorded_sessions_tell_what_happened(case: str, expected: dict[str, int]) -> None:
    """Retries, errors, failed tools, sub-agents and compaction are events of the session."""
    found = _kinds(case)
    assert {name: found[name] for name in expected} == expected


def test_both_depths_tell_the_same_requests() -> None:
    """Reading for the bill alone finds the requests that reading everything finds."""
    for path in sorted((FIXTURES / "claude").glob("*/transcripts/**/*.jsonl")):
        content = path.read_bytes()
        events = FORMAT.open(str(path), Depth(), None).feed(content)
        quick = FORMAT.open(str(path), Depth(everything=False), None).feed(content)
        slow = [event.id for event in events if event.kind is Kind.REQUEST]
        assert sorted(event.id for event in quick) == sorted(slow)


def test_a_session_file_is_recognised() -> None:
    """First bytes tell a session file from other JSON lines."""
    assert FORMAT.recognises("x.jsonl", RESUMED[:4096])
    assert not FORMAT.recognises("x.jsonl", b'{"level":"info"}\n')
    assert not FORMAT.recognises("x.txt", RESUMED[:4096])


@given(st.binary(max_size=200))
@settings(max_examples=50)
def test_no_bytes_break_the_reader(content: bytes) -> None:
    """Hostile bytes, alone or inside a line, never raise."""
    mixed = encoded(claude()).replace(b"hello", content.replace(b"\n", b" "))
    for depth in (Depth(), Depth(everything=False)):
        reader = FORMAT.open(str(Path("x.jsonl")), depth, None)
        reader.feed(content + b"\n" + mixed)
    assert len(reconcile(observe(FORMAT, json.dumps({"a": 1}).encode() + b"\n"))) == 0
