"""Claude Code runs in its stream, live, and gives back what it was asked for."""

import json
from typing import Any

import msgspec
import pytest
from tests.runs.agents.recordings import NOW, price, spec, step, world

from pawl.base.errors import Refused
from pawl.runs.agent import Conclusion, Exit, Launch
from pawl.runs.agents.claude_code import AGENT
from pawl.runs.meter import Meter
from pawl.runs.spec import Limits, ToolPolicy
from pawl.telemetry.event import Event, Kind

EXIT = Exit(code=0, signal=None)


def _launch(*arguments: str, **fields: Any) -> Launch:
    return AGENT.prepare(spec(("claude", *arguments), **fields), world())


def _read(lines: list[dict[str, Any]], *arguments: str) -> tuple[list[Event], Conclusion]:
    run = spec(("claude", "-p", "hi", *arguments))
    reader = AGENT.reader(run, AGENT.prepare(run, world()))
    events = [e for line in lines for e in reader.feed(json.dumps(line).encode(), NOW)]
    return events, reader.conclude(EXIT)


def test_always_streams_with_partial_messages() -> None:
    """Whatever format was asked for, the run streams; the prompt and other flags stay."""
    launch = _launch("-p", "hi", "--output-format", "json", "--model", "opus")
    assert launch.argv[:5] == (
        "claude", "--output-format", "stream-json", "--verbose", "--include-partial-messages",
    )  # fmt: skip
    assert launch.argv[-4:] == ("-p", "hi", "--model", "opus")
    assert (launch.handback, launch.verbatim) == ("json", False)


@pytest.mark.parametrize(
    "arguments",
    [
        ("hi",),
        (),
        ("--version",),
        ("-p", "hi", "--bg"),
        ("-p", "hi", "--cloud"),
        ("-p", "--output-format", "yaml"),
    ],
)
def test_refuses_what_it_cannot_supervise(arguments: tuple[str, ...]) -> None:
    """Interactive, detached and remote starts are refused, each with a hint."""
    with pytest.raises(Refused) as caught:
        _launch(*arguments)
    assert caught.value.hint


def test_print_flag_inside_a_bundle_or_as_a_value() -> None:
    """`-pc` prints and continues; a prompt that reads `-p` after a flag is no flag."""
    assert _launch("-pc", "hi").session_id is None
    with pytest.raises(Refused):
        _launch("--model", "-p")


def test_session_is_named_beforehand_unless_it_exists() -> None:
    """A new conversation gets our id; one that goes on keeps its own, and its own one is used."""
    ours = world().session_uuid
    assert ours in _launch("-p", "hi").argv
    assert _launch("-p", "hi", "--session-id", "mine").session_id == "mine"
    for flag in (("--resume", "x"), ("--continue",)):
        assert ours not in _launch("-p", "hi", *flag).argv


def test_transcripts_are_where_the_configuration_is() -> None:
    """Main and sub-agent files are followed, below CLAUDE_CONFIG_DIR where it is set."""
    moved = AGENT.prepare(
        spec(("claude", "-p", "hi")), world(environment={"CLAUDE_CONFIG_DIR": "/cfg/"})
    )
    assert [(t.root, t.pattern) for t in moved.transcripts] == [
        ("/cfg/projects", "*/{session}.jsonl"),
        ("/cfg/projects", "*/{session}/subagents/*.jsonl"),
    ]
    assert _launch("-p", "hi").transcripts[0].root == "/home/dev/.claude/projects"
    assert _launch("-p", "hi", "--no-session-persistence").transcripts == ()


def _settings_of(launch: Launch) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(launch.argv[launch.argv.index("--settings") + 1])
    return found


def test_hook_only_when_something_needs_it() -> None:
    """A tool policy or a limit of calls or sub-agents brings the hook; nothing else does."""
    assert "--settings" not in _launch("-p", "hi", limits=Limits(turns=3, usd_micros=1)).argv
    for fields in (
        {"tools": ToolPolicy(deny=("Bash",))},
        {"limits": Limits(tool_calls=3)},
        {"limits": Limits(subagents=3)},
    ):
        launch = _launch("-p", "hi", **fields)
        assert launch.refuses_tools
        (entry,) = _settings_of(launch)["hooks"]["PreToolUse"]
        assert entry["matcher"] == "*"
        assert entry["hooks"] == [
            {"type": "command", "command": "pawl hook pre-tool-use", "timeout": 10,
             "onFailure": "block"}
        ]  # fmt: skip


@pytest.mark.parametrize("inline", [True, False])
def test_hook_joins_the_users_own_settings(inline: bool) -> None:
    """The user's settings, inline or in a file, stay as they are and get our hook besides."""
    own = json.dumps(
        {"env": {"A": "1"}, "disableAllHooks": True, "hooks": {"PreToolUse": [{"x": 1}]}}
    )
    run = spec(
        ("claude", "-p", "hi", "--settings", own if inline else "s.json"),
        tools=ToolPolicy(deny=("Bash",)),
    )
    merged = _settings_of(AGENT.prepare(run, world(settings={"s.json": own})))
    assert merged["env"] == {"A": "1"}
    assert merged["hooks"]["PreToolUse"][0] == {"x": 1}
    assert len(merged["hooks"]["PreToolUse"]) == 2
    assert merged["disableAllHooks"] is False


