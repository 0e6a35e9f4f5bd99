"""The tool calls of a trial, each once and in order, with what was given to them.

One call is told of by up to three events: the call, its denial, its result. Senders of telemetry
tell of the result only. Two calls under one id but with other arguments are two: an agent chooses
its ids.
"""

from collections import Counter
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple

from pawl.evals.matching import found_in_json
from pawl.evals.record import Sight, Text, Trial
from pawl.telemetry.event import Event, Kind

Denied = Literal["counts", "ignored"]
_Key = tuple[str | int, str | None, str | None]
"""A call's id, or its position where it has none; its tool; its arguments."""


class Call(NamedTuple):
    """One call; `at` is the position of its first event. `tool` is None where nobody named it."""

    at: int
    tool: str | None
    arguments: Text | None
    denied: bool

    @property
    def pointer(self) -> str:
        """Where the call stands in the record."""
        return f"/events/{self.at}"


def calls(trial: Trial) -> list[Call]:
    """Return the calls of a trial in the order of their events."""
    told = {event.tool_call_id for event in trial.events if event.kind is Kind.TOOL_CALL}
    denied = {event.tool_call_id for event in trial.events if event.kind is Kind.TOOL_DENIED}
    denied.discard(None)
    arguments = {
        text.event_id: text for text in reversed(trial.texts) if text.source == "tool_args"
    }
    gathered: dict[_Key, Call] = {}
    for at, event in enumerate(trial.events):
        if event.kind is not Kind.TOOL_CALL and not _stands_for_call(event, told):
            continue
        given = arguments.get(event.id)
        key = _key(event, at, given)
        if key not in gathered:
            refused = event.kind is Kind.TOOL_DENIED or event.tool_call_id in denied
            gathered[key] = Call(at, event.tool, given, refused)
        elif gathered[key].arguments is None:
            gathered[key] = gathered[key]._replace(arguments=given)
    return _undenied_where_shared(gathered)


def _undenied_where_shared(gathered: dict[_Key, Call]) -> list[Call]:
    """Return the calls; where several share an id, nobody knows which was denied, so none was."""
    shared = Counter(key[0] for key in gathered)
    return [
        call._replace(denied=False) if shared[key[0]] > 1 else call
        for key, call in gathered.items()
    ]


def _stands_for_call(event: Event, told: set[str | None]) -> bool:
    """Say whether a denial or a result is all that is known of a call."""
    if event.kind not in (Kind.TOOL_DENIED, Kind.TOOL_RESULT):
        return False
    if event.tool_call_id is None:
        return event.kind is Kind.TOOL_DENIED or not told
    return event.tool_call_id not in told


def _key(event: Event, at: int, given: Text | None) -> _Key:
    if event.tool_call_id is None:
        return (at, None, None)
    digest = event.attributes.get("arguments_digest")
    return (event.tool_call_id, event.tool, digest or (given.text if given else None))


def matches(call: Call, tool: str, pattern: str | None) -> bool | None:
    """Say whether a call is of a tool and its arguments match; None where the record is silent.

    `*` in the tool's name stands for anything, so that `mcp__*` is every tool of every server.
    What was cut off, or taken out as a secret, might have matched.
    """
    if call.tool is None:
        certain = None
    elif not fnmatchcase(call.tool, tool):
        return False
    else:
        certain = True
    if pattern is None:
        return certain
    if call.arguments is None:
        return None
    if found_in_json(pattern, call.arguments.text):
        return certain
    return None if call.arguments.cut or call.arguments.redacted else False


def unseen(trial: Trial, pattern: str | None) -> str:
    """Return why a record cannot speak of calls, or nothing."""
    if not trial.sees(Sight.TOOLS):
        return "tool calls were not seen in this trial"
    if pattern is not None and not trial.sees(Sight.TOOL_ARGS):
        return "arguments of tool calls were not seen in this trial"
    return ""


def named(tool: str, pattern: str | None) -> str:
    """Return what is looked for, for people."""
    return tool if pattern is None else f"{tool} with arguments matching {pattern!r}"
