"""`pawl run` around the real Claude Code and Codex: outcome, exit status and usage, each time.

The truth is what the fake model's log says it told; the programs and Pawl only report.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from tests.end_to_end.fake_model import (
    FakeModel,
    Script,
    Step,
    Usage,
    error,
    hang,
    repeat,
    slow,
    text,
    tool,
    without_tools,
)
from tests.end_to_end.rig import AgentHome, agents_missing

from pawl.runs.record import Outcome, RunRecord
from pawl.store.spool import read_segment, segments
from pawl.telemetry.event import Event, Kind

_MISSING = agents_missing()
pytestmark = [pytest.mark.agents, pytest.mark.skipif(_MISSING is not None, reason=_MISSING or "")]

FIRST = Usage(input=600, cache_read=11840, cache_write=2213, output=118)
SECOND = Usage(input=800, cache_read=14053, cache_write=512, output=163)
CLAUDE_MODEL = "claude-sonnet-4-5"


class Ran(NamedTuple):
    """What a supervised run said of itself."""

    code: int
    record: RunRecord
    stderr: str
    events: list[Event]

    @property
    def usage(self) -> Usage:
        """The record's usage in the fake model's terms; nothing where it is unknown."""
        told = self.record.usage
        if told is None:
            return Usage()
        return Usage(
            input=told.input,
            cache_read=told.cache_read,
            cache_write=told.cache_write_5m,
            cache_write_1h=told.cache_write_1h,
            output=told.output,
            reasoning=told.reasoning,
        )


class Stage:
    """One agent in one home, under `pawl run`."""

    def __init__(self, agent: str, model: FakeModel, home: AgentHome, data: Path) -> None:
        self.agent = agent
        self.model = model
        self.home = home
        self.data = data

    def command(self, *flags: str, agent_flags: tuple[str, ...] = ()) -> list[str]:
        pawl = [sys.executable, "-m", "pawl", "--data", str(self.data), "run", "--json", *flags]
        if self.agent == "claude":
            own = ("-p", "Do it", "--model", CLAUDE_MODEL, "--allowedTools", "Bash", *agent_flags)
            return [*pawl, "--", *self.home.claude(*own)]
        own = ("exec", "--dangerously-bypass-approvals-and-sandbox", "Do it", *agent_flags)
        return [*pawl, "--", *self.home.codex(*own)]

    def run(self, *flags: str) -> Ran:
        finished = self.home.run(self.command(*flags))
        return self.told(finished.exit_code, finished.stdout, finished.stderr)

    def told(self, code: int, stdout: str, stderr: str) -> Ran:
        record = msgspec.json.decode(stdout, type=RunRecord)
        found = [e for s in segments(self.data / "spool") for e in read_segment(s.path).events]
        return Ran(code, record, stderr, found)

    def shell(self, command: str, usage: Usage = FIRST) -> Step:
        """The model asks for a shell command, in the words of this agent's tool."""
        if self.agent == "claude":
            return tool("Bash", {"command": command}, usage)
        return tool("exec_command", {"cmd": command}, usage)

    @property
    def shell_name(self) -> str:
        return "Bash" if self.agent == "claude" else "shell"

    @property
    def told_usage(self) -> Usage:
        return self.model.told(lambda call: call.script == "main")


@contextmanager
def staged(agent: str, root: Path, *steps: Step, **env: str) -> Iterator[Stage]:
    side = Script([repeat(text("A title", Usage()))], name="side", when=without_tools)
    with FakeModel(Script(list(steps)), rules=[side]) as model:
        yield Stage(agent, model, AgentHome(root / "agent", model.url, env), root / "pawl")
        assert model.failures == []


PACE_S = 1.0
"""Seconds a model takes to answer where it matters: no real one answers at once, and what is
promised of limits (one response late at most) is promised of models that take their time."""


def shell_steps(
    agent: str, commands: list[str], usage: Usage = FIRST, pace_s: float = 0.0
) -> list[Step]:
    name, key = ("Bash", "command") if agent == "claude" else ("exec_command", "cmd")
    return [slow(tool(name, {key: command}, usage), first_byte_s=pace_s) for command in commands]


both = pytest.mark.parametrize("agent", ["claude", "codex"])


@both
def test_success(agent: str, tmp_path: Path) -> None:
    """One answer: succeeded, exit 0, the answer as the result, the tokens told."""
    with staged(agent, tmp_path, text("It is 4.", FIRST)) as stage:
        ran = stage.run()
        assert (ran.code, ran.record.outcome) == (0, Outcome.SUCCEEDED)
        assert ran.record.result == "It is 4."
        assert ran.usage == stage.told_usage == FIRST
        assert ran.record.session_id
        assert ran.record.agent_version