def test_settings_that_cannot_be_read_cannot_be_joined() -> None:
    """Rather than drop the user's settings or the policy, the run is refused."""
    for own in ("missing.json", "{broken"):
        with pytest.raises(Refused):
            _launch("-p", "hi", "--settings", own, tools=ToolPolicy(deny=("Bash",)))
    assert "missing.json" in _launch("-p", "hi", "--settings", "missing.json").argv


def test_bare_runs_have_no_hook() -> None:
    """Where the program runs no hooks, a policy is watched, not enforced, and the user knows."""
    launch = _launch("-p", "hi", "--bare", tools=ToolPolicy(deny=("Bash",)))
    assert not launch.refuses_tools
    assert launch.warnings


def test_untrusted_leaves_the_repository_out() -> None:
    """Project settings, hooks and servers are kept from loading."""
    launch = _launch("-p", "hi", "--setting-sources", "user", untrusted=True)
    at = launch.argv.index("--setting-sources")
    assert launch.argv[at + 1] == "user"
    assert "--strict-mcp-config" in launch.argv
    assert "--setting-sources" not in launch.argv[at + 1 :]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--setting-sources", "user,project"),
        ("--mcp-config", ".mcp.json"),
        ("--settings", "/tmp/demo-repo/evil.json"),
        ("--settings", "/tmp/x/../demo-repo/evil.json"),
        ("--plugin-dir", "plugins"),
    ],
)
def test_untrusted_refuses_what_brings_the_repository_back(arguments: tuple[str, ...]) -> None:
    """Flags that load the repository's own files are refused in an untrusted run."""
    _launch("-p", "hi", *arguments)
    with pytest.raises(Refused):
        _launch("-p", "hi", *arguments, untrusted=True)
    _launch("-p", "hi", "--settings", "/etc/mine.json", untrusted=True)


def test_partial_messages_are_counted_live_and_hidden() -> None:
    """Input counts when an answer starts, output when it ends; the lines stay out of sight."""
    recorded = step("claude/partial-messages")
    run = spec(("claude", "-p", "hi", "--output-format", "stream-json", "--verbose"))
    reader = AGENT.reader(run, AGENT.prepare(run, world()))
    meter, told, shown = Meter(price), [], []
    for line in recorded.stdout.splitlines():
        for event in reader.feed(line, NOW):
            if meter.see(event) and event.kind is Kind.REQUEST:
                told.append((event.final, meter.metered().usage.output))
        if not reader.hidden:
            shown.append(json.loads(line)["type"])
    assert told == [(False, 1), (False, 1), (True, 9)]
    assert shown == ["system", "assistant", "result"]


def test_partial_messages_are_shown_to_who_asked_for_them() -> None:
    """With the user's own --include-partial-messages nothing is hidden."""
    run = spec(
        ("claude", "-p", "hi", "--output-format", "stream-json", "--verbose",
         "--include-partial-messages")
    )  # fmt: skip
    reader = AGENT.reader(run, AGENT.prepare(run, world()))
    for line in step("claude/partial-messages").stdout.splitlines():
        reader.feed(line, NOW)
        assert not reader.hidden


def _stream_event(event: dict[str, Any]) -> dict[str, Any]:
    return {"type": "stream_event", "event": event}


def _begun(identity: str) -> dict[str, Any]:
    message = {"id": identity, "model": "m", "usage": {"input_tokens": 5, "output_tokens": 1}}
    return _stream_event({"type": "message_start", "message": message})


def test_answer_repeated_after_a_broken_stream_is_one_turn() -> None:
    """Both tries are counted as used; only the first is a turn."""
    whole = {"id": "two", "model": "m", "stop_reason": "end_turn", "content": [], "usage": {}}
    events, _ = _read(
        [_begun("one"), {"type": "assistant", "message": whole}, _stream_event({"type": "x"})]
    )
    again = {e.message_id: e.attributes.get("again") for e in events if e.kind is Kind.REQUEST}
    assert again == {"one": None, "two": "true"}
    events, _ = _read([_begun("one"), _stream_event({"type": "message_stop"}), _begun("two")])
    assert not any(event.attributes for event in events if event.kind is Kind.REQUEST)


def _usage(output: int, cost: float) -> dict[str, Any]:
    return {"claude-opus-5-5": {"inputTokens": 0, "outputTokens": output, "costUSD": cost}}


def _result(**fields: Any) -> dict[str, Any]:
    known = {"type": "result", "subtype": "success", "is_error": False, "result": "ok"}
    return {**known, **fields}


def _init(version: str) -> dict[str, Any]:
    return {"type": "system", "subtype": "init", "claude_code_version": version}


