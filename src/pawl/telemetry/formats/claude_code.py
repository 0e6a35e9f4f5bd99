"""Claude Code's session files: one JSON object a line.

Lives in `projects/<folder>/<session>.jsonl`, sub-agents in `<session>/subagents/agent-*.jsonl`.

A response is written as one line per content block, each with the usage of the whole response,
so a request is told once per distinct usage in a chunk. Older versions write the first blocks
with partial counts and `stop_reason: null`; only a stop reason makes a count final. Resumed
sessions go on in the same file, forked ones copy their parent's lines, and side chains may
replay lines under request ids of their own; which copy counts is decided by
`pawl.telemetry.reconcile`. `input_tokens` excludes cached tokens, thinking is inside output.
A cache write without a breakdown by lifetime is a five-minute one, the product's default.
"""

from typing import Any

import msgspec

from pawl.base import typed
from pawl.base.money import micros_from_reported
from pawl.base.times import canonical_time
from pawl.telemetry.claude_facts import AGENT, SYNTHETIC, ClaudeFacts
from pawl.telemetry.content import Gathered
from pawl.telemetry.event import Event
from pawl.telemetry.format import (
    Depth,
    Format,
    RefusedCount,
    count,
    json_object,
    line_id,
    lines,
    mapping,
    text,
)
from pawl.telemetry.observation import Observation
from pawl.telemetry.observation import event as request_event

MARKER = b'"output_tokens"'
"""Only lines with usage can tell of a request, and no usage goes without this key."""
_STOP = b'"stop_reason":'
_NEAR = 320
"""Bytes before the output count in which a message's stop reason stands, as it is written."""
_COUNT = len(MARKER) + 16
"""Bytes that hold the key of the output count and the whole number after it."""
_LIMIT = 1 << 53


class _CacheWrite(msgspec.Struct, gc=False):
    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class _Details(msgspec.Struct, gc=False):
    thinking_tokens: int | None = None


class _ServerTools(msgspec.Struct, gc=False):
    web_search_requests: int | None = None


class _Usage(msgspec.Struct, gc=False):
    input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    output_tokens: int | None = None
    output_tokens_details: _Details | None = None
    cache_creation: _CacheWrite | None = None
    server_tool_use: _ServerTools | None = None
    speed: str | None = None


class _Message(msgspec.Struct, gc=False):
    id: str | None = None
    model: str | None = None
    usage: _Usage | None = None
    stop_reason: str | None = None


class _Line(msgspec.Struct, gc=False):
    type: str | None = None
    message: _Message | None = None
    requestId: str | None = None  # noqa: N815 - the sender's name
    uuid: str | None = None
    timestamp: str | None = None
    sessionId: str | None = None  # noqa: N815
    requestSessionId: str | None = None  # noqa: N815
    cwd: str | None = None
    gitBranch: str | None = None  # noqa: N815
    isSidechain: bool | None = None  # noqa: N815
    costUSD: float | None = None  # noqa: N815


_decode = typed.decoder(_Line).decode