@both
def test_tool_use(agent: str, tmp_path: Path) -> None:
    """A tool call is counted by name, and the usage of every response is."""
    steps = [*shell_steps(agent, ["cat app.py"]), text("It subtracts.", SECOND)]
    with staged(agent, tmp_path, *steps) as stage:
        ran = stage.run()
        assert (ran.code, ran.record.outcome) == (0, Outcome.SUCCEEDED)
        assert ran.record.tool_calls == {stage.shell_name: 1}
        assert ran.usage == stage.told_usage == FIRST + SECOND
        assert ran.record.turns == 2


@both
def test_turn_limit(agent: str, tmp_path: Path) -> None:
    """The turn after the limit stops the run; no more than one is asked beyond it."""
    steps = shell_steps(agent, [f"echo {n}" for n in range(20)], pace_s=PACE_S)
    with staged(agent, tmp_path, *steps) as stage:
        ran = stage.run("--max-turns", "2")
        assert (ran.code, ran.record.outcome) == (6, Outcome.STOPPED)
        assert ran.record.stop is not None
        assert (ran.record.stop.limit, ran.record.stop.threshold) == ("turns", 2)
        assert 3 <= len(stage.model.calls) <= 4
        # The answer that broke the limit was cut off, so it is known in part or not at all.
        assert FIRST.output * 2 <= ran.usage.output <= FIRST.output * 3


@both
def test_dollar_limit(agent: str, tmp_path: Path) -> None:
    """Dollars by our own table stop the run, at most one response late."""
    costly = Usage(input=10_000, output=2_000)
    steps = shell_steps(agent, [f"echo {n}" for n in range(20)], costly, PACE_S)
    with staged(agent, tmp_path, *steps) as stage:
        ran = stage.run("--max-usd", "0.15")
        assert (ran.code, ran.record.outcome) == (6, Outcome.STOPPED)
        assert ran.record.stop is not None
        assert ran.record.stop.limit == "usd"
        assert ran.record.cost.basis == "priced"
        assert ran.record.cost.usd is not None
        assert 0.15 <= ran.record.cost.usd <= 0.15 + 0.12


@both
def test_loop(agent: str, tmp_path: Path) -> None:
    """The same call with the same result again and again is stopped as a loop."""
    steps = shell_steps(agent, ["cat README.md"] * 20, pace_s=PACE_S)
    with staged(agent, tmp_path, *steps) as stage:
        ran = stage.run()
        assert (ran.code, ran.record.outcome) == (6, Outcome.STOPPED)
        assert ran.record.stop is not None
        assert ran.record.stop.limit == "loop"
        assert len(stage.model.calls) <= 7
        assert any(event.kind is Kind.LOOP for event in ran.events)


def test_claude_is_refused_a_tool_beforehand(tmp_path: Path) -> None:
    """A denied tool never runs: the hook refuses it, and the run goes on."""
    steps = [*shell_steps("claude", ["touch made-by-agent"]), text("I may not.", SECOND)]
    with staged("claude", tmp_path, *steps) as stage:
        ran = stage.run("--deny-tool", "Bash")
        assert (ran.code, ran.record.outcome) == (0, Outcome.SUCCEEDED)
        assert not (stage.home.repository / "made-by-agent").exists()
        assert ran.usage == stage.told_usage == FIRST + SECOND
        denied = [event for event in ran.events if event.kind is Kind.TOOL_DENIED]
        assert [event.tool for event in denied][:1] == ["Bash"]


def test_an_allowed_tool_still_runs_with_the_hook(tmp_path: Path) -> None:
    """The hook lets an allowed tool through to the agent's own rules, which allow it."""
    steps = [*shell_steps("claude", ["touch made-by-agent"]), text("Done.", SECOND)]
    with staged("claude", tmp_path, *steps) as stage:
        ran = stage.run("--allow-tool", "Bash")
        assert (ran.code, ran.record.outcome) == (0, Outcome.SUCCEEDED)
        assert (stage.home.repository / "made-by-agent").exists()
        assert ran.record.tool_calls == {"Bash": 1}


def test_a_tool_call_too_many_is_refused_and_stops(tmp_path: Path) -> None:
    """The call after the limit does not happen, and the run is stopped."""
    steps = shell_steps("claude", ["touch first", "touch second", "touch third"])
    with staged("claude", tmp_path, *steps) as stage:
        ran = stage.run("--max-tool-calls", "1")
        assert (ran.code, ran.record.outcome) == (6, Outcome.STOPPED)
        assert (stage.home.repository / "first").exists()
        assert not (stage.home.repository / "second").exists()


