"""opencode's messages: from `opencode export`, or one JSON object a line from its database.

A line from the database is `{"session": {...}, "info": {...}, "parts": [...]}`; an export is one
document with the session as `info` and all `messages`. A message of the assistant is one model
request: `tokens.input` excludes cached tokens and `reasoning` is outside `output`. The product
tells one cache-write number without a lifetime and prices from its own configuration: its figure
is kept as reported. A message without a completion time is still being answered.
"""

from collections.abc import Iterator
from typing import Any

from pawl.base.money import micros_from_reported
from pawl.base.times import time_from_ms
from pawl.telemetry.content import Gathered, Role
from pawl.telemetry.digests import arguments_digest, result_digest
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.format import (
    Depth,
    Format,
    RefusedCount,
    count,
    fact_id,
    items,
    json_object,
    lines,
    mapping,
    text,
)
from pawl.telemetry.likeness import likeness
from pawl.telemetry.observation import Observation
from pawl.telemetry.observation import event as request_event

AGENT = "opencode"

_Entry = tuple[dict[str, Any], dict[str, Any], list[Any]]


class OpencodeReader:
    """Reads one export or lines of the database; keeps no state between chunks."""

    def __init__(self, path: str, depth: Depth, state: bytes | None) -> None:
        self.skipped = 0
        self.refused = 0
        self.contents: Gathered | None = None
        """Where texts go, where somebody asked for them."""
        self._everything = depth.everything

    def state(self) -> bytes:
        return b""

    def observe(self, chunk: bytes) -> list[Observation]:
        found = []
        for session, info, _ in self._entries(chunk):
            seen = self._request(session, info)
            if seen is not None:
                found.append(seen)
        return found

    def feed(self, chunk: bytes) -> list[Event]:
        if not self._everything:
            return [request_event(seen) for seen in self.observe(chunk)]
        found: list[Event] = []
        told: set[str] = set()
        for session, info, parts in self._entries(chunk):
            try:
                found.extend(self._facts(session, info, parts, told))
            except ValueError:
                self.skipped += 1
        return found

    def _entries(self, chunk: bytes) -> Iterator[_Entry]:
        document = json_object(chunk)
        if document is not None and isinstance(document.get("messages"), list):
            session = mapping(document.get("info"))
            for message in document["messages"]:
                message = mapping(message)
                yield session, mapping(message.get("info")), items(message.get("parts"))
            return
        for line in lines(chunk):
            value = json_object(line)
            if value is None or not isinstance(value.get("info"), dict):
                self.skipped += 1
            else:
                yield mapping(value.get("session")), value["info"], items(value.get("parts"))

    def _request(self, session: dict[str, Any], info: dict[str, Any]) -> Observation | None:
        tokens, name = info.get("tokens"), text(info.get("id"))
        if info.get("role") != "assistant" or not isinstance(tokens, dict) or name is None:
            return None
        times, cost = mapping(info.get("time")), info.get("cost")
        try:
            cache, thoughts = mapping(tokens.get("cache")), count(tokens.get("reasoning"))
            known = isinstance(cost, int | float) and 0 <= cost < 1e9
            seen = Observation(
                name,
                _when(times.get("created")),
                0,
                AGENT,
                text(info.get("modelID")),
                request_id=name,
                input=count(tokens.get("input")),
                cache_read=count(cache.get("read")),
                cache_write_5m=count(cache.get("write")),
                output=count(tokens.get("output")) + thoughts,
                reasoning=thoughts,
                final=times.get("completed") is not None,
                session_id=text(info.get("sessionID")),
                reported_micros=micros_from_reported(cost) if known and cost else None,
                cwd=_place(session, info),
            )
            seen.id = fact_id(name, *_told(seen))
            seen.message_id = likeness(
                AGENT,
                seen.session_id,
                seen.input or 0,
                seen.cache_read,
                seen.cache_write_5m,
                seen.output,
                seen.reasoning,
            )
        except RefusedCount:
            self.refused += 1
            return None
        except ValueError:
            self.skipped += 1
            return None
        empty = not (seen.input or seen.output or seen.cache_read or seen.cache_write_5m)
        return None if empty and not seen.final else seen

    def _facts(
        self, session: dict[str, Any], info: dict[str, Any], parts: list[Any], told: set[str]
    ) -> list[Event]:
        found = []
        name = text(info.get("id")) or fact_id("message", info)
        base = _Base(session, info)
        if base.session is not None and base.session not in told:
            told.add(base.session)
            found.append(base.event(Kind.SESSION, f"{base.session}.session"))
        seen = self._request(session, info)
        if seen is not None:
            found.append(request_event(seen))
        error = mapping(info.get("error"))
        if error:
            kind = text(error.get("name")) or "unknown"
            found.append(base.event(Kind.ERROR, f"{name}.error", {"error": kind}))
        for part in parts:
            found.extend(_part(mapping(part), base, text(info.get("role")), self.contents))
        return found


