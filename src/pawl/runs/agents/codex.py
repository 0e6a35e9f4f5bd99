"""Codex, headless: `codex exec ...`.

The program runs with `--json`; without it in the user's command, Pawl prints the last message of
the agent, as Codex does. Its stream names no model and tells of usage only at the end of a turn,
as a running total of the whole thread: the live counts come from the rollout file, and the total
is told only where this run began the thread, since otherwise the earlier part of it is unknown.
"""

from pathlib import PurePosixPath

import msgspec

from pawl.base.errors import Refused
from pawl.runs.agent import (
    Agent,
    AgentError,
    Conclusion,
    Exit,
    Launch,
    Reader,
    Task,
    Transcript,
    World,
)
from pawl.runs.argv import Arguments, Grammar, parse
from pawl.runs.endings import ended_without_result, was_signalled
from pawl.runs.failures import classify
from pawl.runs.limits import asked_of_events
from pawl.runs.lines import count, mapping, text
from pawl.runs.record import Outcome
from pawl.runs.spec import RunSpec
from pawl.runs.stream import Stream, TellingReader, counts, said
from pawl.runs.toolpolicy import restricts
from pawl.telemetry.content import Role
from pawl.telemetry.digests import arguments_digest, result_digest
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.usage import Usage

AGENT_ID = "codex"

_GRAMMAR = Grammar(
    one=(
        "--config", "--enable", "--disable", "--model", "--local-provider", "--profile",
        "--sandbox", "--cd", "--add-dir", "--thread-source", "--cyber-access-program",
        "--output-schema", "--color", "--output-last-message", "--ask-for-approval",
    ),
    several=("--image",),
    aliases={
        "-c": "--config", "-i": "--image", "-m": "--model", "-p": "--profile", "-s": "--sandbox",
        "-C": "--cd", "-o": "--output-last-message", "-h": "--help", "-V": "--version",
        "-a": "--ask-for-approval", "--experimental-json": "--json",
    },
)  # fmt: skip
_TRUSTING = ("--trust", "--dangerously-bypass-hook-trust")


def _prepare(spec: RunSpec, world: World) -> Launch:
    asked = parse(spec.command[1:], _GRAMMAR)
    if asked.words[:1] not in (("exec",), ("e",)):
        raise Refused(
            "This starts Codex for a person at a terminal, which cannot be supervised.",
            place="codex",
            hint="Use codex exec and a prompt: codex exec 'Review this diff'.",
        )
    json_asked = asked.has("--json")
    ephemeral = asked.has("--ephemeral")
    if ephemeral:
        _refuse_blind_limits(spec)
    added: list[str] = [] if json_asked else ["--json"]
    if spec.untrusted:
        _refuse_trust(asked)
        added += ["--config", _distrust(spec.cwd, asked.value("--cd"))]
    argv = [spec.command[0], *spec.command[1:]]
    where = argv.index(asked.words[0], 1) + 1
    home = world.environment.get("CODEX_HOME") or f"{world.home}/.codex"
    rollout = Transcript(
        format=AGENT_ID,
        root=f"{home.rstrip('/')}/sessions",
        pattern="**/rollout-*-{session}.jsonl",
    )
    return Launch(
        argv=(*argv[:where], *added, *argv[where:]),
        streaming=True,
        handback="json" if json_asked else "text",
        verbatim=json_asked,
        transcripts=() if ephemeral else (rollout,),
        turns_source=Source.TRANSCRIPT,
        calls_sources=(Source.RUN,),
        warnings=_policy_warnings(spec),
    )


def _distrust(cwd: str, chosen: str | None) -> str:
    """Return the setting that keeps a repository's own `.codex` folder from loading.

    It names every folder from the working directory up, since Codex also asks whether the root
    of the repository is trusted, and a user may have said yes to it before.
    """
    parts = PurePosixPath(cwd, chosen or ".").parts
    folders: list[str] = []
    for part in parts[1:]:
        if part == "..":
            folders = folders[:-1]
        else:
            folders.append(f"{folders[-1] if folders else ''}/{part}")
    # TOML strings are escaped like those of JSON.
    entries = (
        f'{msgspec.json.encode(each).decode()}={{trust_level="untrusted"}}' for each in folders
    )
    return f"projects={{{','.join(entries)}}}"


