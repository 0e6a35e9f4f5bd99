"""Codex's rollout files: `sessions/YYYY/MM/DD/rollout-<time>-<thread>.jsonl`.

Each line is `{timestamp, type, payload}`. A `token_usage_record` tells one response by its
`response_id`; `thread_token_usage` beside it is a running total and is never added up. Files of
versions without records have only `token_count` events, which are repeated and replayed by
forks: there a request goes by the thread it stems from and the running total it brought about.
Cached and cache-written tokens are inside `input_tokens`, reasoning is inside `output_tokens`.
"""

from typing import Any

import msgspec

from pawl.base import typed
from pawl.base.times import canonical_time
from pawl.telemetry.content import Gathered, Role
from pawl.telemetry.digests import arguments_digest, result_digest
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.format import (
    Depth,
    Format,
    RefusedCount,
    count,
    items,
    json_object,
    line_id,
    lines,
    mapping,
    text,
)
from pawl.telemetry.likeness import likeness
from pawl.telemetry.observation import Observation
from pawl.telemetry.observation import event as request_event

AGENT = "codex"
MARKERS = (b'"token_usage_record"', b'"token_count"', b'"turn_context"', b'"session_meta"')
_CALLS = frozenset({"function_call", "custom_tool_call", "local_shell_call", "mcp_tool_call"})
_RESULTS = frozenset({"function_call_output", "custom_tool_call_output"})
_FAILURES = ("patch rejected", "Process exited with code ", "Exit code: ")
_TOOLS_REMEMBERED = 512
_NOT_ASKED = (
    "<environment_context>",
    "<user_instructions>",
    "<permissions instructions>",
    "<turn_aborted>",
    "# AGENTS.md instructions",
)
"""How messages begin that the program writes as if the person had."""


class _State(msgspec.Struct):
    thread: str = ""
    lineage: str = ""
    """The thread this one was forked from, else itself: a fork replays its parent's totals."""
    version: str | None = None
    cwd: str | None = None
    branch: str | None = None
    model: str | None = None
    provider: str | None = None
    records: bool = False
    tools: dict[str, str] = {}


