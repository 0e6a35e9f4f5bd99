"""Read the recorded runs of real agents, and play them to their adapters."""

import json
import shlex
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from pawl.runs.agent import Agent, Conclusion, Exit, Launch, World
from pawl.runs.agents import claude_code, codex, gemini_cli, opencode
from pawl.runs.meter import Meter, Metered
from pawl.runs.spec import RunSpec
from pawl.telemetry.event import Event
from pawl.telemetry.usage import Usage

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "agents"
NOW = "2026-11-21T04:00:00.000000Z"
AGENTS: dict[str, Agent] = {
    "claude": claude_code.AGENT,
    "claude-2.1.197": claude_code.AGENT,
    "codex": codex.AGENT,
    "gemini": gemini_cli.AGENT,
    "opencode": opencode.AGENT,
}


@dataclass(frozen=True)
class Step:
    """One recorded start of an agent."""

    family: str
    command: tuple[str, ...]
    stdout: bytes
    stderr: str
    exit: Exit


@dataclass(frozen=True)
class Played:
    """What an adapter made of a recording."""

    launch: Launch
    events: list[Event]
    conclusion: Conclusion
    metered: Metered


def step(case: str, number: int = 1) -> Step:
    """Return one step of a case such as `claude/simple-json`."""
    folder = RECORDINGS / case
    steps = json.loads((folder / "meta.json").read_text())["steps"]
    told = steps[number - 1]
    prefix = f"step{number}." if len(steps) > 1 else ""
    words = shlex.split(told["command"], comments=True)
    while "=" in words[0]:
        words = words[1:]
    if words[0].endswith("timeout"):
        words = words[3:]
    name = told["died_of_signal"]
    killer = None if name is None else int(signal.Signals[name])
    stderr = (folder / f"{prefix}stderr.txt").read_text()
    return Step(
        family=case.partition("/")[0],
        command=tuple(words),
        stdout=next(folder.glob(f"{prefix}stdout.*")).read_bytes(),
        stderr=stderr,
        exit=Exit(
            code=None if killer else told["exit_code"],
            signal=killer,
            stderr_tail=stderr[-4096:],
        ),
    )


def spec(command: tuple[str, ...], agent: str = "claude-code", **fields: Any) -> RunSpec:
    """Return the specification of a run of this command."""
    return RunSpec(run_id="run_1", command=command, agent=agent, cwd="/tmp/demo-repo", **fields)


def world(**fields: object) -> World:
    """Return what the shell tells an adapter in these tests."""
    known: dict[str, object] = {
        "environment": {},
        "home": "/home/dev",
        "session_uuid": "aaaaaaaa-0000-4000-8000-000000000000",
        "hook_command": ("pawl", "hook", "pre-tool-use"),
        "started": NOW,
    }
    return World(**{**known, **fields})  # type: ignore[arg-type]


def price(model: str, usage: Usage, day: str) -> int | None:
    """Return one micro-USD a token, for every model that is named."""
    return usage.total if model else None


def play(asked: Step, stream: Step | None = None) -> Played:
    """Return what the adapter makes of a stream, for the command that `asked` was started with."""
    agent = AGENTS[asked.family]
    run = spec(asked.command, agent.product)
    launch = agent.prepare(run, world())
    reader = agent.reader(run, launch)
    meter = Meter(price)
    events = []
    source = stream or asked
    for line in _lines(source):
        events += reader.feed(line, NOW)
    for event in events:
        meter.see(event)
    return Played(launch, events, reader.conclude(asked.exit), meter.metered())


def _lines(source: Step) -> list[bytes]:
    """Return the lines of a stream; an array of all messages is a stream in brackets."""
    if source.family.startswith("claude") and source.stdout.startswith(b"["):
        return [bytes(raw) for raw in msgspec.json.decode(source.stdout, type=list[msgspec.Raw])]
    return source.stdout.split(b"\n")