def _told(seen: Observation) -> tuple[object, ...]:
    return (
        seen.input,
        seen.cache_read,
        seen.cache_write_5m,
        seen.output,
        seen.reasoning,
        seen.final,
        seen.reported_micros,
    )


class _Base:
    """What every event of one message shares."""

    def __init__(self, session: dict[str, Any], info: dict[str, Any]) -> None:
        self.session = text(info.get("sessionID")) or text(session.get("id"))
        self.time = _when(mapping(info.get("time")).get("created"))
        self.version = text(session.get("version"))
        place = _place(session, info)
        self.attributes = {} if place is None else {"cwd": place}

    def event(
        self, kind: Kind, identity: str, more: dict[str, str] | None = None, **names: Any
    ) -> Event:
        return Event(
            id=identity,
            kind=kind,
            source=Source.TRANSCRIPT,
            agent=AGENT,
            agent_version=self.version,
            session_id=self.session,
            attributes=self.attributes | (more or {}),
            **({"time": self.time} | names),
        )


def _part(
    part: dict[str, Any], base: _Base, role: str | None, contents: Gathered | None
) -> list[Event]:
    def saying(event: Event, role: Role, value: Any) -> Event:
        if contents is not None:
            contents.add(event, role, value)
        return event

    name, kind = text(part.get("id")) or fact_id("part", part), part.get("type")
    if kind == "text" and role == "assistant":
        size = {"characters": str(len(text(part.get("text")) or ""))}
        return [saying(base.event(Kind.MESSAGE, name, size), Role.ANSWER, part.get("text"))]
    if kind == "text" and contents is not None:  # No event tells of what a person asked.
        saying(base.event(Kind.PROMPT, name), Role.PROMPT, part.get("text"))
    if kind == "compaction":
        return [base.event(Kind.COMPACTION, name)]
    if kind != "tool":
        return []
    state, tool = mapping(part.get("state")), text(part.get("tool")) or "unknown"
    names: dict[str, Any] = {"tool": tool, "tool_call_id": text(part.get("callID"))}
    times, status = mapping(state.get("time")), state.get("status")
    begun = {"time": _when(times["start"])} if times.get("start") is not None else {}
    ended = {"time": _when(times["end"])} if times.get("end") is not None else begun
    digest = {"arguments_digest": arguments_digest(tool, state.get("input"))}
    event = base.event(Kind.TOOL_CALL, f"{name}.call", digest, **(names | begun))
    found = [saying(event, Role.ARGUMENTS, state.get("input"))]
    if tool == "task":
        found.append(base.event(Kind.SUBAGENT_STARTED, f"{name}.started", **(names | begun)))
    if status in ("completed", "error"):
        answer = state.get("output") if status == "completed" else state.get("error")
        told = {"result_digest": result_digest(answer)}
        names = names | ended | {"outcome": "ok" if status == "completed" else "error"}
        event = base.event(Kind.TOOL_RESULT, f"{name}.result", told, **names)
        found.append(saying(event, Role.RESULT, answer))
        if tool == "task":
            found.append(base.event(Kind.SUBAGENT_ENDED, f"{name}.ended", **names))
    return found


def _place(session: dict[str, Any], info: dict[str, Any]) -> str | None:
    return text(mapping(info.get("path")).get("cwd")) or text(session.get("directory"))


def _when(milliseconds: Any) -> str:
    if type(milliseconds) not in (int, float) or not 0 <= milliseconds < 1e14:
        raise ValueError(milliseconds)
    return time_from_ms(milliseconds)


def _recognises(path: str, head: bytes) -> bool:
    if path.endswith(".db"):
        return head.startswith(b"SQLite format 3\0")
    return b'"ses_' in head[:400] and head.lstrip()[:1] == b"{"


FORMAT = Format(
    agent=AGENT,
    roots=(("XDG_DATA_HOME", "opencode", ".local/share/opencode"),),
    pattern="opencode*.db",
    open=OpencodeReader,
    recognises=_recognises,
    whole=True,
    store="opencode",
)
