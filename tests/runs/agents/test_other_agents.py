"""Codex, Gemini CLI, opencode and any other command are started so that limits can hold."""

import json
from types import ModuleType
from typing import Any

import pytest
from tests.runs.agents.recordings import NOW, price, spec, step, world

from pawl.base.errors import Refused
from pawl.runs.agent import Agent, Exit, Launch
from pawl.runs.agents import codex, gemini_cli, generic, opencode
from pawl.runs.meter import Meter
from pawl.runs.spec import Limits, ToolPolicy
from pawl.telemetry.event import Kind, Source

CODEX, GEMINI, OPENCODE, GENERIC = codex.AGENT, gemini_cli.AGENT, opencode.AGENT, generic.AGENT
EXIT = Exit(code=0, signal=None)


def _launch(agent: Agent, command: str, **fields: Any) -> Launch:
    return agent.prepare(spec(tuple(command.split()), agent.product, **fields), world())


@pytest.mark.parametrize(
    ("agent", "command"),
    [
        (CODEX, "codex hi"),
        (CODEX, "codex --model x"),
        (GEMINI, "gemini"),
        (GEMINI, "gemini -i hi"),
        (OPENCODE, "opencode"),
        (OPENCODE, "opencode run -i hi"),
        (OPENCODE, "opencode run --attach http://h hi"),
        (OPENCODE, "opencode export ses_1"),
    ],
)
def test_refuses_what_is_not_headless(agent: Agent, command: str) -> None:
    """A start for a person at a terminal, or in another process, is refused with a hint."""
    with pytest.raises(Refused) as caught:
        _launch(agent, command)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("agent", "command", "argv"),
    [
        (CODEX, "codex exec hi", "codex exec --json hi"),
        (CODEX, "codex exec --json hi", "codex exec --json hi"),
        (CODEX, "codex -m x exec resume --last hi", "codex -m x exec --json resume --last hi"),
        (OPENCODE, "opencode run hi", "opencode run --format json hi"),
        (
            OPENCODE,
            "opencode run --format default -m a/b hi",
            "opencode run --format json -m a/b hi",
        ),
        (GEMINI, "gemini -p hi --resume latest -o json", "gemini -p hi --resume latest -o json"),
        (
            GEMINI,
            "gemini -o text -p hi --session-id s",
            "gemini --output-format stream-json -p hi --session-id s",
        ),
    ],
)
def test_asks_for_the_stream(agent: Agent, command: str, argv: str) -> None:
    """The streaming format is asked for where the user did not, and nothing else changes."""
    assert " ".join(_launch(agent, command).argv) == argv


def test_gemini_session_is_named_beforehand() -> None:
    """Its session file is known by the first letters of an id that we choose."""
    launch = _launch(GEMINI, "gemini -p hi")
    assert launch.session_id == world().session_uuid
    assert launch.transcripts[0].pattern == "*/chats/session-*-aaaaaaaa.jsonl"
    assert "{session8}" in _launch(GEMINI, "gemini -p hi -r latest").transcripts[0].pattern


def test_codex_rollout_is_where_its_home_is() -> None:
    """The rollout is followed below CODEX_HOME, and an ephemeral run has none."""
    moved = CODEX.prepare(spec(("codex", "exec", "hi")), world(environment={"CODEX_HOME": "/c"}))
    assert [(t.root, t.pattern) for t in moved.transcripts] == [
        ("/c/sessions", "**/rollout-*-{session}.jsonl")
    ]
    assert moved.turns_source is Source.TRANSCRIPT
    assert _launch(CODEX, "codex exec --ephemeral hi").transcripts == ()


@pytest.mark.parametrize("limits", [Limits(turns=1), Limits(tokens=1), Limits(usd_micros=1)])
def test_ephemeral_codex_cannot_be_held_to_usage(limits: Limits) -> None:
    """Limits that could only be checked after the end are refused before the start."""
    with pytest.raises(Refused):
        _launch(CODEX, "codex exec --ephemeral hi", limits=limits)
    _launch(CODEX, "codex exec --ephemeral hi", limits=Limits(tool_calls=1, wall_s=1))


def test_untrusted_codex_distrusts_every_folder_up() -> None:
    """The repository's own folder does not load, whichever folder above it a user once trusted."""
    launch = _launch(CODEX, "codex exec -C sub hi", untrusted=True)
    setting = launch.argv[launch.argv.index("--config") + 1]
    assert setting == (
        'projects={"/tmp"={trust_level="untrusted"},'
        '"/tmp/demo-repo"={trust_level="untrusted"},'
        '"/tmp/demo-repo/sub"={trust_level="untrusted"}}'
    )


