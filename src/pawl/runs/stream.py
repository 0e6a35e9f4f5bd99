"""What the readers of JSON-line streams share: events with steady ids, and what was left out."""

from typing import Any

import msgspec

from pawl.runs.lines import json_object
from pawl.telemetry.content import Gathered, Role
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.usage import Usage


class Stream:
    """Counts lines and makes events; the id of an event is its run, line and place in the line."""

    contents: Gathered | None = None
    """Where the texts of events go, where somebody asked for them."""

    def __init__(self, run_id: str, agent: str) -> None:
        self.session: str | None = None
        self.version: str | None = None
        self.unreadable = 0
        self.readable = 0
        self._run_id = run_id
        self._agent = agent
        self._lines = 0

    def read(self, line: bytes) -> dict[str, Any] | None:
        """Return the object in a line; a line without one is counted, unless it is blank."""
        self._lines += 1
        value = json_object(line)
        if value is not None:
            self.readable += 1
        elif line.strip():
            self.unreadable += 1
        return value

    def events(self, found: list[dict[str, Any]], time: str) -> list[Event]:
        """Return events with these fields, all of the line read last.

        `content` among them is no field: it is the role of a text, and the text.
        """
        return [self._event(index, time, fields) for index, fields in enumerate(found)]

    def _event(self, index: int, time: str, fields: dict[str, Any]) -> Event:
        content = fields.pop("content", None)
        made = Event(
            id=f"{self._run_id}:{self._lines}:{index}",
            time=time,
            source=Source.RUN,
            agent=self._agent,
            session_id=self.session,
            agent_version=self.version,
            **fields,
        )
        if content is not None and self.contents is not None:
            self.contents.add(made, *content)
        return made

    def warnings(self) -> tuple[str, ...]:
        """Return what the user should know of lines that could not be read."""
        if not self.unreadable or not self.readable:
            return ()
        return (f"{self.unreadable} lines of the agent's output were not readable.",)


class TellingReader:
    """What a reader of a stream inherits: it gathers texts once it is given where to."""

    _stream: Stream

    @property
    def contents(self) -> Gathered | None:
        """Where texts go; None while nobody asked for them."""
        return self._stream.contents

    @contents.setter
    def contents(self, gathered: Gathered | None) -> None:
        self._stream.contents = gathered


def counts(usage: Usage) -> dict[str, int]:
    """Return usage as the fields of an event."""
    return msgspec.structs.asdict(usage)


def said(text: str, message_id: str | None = None) -> dict[str, Any]:
    """Return the fields of a message event: its size, and its words beside it."""
    size = {"characters": str(len(text))}
    content = (Role.ANSWER, text)
    fields = {"kind": Kind.MESSAGE, "message_id": message_id}
    return {**fields, "attributes": size, "content": content}