def _refuse_blind_limits(spec: RunSpec) -> None:
    blind = [
        flag
        for flag in asked_of_events(spec.limits)
        if flag in ("--max-turns", "--max-tokens", "--max-usd")
    ]
    if blind:
        raise Refused(
            f"With --ephemeral Codex tells of usage only at its end, too late for "
            f"{', '.join(blind)}.",
            place="--ephemeral",
            hint="Leave --ephemeral out, or use --timeout and --max-tool-calls.",
        )


def _refuse_trust(asked: Arguments) -> None:
    for flag in _TRUSTING:
        if asked.has(flag):
            raise Refused(
                f"{flag} trusts the repository that is not to be trusted.",
                place=flag,
                hint=f"Leave {flag} out, or run without --untrusted.",
            )
    for setting in asked.values("--config"):
        if setting.strip().startswith("projects"):
            raise Refused(
                f"--config {setting} decides which folders Codex trusts.",
                place="--config",
                hint="Leave it out, or run without --untrusted.",
            )


def _policy_warnings(spec: RunSpec) -> tuple[str, ...]:
    if not restricts(spec.tools):
        return ()
    return (
        "Codex asks nobody before a tool call: a call outside the policy is seen when it starts"
        " (tools: shell, apply_patch, web_search, mcp__SERVER__TOOL), not refused beforehand.",
    )


class _Reader(TellingReader):
    def __init__(self, spec: RunSpec, launch: Launch) -> None:
        self.hidden = False
        asked = parse(spec.command[1:], _GRAMMAR)
        self._resumed = "resume" in asked.words[1:2]
        self._schema = asked.has("--output-schema")
        self._model = asked.value("--model")
        self._handback = launch.handback
        self._stream = Stream(spec.run_id, AGENT_ID)
        self._started: set[str] = set()
        self._answer: str | None = None
        self._completed = False
        self._under_way = False
        self._failure = ""

    def feed(self, line: bytes, time: str) -> list[Event]:
        value = self._stream.read(line)
        if value is None:
            return []
        kind = text(value, "type")
        found: list[dict[str, object]] = []
        if kind == "thread.started":
            self._stream.session = text(value, "thread_id")
            found = [{"kind": Kind.SESSION, "model": self._model}]
        elif kind in ("item.started", "item.updated", "item.completed"):
            found = self._item(mapping(value, "item"), done=kind == "item.completed")
        elif kind == "turn.started":
            self._under_way = True
        elif kind == "turn.completed":
            self._completed, self._under_way = True, False
            told = mapping(value, "usage")
            if told and not self._resumed:
                usage = counts(thread_usage(told))
                found = [{"kind": Kind.TOTAL, "model": self._model, **usage}]
        elif kind in ("turn.failed", "error"):
            message = text(mapping(value, "error"), "message") or text(value, "message") or ""
            found = self._trouble(message[:2000], failed=kind == "turn.failed")
        return self._stream.events(found, time)

    def _trouble(self, message: str, *, failed: bool) -> list[dict[str, object]]:
        if failed:
            self._failure = message or "the turn failed"
            return [{"kind": Kind.ERROR, "attributes": {"message": message[:500]}}]
        if message.startswith("Reconnecting"):
            status = classify(message).status
            attributes = {"message": message[:500], "status": str(status or "unknown")}
            return [{"kind": Kind.RETRY, "attributes": attributes}]
        return []  # The same words follow in turn.failed, if they are the end.

    def _item(self, item: dict[str, object], *, done: bool) -> list[dict[str, object]]:
        kind, identity = text(item, "type"), text(item, "id") or ""
        if kind == "agent_message":
            if not done:
                return []
            self._answer = text(item, "text") or ""
            return [said(self._answer)]
        tool, arguments = _call(item, kind or "")
        if tool is None:
            return []
        found: list[dict[str, object]] = []
        call = {"tool": tool, "tool_call_id": identity}
        if identity not in self._started:
            if len(self._started) < 100_000:
                self._started.add(identity)
            digest = {"arguments_digest": arguments_digest(tool, arguments)}
            content = (Role.ARGUMENTS, arguments)
            found.append({**call, "kind": Kind.TOOL_CALL, "attributes": digest, "content": content})
        if done:
            ok = text(item, "status") != "failed" and item.get("error") is None
            answer = [item.get("aggregated_output"), item.get("exit_code"), item.get("result")]
            digest = {"result_digest": result_digest([*answer, item.get("error")])}
            outcome = "ok" if ok else "error"
            result = {"kind": Kind.TOOL_RESULT, "outcome": outcome, "attributes": digest}
            output = item.get("aggregated_output") or item.get("result") or item.get("error")
            found.append({**call, **result, "content": (Role.RESULT, output)})
        return found

    def conclude(self, exit: Exit) -> Conclusion:
        found = self._judge(exit)
        text_asked = self._handback == "text"
        answer = "" if self._answer is None else f"{self._answer}\n"
        return msgspec.structs.replace(
            found,
            result=self._answer,
            structured_output=_structured(self._answer) if self._schema else None,
            session_id=self._stream.session,
            handback=answer.encode("utf-8", "replace") if text_asked else None,
            warnings=(*found.warnings, *self._stream.warnings()),
        )

    def _judge(self, exit: Exit) -> Conclusion:
        if self._failure:
            return Conclusion(outcome=Outcome.AGENT_FAILED, error=classify(self._failure))
        if not self._completed or self._answer is None:
            # Codex ends every turn with a line, failed ones too, unless a signal cut it off:
            # then it exits with 1 in the middle of one.
            return ended_without_result(
                exit,
                unreadable=self._stream.unreadable,
                interrupted=self._under_way and exit.code == 1,
                message=_without_notices(exit.stderr_tail),
            )
        if was_signalled(exit):
            return Conclusion(outcome=Outcome.INTERRUPTED)
        if exit.code != 0:
            message = f"Codex exited with {exit.code} after its turn was complete"
            error = AgentError(class_="permanent", message=message)
            return Conclusion(outcome=Outcome.AGENT_FAILED, error=error)
        return Conclusion(outcome=Outcome.SUCCEEDED)


