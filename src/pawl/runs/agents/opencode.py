"""opencode, headless: `opencode run ...`.

The program runs with `--format json`; without it in the user's command, Pawl prints the texts of
the agent, one a line's end apart, as opencode does where its output is no terminal. Usage comes
with the end of each step and adds up. The stream has neither the tokens of sub-agents nor the
model, which is taken from `--model` where it is given.

An untrusted run is refused, since no switch of 1.18.33 leaves all of a repository's own settings
out. `OPENCODE_DISABLE_PROJECT_CONFIG` leaves out its providers (so the API key stays where it
belongs), MCP servers, tools, agents, commands and formatters, and
`OPENCODE_DISABLE_EXTERNAL_SKILLS` its skills. But a second loader of configuration knows neither
these nor `--pure`: it imports the plugins that the repository's `opencode.json` names and those
in its `.opencode/plugin` and `.opencode/plugins`, and their code runs as they are imported.
"""

import msgspec

from pawl.base.errors import Refused
from pawl.base.money import micros_from_reported
from pawl.runs.agent import Agent, AgentError, Conclusion, Exit, Launch, Reader, Task, World
from pawl.runs.argv import Grammar, parse
from pawl.runs.endings import ended_without_result, was_signalled
from pawl.runs.failures import classify
from pawl.runs.lines import count, dollars, mapping, text
from pawl.runs.record import Outcome
from pawl.runs.spec import RunSpec
from pawl.runs.stream import Stream, TellingReader, counts, said
from pawl.runs.toolpolicy import restricts
from pawl.telemetry.content import Role
from pawl.telemetry.digests import arguments_digest, result_digest
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.likeness import usage_likeness
from pawl.telemetry.usage import Usage

AGENT_ID = "opencode"
EXAMINED = "1.18.33"
"""The last version whose switches were tried on a hostile repository; see above."""
MAX_TEXT = 16 * 1024 * 1024
"""Characters of the agent's texts that are kept to be printed."""

_GRAMMAR = Grammar(
    one=(
        "--log-level", "--command", "--session", "--model", "--agent", "--format", "--title",
        "--attach", "--password", "--username", "--dir", "--port", "--variant",
    ),
    several=("--file",),
    aliases={
        "-c": "--continue", "-s": "--session", "-m": "--model", "-f": "--file",
        "-p": "--password", "-u": "--username", "-i": "--interactive", "-h": "--help",
    },
)  # fmt: skip


def _prepare(spec: RunSpec, world: World) -> Launch:
    asked = parse(spec.command[1:], _GRAMMAR)
    if asked.words[:1] != ("run",) or asked.has("--interactive"):
        raise Refused(
            "This starts opencode for a person at a terminal, which cannot be supervised.",
            place="opencode",
            hint="Use opencode run and a message: opencode run 'Review this diff'.",
        )
    if asked.has("--attach"):
        raise Refused(
            "With --attach the work runs in a server that Pawl did not start.",
            place="--attach",
            hint="Leave --attach out.",
        )
    if spec.untrusted:
        raise Refused(
            f"opencode {EXAMINED} runs the code of the repository's own plugins whatever is"
            " switched off: neither OPENCODE_DISABLE_PROJECT_CONFIG nor --pure keeps it from"
            " importing them.",
            place="--untrusted",
            hint="Use Claude Code or Codex, which can leave them out. Of a later opencode nothing"
            " is known yet.",
        )
    format_asked = asked.value("--format") or "default"
    warnings = []
    if restricts(spec.tools):
        warnings.append(
            "opencode tells of a tool call when it is over: a call outside the policy is seen,"
            " not refused beforehand."
        )
    kept = asked.without("--format")
    where = kept.index("run") + 1
    argv = (spec.command[0], *kept[:where], "--format", "json", *kept[where:])
    return Launch(
        argv=argv,
        streaming=True,
        handback=format_asked,
        verbatim=format_asked == "json",
        calls_sources=(Source.RUN,),
        warnings=tuple(warnings),
    )


