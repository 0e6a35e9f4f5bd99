"""Codex's rollout files, with usage records and from before there were any."""

import json
from typing import Any

from tests.telemetry.formats.lines import FIXTURES, encoded, observe, recorded

from pawl.telemetry.event import Kind
from pawl.telemetry.format import Depth
from pawl.telemetry.formats.codex import FORMAT
from pawl.telemetry.reconcile import reconcile


def row(kind: str, payload: dict[str, Any], second: int = 0) -> dict[str, Any]:
    time = f"2026-11-20T10:00:{second:02}.000Z"
    return {"timestamp": time, "type": kind, "payload": payload}


def counted(last: int, total: int, second: int = 0) -> dict[str, Any]:
    def usage(tokens: int) -> dict[str, int]:
        return {"input_tokens": tokens, "cached_input_tokens": 0, "output_tokens": 1}

    info = {"total_token_usage": usage(total), "last_token_usage": usage(last)}
    return row("event_msg", {"type": "token_count", "info": info}, second)


META = row("session_meta", {"id": "t1", "cwd": "/home/dev/shop", "cli_version": "0.40.0"})
MODEL = row("turn_context", {"model": "gpt-5.5", "cwd": "/home/dev/shop"})


def test_the_model_is_that_of_the_turn() -> None:
    """A request takes its model and its place from the turn it is part of."""
    for seen in recorded(FORMAT, "codex/tools-json"):
        assert (seen.model, seen.cwd, seen.branch) == ("gpt-5.5", "/tmp/demo-repo", "main")


def test_cache_writes_are_inside_input_too() -> None:
    """Cached and cache-written tokens are taken out of the input that includes them."""
    first_two = recorded(FORMAT, "codex/tools-json")[:2]
    told = [(seen.input, seen.cache_read, seen.cache_write_5m) for seen in first_two]
    assert told == [(2100, 1500, 0), (700, 3600, 200)]


def test_without_records_each_new_total_is_a_request() -> None:
    """Older files tell the last call beside the running total; a repeated total is no new call."""
    lines = [META, MODEL, counted(10, 10, 1), counted(10, 10, 2), counted(5, 15, 3)]
    found = reconcile(observe(FORMAT, encoded(*lines)))
    assert sorted(r.usage.input for r in found if r.usage) == [5, 10]


def test_a_fork_that_replays_its_parents_totals_counts_them_once() -> None:
    """A forked thread's file repeats its parent's counts; the totals say they are the same."""
    parent = observe(FORMAT, encoded(META, MODEL, counted(10, 10)))
    fork = row("session_meta", {"id": "t2", "forked_from_id": "t1", "cwd": "/home/dev/shop"})
    child = observe(FORMAT, encoded(fork, META, MODEL, counted(10, 10, 9), counted(4, 14, 10)))
    assert len(reconcile([*child, *parent])) == 2


def test_records_silence_the_counts_beside_them() -> None:
    """Where a response has a record, the count event that follows it is not a second request."""
    assert len(reconcile(recorded(FORMAT, "codex/simple-json"))) == 1


def test_a_count_without_info_is_nothing() -> None:
    """A rate-limit update carries no usage."""
    empty = row("event_msg", {"type": "token_count", "info": None})
    assert observe(FORMAT, encoded(META, empty)) == []


def test_more_cached_than_sent_is_refused() -> None:
    """Cached tokens beyond the input they are part of cannot be true."""
    usage = {"input_tokens": 5, "cached_input_tokens": 9, "output_tokens": 1}
    line = row("token_usage_record", {"response_id": "resp_1", "usage": usage})
    reader = FORMAT.open("x.jsonl", Depth(everything=False), None)
    assert reader.observe(encoded(META, line)) == []
    assert reader.refused == 1


def test_the_state_carries_model_and_thread_over() -> None:
    """A reader that goes on later knows the thread, the model and that records exist."""
    first = FORMAT.open("x.jsonl", Depth(everything=False), None)
    first.observe(encoded(META, MODEL))
    second = FORMAT.open("x.jsonl", Depth(everything=False), first.state())
    (seen,) = second.observe(encoded(counted(10, 10)))
    assert (seen.model, seen.session_id, seen.cwd) == ("gpt-5.5", "t1", "/home/dev/shop")


def _events(case: str) -> list[Any]:
    found = []
    for path in (FIXTURES / case / "transcripts").rglob("*.jsonl"):
        found.extend(FORMAT.open(str(path), Depth(), None).feed(path.read_bytes()))
    return found


def test_tools_have_digests_and_outcomes() -> None:
    """Commands and patches are calls with results; a failed command is an error."""
    results = [e for e in _events("codex/tools-json") if e.kind is Kind.TOOL_RESULT]
    assert [(e.tool, e.outcome) for e in results] == [
        ("exec_command", "ok"),
        ("apply_patch", "ok"),
        ("exec_command", "ok"),
    ]
    (failed,) = [e for e in _events("codex/command-fails") if e.kind is Kind.TOOL_RESULT]
    assert failed.outcome == "error"
    refused = [e for e in _events("codex/read-only") if e.kind is Kind.TOOL_RESULT]
    assert [(e.tool, e.outcome) for e in refused] == [
        ("exec_command", "ok"),
        ("apply_patch", "error"),
    ]


def test_the_same_answer_has_the_same_digest() -> None:
    """Wall time and chunk ids in an answer are no progress."""

    def result(chunk: str) -> str:
        output = f"Chunk ID: {chunk}\nWall time: 0.{len(chunk)} seconds\nOutput:\nsame\n"
        payload = {"type": "function_call_output", "call_id": "c", "output": output}
        (event,) = FORMAT.open("x", Depth(), None).feed(encoded(row("response_item", payload)))
        return event.attributes["result_digest"]

    assert result("a1") == result("ffff")


def test_a_rollout_is_recognised() -> None:
    """The first line of a rollout says what it is."""
    assert FORMAT.recognises("rollout.jsonl", json.dumps(META).encode())
    assert not FORMAT.recognises("rollout.jsonl", b"{}")
