"""Gemini CLI's session files: `tmp/<project>/chats/session-*.jsonl`.

A header line, `$set` patches, and messages. A message is written again, with the same id, when
its tools have finished: the last one of an id counts. `input` includes cached tokens, `thoughts`
are outside `output` and `tool` (the prompt of server-side tools) outside `input`. The files do
not say where the agent worked; the folder is named after the project.
"""

import re
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
    fact_id,
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

AGENT = "gemini-cli"
MARKER = b'"tokens"'
_PROJECT = re.compile(r"([^/\\]+)[/\\]chats[/\\][^/\\]+$")
_HASH = re.compile(r"[0-9a-f]{64}")


class _State(msgspec.Struct):
    session: str = ""


class GeminiReader:
    """Reads one session file; see `pawl.telemetry.format.TranscriptReader`."""

    def __init__(self, path: str, depth: Depth, state: bytes | None) -> None:
        self.skipped = 0
        self.refused = 0
        self.contents: Gathered | None = None
        """Where texts go, where somebody asked for them."""
        self._everything = depth.everything
        self._state = typed.unpack(state, type=_State) if state else _State()
        folder = _PROJECT.search(path)
        named = folder is not None and not _HASH.fullmatch(folder[1])
        self._project = folder[1] if folder is not None and named else None

    def state(self) -> bytes:
        return msgspec.msgpack.encode(self._state)

    def observe(self, chunk: bytes) -> list[Observation]:
        last: dict[str, Observation] = {}
        for line in lines(chunk):
            if MARKER not in line and b'"sessionId"' not in line:
                continue
            value = json_object(line)
            if value is None:
                self.skipped += 1
                continue
            for message in self._messages(value):
                self._request(message, last)
        return list(last.values())

    def feed(self, chunk: bytes) -> list[Event]:
        if not self._everything:
            return [request_event(seen) for seen in self.observe(chunk)]
        last: dict[str, Observation] = {}
        facts: dict[str, Event] = {}
        for line in lines(chunk):
            value = json_object(line)
            if value is None:
                self.skipped += 1
                continue
            try:
                for event in self._facts(value, line, last):
                    facts[event.id] = event
            except ValueError:
                self.skipped += 1
        told = [request_event(seen) for seen in last.values()]
        return sorted([*told, *facts.values()], key=lambda event: event.time)

    def _messages(self, value: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the messages in a line, after taking note of the session's id."""
        patch = mapping(value.get("$set"))
        self._state.session = (
            text(value.get("sessionId")) or text(patch.get("sessionId")) or self._state.session
        )
        listed = items(patch.get("messages")) + items(value.get("messages"))
        return [mapping(message) for message in [*listed, value]]

    def _request(self, message: dict[str, Any], last: dict[str, Observation]) -> None:
        tokens, name = message.get("tokens"), text(message.get("id"))
        if message.get("type") != "gemini" or not isinstance(tokens, dict) or name is None:
            return
        try:
            read, thoughts = count(tokens.get("cached")), count(tokens.get("thoughts"))
            fresh = count(count(tokens.get("input")) - read)
            spent = count(tokens.get("output")) + thoughts
            prompt = fresh + count(tokens.get("tool"))
            last[name] = Observation(
                fact_id(name, fresh, read, spent, count(tokens.get("tool"))),
                canonical_time(text(message.get("timestamp")) or ""),
                0,
                AGENT,
                text(message.get("model")),
                request_id=name,
                message_id=likeness(
                    AGENT, self._state.session or None, prompt, read, 0, spent, thoughts
                ),
                input=prompt,
                cache_read=read,
                output=spent,
                reasoning=thoughts,
                session_id=self._state.session or None,
                project=self._project,
            )
        except RefusedCount:
            self.refused += 1
        except ValueError:
            self.skipped += 1

    def _facts(
        self, value: dict[str, Any], line: bytes, last: dict[str, Observation]
    ) -> list[Event]:
        messages = self._messages(value)
        found = []
        if "startTime" in value:
            started = text(value.get("startTime"))
            found.append(self._event(started, f"{line_id(line)}.session", Kind.SESSION))
        for message in messages:
            self._request(message, last)
            name, when = text(message.get("id")), text(message.get("timestamp"))
            if name is not None and message.get("type") == "user" and self.contents is not None:
                asked = _words(message.get("content"))
                self._saying(self._event(when, f"{name}.p", Kind.PROMPT), Role.PROMPT, asked)
            if name is None or message.get("type") not in ("gemini", "error"):
                continue
            if message["type"] == "error":
                found.append(self._event(when, f"{name}.error", Kind.ERROR))
                continue
            said = message.get("content")
            if isinstance(said, str) and said:
                size = {"characters": str(len(said))}
                event = self._event(when, f"{name}.m", Kind.MESSAGE, size)
                found.append(self._saying(event, Role.ANSWER, said))
            for call in items(message.get("toolCalls")):
                found.extend(self._tool(mapping(call), name, when))
        return found

    def _tool(self, call: dict[str, Any], name: str, when: str | None) -> list[Event]:
        tool, key = text(call.get("name")) or "unknown", text(call.get("id")) or name
        digest = {"arguments_digest": arguments_digest(tool, call.get("args"))}
        names: dict[str, Any] = {"tool": tool, "tool_call_id": key}
        event = self._event(when, f"{name}.{key}.call", Kind.TOOL_CALL, digest, **names)
        found = [self._saying(event, Role.ARGUMENTS, call.get("args"))]
        if "result" in call:
            ended = text(call.get("timestamp")) or when
            outcome = "ok" if call.get("status") == "success" else "error"
            answers = _answers(call["result"])
            told = {"result_digest": result_digest(answers)}
            event = self._event(
                ended, f"{name}.{key}.result", Kind.TOOL_RESULT, told, outcome=outcome, **names
            )
            found.append(self._saying(event, Role.RESULT, answers))
        return found

    def _saying(self, event: Event, role: Role, value: Any) -> Event:
        if self.contents is not None:
            self.contents.add(event, role, value)
        return event

    def _event(
        self,
        when: str | None,
        identity: str,
        kind: Kind,
        attributes: dict[str, str] | None = None,
        **names: Any,
    ) -> Event:
        return Event(
            id=identity,
            time=canonical_time(when or ""),
            kind=kind,
            source=Source.TRANSCRIPT,
            agent=AGENT,
            session_id=self._state.session or None,
            project=self._project,
            attributes=attributes or {},
            **names,
        )


def _words(content: Any) -> str:
    """Return what a person said: a text, or parts with texts."""
    parts = [content] if isinstance(content, str) else items(content)
    words = (part if isinstance(part, str) else text(mapping(part).get("text")) for part in parts)
    return "\n".join(each for each in words if each)


def _answers(result: Any) -> Any:
    """Return what the tools answered, without the ids of the calls."""
    found = [
        mapping(mapping(part).get("functionResponse")).get("response") for part in items(result)
    ]
    return found or result


def _recognises(path: str, head: bytes) -> bool:
    first = head.partition(b"\n")[0]
    return path.endswith(".jsonl") and b'"projectHash"' in first


FORMAT = Format(
    agent=AGENT,
    roots=((None, "", ".gemini/tmp"),),
    pattern="*/chats/*.jsonl",
    open=GeminiReader,
    recognises=_recognises,
)
