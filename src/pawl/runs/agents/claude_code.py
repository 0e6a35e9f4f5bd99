"""Claude Code, headless: `claude -p ...`.

Whatever output format was asked for, the program runs with
`--output-format stream-json --verbose --include-partial-messages`, so that limits are live, and
Pawl prints what the program would have printed. Its transcript is followed for what the stream
leaves out. Budget and turn flags of the user's own are left to the program.
"""

import shlex
from typing import Any

import msgspec

from pawl.base.errors import Refused
from pawl.runs.agent import Agent, Launch, Reader, Task, Transcript, World
from pawl.runs.argv import Arguments, Grammar, parse
from pawl.runs.claude_stream import AGENT_ID, SUBAGENT_TOOLS, ClaudeReader
from pawl.runs.spec import RunSpec
from pawl.runs.toolpolicy import restricts
from pawl.telemetry.event import Source

HOOK_TIMEOUT_S = 10
"""Seconds the program waits for our answer to a tool call; the supervisor answers in
milliseconds, and a silent one counts as a no."""

_GRAMMAR = Grammar(
    one=(
        "--agent", "--agents", "--append-system-prompt", "--append-system-prompt-file",
        "--autocompact", "--debug-file", "--effort", "--environment", "--fallback-model",
        "--input-format", "--json-schema", "--max-budget-usd", "--max-turns", "--model", "--name",
        "--output-format", "--permission-mode", "--permission-prompts",
        "--permission-prompt-tool", "--plugin-dir", "--plugin-url",
        "--remote-control-session-name-prefix", "--session-id", "--setting-sources", "--settings",
        "--system-prompt", "--system-prompt-file", "--system-prompt-snapshot",
    ),
    several=(
        "--add-dir", "--allowedTools", "--betas", "--disallowedTools", "--file", "--mcp-config",
        "--tools",
    ),
    perhaps=(
        "--cloud", "--debug", "--from-pr", "--prompt-suggestions", "--remote-control", "--resume",
        "--teleport", "--worktree",
    ),
    aliases={
        "-p": "--print", "-c": "--continue", "-r": "--resume", "-d": "--debug", "-v": "--version",
        "-h": "--help", "-n": "--name", "-w": "--worktree", "--bg": "--background",
        "--allowed-tools": "--allowedTools", "--disallowed-tools": "--disallowedTools",
    },
    bundles="pc",
)  # fmt: skip

_ELSEWHERE = (
    "--background", "--cloud", "--desktop", "--remote-control", "--teleport", "--tmux",
)  # fmt: skip
"""Flags that start the work where Pawl cannot see or end it."""
_RESUMES = ("--resume", "--continue", "--from-pr")
_HOOKLESS = ("--bare", "--safe-mode")
_LOADS_FILES = ("--settings", "--mcp-config", "--agents", "--plugin-dir")
_STREAM = ("--output-format", "stream-json", "--verbose", "--include-partial-messages")


def _prepare(spec: RunSpec, world: World) -> Launch:
    asked = parse(spec.command[1:], _GRAMMAR)
    _refuse_what_cannot_be_supervised(asked)
    format_asked = asked.value("--output-format") or "text"
    if format_asked not in ("text", "json", "stream-json"):
        raise Refused(
            f"Claude Code has no output format {format_asked!r}.",
            place="--output-format",
            hint="Ask for text, json or stream-json.",
        )
    added = list(_STREAM)
    gone = ["--output-format", "--verbose", "--include-partial-messages"]
    session = _session(asked, world)
    if session is not None and not asked.has("--session-id"):
        added += ["--session-id", session]
    if spec.untrusted:
        _refuse_what_undoes_isolation(asked, spec.cwd)
        gone += ["--setting-sources", "--strict-mcp-config"]
        added += ["--setting-sources", "user", "--strict-mcp-config"]
    warnings: list[str] = []
    hooked = _needs_hook(spec)
    if hooked and asked.has(*_HOOKLESS):
        hooked = False
        warnings.append(
            "Claude Code runs no hooks with --bare or --safe-mode: a tool call outside the policy"
            " is seen, and not refused beforehand."
        )
    if hooked:
        gone.append("--settings")
        added += ["--settings", _settings(asked.value("--settings"), world)]
    return Launch(
        argv=(spec.command[0], *added, *asked.without(*gone)),
        streaming=True,
        handback=format_asked,
        verbatim=format_asked == "stream-json",
        hides=() if asked.has("--include-partial-messages") else ("stream_event", "status"),
        transcripts=_transcripts(asked, world),
        refuses_tools=hooked,
        subagent_tools=SUBAGENT_TOOLS,
        calls_sources=(Source.RUN,),
        free_tools=("StructuredOutput",),
        session_id=session,
        warnings=tuple(warnings),
    )