class ClaudeCodeReader:
    """Reads one session file; see `pawl.telemetry.format.TranscriptReader`."""

    def __init__(self, path: str, depth: Depth, state: bytes | None) -> None:
        self.skipped = 0
        self.refused = 0
        self._everything = depth.everything
        self._facts = ClaudeFacts(state)
        self._names: dict[str, str] = {}

    @property
    def contents(self) -> Gathered | None:
        """Where texts go; None while nobody asked for them."""
        return self._facts.contents

    @contents.setter
    def contents(self, gathered: Gathered | None) -> None:
        self._facts.contents = gathered

    def state(self) -> bytes:
        return self._facts.state() if self._everything else b""

    def observe(self, chunk: bytes) -> list[Observation]:
        found: list[Observation] = []
        told: dict[tuple[str | None, str | None], Observation] = {}
        position = chunk.find(MARKER)
        counts = name = b""
        while position >= 0:
            end = chunk.find(b"\n", position)
            if end < 0:
                end = len(chunk)
            # Most lines are further blocks of a response: the bytes from its stop reason to its
            # output count are those of the line before, and so is the request id after them.
            near = chunk.rfind(_STOP, max(0, position - _NEAR), position)
            same = near >= 0 and chunk[near : position + _COUNT] == counts
            if same and name and chunk.find(name, position, end) >= 0:
                position = chunk.find(MARKER, end)
                continue
            start = chunk.rfind(b"\n", 0, position) + 1
            line = chunk[start:end]
            counts = name = b""
            try:
                parsed = _decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                loose = json_object(line)
                if loose is None:
                    self.skipped += 1
                else:
                    self._tell(_loosely(loose), line, told, found)
            else:
                if parsed.type == "assistant":
                    self._tell(parsed, line, told, found)
                    if near >= start and parsed.requestId:
                        counts = chunk[near : position + _COUNT]
                        name = b'"requestId":"' + parsed.requestId.encode() + b'"'
            position = chunk.find(MARKER, end)
        return found

    def _tell(
        self,
        parsed: _Line,
        line: bytes,
        told: dict[tuple[str | None, str | None], Observation],
        found: list[Observation],
    ) -> None:
        message = parsed.message
        if parsed.type != "assistant" or message is None or message.model == SYNTHETIC:
            return
        usage = message.usage
        if usage is None:
            return
        request, answer = parsed.requestId or None, message.id or None
        key = (request, answer)
        before = told.get(key)
        final = message.stop_reason is not None
        if (
            before is not None
            and before.final is final
            and before.output == usage.output_tokens
            and (request is not None or answer is not None)
        ):
            return  # Another block of a response whose counts were told by this one's first.
        try:
            seen = self._observation(parsed, message, usage, line)
        except RefusedCount:
            self.refused += 1
            return
        except ValueError:
            self.skipped += 1
            return
        told[key] = seen
        found.append(seen)

    def _observation(
        self, parsed: _Line, message: _Message, usage: _Usage, line: bytes
    ) -> Observation:
        session = parsed.sessionId or ""
        origin = parsed.requestSessionId or session
        fresh, read = usage.input_tokens or 0, usage.cache_read_input_tokens or 0
        short, long = _cache_writes(usage)
        details, server = usage.output_tokens_details, usage.server_tool_use
        output = usage.output_tokens or 0
        thinking = 0 if details is None else details.thinking_tokens or 0
        searches = 0 if server is None else server.web_search_requests or 0
        if min(fresh, read, short, long, output, thinking, searches) < 0:
            raise RefusedCount(usage)
        if fresh + read + short + long + output + thinking + searches >= _LIMIT:
            raise RefusedCount(usage)
        model = message.model or None
        if model is not None:
            if usage.speed is not None and usage.speed != "standard":
                model = f"{model}-{usage.speed}"  # Priced apart, or shown as unpriced.
            model = self._names.setdefault(model, model)
        branch, cwd = parsed.gitBranch or None, parsed.cwd or None
        return Observation(
            f"{parsed.uuid or line_id(line)}.{session[:8]}",
            canonical_time(parsed.timestamp or ""),
            0,
            AGENT,
            model,
            parsed.requestId or None,
            message.id or None,
            fresh,
            read,
            short,
            long,
            output,
            thinking,
            searches,
            message.stop_reason is not None,
            parsed.isSidechain is True,
            origin != session,
            self._names.setdefault(origin, origin) if origin else None,
            None,
            None,
            None if branch is None else self._names.setdefault(branch, branch),
            None,
            None,
            None if parsed.costUSD is None else micros_from_reported(parsed.costUSD),
            None if cwd is None else self._names.setdefault(cwd, cwd),
        )

    # -- every event -----------------------------------------------------------------------------

    def feed(self, chunk: bytes) -> list[Event]:
        if not self._everything:
            return [request_event(seen) for seen in self.observe(chunk)]
        found: list[Event] = []
        told: dict[tuple[str | None, str | None], Observation] = {}
        for line in lines(chunk):
            value = json_object(line)
            if value is None:
                self.skipped += 1
                continue
            seen: list[Observation] = []
            if value.get("type") == "assistant":
                self._tell(_loosely(value), line, told, seen)
            found.extend(self._facts.read(value, line, seen))
        return found


def _cache_writes(usage: _Usage) -> tuple[int, int]:
    """Return tokens written for five minutes and for an hour."""
    total = usage.cache_creation_input_tokens or 0
    parts = usage.cache_creation
    if parts is None:
        return total, 0
    short = parts.ephemeral_5m_input_tokens or 0
    long = parts.ephemeral_1h_input_tokens or 0
    if total < 0 or short < 0 or long < 0:
        raise RefusedCount(usage)
    # What the breakdown does not explain is of the default lifetime.
    return short + max(0, total - short - long), long


def _loosely(value: dict[str, Any]) -> _Line:
    """Return the fields of a line one by one, so that one of a wrong type costs only itself."""
    message = mapping(value.get("message"))
    raw = message.get("usage")
    usage = None
    if isinstance(raw, dict):
        parts = mapping(raw.get("cache_creation"))
        usage = _Usage(
            _loose_count(raw.get("input_tokens")),
            _loose_count(raw.get("cache_creation_input_tokens")),
            _loose_count(raw.get("cache_read_input_tokens")),
            _loose_count(raw.get("output_tokens")),
            _Details(
                _loose_count(mapping(raw.get("output_tokens_details")).get("thinking_tokens"))
            ),
            _CacheWrite(
                _loose_count(parts.get("ephemeral_5m_input_tokens")),
                _loose_count(parts.get("ephemeral_1h_input_tokens")),
            ),
            _ServerTools(
                _loose_count(mapping(raw.get("server_tool_use")).get("web_search_requests"))
            ),
            text(raw.get("speed")),
        )
    cost = value.get("costUSD")
    return _Line(
        text(value.get("type")),
        _Message(
            text(message.get("id")),
            text(message.get("model")),
            usage,
            text(message.get("stop_reason")),
        ),
        text(value.get("requestId")),
        text(value.get("uuid")),
        text(value.get("timestamp")),
        text(value.get("sessionId")),
        text(value.get("requestSessionId")),
        text(value.get("cwd")),
        text(value.get("gitBranch")),
        value.get("isSidechain") is True,
        cost if isinstance(cost, int | float) and 0 <= cost < 1e9 else None,
    )


def _loose_count(value: Any) -> int:
    """Return a count, or one that is refused later, so that the line is counted as refused."""
    try:
        return count(value)
    except RefusedCount:
        return -1


def _recognises(path: str, head: bytes) -> bool:
    first = head.partition(b"\n")[0]
    return path.endswith(".jsonl") and (b'"sessionId"' in first or b'"leafUuid"' in first)


FORMAT = Format(
    agent=AGENT,
    roots=(
        ("CLAUDE_CONFIG_DIR", "projects", ".claude/projects"),
        (None, "", ".config/claude/projects"),
    ),
    pattern="**/*.jsonl",
    open=ClaudeCodeReader,
    recognises=_recognises,
)
