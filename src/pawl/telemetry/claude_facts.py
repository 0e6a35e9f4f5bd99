"""What a line of Claude Code's session files tells besides requests.

Tool calls and results with their digests, messages by size, API errors and retries, compaction,
sub-agents. Prompts, answers and tool texts are read and left behind, but where somebody asked for
them: then they are gathered beside the events.
"""

from typing import Any

import msgspec

from pawl.base import typed
from pawl.base.times import canonical_time
from pawl.telemetry.content import Gathered, Role
from pawl.telemetry.digests import arguments_digest, result_digest
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.format import items, line_id, mapping, text
from pawl.telemetry.observation import Observation
from pawl.telemetry.observation import event as request_event

AGENT = "claude-code"
SYNTHETIC = "<synthetic>"
"""The model name of messages the program wrote itself, such as API errors."""
SUBAGENT_TOOLS = frozenset({"Agent", "Task"})
_TOOLS_REMEMBERED = 512


class _State(msgspec.Struct):
    session: str = ""
    tools: dict[str, str] = {}


class ClaudeFacts:
    """A fold over parsed lines; it remembers which tool each open call is of."""

    def __init__(self, state: bytes | None) -> None:
        kept = typed.unpack(state, type=_State) if state else _State()
        self._session = kept.session
        self._tools = kept.tools
        self.contents: Gathered | None = None
        """Where texts go, where somebody asked for them."""

    def state(self) -> bytes:
        """Return what must be kept to go on with the next line later."""
        return msgspec.msgpack.encode(_State(self._session, self._tools))

    def read(self, value: dict[str, Any], line: bytes, requests: list[Observation]) -> list[Event]:
        """Return the events of one line, the requests in it among them."""
        try:
            base = _Base(value, line, self.contents)
        except ValueError:
            return []  # Bookkeeping lines have no time; they are no facts.
        found: list[Event] = []
        if base.session and base.session != self._session and "cwd" in base.attributes:
            self._session = base.session
            found.append(base.event(Kind.SESSION, "session"))
        for seen in requests:
            told = request_event(seen)
            found.append(msgspec.structs.replace(told, agent_version=base.version))
        kind = value.get("type")
        if kind == "assistant":
            found.extend(self._said(value, base))
        elif kind == "user":
            found.extend(self._results(value, base))
        elif kind == "system":
            found.extend(_system(value, base))
        return found

    def _said(self, value: dict[str, Any], base: "_Base") -> list[Event]:
        message = mapping(value.get("message"))
        if message.get("model") == SYNTHETIC:
            if value.get("isApiErrorMessage") is not True:
                return []
            status = value.get("apiErrorStatus")
            attributes = base.attributes | {"error": text(value.get("error")) or "unknown"}
            if isinstance(status, int):
                attributes["status"] = str(status)
            return [base.event(Kind.ERROR, "error", attributes=attributes)]
        found = []
        for number, block in enumerate(items(message.get("content"))):
            block = mapping(block)
            if block.get("type") == "text":
                size = {"characters": str(len(block.get("text") or ""))}
                attributes = base.attributes | size
                event = base.event(Kind.MESSAGE, f"m{number}", attributes=attributes)
                found.append(base.saying(event, Role.ANSWER, block.get("text")))
            elif block.get("type") == "tool_use":
                found.extend(self._called(block, base, number))
        return found

    def _called(self, block: dict[str, Any], base: "_Base", number: int) -> list[Event]:
        tool, call = text(block.get("name")) or "unknown", text(block.get("id"))
        if call is not None:
            tools = self._tools
            tools[call] = tool
            while len(tools) > _TOOLS_REMEMBERED:
                del tools[next(iter(tools))]
        digest = {"arguments_digest": arguments_digest(tool, block.get("input"))}
        names: dict[str, Any] = {"tool": tool, "tool_call_id": call}
        attributes = base.attributes | digest
        event = base.event(Kind.TOOL_CALL, f"t{number}", attributes=attributes, **names)
        found = [base.saying(event, Role.ARGUMENTS, block.get("input"))]
        if tool in SUBAGENT_TOOLS:
            found.append(base.event(Kind.SUBAGENT_STARTED, f"s{number}", **names))
        return found

    def _results(self, value: dict[str, Any], base: "_Base") -> list[Event]:
        decision = mapping(value.get("permissionDecision")).get("decision")
        found = []
        content = mapping(value.get("message")).get("content")
        if base.contents is not None and value.get("isMeta") is not True:
            _asked(content, base)
        for number, block in enumerate(items(content)):
            block = mapping(block)
            if block.get("type") != "tool_result":
                continue
            call = text(block.get("tool_use_id"))
            tool = self._tools.get(call or "")
            names: dict[str, Any] = {"tool": tool, "tool_call_id": call}
            failed = block.get("is_error") is True
            attributes = base.attributes | {"result_digest": result_digest(block.get("content"))}
            outcome = "error" if failed else "ok"
            event = base.event(
                Kind.TOOL_RESULT, f"r{number}", attributes=attributes, outcome=outcome, **names
            )
            found.append(base.saying(event, Role.RESULT, block.get("content")))
            if isinstance(decision, str) and decision not in ("accept", "allow"):
                found.append(base.event(Kind.TOOL_DENIED, f"d{number}", **names))
            if tool in SUBAGENT_TOOLS:
                found.append(
                    base.event(Kind.SUBAGENT_ENDED, f"e{number}", outcome=outcome, **names)
                )
        return found