def _reader(spec: RunSpec, launch: Launch) -> Reader:
    asked = parse(spec.command[1:], _GRAMMAR)
    return ClaudeReader(
        spec.run_id,
        handback=launch.handback,
        shows_partials="stream_event" not in launch.hides,
        resumed=asked.has(*_RESUMES),
        keeps=launch.handback == "json" and asked.has("--verbose"),
    )


def _refuse_what_cannot_be_supervised(asked: Arguments) -> None:
    if not asked.has("--print"):
        raise Refused(
            "This starts Claude Code for a person at a terminal, which cannot be supervised.",
            place="claude",
            hint="Give it -p and a prompt: claude -p 'Review this diff'.",
        )
    for flag in _ELSEWHERE:
        if asked.has(flag):
            raise Refused(
                f"With {flag} the work runs outside the process Pawl starts.",
                place=flag,
                hint=f"Leave {flag} out.",
            )
    if asked.value("--output-format") == "stream-json" and not asked.has("--verbose"):
        raise Refused(
            "Claude Code prints stream-json only together with --verbose.",
            place="--output-format",
            hint="Add --verbose.",
        )


def _refuse_what_undoes_isolation(asked: Arguments, cwd: str) -> None:
    """An untrusted repository must not bring settings, hooks or servers of its own.

    Project settings load headless without a question, and their `env` can send the API key
    elsewhere; `--setting-sources user` and `--strict-mcp-config` keep them out.
    """
    sources = asked.value("--setting-sources")
    if sources is not None and set(sources.split(",")) - {"user", ""}:
        raise Refused(
            f"--setting-sources {sources} loads the repository's settings.",
            place="--setting-sources",
            hint="Leave the flag out, or run without --untrusted.",
        )
    for flag in _LOADS_FILES:
        for value in asked.values(flag):
            if not value.lstrip().startswith("{") and _is_inside(value, cwd):
                raise Refused(
                    f"{flag} {value} loads a file of the untrusted repository.",
                    place=flag,
                    hint="Name a file outside the repository, or run without --untrusted.",
                )


def _is_inside(path: str, cwd: str) -> bool:
    if not path.startswith("/"):
        return True
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return f"/{'/'.join(parts)}/".startswith(f"{cwd.rstrip('/')}/")


def _session(asked: Arguments, world: World) -> str | None:
    """Return the id of the conversation, where it is known before the start."""
    own = asked.value("--session-id")
    if own is not None:
        return own
    return None if asked.has(*_RESUMES) else world.session_uuid


def _transcripts(asked: Arguments, world: World) -> tuple[Transcript, ...]:
    if asked.has("--no-session-persistence"):
        return ()
    config = world.environment.get("CLAUDE_CONFIG_DIR") or f"{world.home}/.claude"
    patterns = ("*/{session}.jsonl", "*/{session}/subagents/*.jsonl")
    root = f"{config.rstrip('/')}/projects"
    return tuple(Transcript(format=AGENT_ID, root=root, pattern=each) for each in patterns)


def _needs_hook(spec: RunSpec) -> bool:
    limits = spec.limits
    return restricts(spec.tools) or limits.tool_calls is not None or limits.subagents is not None


def _settings(own: str | None, world: World) -> str:
    """Return the user's settings with our hook added, as the JSON the program takes inline."""
    merged: dict[str, Any] = {}
    if own is not None:
        text = own if own.lstrip().startswith("{") else world.settings.get(own)
        try:
            decoded = msgspec.json.decode(text) if text is not None else None
        except (msgspec.DecodeError, RecursionError):
            decoded = None
        if not isinstance(decoded, dict):
            raise Refused(
                "the settings cannot be read, so the tool policy cannot be added to them.",
                place=f"--settings {own[:80]}",
                hint="Give a file that holds one JSON object.",
            )
        merged = dict(decoded)
    hook = {
        "type": "command",
        "command": shlex.join(world.hook_command),
        "timeout": HOOK_TIMEOUT_S,
        # Since 2.1.295 a hook that fails then refuses the call; older programs let it through,
        # and the supervisor stops the run when it sees the call's result.
        "onFailure": "block",
    }
    given = merged.get("hooks")
    hooks = dict(given) if isinstance(given, dict) else {}
    before = hooks.get("PreToolUse")
    others = before if isinstance(before, list) else []
    hooks["PreToolUse"] = [*others, {"matcher": "*", "hooks": [hook]}]
    # A weaker settings file could switch all hooks off, ours included.
    merged |= {"hooks": hooks, "disableAllHooks": False}
    return msgspec.json.encode(merged).decode()


def _headless(task: Task) -> tuple[str, ...]:
    flags: list[str] = []
    for flag, value in (
        ("--model", task.model),
        ("--permission-mode", task.permission_mode),
        ("--settings", task.settings),
    ):
        flags += [] if value is None else [flag, value]
    return (task.program, "-p", *flags, *task.arguments)


AGENT = Agent(
    product=AGENT_ID, binaries=("claude",), prepare=_prepare, reader=_reader, headless=_headless
)
