"""Gemini CLI, headless: `gemini -p ...`.

Where text was asked for, the program runs with `-o stream-json` and Pawl prints the answer. Its
`json` object holds figures that the stream does not have, so `-o json` runs as it is. Either
way the session file tells of every request and call while the run goes on; Pawl gives the
session an id beforehand, so that the file is known by its name.

An untrusted run is refused, since no switch of 0.61.0 leaves all of a repository's own settings
out. Headless, the program ends with exit 55 in a folder that it does not trust; in one that it
trusts, hooks, MCP servers, tool commands and `.env` load. Two ways lie between, and both leak:

- `--skip-trust` with `GEMINI_CLI_TRUST_WORKSPACE=false` leaves out hooks and servers, but reads
  `.env`, where a base URL sends the API key elsewhere, and loads custom commands and GEMINI.md.
- The same variable with folder trust switched off in the user's settings leaves out hooks,
  servers, settings and GEMINI.md. But a prompt or a stdin that begins with `/` is answered by the
  repository's custom commands, whose shell commands run where the user allows that tool; `.env`
  can set the API key; and 0.52.0, which does not know the value `false`, loads everything.
"""

from collections.abc import Callable

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
from pawl.runs.argv import Grammar, parse
from pawl.runs.endings import ended_without_result, was_signalled
from pawl.runs.failures import classify
from pawl.runs.lines import count, json_object, mapping, text
from pawl.runs.record import Outcome
from pawl.runs.spec import RunSpec
from pawl.runs.stream import Stream, TellingReader, counts, said
from pawl.runs.toolpolicy import restricts
from pawl.telemetry.content import Role
from pawl.telemetry.digests import arguments_digest, result_digest
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.usage import Usage

AGENT_ID = "gemini-cli"
EXAMINED = "0.61.0"
"""The last version whose switches were tried on a hostile repository; see above."""
MAX_TEXT = 16 * 1024 * 1024
"""Characters of the answer that are kept."""

_GRAMMAR = Grammar(
    one=(
        "--model", "--prompt", "--prompt-interactive", "--approval-mode", "--policy",
        "--admin-policy", "--output-format", "--resume", "--session-file", "--session-id",
        "--delete-session", "--include-directories",
    ),
    several=("--allowed-mcp-server-names", "--allowed-tools", "--extensions"),
    perhaps=("--worktree",),
    aliases={
        "-m": "--model", "-p": "--prompt", "-i": "--prompt-interactive", "-o": "--output-format",
        "-r": "--resume", "-e": "--extensions", "-w": "--worktree", "-y": "--yolo",
        "-d": "--debug", "-s": "--sandbox", "-h": "--help", "-v": "--version",
    },
)  # fmt: skip

_EXITS = {
    41: ("needs-user", "Gemini CLI is not signed in and has no API key."),
    42: ("needs-user", "Gemini CLI was given no prompt."),
    44: ("needs-user", "Gemini CLI could not start its sandbox."),
    52: ("needs-user", "Gemini CLI's configuration is not valid."),
    53: ("permanent", "Gemini CLI reached its own limit of turns."),
    55: ("needs-user", "Gemini CLI does not trust this folder."),
}
"""What the program's own exit codes mean, where it says nothing else."""


def _prepare(spec: RunSpec, world: World) -> Launch:
    asked = parse(spec.command[1:], _GRAMMAR)
    headless = asked.has("--prompt", "--output-format") or bool(asked.words)
    if asked.has("--prompt-interactive", "--acp", "--experimental-acp") or not headless:
        raise Refused(
            "This starts Gemini CLI for a person at a terminal, which cannot be supervised.",
            place="gemini",
            hint="Give it -p and a prompt: gemini -p 'Review this diff'.",
        )
    if spec.untrusted:
        raise Refused(
            f"Gemini CLI {EXAMINED} starts headless only in a folder it trusts, and then the"
            " repository's own hooks, servers and .env load; with its folder trust switched off,"
            " the repository's custom commands and the API key of its .env still do.",
            place="--untrusted",
            hint="Use Claude Code or Codex, which can leave them out. Of a later Gemini CLI nothing"
            " is known yet.",
        )
    format_asked = asked.value("--output-format") or "text"
    added: list[str] = []
    session = asked.value("--session-id")
    if session is None and not asked.has("--resume", "--session-file"):
        session = world.session_uuid
        added += ["--session-id", session]
    argv = spec.command[1:]
    if format_asked == "text":
        added += ["--output-format", "stream-json"]
        argv = asked.without("--output-format")
    warnings = []
    if restricts(spec.tools):
        warnings.append(
            "Gemini CLI asks nobody before a tool call: a call outside the policy is seen, not"
            " refused beforehand."
        )
    name = "{session8}" if session is None else session[:8]
    chat = Transcript(
        format=AGENT_ID,
        root=f"{world.home}/.gemini/tmp",
        pattern=f"*/chats/session-*-{name}.jsonl",
    )
    return Launch(
        argv=(spec.command[0], *added, *argv),
        streaming=True,
        handback=format_asked,
        verbatim=format_asked != "text",
        transcripts=(chat,),
        turns_source=Source.TRANSCRIPT,
        calls_sources=(Source.TRANSCRIPT,) if format_asked == "json" else (Source.RUN,),
        session_id=session,
        warnings=tuple(warnings),
    )


