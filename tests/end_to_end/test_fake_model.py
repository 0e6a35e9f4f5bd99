"""The real agent programs believe the fake model, and what they report is what it told.

Everything that uses the fake model as a truth stands on these tests: if a program's own numbers
differ from the server's here, the fault is in the server and not in the product.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.end_to_end.fake_model import (
    FakeModel,
    Script,
    Step,
    ToolCall,
    Usage,
    error,
    from_subagent,
    hang,
    parallel_tools,
    repeat,
    text,
    tool,
)
from tests.end_to_end.rig import AgentHome, agents_missing

_MISSING = agents_missing()
pytestmark = [pytest.mark.agents, pytest.mark.skipif(_MISSING is not None, reason=_MISSING or "")]

Json = dict[str, Any]

# USD per million tokens of claude-opus-5-5, the default model of the pinned Claude Code.
_PRICES = {
    "input": 4.0,
    "cache_read": 0.2,
    "cache_write": 5.0,
    "cache_write_1h": 8.0,
    "output": 20.0,
}

FIRST = Usage(
    input=6, cache_read=11840, cache_write=2213, cache_write_1h=90, output=118, reasoning=40
)
SECOND = Usage(input=8, cache_read=14053, cache_write=512, output=163)
THIRD = Usage(input=9, cache_read=14565, cache_write=301, output=87, reasoning=7)


@contextmanager
def _staged(
    root: Path, *steps: Step, rules: tuple[Script, ...] = (), **env: str
) -> Iterator[tuple[FakeModel, AgentHome]]:
    """A model with this script, and a home that reaches it; the server must not have failed."""
    with FakeModel(steps, rules=rules) as model:
        yield model, AgentHome(root / "agent", model.url, env)
        assert model.failures == []


def _cost_usd(usage: Usage) -> float:
    return float(sum(getattr(usage, kind) * price / 1e6 for kind, price in _PRICES.items()))


def _lines(stdout: str) -> list[Json]:
    return [json.loads(line) for line in stdout.splitlines()]


def _result(stdout: str) -> Json:
    """The last result of Claude Code, which both of its JSON formats end with."""
    last: Json = _lines(stdout)[-1]
    assert last["type"] == "result"
    return last


def _claude_usage(result: Json) -> Usage:
    """What Claude Code says the session used, over all models and subagents."""
    total = Usage()
    for told in result["modelUsage"].values():
        total += Usage(
            input=told["inputTokens"],
            cache_read=told["cacheReadInputTokens"],
            cache_write=told["cacheCreationEphemeral5mInputTokens"],
            cache_write_1h=told["cacheCreationEphemeral1hInputTokens"],
            output=told["outputTokens"],
            reasoning=told["thinkingTokens"],
        )
    return total


def _assert_claude_told(result: Json, expected: Usage, model: FakeModel) -> None:
    """Script, server records and the program's report agree on tokens and cost."""
    assert model.told() == expected
    assert _claude_usage(result) == expected
    assert result["total_cost_usd"] == pytest.approx(_cost_usd(expected), abs=1e-9)


def _codex_usage(stdout: str) -> Usage:
    """What Codex says the thread used. It counts cached tokens as input; take them out again."""
    told = _lines(stdout)[-1]["usage"]
    cached, written = told["cached_input_tokens"], told["cache_write_input_tokens"]
    return Usage(
        input=told["input_tokens"] - cached - written,
        cache_read=cached,
        cache_write=written,
        output=told["output_tokens"],
        reasoning=told["reasoning_output_tokens"],
    )


@pytest.mark.parametrize(
    "output", [("json",), ("stream-json", "--verbose")], ids=["json", "stream-json"]
)
def test_claude_reports_what_one_answer_told(tmp_path: Path, output: tuple[str, ...]) -> None:
    """A single answer arrives whole, with its tokens of every kind and their cost."""
    with _staged(tmp_path, text("The answer is 4.", FIRST)) as (model, home):
        finished = home.run(home.claude("-p", "What is 2+2?", "--output-format", *output))
        result = _result(finished.stdout)
        assert (finished.exit_code, result["is_error"], result["result"]) == (
            0,
            False,
            "The answer is 4.",
        )
        _assert_claude_told(result, FIRST, model)