class _Reader(TellingReader):
    def __init__(self, spec: RunSpec, launch: Launch) -> None:
        self.hidden = False
        model = parse(spec.command[1:], _GRAMMAR).value("--model")
        self._model = model.partition("/")[2] or model if model else None
        self._handback = launch.handback
        self._stream = Stream(spec.run_id, AGENT_ID)
        self._texts: list[str] = []
        self._size = 0
        self._said: list[str] = []
        """Texts of the step under way."""
        self._answer: str | None = None
        self._cost: float | None = None
        self._tokens = 0
        self._finished = ""
        self._rejected = ""
        self._failure: AgentError | None = None
        self._subagents = False

    def feed(self, line: bytes, time: str) -> list[Event]:
        value = self._stream.read(line)
        if value is None:
            return []
        session, part = text(value, "sessionID"), mapping(value, "part")
        found: list[dict[str, object]] = []
        if session and self._stream.session is None:
            self._stream.session = session
            found.append({"kind": Kind.SESSION, "model": self._model})
        kind = text(value, "type")
        if kind == "step_start":
            self._finished, self._said = "", []
            found.append(self._request(part, final=False))
        elif kind == "text":
            self._say(text(part, "text") or "")
            found.append(said(text(part, "text") or "", text(part, "messageID")))
        elif kind == "tool_use":
            found += self._tool(part)
        elif kind == "step_finish":
            found.append(self._finish(part))
        elif kind == "error":
            found.append(self._fail(mapping(value, "error")))
        return self._stream.events(found, time)

    def _say(self, words: str) -> None:
        self._size += len(words)
        if self._size <= MAX_TEXT:
            self._texts.append(words)
            self._said.append(words)

    def _request(self, part: dict[str, object], *, final: bool) -> dict[str, object]:
        return {
            "kind": Kind.REQUEST,
            "request_id": text(part, "messageID"),
            "model": self._model,
            "final": final,
        }

    def _finish(self, part: dict[str, object]) -> dict[str, object]:
        usage = step_usage(mapping(part, "tokens"))
        cost = dollars(part, "cost")
        self._finished = text(part, "reason") or ""
        answered = self._finished == "stop" and bool(self._said)
        self._answer = "\n".join(self._said) if answered else None
        self._tokens += usage.total
        if cost is not None:
            self._cost = (self._cost or 0.0) + cost
        reported = None if not cost else micros_from_reported(cost)
        return {
            **self._request(part, final=True),
            **counts(usage),
            "message_id": usage_likeness(AGENT_ID, self._stream.session, usage),
            "reported_micros": reported,
        }

    def _tool(self, part: dict[str, object]) -> list[dict[str, object]]:
        name, state = text(part, "tool") or "", mapping(part, "state")
        call = {"tool": name, "tool_call_id": text(part, "callID")}
        digest = {"arguments_digest": arguments_digest(name, state.get("input"))}
        found: list[dict[str, object]] = [
            {
                **call,
                "kind": Kind.TOOL_CALL,
                "attributes": digest,
                "content": (Role.ARGUMENTS, state.get("input")),
            },
        ]
        if name == "task":
            self._subagents = True
            kind_of_agent = text(mapping(state, "input"), "subagent_type") or ""
            started = {"kind": Kind.SUBAGENT_STARTED, "attributes": {"type": kind_of_agent}}
            found.append({**call, **started})
        error = text(state, "error")
        if error is not None and ("rejected permission" in error or "prevents you" in error):
            self._rejected = error[:500] if "rejected permission" in error else ""
            reason = {"reason": error[:500], "by": "agent"}
            found.append({**call, "kind": Kind.TOOL_DENIED, "attributes": reason})
        failed = text(state, "status") == "error"
        output = error if failed else state.get("output")
        answer = {"result_digest": result_digest(output)}
        result = {"kind": Kind.TOOL_RESULT, "outcome": "error" if failed else "ok"}
        content = (Role.RESULT, output)
        found.append({**call, **result, "attributes": answer, "content": content})
        return found

    def _fail(self, error: dict[str, object]) -> dict[str, object]:
        data = mapping(error, "data")
        message = text(data, "message") or text(error, "name") or "an error"
        self._failure = classify(message, count(data, "statusCode"))
        return {"kind": Kind.ERROR, "attributes": {"message": message[:500]}}

    def conclude(self, exit: Exit) -> Conclusion:
        found = self._judge(exit)
        # A model without a price in opencode's configuration is told as 0, which is no price.
        known = self._cost is not None and (self._cost > 0 or self._tokens == 0)
        warnings = list(found.warnings) + list(self._stream.warnings())
        if self._subagents:
            warnings.append("opencode does not tell what its sub-agents used: the cost lacks it.")
        handback = None
        if self._handback != "json":
            handback = "".join(f"{words}\n" for words in self._texts).encode("utf-8", "replace")
        return msgspec.structs.replace(
            found,
            result=self._answer,
            session_id=self._stream.session,
            reported_micros=micros_from_reported(self._cost or 0.0) if known else None,
            handback=handback,
            warnings=tuple(warnings),
        )

    def _judge(self, exit: Exit) -> Conclusion:
        if self._failure is not None:
            return Conclusion(outcome=Outcome.AGENT_FAILED, error=self._failure)
        if was_signalled(exit):
            return Conclusion(outcome=Outcome.INTERRUPTED)
        if self._rejected and self._finished != "stop":
            error = AgentError(class_="needs-user", message=self._rejected)
            return Conclusion(outcome=Outcome.AGENT_FAILED, error=error)
        if self._answer is None:
            return ended_without_result(exit, unreadable=self._stream.unreadable)
        if exit.code != 0:
            message = f"opencode exited with {exit.code} after its answer"
            error = AgentError(class_="permanent", message=message)
            return Conclusion(outcome=Outcome.AGENT_FAILED, error=error)
        return Conclusion(outcome=Outcome.SUCCEEDED)


def step_usage(told: dict[str, object]) -> Usage:
    """Return the buckets of a step: `input` excludes cached tokens, `output` excludes reasoning."""
    cache = mapping(told, "cache")
    reasoning = count(told, "reasoning") or 0
    return Usage(
        input=count(told, "input") or 0,
        cache_read=count(cache, "read") or 0,
        cache_write_5m=count(cache, "write") or 0,
        output=(count(told, "output") or 0) + reasoning,
        reasoning=reasoning,
    )


def _reader(spec: RunSpec, launch: Launch) -> Reader:
    return _Reader(spec, launch)


def _headless(task: Task) -> tuple[str, ...]:
    task.refuse("opencode", "settings", "permission_mode")
    model = () if task.model is None else ("--model", task.model)
    return (task.program, "run", *model, *task.arguments)


AGENT = Agent(
    product=AGENT_ID, binaries=("opencode",), prepare=_prepare, reader=_reader, headless=_headless
)