def test_codex_is_stopped_at_a_tool_it_may_not_use(tmp_path: Path) -> None:
    """Codex asks nobody before a call: an unexpected one is seen and stops the run."""
    steps = [*shell_steps("codex", ["sleep 20"]), text("Done.", SECOND)]
    with staged("codex", tmp_path, *steps) as stage:
        ran = stage.run("--deny-tool", "shell")
        assert (ran.code, ran.record.outcome) == (6, Outcome.STOPPED)
        assert ran.record.stop is not None
        assert ran.record.stop.limit == "tool"


@both
def test_rate_limit_then_success(agent: str, tmp_path: Path) -> None:
    """A 429 is the agent's own to try again; it costs nothing and the run succeeds."""
    with staged(agent, tmp_path, error(429, retry_after=0), text("Hello.", FIRST)) as stage:
        ran = stage.run()
        assert (ran.code, ran.record.outcome) == (0, Outcome.SUCCEEDED)
        assert ran.usage == stage.told_usage == FIRST
        assert ran.record.attempts == 1


@both
def test_overloaded_for_ever(agent: str, tmp_path: Path) -> None:
    """529 to the end: the agent failed, exit 1, and the error says that time may heal it."""
    with staged(agent, tmp_path, repeat(error(529)), CLAUDE_CODE_MAX_RETRIES="1") as stage:
        ran = stage.run()
        assert (ran.code, ran.record.outcome) == (1, Outcome.AGENT_FAILED)
        assert ran.record.error is not None
        assert ran.record.error.class_ == "transient"
        assert ran.usage == stage.told_usage == Usage()


def test_a_transient_failure_is_tried_again(tmp_path: Path) -> None:
    """With --retries the run starts the agent again, and one record tells of both attempts."""
    steps: list[Step] = [error(529), error(529), text("Hello.", FIRST)]
    with staged("claude", tmp_path, *steps, CLAUDE_CODE_MAX_RETRIES="1") as stage:
        ran = stage.run("--retries", "2")
        assert (ran.code, ran.record.outcome) == (0, Outcome.SUCCEEDED)
        assert ran.record.attempts == 2
        assert ran.usage == stage.told_usage == FIRST
        assert [e.attributes.get("by") for e in ran.events if e.kind is Kind.RETRY][-1:] == ["pawl"]


@both
@pytest.mark.heavy
def test_timeout(agent: str, tmp_path: Path) -> None:
    """A model that never answers: stopped by the wall clock, with the usage of what was told."""
    steps = [*shell_steps(agent, ["cat app.py"]), hang()]
    with staged(agent, tmp_path, *steps) as stage:
        ran = stage.run("--timeout", "10s", "--grace", "2s")
        assert (ran.code, ran.record.outcome) == (6, Outcome.STOPPED)
        assert ran.record.stop is not None
        assert ran.record.stop.limit == "wall"
        assert ran.usage == stage.told_usage == FIRST


@both
def test_term(agent: str, tmp_path: Path) -> None:
    """TERM to Pawl ends the agent, leaves a record and says 143."""
    steps = [*shell_steps(agent, ["cat app.py"]), slow(text("late", SECOND), first_byte_s=60)]
    with staged(agent, tmp_path, *steps) as stage:
        process = stage.home.start(stage.command("--grace", "2s"))
        stage.model.wait_for_calls(2)
        process.send_signal(signal.SIGTERM)
        stdout, stderr = process.communicate(timeout=30)
        ran = stage.told(process.returncode, stdout, stderr)
        assert (ran.code, ran.record.outcome) == (143, Outcome.INTERRUPTED)
        assert ran.usage == FIRST


def test_what_the_user_asked_for_comes_back(tmp_path: Path) -> None:
    """Without --json stdout is the agent's own answer in the format asked for."""
    with staged("claude", tmp_path, text("It is 4.", FIRST)) as stage:
        command = stage.command(agent_flags=("--output-format", "json"))
        command.remove("--json")
        finished = stage.home.run(command)
        told = msgspec.json.decode(finished.stdout)
        assert (finished.exit_code, told["type"], told["result"]) == (0, "result", "It is 4.")
        assert finished.stderr == ""


def test_untrusted_keeps_project_hooks_out(tmp_path: Path) -> None:
    """A hook that the repository brings runs in a trusted run, and not in an untrusted one."""
    for flag, expected in (("--trusted", True), ("--untrusted", False)):
        with staged("claude", tmp_path / flag, text("Done.", FIRST)) as stage:
            hook = {"type": "command", "command": f"touch {stage.home.root}/hooked"}
            settings = {"hooks": {"UserPromptSubmit": [{"hooks": [hook]}]}}
            folder = stage.home.repository / ".claude"
            folder.mkdir()
            (folder / "settings.json").write_bytes(msgspec.json.encode(settings))
            ran = stage.run(flag)
            assert (ran.code, ran.record.outcome) == (0, Outcome.SUCCEEDED)
            assert (stage.home.root / "hooked").exists() is expected