def test_claude_runs_the_tools_it_is_asked_to(tmp_path: Path) -> None:
    """Two tools at once and a command after them run for real; each response counts once."""
    repository = tmp_path / "agent" / "repository"
    reads = [
        ToolCall("Read", {"file_path": str(repository / name)}) for name in ("app.py", "README.md")
    ]
    write = tool("Bash", {"command": "touch proof.txt"}, SECOND, say="Now I write.")
    with _staged(tmp_path, parallel_tools(reads, FIRST), write, text("Written.", THIRD)) as (
        model,
        home,
    ):
        arguments = (
            "-p",
            "Prove it",
            "--output-format",
            "json",
            "--allowedTools",
            "Read,Bash(touch *)",
        )
        finished = home.run(home.claude(*arguments))
        result = _result(finished.stdout)
        assert (finished.exit_code, result["result"], result["permission_denials"]) == (
            0,
            "Written.",
            [],
        )
        assert (repository / "proof.txt").exists()
        assert "def add(a, b)" in json.dumps(model.calls[1].request and model.calls[1].request.body)
        _assert_claude_told(result, FIRST + SECOND + THIRD, model)


def test_claude_recovers_from_a_rate_limit(tmp_path: Path) -> None:
    """A 429 costs nothing and is tried again."""
    with _staged(tmp_path, error(429, retry_after=0), text("Hello.", FIRST)) as (model, home):
        finished = home.run(home.claude("-p", "hi", "--output-format", "stream-json", "--verbose"))
        retries = [line for line in _lines(finished.stdout) if line.get("subtype") == "api_retry"]
        assert finished.exit_code == 0
        assert [call.status for call in model.calls] == [429, 200]
        assert [retry["error_status"] for retry in retries] == [429]
        _assert_claude_told(_result(finished.stdout), FIRST, model)


def test_claude_gives_up_on_an_overloaded_model(tmp_path: Path) -> None:
    """529 for ever ends the run as an error that cost nothing, after the retries it was allowed."""
    with _staged(tmp_path, repeat(error(529)), CLAUDE_CODE_MAX_RETRIES="1") as (model, home):
        finished = home.run(home.claude("-p", "hi", "--output-format", "json"))
        result = _result(finished.stdout)
        assert (finished.exit_code, result["is_error"], result["api_error_status"]) == (
            1,
            True,
            529,
        )
        assert {call.status for call in model.calls} == {529}
        _assert_claude_told(result, Usage(), model)


def test_claude_counts_its_subagents(tmp_path: Path) -> None:
    """A subagent is answered by its own script, and the session's totals include its calls."""
    survey = {
        "description": "Survey the repository",
        "prompt": "List the files",
        "subagent_type": "Explore",
        "run_in_background": False,
    }
    sub = Script(
        [tool("Bash", {"command": "ls"}, SECOND), text("Three files.", THIRD)], "sub", from_subagent
    )
    with _staged(
        tmp_path, tool("Agent", survey, FIRST), text("All done.", SECOND), rules=(sub,)
    ) as (model, home):
        finished = home.run(home.claude("-p", "Survey", "--output-format", "json"))
        result = _result(finished.stdout)
        assert (finished.exit_code, result["result"]) == (0, "All done.")
        assert [(call.script, call.step) for call in model.calls] == [
            ("main", 0),
            ("sub", 0),
            ("sub", 1),
            ("main", 1),
        ]
        assert result["subagent_stats"]["completed"] == 1
        _assert_claude_told(result, FIRST + SECOND + THIRD + SECOND, model)


def test_an_ended_script_ends_the_run(tmp_path: Path) -> None:
    """Too few steps fail at once and name the script, instead of after minutes of retries."""
    with _staged(tmp_path, tool("Bash", {"command": "true"}, FIRST)) as (model, home):
        finished = home.run(home.claude("-p", "hi", "--output-format", "json"))
        assert finished.exit_code == 1
        assert "the script 'main' has run out" in _result(finished.stdout)["result"]
        assert [call.step for call in model.calls] == [0, None]


