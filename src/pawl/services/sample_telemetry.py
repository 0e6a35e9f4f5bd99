"""What telemetry would have told of a recorded session, made for the sample.

The recordings come from transcripts and streams, which tell neither how long a request took nor
spans. Both are made up here: a request takes as long as its answer's size and its own id say,
a tool as long as lay between its call and its result, and one span holds the session.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import blake2b

import msgspec

from pawl.base.times import format_time, parse_time, seconds_between
from pawl.services.timeline import request_key
from pawl.telemetry.event import Event, Kind, Source

_FIRST_MS = 700
_A_TOKEN_MS = 14
_AT_MOST_MS = 9000


def telemetry_of(told: Sequence[Event], mark: str) -> list[Event]:
    """Return the requests with durations and the spans of one session, as telemetry tells them."""
    trace = _hex(f"{told[0].session_id}{mark}", 16)
    found: list[Event] = []
    root = _span(told[0], "interaction", told[0].time, 0.0, trace, None)
    parent = root.attributes["span_id"]
    for request in _requests(told):
        size = _FIRST_MS + _A_TOKEN_MS * (request.output or 0) + int(_hex(request.id, 2), 16) % 900
        took = min(size, _AT_MOST_MS)
        started = format_time(parse_time(request.time) - timedelta(milliseconds=took))
        within = request.parent_id
        telling = msgspec.structs.replace(
            request,
            id=f"{request.id}.telemetry",
            source=Source.TELEMETRY,
            duration_ms=took,
            final=True,
            attributes={},
        )
        span = _span(request, "llm_request", started, took / 1000, trace, parent)
        found += [telling, msgspec.structs.replace(span, parent_id=within)]
    calls = {e.tool_call_id: e for e in told if e.kind is Kind.TOOL_CALL and e.tool_call_id}
    for result in told:
        call = (
            calls.pop(result.tool_call_id or "", None) if result.kind is Kind.TOOL_RESULT else None
        )
        if call is not None:
            took_s = max(0.0, seconds_between(call.time, result.time))
            failed = "error" if result.outcome == "error" else "ok"
            span = _span(call, "tool", call.time, took_s, trace, parent)
            found.append(msgspec.structs.replace(span, outcome=failed))
    begun = min(event.time for event in (root, *found))
    lasted_ms = round(seconds_between(begun, told[-1].time) * 1000)
    return [msgspec.structs.replace(root, time=begun, duration_ms=lasted_ms), *found]


def _requests(told: Iterable[Event]) -> Iterable[Event]:
    """Yield the best telling of each request."""
    best: dict[str, Event] = {}
    for event in told:
        if event.kind is Kind.REQUEST and event.usage is not None and event.model:
            held = best.get(request_key(event))
            if held is None or (event.output or 0) >= (held.output or 0):
                best[request_key(event)] = event
    return best.values()


def _span(
    event: Event, name: str, started: str, took_s: float, trace: str, parent: str | None
) -> Event:
    attributes = {"name": name, "trace_id": trace, "span_id": _hex(f"{event.id}{name}", 8)}
    if parent is not None:
        attributes["parent_span_id"] = parent
    return Event(
        id=f"{event.id}.{name}",
        time=started,
        kind=Kind.SPAN,
        source=Source.TELEMETRY,
        agent=event.agent,
        session_id=event.session_id,
        request_id=event.request_id if name == "llm_request" else None,
        message_id=event.message_id if name == "llm_request" else None,
        model=event.model if name == "llm_request" else None,
        tool=event.tool,
        tool_call_id=event.tool_call_id,
        project=event.project,
        branch=event.branch,
        developer=event.developer,
        machine=event.machine,
        outcome="ok",
        duration_ms=round(took_s * 1000),
        attributes=attributes,
    )


def _hex(text: str, size: int) -> str:
    return blake2b(text.encode(), digest_size=size).hexdigest()
