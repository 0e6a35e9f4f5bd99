"""One session as bars on a line of time: requests, tools, sub-agents, and what went wrong.

Spans are used where the sender told them: they have beginnings, ends, parents and trace ids.
Requests and tools that no span tells of come from their own events; a request of a transcript
has a time and no duration, and is drawn as a point. What several sources tell of one thing is
one bar. Time in which nothing was seen to happen is cut out of the drawing, and only there.
Where texts are kept, a bar has those of its events, and what was said besides is a point.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from pawl.base.times import seconds_between
from pawl.services.bar_order import in_order
from pawl.services.content_view import Text, spread
from pawl.services.time_axis import TimeAxis
from pawl.services.timeline import request_key
from pawl.telemetry.event import Event, Kind
from pawl.telemetry.likeness import answer_of

_INSTANT = {
    Kind.ERROR: "error",
    Kind.REFUSAL: "refusal",
    Kind.RETRY: "retry",
    Kind.LIMIT: "limit",
    Kind.LOOP: "loop",
    Kind.COMPACTION: "compaction",
    Kind.TOOL_DENIED: "denied",
}
_OF_CALLS = (Kind.TOOL_CALL, Kind.TOOL_RESULT, Kind.TOOL_DENIED)
_WRONG = frozenset({"error", "refusal", "limit", "loop", "denied"})


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `start_s` counts from the first; None of `duration_ms` is unknown.

    `kind` is request, tool, subagent, span, said or what went wrong; `left` and `width` are shares
    of the drawing. `inferred` durations lie between a call and its result, told by nobody.
    """

    kind: str
    title: str
    time: str
    start_s: float
    duration_ms: int | None
    depth: int
    failed: bool
    left: float = 0.0
    width: float = 0.0
    inferred: bool = False
    model: str | None = None
    tokens: int | None = None
    cost_micros: int | None = None
    trace_id: str = ""
    span_id: str = ""
    detail: str = ""
    texts: tuple[Text, ...] = ()


class Waterfall(msgspec.Struct, frozen=True, kw_only=True):
    """A session drawn. `idle_s` of `gaps` gaps are left out of the drawing."""

    bars: tuple[Bar, ...]
    lasted_s: float
    idle_s: float
    gaps: int
    traces: tuple[str, ...]
    spans: int
    untimed: int
    """Requests whose duration nobody told."""


class _Item(msgspec.Struct):
    """A bar being made: `id` and `parent` make the tree, in seconds from the first event."""

    id: str
    parent: str | None
    kind: str
    title: str
    time: str
    start: float
    duration_ms: int | None
    failed: bool
    inferred: bool = False
    model: str | None = None
    tokens: int | None = None
    cost: int | None = None
    trace: str = ""
    span: str = ""
    detail: str = ""
    call: str = ""
    """The tool call that a span is the outermost of."""
    events: tuple[str, ...] = ()
    texts: tuple[Text, ...] = ()

    @property
    def end(self) -> float:
        return self.start + (self.duration_ms or 0) / 1000


def waterfall(events: Iterable[Event], texts: Iterable[Text] = ()) -> Waterfall:
    """Return the bars of one session's events, parents before what they hold, by time.

    `texts` are what is kept of what was said in it.
    """
    told = sorted(events, key=lambda event: event.time)
    if not told:
        return Waterfall(bars=(), lasted_s=0.0, idle_s=0.0, gaps=0, traces=(), spans=0, untimed=0)
    origin = told[0].time
    items = _items(told, origin)
    items += _said(items, told, origin, texts)
    first = min(item.start for item in items) if items else 0.0
    for item in items:
        item.start -= first
    axis = TimeAxis((item.start, item.end) for item in items)
    bars = [_bar(item, depth, axis) for item, depth in in_order(items)]
    return Waterfall(
        bars=tuple(bars),
        lasted_s=max((item.end for item in items), default=0.0),
        idle_s=axis.idle,
        gaps=axis.gaps,
        traces=tuple(dict.fromkeys(bar.trace_id for bar in bars if bar.trace_id)),
        spans=sum(bool(bar.span_id) for bar in bars),
        untimed=sum(bar.kind == "request" and bar.duration_ms is None for bar in bars),
    )