class CodexReader:
    """Reads one rollout file; see `pawl.telemetry.format.TranscriptReader`."""

    def __init__(self, path: str, depth: Depth, state: bytes | None) -> None:
        self.skipped = 0
        self.refused = 0
        self.contents: Gathered | None = None
        """Where texts go, where somebody asked for them."""
        self._everything = depth.everything
        self._state = typed.unpack(state, type=_State) if state else _State()

    def state(self) -> bytes:
        return msgspec.msgpack.encode(self._state)

    def observe(self, chunk: bytes) -> list[Observation]:
        found: list[Observation] = []
        for line in _marked_lines(chunk):
            value = json_object(line)
            if value is None:
                self.skipped += 1
            else:
                found.extend(self._requests(value, line))
        return found

    def feed(self, chunk: bytes) -> list[Event]:
        if not self._everything:
            return [request_event(seen) for seen in self.observe(chunk)]
        found: list[Event] = []
        for line in lines(chunk):
            value = json_object(line)
            if value is None:
                self.skipped += 1
                continue
            version = self._state.version
            for seen in self._requests(value, line):
                told = request_event(seen)
                found.append(
                    msgspec.structs.replace(
                        told, agent_version=version, provider=self._state.provider
                    )
                )
            try:
                found.extend(self._facts(value, line))
            except ValueError:
                self.skipped += 1
        return found

    # -- requests --------------------------------------------------------------------------------

    def _requests(self, value: dict[str, Any], line: bytes) -> list[Observation]:
        kind, payload = value.get("type"), mapping(value.get("payload"))
        state = self._state
        if kind == "session_meta":
            self._begin(payload)
        elif kind == "turn_context":
            state.model = text(payload.get("model")) or state.model
            state.cwd = text(payload.get("cwd")) or state.cwd
        elif kind == "token_usage_record":
            state.records = True
            response = text(payload.get("response_id"))
            if response is None:
                self.skipped += 1
                return []
            return self._told(value, line, mapping(payload.get("usage")), response)
        elif kind == "event_msg" and payload.get("type") == "token_count" and not state.records:
            info = mapping(payload.get("info"))
            total, last = mapping(info.get("total_token_usage")), info.get("last_token_usage")
            if isinstance(last, dict) and total:
                return self._told(value, line, last, f"{state.lineage}:{_sum(total)}")
        return []

    def _begin(self, payload: dict[str, Any]) -> None:
        state = self._state
        thread = text(payload.get("id")) or text(payload.get("session_id")) or ""
        if not state.thread:
            # A fork's file goes on with a copy of its parent's lines, that one's meta included.
            state.thread = thread
            state.lineage = text(payload.get("forked_from_id")) or thread
        state.version = text(payload.get("cli_version")) or state.version
        state.provider = text(payload.get("model_provider")) or state.provider
        state.cwd = text(payload.get("cwd")) or state.cwd
        state.branch = text(mapping(payload.get("git")).get("branch")) or state.branch

    def _told(
        self, value: dict[str, Any], line: bytes, usage: dict[str, Any], request: str
    ) -> list[Observation]:
        try:
            read = count(usage.get("cached_input_tokens"))
            write = count(usage.get("cache_write_input_tokens"))
            fresh = count(count(usage.get("input_tokens")) - read - write)
            spent = count(usage.get("output_tokens"))
            thought = count(usage.get("reasoning_output_tokens"))
            state = self._state
            seen = Observation(
                f"{request}.{line_id(line)[:8]}",
                canonical_time(text(value.get("timestamp")) or ""),
                0,
                AGENT,
                state.model,
                request_id=request,
                message_id=likeness(
                    AGENT, state.thread or None, fresh, read, write, spent, thought
                ),
                input=fresh,
                cache_read=read,
                cache_write_5m=write,
                output=spent,
                reasoning=thought,
                session_id=state.thread or None,
                branch=state.branch,
                cwd=state.cwd,
            )
        except RefusedCount:
            self.refused += 1
            return []
        except ValueError:
            self.skipped += 1
            return []
        return [seen]

    # -- every event -----------------------------------------------------------------------------

    def _facts(self, value: dict[str, Any], line: bytes) -> list[Event]:
        kind, payload = value.get("type"), mapping(value.get("payload"))
        if kind == "session_meta":
            return [self._event(value, line, Kind.SESSION)]
        if kind == "response_item":
            return self._item(value, line, payload)
        if kind == "compacted":
            return [self._event(value, line, Kind.COMPACTION)]
        if kind == "event_msg" and payload.get("type") in ("error", "stream_error"):
            message = (text(payload.get("message")) or "unknown")[:200]
            happened = Kind.ERROR if payload["type"] == "error" else Kind.RETRY
            return [self._event(value, line, happened, {"error": message})]
        return []

    def _item(self, value: dict[str, Any], line: bytes, payload: dict[str, Any]) -> list[Event]:
        kind, call = text(payload.get("type")), text(payload.get("call_id"))
        tools = self._state.tools
        if kind in _CALLS:
            tool = text(payload.get("name")) or kind.removesuffix("_call")
            arguments = payload.get("arguments", payload.get("input", payload.get("action")))
            if call is not None:
                tools[call] = tool
                while len(tools) > _TOOLS_REMEMBERED:
                    del tools[next(iter(tools))]
            told = {"arguments_digest": arguments_digest(tool, arguments)}
            event = self._event(value, line, Kind.TOOL_CALL, told, tool=tool, tool_call_id=call)
            return [self._saying(event, Role.ARGUMENTS, arguments)]
        if kind in _RESULTS:
            output = payload.get("output")
            told = {"result_digest": result_digest(_without_timing(output))}
            event = self._event(
                value,
                line,
                Kind.TOOL_RESULT,
                told,
                tool=tools.get(call or ""),
                tool_call_id=call,
                outcome="error" if _failed(output) else "ok",
            )
            return [self._saying(event, Role.RESULT, output)]
        if kind == "message" and payload.get("role") == "assistant":
            words = _words(payload)
            size = {"characters": str(sum(map(len, words)))}
            event = self._event(value, line, Kind.MESSAGE, size)
            return [self._saying(event, Role.ANSWER, "\n".join(words))]
        if kind == "message" and payload.get("role") == "user" and self.contents is not None:
            # No event tells of it, and the program says things in a person's name too.
            asked = "\n".join(each for each in _words(payload) if not each.startswith(_NOT_ASKED))
            self._saying(self._event(value, line, Kind.PROMPT), Role.PROMPT, asked)
        return []

    def _saying(self, event: Event, role: Role, value: Any) -> Event:
        if self.contents is not None:
            self.contents.add(event, role, value)
        return event

    def _event(
        self,
        value: dict[str, Any],
        line: bytes,
        kind: Kind,
        attributes: dict[str, str] | None = None,
        **names: Any,
    ) -> Event:
        state = self._state
        told = {} if state.cwd is None else {"cwd": state.cwd}
        return Event(
            id=f"{line_id(line)}.{state.thread[-12:]}",
            time=canonical_time(text(value.get("timestamp")) or ""),
            kind=kind,
            source=Source.TRANSCRIPT,
            agent=AGENT,
            session_id=state.thread or None,
            agent_version=state.version,
            provider=state.provider,
            model=state.model,
            branch=state.branch,
            attributes=told | (attributes or {}),
            **names,
        )


def _words(payload: dict[str, Any]) -> list[str]:
    return [text(mapping(part).get("text")) or "" for part in items(payload.get("content"))]


def _marked_lines(chunk: bytes) -> list[bytes]:
    """Return the lines that can tell of requests, in order; a superset, found by search."""
    starts: dict[int, int] = {}
    for marker in MARKERS:
        position = chunk.find(marker)
        while position >= 0:
            end = chunk.find(b"\n", position)
            end = len(chunk) if end < 0 else end
            starts[chunk.rfind(b"\n", 0, position) + 1] = end
            position = chunk.find(marker, end)
    return [chunk[start : starts[start]] for start in sorted(starts)]


def _sum(total: dict[str, Any]) -> str:
    names = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens")
    return "-".join(str(total.get(name)) for name in names)


_TIMING = ("Chunk ID: ", "Wall time: ", "Original token count: ")


def _without_timing(output: Any) -> Any:
    """Return a tool's answer without what differs each time it answers the same."""
    if not isinstance(output, str):
        return output
    return "\n".join(row for row in output.split("\n") if not row.startswith(_TIMING))


def _failed(output: Any) -> bool:
    if not isinstance(output, str):
        return False
    for row in output.split("\n")[:6]:
        for sign in _FAILURES:
            if row.startswith(sign):
                return row.removeprefix(sign).strip() != "0"
    return False


def _recognises(path: str, head: bytes) -> bool:
    return path.endswith(".jsonl") and b'"session_meta"' in head


FORMAT = Format(
    agent=AGENT,
    roots=(("CODEX_HOME", "sessions", ".codex/sessions"),),
    pattern="**/*.jsonl",
    open=CodexReader,
    recognises=_recognises,
)