@pytest.mark.parametrize(
    ("agent", "command"),
    [
        (CODEX, "codex exec --trust hi"),
        (CODEX, "codex exec -c projects.x.trust_level=1 hi"),
        (GEMINI, "gemini -p hi"),
        (OPENCODE, "opencode run hi"),
        (GENERIC, "./agent hi"),
    ],
)
def test_untrusted_runs_that_cannot_be_promised_are_refused(agent: Agent, command: str) -> None:
    """Where a repository's own settings cannot be kept out, an untrusted run does not start."""
    _launch(agent, command)
    with pytest.raises(Refused):
        _launch(agent, command, untrusted=True)


@pytest.mark.parametrize(
    ("agent", "command"),
    [
        (GEMINI, "gemini -p hi --skip-trust"),
        (GEMINI, "gemini -p hi --extensions none --allowed-mcp-server-names none"),
        (OPENCODE, "opencode run --pure hi"),
        (OPENCODE, "opencode run --dir elsewhere hi"),
    ],
)
def test_no_flag_of_the_users_makes_an_untrusted_run_possible(agent: Agent, command: str) -> None:
    """Flags that only seem to keep the repository's settings out do not lift the refusal."""
    with pytest.raises(Refused):
        _launch(agent, command, untrusted=True)


@pytest.mark.parametrize(
    ("agent", "module", "command", "reason"),
    [
        (GEMINI, gemini_cli, "gemini -p hi", "custom commands"),
        (OPENCODE, opencode, "opencode run hi", "plugins"),
    ],
)
def test_refusing_an_untrusted_run_names_what_leaks_and_in_which_version(
    agent: Agent, module: ModuleType, command: str, reason: str
) -> None:
    """The user reads what would load, in which version that was seen, and what to use instead.

    The module's own text, which becomes the reference, speaks of the same version.
    """
    with pytest.raises(Refused) as caught:
        _launch(agent, command, untrusted=True)
    assert caught.value.place == "--untrusted"
    assert module.EXAMINED in caught.value.message
    assert reason in caught.value.message
    assert "Claude Code" in (caught.value.hint or "")
    assert f"no switch of {module.EXAMINED} " in (module.__doc__ or "")


@pytest.mark.parametrize("agent", [CODEX, GEMINI, OPENCODE])
def test_policies_that_cannot_refuse_say_so(agent: Agent) -> None:
    """The user is told that a call outside the policy is seen and not prevented."""
    command = {"codex": "codex exec hi", "gemini-cli": "gemini -p hi"}.get(
        agent.product, "opencode run hi"
    )
    assert _launch(agent, command, tools=ToolPolicy(deny=("x",))).warnings
    assert not _launch(agent, command).warnings


def test_generic_refuses_limits_it_cannot_see() -> None:
    """Nothing is known of any command's turns, calls, tokens or dollars: no false promise."""
    for fields in (
        {"limits": Limits(turns=1)},
        {"limits": Limits(tool_calls=1)},
        {"limits": Limits(subagents=1)},
        {"limits": Limits(tokens=1)},
        {"limits": Limits(usd_micros=1)},
        {"tools": ToolPolicy(deny=("x",))},
    ):
        with pytest.raises(Refused):
            _launch(GENERIC, "./agent", **fields)
    _launch(GENERIC, "./agent", limits=Limits(wall_s=1, idle_s=1, output_bytes=1))


@pytest.mark.parametrize(
    ("ended", "outcome", "result"),
    [
        (Exit(code=0, signal=None, stdout_text="done\n"), "succeeded", "done\n"),
        (Exit(code=2, signal=None, stdout_text="half"), "agent_failed", "half"),
        (Exit(code=None, signal=15), "interrupted", None),
    ],
)
def test_generic_result_is_what_was_printed(ended: Exit, outcome: str, result: str | None) -> None:
    """The exit code decides, and stdout is the result."""
    run = spec(("./agent",), "generic")
    found = GENERIC.reader(run, GENERIC.prepare(run, world())).conclude(ended)
    assert (found.outcome, found.result) == (outcome, result)