def test_a_hang_ends_with_its_client_and_with_the_server(tmp_path: Path) -> None:
    """While requests hang, the server notices a killed client and can be closed at once."""
    with ExitStack() as started:
        with _staged(tmp_path, repeat(hang())) as (model, home):
            first, second = (home.start(home.claude("-p", "hi")) for _ in range(2))
            for process in (first, second):
                started.callback(process.communicate)
                started.callback(process.kill)
            model.wait_for_calls(2)
            first.kill()
            _wait_until(lambda: any(call.client_gone for call in model.calls))
            assert [call.complete for call in model.calls] == [False, False]
            leaving_at = time.monotonic()
        assert time.monotonic() - leaving_at < 5
        assert second.poll() is None


def test_codex_reports_what_a_command_and_an_answer_told(tmp_path: Path) -> None:
    """Codex runs the command, and its sum over the thread is what the server told."""
    asked = tool("exec_command", {"cmd": "cat app.py"}, FIRST)
    with _staged(tmp_path, asked, text("It subtracts.", THIRD)) as (model, home):
        finished = home.run(
            home.codex("exec", "--json", "--dangerously-bypass-approvals-and-sandbox", "Look")
        )
        items = [
            line["item"] for line in _lines(finished.stdout) if line["type"] == "item.completed"
        ]
        assert finished.exit_code == 0
        assert [item["type"] for item in items] == ["command_execution", "agent_message"]
        assert "return a - b" in items[0]["aggregated_output"]
        assert items[1]["text"] == "It subtracts."
        assert model.told() == FIRST + THIRD
        assert _codex_usage(finished.stdout) == _without_lifetimes(FIRST + THIRD)


def test_codex_applies_a_patch(tmp_path: Path) -> None:
    """A free-form tool takes its text unchanged."""
    change = "@@\n-    return a - b\n+    return a + b\n"
    patch = f"*** Begin Patch\n*** Update File: app.py\n{change}*** End Patch\n"
    with _staged(tmp_path, tool("apply_patch", patch, FIRST), text("Fixed.", SECOND)) as (
        model,
        home,
    ):
        finished = home.run(
            home.codex("exec", "--json", "--dangerously-bypass-approvals-and-sandbox", "Fix")
        )
        assert finished.exit_code == 0
        assert model.told() == FIRST + SECOND
        assert "return a + b" in (home.repository / "app.py").read_text()
        assert _codex_usage(finished.stdout) == _without_lifetimes(FIRST + SECOND)


def test_codex_recovers_from_a_rate_limit(tmp_path: Path) -> None:
    """A 429 is announced on the stream, tried again, and costs nothing."""
    with _staged(tmp_path, error(429, retry_after=0), text("Hello.", FIRST)) as (model, home):
        finished = home.run(home.codex("exec", "--json", "hi"))
        assert finished.exit_code == 0
        assert [call.status for call in model.calls] == [429, 200]
        assert _codex_usage(finished.stdout) == _without_lifetimes(FIRST)


def test_codex_gives_up_on_a_broken_model(tmp_path: Path) -> None:
    """500 for ever ends the turn as failed, after the retries its configuration allows."""
    with _staged(tmp_path, repeat(error(500))) as (model, home):
        finished = home.run(home.codex("exec", "--json", "hi"))
        assert (finished.exit_code, _lines(finished.stdout)[-1]["type"]) == (1, "turn.failed")
        assert model.told() == Usage()


def _without_lifetimes(usage: Usage) -> Usage:
    """The same tokens as the Responses API can tell them: it knows one kind of cache write."""
    return Usage(
        input=usage.input,
        cache_read=usage.cache_read,
        cache_write=usage.cache_write + usage.cache_write_1h,
        output=usage.output,
        reasoning=usage.reasoning,
    )


def _wait_until(true: Callable[[], bool], *, timeout_s: float = 20.0) -> None:
    until = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < until, f"still not so after {timeout_s} s"
        time.sleep(0.02)