def _shares(events: list[Event]) -> list[int | None]:
    return [event.output for event in events if event.kind is Kind.TOTAL]


def test_resumed_totals_are_of_the_session_since_2_1_277() -> None:
    """A resumed run takes the difference the stream tells of; without it, it does not guess."""
    total = {"total_cost_usd": 5.0, "modelUsage": _usage(500, 5.0)}
    delta = {"model_usage_since_last_result": _usage(20, 0.25)}
    events, told = _read([_init("2.1.329"), _result(**total, **delta)], "--resume", "x")
    assert (_shares(events), told.reported_micros) == ([20], 250_000)
    events, told = _read([_init("2.1.329"), _result(**total)], "--resume", "x")
    assert (_shares(events), told.reported_micros) == ([], None)


def test_resumed_totals_are_of_the_run_before_2_1_277() -> None:
    """Programs before 2.1.277 tell of the run alone, resumed or not."""
    total = {"total_cost_usd": 0.25, "modelUsage": _usage(20, 0.25)}
    for version, expected in (("2.1.276", 250_000), ("2.1.277", None), ("unknown", None)):
        _, told = _read([_init(version), _result(**total)], "--continue")
        assert told.reported_micros == expected, version


def test_several_results_add_up_by_their_differences() -> None:
    """A run with background work prints several results; each tells its own difference."""
    events, told = _read(
        [
            _result(total_cost_usd=1.0, model_usage_since_last_result=_usage(10, 1.0)),
            _result(total_cost_usd=1.5, model_usage_since_last_result=_usage(5, 0.5), result="b"),
        ]
    )
    assert (_shares(events), told.reported_micros, told.result) == ([10, 15], 1_500_000, "b")


def test_old_result_shape() -> None:
    """`cost_usd` of older programs is read; a result without any cost is unknown, not free."""
    events, told = _read([_result(cost_usd=0.5, usage={"output_tokens": 7, "input_tokens": 1})])
    assert (_shares(events), told.reported_micros) == ([7], 500_000)
    events, told = _read([_result()])
    assert (_shares(events), told.reported_micros) == ([], None)


def test_success_needs_all_three() -> None:
    """No error, exit 0 and a result: two of them are not enough."""
    for fields, ended, outcome in (
        ({}, EXIT, "succeeded"),
        ({"is_error": True}, EXIT, "agent_failed"),
        ({}, Exit(code=1, signal=None), "agent_failed"),
        ({}, Exit(code=143, signal=None), "interrupted"),
        ({"result": None}, EXIT, "unreadable"),
    ):
        run = spec(("claude", "-p", "hi"))
        reader = AGENT.reader(run, AGENT.prepare(run, world()))
        reader.feed(json.dumps(_result(**fields)).encode(), NOW)
        assert reader.conclude(ended).outcome == outcome, (fields, ended)


def test_half_a_line_is_unreadable() -> None:
    """A stream cut in the middle of its result has no result."""
    run = spec(("claude", "-p", "hi"))
    reader = AGENT.reader(run, AGENT.prepare(run, world()))
    whole = step("claude/simple-json").stdout
    assert reader.feed(whole[: len(whole) // 2], NOW) == []
    found = reader.conclude(EXIT)
    assert (found.outcome, found.result, found.handback) == ("unreadable", None, b"")


def test_denials_and_structured_output_are_handed_on_as_written() -> None:
    """What the program says of denied calls and of structured output is kept to the letter."""
    denial = {"tool_name": "Bash", "tool_use_id": "t", "tool_input": {"n": 1.50}}
    _, told = _read([_result(permission_denials=[denial]), _result(structured_output={"v": 1e3})])
    assert [msgspec.json.decode(raw) for raw in told.permission_denials] == [denial]
    assert told.structured_output is not None
    assert bytes(told.structured_output) == b'{"v": 1000.0}'


def test_subagents_calls_and_denials_become_events() -> None:
    """Calls know their sub-agent, starts and ends of sub-agents are told, denials have reasons."""
    run = spec(("claude", "-p", "hi"))
    reader = AGENT.reader(run, AGENT.prepare(run, world()))
    lines = [
        *step("claude/subagents-foreground").stdout.splitlines(),
        *step("claude/permission-denied-stream").stdout.splitlines(),
        *step("claude/error-429-recovers").stdout.splitlines(),
    ]
    events = [event for line in lines for event in reader.feed(line, NOW)]
    by_kind = {kind: [e for e in events if e.kind is kind] for kind in Kind}
    starts = {e.tool_call_id for e in by_kind[Kind.SUBAGENT_STARTED]}
    assert len(starts) == 2
    assert {e.tool_call_id for e in by_kind[Kind.SUBAGENT_ENDED]} == starts
    assert {e.parent_id for e in by_kind[Kind.TOOL_CALL]} == {None, *starts}
    assert [e.tool for e in by_kind[Kind.TOOL_DENIED]] == ["Bash"]
    assert {e.attributes["status"] for e in by_kind[Kind.RETRY]} == {"429"}
    assert len({e.id for e in events}) == len(events)