def _said(
    items: list[_Item], told: Iterable[Event], origin: str, texts: Iterable[Text]
) -> list[_Item]:
    """Give items the texts of their events; return items for texts that are of none."""
    of_calls: dict[str, list[str]] = {}
    for event in told:
        if event.tool_call_id and event.kind in _OF_CALLS:
            of_calls.setdefault(event.tool_call_id, []).append(event.id)
    found, rest = spread(texts, [(*each.events, *of_calls.get(each.call, ())) for each in items])
    for item, own in zip(items, found, strict=True):
        item.texts = own
    return [
        _Item(
            id=f"said:{text.event_id}:{text.role}",
            parent=None,
            kind="said",
            title=text.role.value,
            time=text.time,
            start=seconds_between(origin, text.time),
            duration_ms=None,
            failed=False,
            texts=(text,),
        )
        for text in rest
    ]


# -- what happened ------------------------------------------------------------------------------


def _items(told: Sequence[Event], origin: str) -> list[_Item]:
    requests, names = _requests(told)
    spans = [event for event in told if event.kind is Kind.SPAN]
    seen: set[str] = set()
    items = [_span(event, origin, requests, names, seen) for event in spans]
    for key, tellings in requests.items():
        if key not in seen:
            items.append(_request(key, tellings, origin))
    items += _tools(told, origin, seen)
    items += _agents(told, origin, {item.id for item in items})
    items += _instants(told, origin)
    spanned = {f"tool:{item.call}": item.id for item in items if item.call}
    for item in items:
        item.parent = spanned.get(item.parent or "", item.parent)
    return items


def _requests(told: Sequence[Event]) -> tuple[dict[str, list[Event]], dict[str, str]]:
    """Return the tellings of each request, and each of its ids with its key."""
    names: dict[str, str] = {}
    for event in told:
        if event.kind is Kind.REQUEST and event.message_id and event.request_id:
            names[event.request_id] = event.message_id
    found: dict[str, list[Event]] = {}
    for event in told:
        if event.kind is Kind.REQUEST:
            key = request_key(event)
            found.setdefault(names.get(key, key), []).append(event)
    return found, names


def _request(key: str, tellings: list[Event], origin: str) -> _Item:
    timed = next((each for each in tellings if each.duration_ms is not None), None)
    best = max(tellings, key=lambda each: (each.usage is not None, each.final is not False))
    shown = timed or best
    # A request is told when its answer has ended.
    start = seconds_between(origin, shown.time) - (shown.duration_ms or 0) / 1000
    return _Item(
        id=f"request:{key}",
        parent=next((f"tool:{each.parent_id}" for each in tellings if each.parent_id), None),
        kind="request",
        title=best.model or "request",
        time=shown.time,
        start=start,
        duration_ms=shown.duration_ms,
        failed=any(each.outcome == "error" for each in tellings),
        model=best.model,
        tokens=None if best.usage is None else best.usage.total,
        cost=next((each.cost_micros for each in tellings if each.cost_micros is not None), None),
        detail="sub-agent" if any(each.of_subagent for each in tellings) else "",
        events=tuple(each.id for each in tellings),
    )


def _span(
    event: Event,
    origin: str,
    requests: Mapping[str, list[Event]],
    names: Mapping[str, str],
    seen: set[str],
) -> _Item:
    attributes = event.attributes
    item = _Item(
        id=f"span:{attributes.get('span_id') or event.id}",
        parent=f"span:{attributes['parent_span_id']}" if "parent_span_id" in attributes else None,
        kind="span",
        title=attributes.get("name") or "span",
        time=event.time,
        start=seconds_between(origin, event.time),
        duration_ms=event.duration_ms,
        failed=event.outcome == "error",
        events=(event.id,),
        trace=attributes.get("trace_id", ""),
        span=attributes.get("span_id", ""),
    )
    asked = answer_of(event)
    key = None if asked is None else names.get(asked, asked)
    if key is not None and key in requests and key not in seen:
        seen.add(key)
        told = _request(key, requests[key], origin)
        item.kind, item.title, item.model = "request", told.title, told.model
        item.tokens, item.cost, item.detail = told.tokens, told.cost, told.detail
        item.events += told.events
        item.failed = item.failed or told.failed
    elif event.tool:
        # Of a call's spans the outermost comes first: the others are its parts.
        call = f"call:{event.tool_call_id}"
        if event.tool_call_id is None or call not in seen:
            item.kind, item.title = "tool", event.tool
            item.call = event.tool_call_id or ""
        else:
            item.detail = event.tool
        seen.add(call)
    return item


