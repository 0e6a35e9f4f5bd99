"""Gemini CLI's session files."""

from typing import Any

from tests.telemetry.formats.lines import FIXTURES, encoded, observe, recorded

from pawl.telemetry.event import Kind
from pawl.telemetry.format import Depth
from pawl.telemetry.formats.gemini_cli import FORMAT

PATH = "/home/dev/.gemini/tmp/shop/chats/session-1.jsonl"


def message(**tokens: int) -> dict[str, Any]:
    return {
        "id": "m1",
        "type": "gemini",
        "timestamp": "2026-11-20T10:00:00.000Z",
        "model": "gemini-2.5-pro",
        "content": "hi",
        "tokens": tokens,
    }


def test_the_last_line_of_an_id_counts() -> None:
    """A message written again when its tools finished is one request, as last written."""
    lines = encoded(message(input=5, output=1), message(input=5, output=9))
    assert [seen.output for seen in observe(FORMAT, lines, PATH)] == [9]


def test_buckets_are_disjoint() -> None:
    """Cached tokens leave the input, thoughts join the output, tool prompts join the input."""
    line = encoded(message(input=100, cached=60, output=10, thoughts=7, tool=3))
    (seen,) = observe(FORMAT, line, PATH)
    assert (seen.input, seen.cache_read, seen.output, seen.reasoning) == (43, 60, 17, 7)


def test_more_cached_than_sent_is_refused() -> None:
    """Cached tokens beyond the prompt cannot be true."""
    reader = FORMAT.open(PATH, Depth(everything=False), None)
    assert reader.observe(encoded(message(input=5, cached=6))) == []
    assert reader.refused == 1


def test_the_folder_names_the_project() -> None:
    """The files do not say where the agent worked, their folder does, unless it is a hash."""
    line = encoded(message(input=1, output=1))
    assert observe(FORMAT, line, PATH)[0].project == "shop"
    assert observe(FORMAT, line, PATH.replace("shop", "a" * 64))[0].project is None


def test_messages_in_a_patch_are_read() -> None:
    """History set as a whole tells the same messages."""
    patch = {"$set": {"messages": [message(input=5, output=2)]}}
    assert len(observe(FORMAT, encoded(patch), PATH)) == 1


def test_every_request_has_its_session() -> None:
    """The header names the session of all that follows, after a resume too."""
    sessions = {seen.session_id for seen in recorded(FORMAT, "gemini/resume")}
    assert len(sessions) == 1
    assert None not in sessions


def test_tools_denied_are_errors() -> None:
    """A call of a tool that is not offered has a result, and it failed."""
    (path,) = (FIXTURES / "gemini/tools-denied/transcripts").rglob("*.jsonl")
    events = FORMAT.open(str(path), Depth(), None).feed(path.read_bytes())
    outcomes = [e.outcome for e in events if e.kind is Kind.TOOL_RESULT]
    assert outcomes.count("error") == 2
    assert len([e for e in events if e.kind is Kind.TOOL_CALL]) == len(outcomes) == 3
    assert len({e.id for e in events}) == len(events)


def test_garbage_is_skipped_and_counted() -> None:
    """A torn line costs itself."""
    reader = FORMAT.open(PATH, Depth(everything=False), None)
    assert len(reader.observe(b'{"tokens":\n' + encoded(message(input=1, output=1)))) == 1
    assert reader.skipped == 1


def test_a_session_file_is_recognised() -> None:
    """The header of a session says what it is."""
    assert FORMAT.recognises("s.jsonl", b'{"sessionId":"a","projectHash":"b"}\n')
    assert not FORMAT.recognises("s.jsonl", b'{"sessionId":"a"}\n')
