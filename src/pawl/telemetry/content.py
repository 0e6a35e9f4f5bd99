"""What was said: prompts, answers, and what tools were given and gave back.

None of it is part of an event. Where the machine's owner asked for it, decoders and readers
gather it beside the events they make, and it is stored apart, so that it can go sooner than what
it cost. A text is cut when it is gathered, a little beyond what will be kept: what looks like a
secret is taken out later, and must not be cut into what no longer looks it.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

import msgspec

from pawl.telemetry.event import Event, Kind

ROOM_BYTES = 4 * 1024 * 1024
"""How much is gathered at a time, of one body of telemetry or between two commits; of what comes
after that only the size is kept. Taking secrets out of it takes two seconds."""
BEYOND = 4096
"""Characters gathered beyond what is kept of a text: longer than a token, an address with a
password, or a line of a key."""
WITHHELD = frozenset({"<REDACTED>", "[REDACTED]"})
"""What senders put in the place of a text that they were not asked to send."""


class Role(StrEnum):
    """What a text was to the conversation."""

    COMMAND = "command"
    """The command line of a supervised run, in which its prompt is."""
    INSTRUCTIONS = "instructions"
    PROMPT = "prompt"
    ANSWER = "answer"
    ARGUMENTS = "arguments"
    RESULT = "result"


class Content(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One text of an event, as it came, but cut. `characters` is the length of the whole."""

    event_id: str
    time: str
    role: Role
    text: str
    characters: int
    session_id: str | None = None
    run_id: str | None = None
    developer: str | None = None


_TOLD_BY = {
    Role.COMMAND: (Kind.RUN_STARTED,),
    Role.INSTRUCTIONS: (Kind.REQUEST, Kind.PROMPT),
    Role.PROMPT: (Kind.PROMPT, Kind.REQUEST),
    Role.ANSWER: (Kind.MESSAGE, Kind.REQUEST),
    Role.ARGUMENTS: (Kind.TOOL_CALL, Kind.TOOL_RESULT),
    Role.RESULT: (Kind.TOOL_RESULT,),
}
"""Which of the events of one record a text is of, best first; else it is of the first."""


class Gathered:
    """Texts on their way to where they are kept. Not for several threads at once."""

    def __init__(self, max_bytes: int, room: int = ROOM_BYTES) -> None:
        self._longest = max_bytes + BEYOND
        self._room = room
        self._found: list[Content] = []
        self.size = 0
        """Characters of what is gathered."""

    def add(self, event: Event, role: Role, value: Any) -> None:
        """Add a text of an event. A value of JSON becomes its text; what is empty is left out."""
        text = _text(value)
        if not text or text in WITHHELD:
            return
        cut = text[: max(0, min(self._longest, self._room - self.size))]
        self.size += len(cut)
        self._found.append(
            Content(
                event_id=event.id,
                time=event.time,
                role=role,
                text=cut,
                characters=len(text),
                session_id=event.session_id,
                run_id=event.run_id,
                developer=event.developer,
            )
        )

    def add_to_one_of(self, events: Iterable[Event], role: Role, value: Any) -> None:
        """Add a text to that of several events of one record which it belongs to."""
        listed = list(events)
        for kind in _TOLD_BY[role]:
            for event in listed:
                if event.kind is kind:
                    self.add(event, role, value)
                    return
        if listed:
            self.add(listed[0], role, value)

    def take(self) -> list[Content]:
        """Hand over what was gathered since, and make room."""
        found, self._found = self._found, []
        self.size = 0
        return found


@runtime_checkable
class TellsContents(Protocol):
    """A reader that can gather texts beside its events. It gathers none while this is None."""

    contents: Gathered | None


def gather_from(reader: object, gathered: Gathered | None) -> None:
    """Have a reader gather its texts, where somebody asked for them and it can."""
    if gathered is not None and isinstance(reader, TellsContents):
        reader.contents = gathered


def kept_text(content: Content, max_bytes: int) -> str:
    """Return a text as it is stored: without secrets, and cut with a visible mark."""
    # Only here: every reader imports this module, and its patterns take long to make.
    from pawl.base.redaction import redact

    # A lone surrogate has no UTF-8 form, and a null byte ends a text for some readers.
    whole = redact(content.text).replace("\0", "\N{REPLACEMENT CHARACTER}")
    data = whole.encode("utf-8", "replace")
    if len(data) > max_bytes or content.characters > len(content.text):
        kept = data[:max_bytes].decode("utf-8", "ignore")
        return f"{kept}\n[cut here by Pawl; all of it has {content.characters:,} characters]"
    return data.decode()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if value is None or value == [] or value == {}:
        return ""
    try:
        return msgspec.json.encode(value).decode()
    except (UnicodeEncodeError, TypeError):
        return str(value)
    except RecursionError:
        return ""