def _tools(told: Sequence[Event], origin: str, seen: set[str]) -> list[_Item]:
    calls: dict[str, Event] = {}
    results: dict[str, list[Event]] = {}
    denied = {event.tool_call_id for event in told if event.kind is Kind.TOOL_DENIED}
    for event in told:
        call = event.tool_call_id or event.id
        if event.kind is Kind.TOOL_CALL:
            calls.setdefault(call, event)
        elif event.kind is Kind.TOOL_RESULT:
            results.setdefault(call, []).append(event)
    items = []
    for call in dict.fromkeys([*calls, *results]):
        if f"call:{call}" in seen:
            continue
        answered = results.get(call, [])
        timed = next((each for each in answered if each.duration_ms is not None), None)
        begun = calls.get(call) or answered[0]
        start, duration, inferred = seconds_between(origin, begun.time), None, False
        if timed is not None and timed.duration_ms is not None:
            duration = timed.duration_ms
            start = seconds_between(origin, timed.time) - duration / 1000
        elif answered and call in calls:
            duration = max(0, round(seconds_between(begun.time, answered[0].time) * 1000))
            inferred = True
        title = begun.tool or next((each.tool for each in answered if each.tool), None) or "tool"
        items.append(
            _Item(
                id=f"tool:{call}",
                parent=f"tool:{begun.parent_id}" if begun.parent_id else None,
                kind="tool",
                title=title,
                time=begun.time,
                start=start,
                duration_ms=duration,
                failed=call in denied or any(each.outcome == "error" for each in answered),
                inferred=inferred,
                detail="refused" if call in denied else "",
                events=(begun.id, *(each.id for each in answered)),
            )
        )
    return items


def _agents(told: Sequence[Event], origin: str, known: set[str]) -> list[_Item]:
    """Return sub-agents that no tool call stands for."""
    ends = {_agent_of(event): event for event in told if event.kind is Kind.SUBAGENT_ENDED}
    items, made = [], set[str]()
    for event in told:
        name = _agent_of(event)
        if event.kind is not Kind.SUBAGENT_STARTED or name in made or f"tool:{name}" in known:
            continue
        made.add(name)
        ended = ends.get(name)
        duration = None if ended is None else ended.duration_ms
        inferred = ended is not None and duration is None
        if ended is not None and duration is None:
            duration = max(0, round(seconds_between(event.time, ended.time) * 1000))
        items.append(
            _Item(
                id=f"tool:{name}",
                parent=None,
                kind="subagent",
                title=event.attributes.get("agent_name") or event.attributes.get("type") or "agent",
                time=event.time,
                start=seconds_between(origin, event.time),
                duration_ms=duration,
                failed=ended is not None and ended.outcome == "error",
                inferred=inferred,
            )
        )
    return items


def _agent_of(event: Event) -> str:
    return event.tool_call_id or event.attributes.get("agent_id") or event.id


def _instants(told: Sequence[Event], origin: str) -> list[_Item]:
    items, seen = [], set[tuple[str, str]]()
    for event in told:
        word = _INSTANT.get(event.kind)
        if word is None:
            continue
        name = event.tool_call_id or event.request_id or event.message_id or event.id
        if (word, name) in seen:
            continue
        seen.add((word, name))
        attributes = event.attributes
        detail = attributes.get("error") or attributes.get("limit") or attributes.get("pattern")
        status = attributes.get("status")
        items.append(
            _Item(
                id=f"{word}:{name}",
                parent=f"tool:{event.parent_id}" if event.parent_id else None,
                kind=word,
                title=event.tool or word,
                time=event.time,
                start=seconds_between(origin, event.time),
                duration_ms=event.duration_ms,
                failed=word in _WRONG,
                detail=" · ".join(part for part in (status and f"HTTP {status}", detail) if part),
                events=(event.id,),
            )
        )
    return items


# -- where it stands ----------------------------------------------------------------------------


def _bar(item: _Item, depth: int, axis: TimeAxis) -> Bar:
    left = axis.at(item.start)
    return Bar(
        kind=item.kind,
        title=item.title,
        time=item.time,
        start_s=item.start,
        duration_ms=item.duration_ms,
        depth=depth,
        failed=item.failed,
        left=left,
        width=max(0.0, axis.at(item.end) - left),
        inferred=item.inferred,
        model=item.model,
        tokens=item.tokens,
        cost_micros=item.cost,
        trace_id=item.trace,
        span_id=item.span,
        detail=item.detail,
        texts=item.texts,
    )