def _totals(agent: Agent, command: str, lines: list[bytes]) -> list[tuple[str | None, int | None]]:
    run = spec(tuple(command.split()), agent.product)
    reader = agent.reader(run, agent.prepare(run, world()))
    events = [event for line in lines for event in reader.feed(line, NOW)]
    return [(event.model, event.output) for event in events if event.kind is Kind.TOTAL]


def test_codex_total_of_a_resumed_thread_is_not_taken_for_the_run() -> None:
    """The thread's total counts where the run began the thread, and nowhere else."""
    lines = step("codex/resume", 3).stdout.splitlines()
    assert _totals(CODEX, "codex exec hi", lines) == [(None, 33)]
    assert _totals(CODEX, "codex exec resume --last hi", lines) == []


def test_codex_total_meets_the_requests_of_the_rollout() -> None:
    """Requests followed in the rollout and the total of the stream are not added up."""
    run = spec(("codex", "exec", "hi"), "codex")
    reader = CODEX.reader(run, CODEX.prepare(run, world()))
    meter = Meter(price)
    followed = json.dumps({"type": "turn.completed", "usage": {"input_tokens": 30}}).encode()
    for event in reader.feed(followed, NOW):
        meter.see(event)
    assert meter.metered().usage.input == 30
    from tests.runs.told import request

    meter.see(request(1, model="gpt", input=20, output=0, source=Source.TRANSCRIPT))
    assert meter.metered().usage.input == 30
    meter.see(request(2, model="gpt", input=10, output=0, source=Source.TRANSCRIPT))
    found = meter.metered()
    assert (found.usage.input, found.unpriced) == (30, ())


def test_codex_calls_are_named_like_tools() -> None:
    """Commands, patches and servers' tools have names that policies and loops can use."""
    run = spec(("codex", "exec", "hi"), "codex")
    reader = CODEX.reader(run, CODEX.prepare(run, world()))
    lines = [*step("codex/tools-json").stdout.splitlines(), *step("codex/mcp").stdout.splitlines()]
    events = [event for line in lines for event in reader.feed(line, NOW)]
    calls = [event.tool for event in events if event.kind is Kind.TOOL_CALL]
    assert calls == ["shell", "apply_patch", "shell", "mcp__demo__add"]
    assert [e.outcome for e in events if e.kind is Kind.TOOL_RESULT] == ["ok"] * 4


def test_codex_reconnecting_is_not_the_end() -> None:
    """A notice of another try is a retry, with its status where one is named."""
    run = spec(("codex", "exec", "hi"), "codex")
    reader = CODEX.reader(run, CODEX.prepare(run, world()))
    lines = step("codex/error-401").stdout.splitlines()
    events = [event for line in lines for event in reader.feed(line, NOW)]
    assert [e.attributes["status"] for e in events if e.kind is Kind.RETRY] == ["401"]
    assert len([e for e in events if e.kind is Kind.ERROR]) == 1


def test_opencode_model_comes_from_the_command() -> None:
    """The stream names no model; the flag does, without the provider's name."""
    lines = step("opencode/simple-json", 1).stdout.splitlines()
    run = spec(("opencode", "run", "-m", "fake/large", "hi"), "opencode")
    reader = OPENCODE.reader(run, OPENCODE.prepare(run, world()))
    events = [event for line in lines for event in reader.feed(line, NOW)]
    assert {event.model for event in events if event.kind is Kind.REQUEST} == {"large"}


def test_opencode_without_a_price_reports_none() -> None:
    """A model that opencode has no price for is told as 0, which is unknown and not free."""
    line = {"type": "step_finish", "part": {"reason": "stop", "cost": 0, "tokens": {"input": 5}}}
    run = spec(("opencode", "run", "hi"), "opencode")
    reader = OPENCODE.reader(run, OPENCODE.prepare(run, world()))
    reader.feed(json.dumps(line).encode(), NOW)
    assert reader.conclude(EXIT).reported_micros is None


def test_opencode_says_what_it_cannot_see() -> None:
    """Sub-agents' tokens are not in the stream, so the cost of such a run has a warning."""
    run = spec(("opencode", "run", "hi"), "opencode")
    reader = OPENCODE.reader(run, OPENCODE.prepare(run, world()))
    events = [
        e for ln in step("opencode/subagent").stdout.splitlines() for e in reader.feed(ln, NOW)
    ]
    assert len([e for e in events if e.kind is Kind.SUBAGENT_STARTED]) == 1
    assert reader.conclude(EXIT).warnings