class _Reader(TellingReader):
    def __init__(self, spec: RunSpec, launch: Launch) -> None:
        self.hidden = False
        self._handback = launch.handback
        self._stream = Stream(spec.run_id, AGENT_ID)
        self._stream.session = launch.session_id
        self._answer: list[str] = []
        self._size = 0
        self._status: str | None = None
        self._error = ""
        self._gathered: list[bytes] = []
        self._object: dict[str, object] = {}

    def feed(self, line: bytes, time: str) -> list[Event]:
        if self._handback == "json":
            return self._feed_object(line, time)
        value = self._stream.read(line)
        if value is None:
            return []
        kind = text(value, "type")
        found: list[dict[str, object]] = []
        if kind == "init":
            self._stream.session = text(value, "session_id") or self._stream.session
            found = [{"kind": Kind.SESSION, "model": text(value, "model")}]
        elif kind == "message" and text(value, "role") == "assistant":
            words = text(value, "content") or ""
            self._size += len(words)
            if self._size <= MAX_TEXT:
                self._answer.append(words)
            found = [said(words)]
        elif kind == "tool_use":
            # What was said before a call is not the answer.
            self._answer = []
            name = text(value, "tool_name") or ""
            digest = {"arguments_digest": arguments_digest(name, value.get("parameters"))}
            call = {"tool": name, "tool_call_id": text(value, "tool_id"), "attributes": digest}
            content = (Role.ARGUMENTS, value.get("parameters"))
            found = [{**call, "kind": Kind.TOOL_CALL, "content": content}]
        elif kind == "tool_result":
            ok = text(value, "status") == "success"
            told = value.get("output") if ok else value.get("error", value.get("output"))
            answer = {"result_digest": result_digest(told)}
            identity = text(value, "tool_id")
            outcome = "ok" if ok else "error"
            found = [
                {
                    "kind": Kind.TOOL_RESULT,
                    "tool_call_id": identity,
                    "outcome": outcome,
                    "attributes": answer,
                    "content": (Role.RESULT, told),
                }
            ]
        elif kind == "error":
            message = text(value, "message") or ""
            found = [{"kind": Kind.ERROR, "attributes": {"message": message[:500]}}]
        elif kind == "result":
            self._status = text(value, "status") or "unknown"
            self._error = text(mapping(value, "error"), "message") or ""
            found = _totals(value, stream_usage)
        return self._stream.events(found, time)

    def _feed_object(self, line: bytes, time: str) -> list[Event]:
        """Gather the one object of `-o json`, which is written over many lines."""
        self._size += len(line) + 1
        if self._size > MAX_TEXT:
            self._gathered.clear()
            return []
        self._gathered.append(bytes(line))
        if line.rstrip() != b"}":
            return []
        self._object = self._stream.read(b"\n".join(self._gathered)) or {}
        self._gathered.clear()
        return self._stream.events(_totals(self._object, object_usage), time)

    def conclude(self, exit: Exit) -> Conclusion:
        if self._handback == "json":
            return self._conclude_json(exit)
        answer = "".join(self._answer) if self._status == "success" else None
        found = self._judge(answer, exit, self._error)
        handback = None
        if self._handback == "text":
            handback = _line(answer or "")
        return msgspec.structs.replace(
            found,
            result=answer,
            session_id=self._stream.session,
            handback=handback,
            warnings=(*found.warnings, *self._stream.warnings()),
        )

    def _conclude_json(self, exit: Exit) -> Conclusion:
        """Read the one object on stdout, or the error object at the end of stderr."""
        value = self._object
        if any(line.strip() for line in self._gathered):
            self._stream.unreadable += 1
        told = value or _last_object(exit.stderr_tail)
        self._stream.session = text(told, "session_id") or self._stream.session
        error = mapping(told, "error")
        if error:
            self._status = "error"
        message = text(error, "message") or ""
        answer = text(value, "response")
        found = self._judge(answer, exit, message)
        return msgspec.structs.replace(found, result=answer, session_id=self._stream.session)

    def _judge(self, answer: str | None, exit: Exit, message: str) -> Conclusion:
        if message or self._status == "error":
            return Conclusion(outcome=Outcome.AGENT_FAILED, error=_failure(message, exit))
        if answer is not None and exit.code == 0:
            return Conclusion(outcome=Outcome.SUCCEEDED)
        if was_signalled(exit):
            return Conclusion(outcome=Outcome.INTERRUPTED)
        if exit.code in _EXITS and not self._stream.unreadable:
            return Conclusion(outcome=Outcome.AGENT_FAILED, error=_failure("", exit))
        if answer is not None:
            error = AgentError(class_="permanent", message=f"exit {exit.code} after an answer")
            return Conclusion(outcome=Outcome.AGENT_FAILED, error=error)
        return ended_without_result(exit, unreadable=self._stream.unreadable)