class _Base:
    """What every event of one line shares. Raises ValueError for a line without a time."""

    def __init__(self, value: dict[str, Any], line: bytes, contents: Gathered | None) -> None:
        self.contents = contents
        self.time = canonical_time(text(value.get("timestamp")) or "")
        self.session = text(value.get("sessionId")) or ""
        self.version = text(value.get("version"))
        self.branch = text(value.get("gitBranch"))
        self.side = value.get("isSidechain") is True
        self.id = f"{text(value.get('uuid')) or line_id(line)}.{self.session[:8]}"
        self.attributes: dict[str, str] = {}
        if (cwd := text(value.get("cwd"))) is not None:
            self.attributes["cwd"] = cwd
        if self.side:
            self.attributes["sidechain"] = "true"
            if (agent := text(value.get("agentId"))) is not None:
                self.attributes["agent_id"] = agent

    def event(
        self, kind: Kind, part: str, *, attributes: dict[str, str] | None = None, **names: Any
    ) -> Event:
        """Return an event of this line; `part` tells it from the line's other events."""
        return Event(
            id=f"{self.id}.{part}",
            time=self.time,
            kind=kind,
            source=Source.TRANSCRIPT,
            agent=AGENT,
            session_id=self.session or None,
            agent_version=self.version,
            branch=self.branch,
            attributes=self.attributes if attributes is None else attributes,
            **names,
        )

    def saying(self, event: Event, role: Role, value: Any) -> Event:
        """Return an event, after its text was gathered where somebody asked for it."""
        if self.contents is not None:
            self.contents.add(event, role, value)
        return event


def _asked(content: Any, base: _Base) -> None:
    """Gather what a person asked. No event tells of it, so it has an id of its own."""
    blocks = [content] if isinstance(content, str) else items(content)
    for number, block in enumerate(blocks):
        words = block if isinstance(block, str) else None
        if isinstance(block, dict) and block.get("type") == "text":
            words = text(block.get("text"))
        if words:
            base.saying(base.event(Kind.PROMPT, f"p{number}"), Role.PROMPT, words)


def _system(value: dict[str, Any], base: _Base) -> list[Event]:
    subtype = value.get("subtype")
    if subtype == "compact_boundary":
        return [base.event(Kind.COMPACTION, "c")]
    if subtype == "api_error":
        status = mapping(value.get("error")).get("status")
        told = {"status": str(status)} if isinstance(status, int) else {}
        return [base.event(Kind.RETRY, "retry", attributes=base.attributes | told)]
    return []