def _call(item: dict[str, object], kind: str) -> tuple[str | None, object]:
    """Return the tool an item is a call of, and its arguments; (None, None) for other items."""
    if kind == "command_execution":
        return "shell", {"command": text(item, "command") or ""}
    if kind == "file_change":
        return "apply_patch", {"changes": item.get("changes")}
    if kind == "mcp_tool_call":
        name = f"mcp__{text(item, 'server') or ''}__{text(item, 'tool') or ''}"
        return name, item.get("arguments")
    if kind == "web_search":
        return "web_search", {"query": text(item, "query") or ""}
    return None, None


def _without_notices(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if not line.startswith("Reading additional")]
    return "\n".join(lines).strip()


def thread_usage(told: dict[str, object]) -> Usage:
    """Return the buckets of a thread's usage: `input_tokens` includes cached ones."""
    read = count(told, "cached_input_tokens") or 0
    written = count(told, "cache_write_input_tokens") or 0
    return Usage(
        input=max(0, (count(told, "input_tokens") or 0) - read - written),
        cache_read=read,
        cache_write_5m=written,
        output=count(told, "output_tokens") or 0,
        reasoning=count(told, "reasoning_output_tokens") or 0,
    )


def _structured(answer: str | None) -> msgspec.Raw | None:
    try:
        msgspec.json.decode(answer or "")
    except (msgspec.DecodeError, RecursionError):
        return None
    return msgspec.Raw((answer or "").encode())


def _reader(spec: RunSpec, launch: Launch) -> Reader:
    return _Reader(spec, launch)


def _headless(task: Task) -> tuple[str, ...]:
    """Return `codex exec` in a folder that need not be a repository; the mode is its sandbox."""
    task.refuse("Codex", "settings")
    model = () if task.model is None else ("--model", task.model)
    mode = () if task.permission_mode is None else ("--sandbox", task.permission_mode)
    return (task.program, "exec", "--skip-git-repo-check", *model, *mode, *task.arguments, "-")


AGENT = Agent(
    product=AGENT_ID, binaries=("codex",), prepare=_prepare, reader=_reader, headless=_headless
)
