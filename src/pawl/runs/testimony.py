"""The events Pawl itself tells of a run, and whose work every event of a run belongs to."""

from datetime import timedelta

import msgspec

from pawl.base.times import format_time
from pawl.runs.loop import Loop
from pawl.runs.record import Stop
from pawl.runs.state import State
from pawl.telemetry.event import Event, Kind, Source

_ATTRIBUTED = ("project", "repo", "branch", "commit", "pr", "workflow", "developer", "machine")


def number(value: float) -> str:
    """Return a number for people and attributes: whole ones without a point."""
    return str(int(value)) if value == int(value) else str(round(value, 6))


def now_text(state: State) -> str:
    """Return the canonical time of the input being taken."""
    return format_time(state.started + timedelta(seconds=state.now - state.origin))


def _own(state: State, kind: Kind, attributes: dict[str, str]) -> Event:
    state.events += 1
    event = Event(
        id=f"{state.spec.run_id}:{kind}:{state.events}",
        time=now_text(state),
        kind=kind,
        source=Source.RUN,
        agent=state.spec.agent,
        attributes=attributes,
    )
    return attributed(state, event)


def limit(state: State, reason: Stop) -> Event:
    """Return the event of a limit that was hit."""
    attributes = {
        "limit": reason.limit,
        "value": number(reason.value),
        "threshold": number(reason.threshold),
    }
    if reason.detail:
        attributes["detail"] = reason.detail
    return _own(state, Kind.LIMIT, attributes)


def loop(state: State, found: Loop) -> Event:
    """Return the event of a rung the loop detector reached."""
    event = _own(
        state,
        Kind.LOOP,
        {
            "pattern": found.pattern,
            "rung": found.rung.value,
            "count": str(found.count),
            "threshold": str(found.threshold),
        },
    )
    return msgspec.structs.replace(event, tool=found.tool, parent_id=found.parent_id)


def denied(state: State, call: Event, reason: str, how: str = "refused") -> Event:
    """Return the event of a call refused (`refused`), or seen although forbidden."""
    event = _own(state, Kind.TOOL_DENIED, {"reason": reason, "by": "pawl", "how": how})
    return msgspec.structs.replace(
        event, tool=call.tool, tool_call_id=call.tool_call_id, parent_id=call.parent_id
    )


def attributed(state: State, event: Event) -> Event:
    """Return the event with the run it belongs to, and whose work it is where nobody said."""
    attribution = state.spec.attribution
    known = {
        field: value
        for field in _ATTRIBUTED
        if getattr(event, field) is None and (value := getattr(attribution, field)) is not None
    }
    run = state.spec.run_id
    if event.source is Source.TRANSCRIPT:
        # What the run read in a transcript is the run's own testimony. An import reads the same
        # lines later under their own ids; were they the same, whichever came first would stand,
        # with or without what only the run knows.
        known |= {"source": Source.RUN, "id": f"{run}:{event.id}"}
    return msgspec.structs.replace(event, run_id=run, **known)