def _failure(message: str, exit: Exit) -> AgentError:
    """Return the failure: by the program's own exit code, else by the words and status.

    API errors exit with the HTTP status modulo 256, so 400 is 144 and 403 is 147.
    """
    own = _EXITS.get(exit.code or 0)
    if own is not None:
        return AgentError(class_=own[0], message=message[:2000] or own[1])
    status = None
    if exit.code is not None and 400 <= exit.code + 256 < 512:
        status = exit.code + 256
    return classify(message or exit.stderr_tail[-500:], status)


def _last_object(stderr: str) -> dict[str, object]:
    """Return the last JSON object written over several lines, as the program writes errors."""
    start = stderr.rfind('{\n  "session_id"')
    end = stderr.find("\n}", start)
    if start < 0 or end < 0:
        return {}
    return json_object(stderr[start : end + 2].encode("utf-8", "replace")) or {}


def _totals(value: object, usage: Callable[[object], Usage]) -> list[dict[str, object]]:
    models = mapping(mapping(value, "stats"), "models")
    return [
        {"kind": Kind.TOTAL, "model": model, **counts(usage(told))}
        for model, told in models.items()
    ]


def object_usage(told: object) -> Usage:
    """Return the buckets of one model in the `json` object's stats: `prompt` includes cached."""
    tokens = mapping(told, "tokens")
    prompt = count(tokens, "prompt") or 0
    cached = min(prompt, count(tokens, "cached") or 0)
    thoughts = count(tokens, "thoughts") or 0
    output = (count(tokens, "candidates") or 0) + thoughts
    return Usage(input=prompt - cached, cache_read=cached, output=output, reasoning=thoughts)


def stream_usage(told: object) -> Usage:
    """Return the buckets of one model in the stream's stats.

    `input_tokens` includes cached ones; thoughts are in the total and in nothing else.
    """
    prompt = count(told, "input_tokens") or 0
    cached = min(prompt, count(told, "cached") or 0)
    output = count(told, "output_tokens") or 0
    thoughts = max(0, (count(told, "total_tokens") or 0) - prompt - output)
    return Usage(
        input=prompt - cached, cache_read=cached, output=output + thoughts, reasoning=thoughts
    )


def _line(answer: str) -> bytes:
    ended = answer if not answer or answer.endswith("\n") else f"{answer}\n"
    return ended.encode("utf-8", "replace")


def _reader(spec: RunSpec, launch: Launch) -> Reader:
    return _Reader(spec, launch)


def _headless(task: Task) -> tuple[str, ...]:
    task.refuse("Gemini CLI", "settings")
    model = () if task.model is None else ("--model", task.model)
    mode = () if task.permission_mode is None else ("--approval-mode", task.permission_mode)
    return (task.program, "--output-format", "text", *model, *mode, *task.arguments)


AGENT = Agent(
    product=AGENT_ID, binaries=("gemini",), prepare=_prepare, reader=_reader, headless=_headless
)
