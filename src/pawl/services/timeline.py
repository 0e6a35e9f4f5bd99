"""The events of one run, folded into turns a person can follow.

Several sources may tell of the same request; the timeline shows it once and says who told of
it and whether they agree. A tool call and its result become one step.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import msgspec

from pawl.base.times import seconds_between
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.likeness import answer_of, is_likeness
from pawl.telemetry.usage import Usage

_TRUST = tuple(Source)
_NOT_SHOWN = frozenset({Kind.TOTAL, Kind.REQUEST, Kind.SPAN, Kind.METRIC})
"""Spans are drawn on the page of the session; they tell anew what other events told."""
_AT_ONCE = {
    Kind.RUN_STARTED: 0,
    Kind.SESSION: 1,
    Kind.TOOL_RESULT: 2,
    Kind.REQUEST: 3,
    Kind.RUN_ENDED: 5,
}
"""The order of events with one time: a response stands before the tool calls that are in it."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened: a tool call with its result, an error, a limit …

    `offset_s` counts from the start of the run. `outcome` None is unknown.
    """

    kind: str
    time: str
    offset_s: float
    title: str
    detail: tuple[tuple[str, str], ...] = ()
    outcome: str | None = None
    duration_ms: int | None = None
    inside: bool = False
    """It belongs to a sub-agent."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One model request and what followed it. `number` 0 is what came before the first."""

    number: int
    time: str
    offset_s: float
    model: str | None = None
    request: str | None = None
    usage: Usage | None = None
    cost_micros: int | None = None
    cost_basis: str | None = None
    final: bool | None = None
    inside: bool = False
    sources: tuple[str, ...] = ()
    agrees: bool = True
    steps: tuple[Step, ...] = ()


class SourceCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests of the run a source told of, and how many it tells differently."""

    source: str
    requests: int
    disagrees: int


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """A whole run."""

    turns: tuple[Turn, ...]
    sources: tuple[SourceCount, ...]
    denied: tuple[Step, ...]
    subagents: int


def timeline(events: Iterable[Event], started: str) -> Timeline:
    """Fold the events of one run that began at `started`."""
    listed = sorted(
        _without_echoes(list(events)),
        key=lambda event: (event.time, _AT_ONCE.get(event.kind, 4)),
    )
    linked = _linked(listed)
    requests = _requests(listed, linked)
    results = {
        event.tool_call_id: event
        for event in listed
        if event.kind is Kind.TOOL_RESULT and event.tool_call_id
    }
    turns: list[Turn] = []
    steps: list[Step] = []
    begun: set[str] = set()
    seen: set[tuple[str, ...]] = set()
    current = Turn(number=0, time=started, offset_s=0.0)
    for event in listed:
        key = request_key(event, linked) if event.kind is Kind.REQUEST else None
        if key is not None and key not in begun:
            begun.add(key)
            if steps or current.number:
                turns.append(msgspec.structs.replace(current, steps=tuple(steps)))
            steps = []
            current = _turn(len(begun), key, requests[key], started)
        step = _step(event, results, seen, started)
        if step is not None:
            steps.append(step)
    if steps or current.number:
        turns.append(msgspec.structs.replace(current, steps=tuple(steps)))
    every = [step for turn in turns for step in turn.steps]
    return Timeline(
        turns=tuple(turns),
        sources=_sources(requests.values()),
        denied=tuple(step for step in every if step.kind == Kind.TOOL_DENIED),
        subagents=sum(step.kind == Kind.SUBAGENT_STARTED for step in every),
    )


def _without_echoes(events: list[Event]) -> list[Event]:
    """Leave out the messages of transcripts where the run's own stream told of messages.

    Transcripts of some agents name no ids for them, so they cannot be matched one by one.
    """
    if not any(event.kind is Kind.MESSAGE and event.source is Source.RUN for event in events):
        return events
    return [
        event
        for event in events
        if event.kind is not Kind.MESSAGE or event.source is not Source.TRANSCRIPT
    ]


def request_key(event: Event, linked: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return what tells two requests apart: message id, else request id, else the event itself.

    `linked` has other names of the same request, as somebody told who knows both.
    """
    name = answer_of(event) or event.id
    return linked.get(name, name)


def _linked(events: Iterable[Event]) -> dict[str, str]:
    """Return the name to go by of each request that goes by two."""
    found: dict[str, str] = {}
    for event in events:
        request, message = event.request_id, event.message_id
        if event.kind is Kind.REQUEST and request is not None and message is not None:
            if is_likeness(message):
                found[message] = request
            else:
                found[request] = message
    return found


def _requests(events: list[Event], linked: Mapping[str, str]) -> dict[str, dict[Source, Event]]:
    """Return, for each request, the best event that each source has of it."""
    found: dict[str, dict[Source, Event]] = {}
    for event in events:
        if event.kind is not Kind.REQUEST:
            continue
        by_source = found.setdefault(request_key(event, linked), {})
        held = by_source.get(event.source)
        if held is None or _completeness(event) > _completeness(held):
            by_source[event.source] = event
    return found


def _completeness(event: Event) -> tuple[bool, bool, int]:
    return (event.usage is not None, event.final is not False, event.output or 0)


def _best(told: dict[Source, Event]) -> Event:
    return max(
        told.values(), key=lambda event: (*_completeness(event)[:2], -_TRUST.index(event.source))
    )


def _turn(number: int, key: str, told: dict[Source, Event], started: str) -> Turn:
    best = _best(told)
    first = min(event.time for event in told.values())
    return Turn(
        number=number,
        time=first,
        offset_s=seconds_between(started, first),
        model=best.model,
        request=key,
        usage=best.usage,
        cost_micros=best.cost_micros,
        cost_basis=best.cost_basis,
        final=best.final,
        inside=best.of_subagent,
        sources=tuple(sorted(source.value for source in told)),
        agrees=_agree(told),
    )


def _agree(told: dict[Source, Event]) -> bool:
    """Compare the counts of sources that saw the response's end."""
    usages = {event.usage for event in told.values() if event.usage and event.final is not False}
    return len(usages) <= 1


def _sources(requests: Iterable[dict[Source, Event]]) -> tuple[SourceCount, ...]:
    counts: dict[Source, list[int]] = {}
    for told in requests:
        best = _best(told)
        for source, event in told.items():
            count = counts.setdefault(source, [0, 0])
            count[0] += 1
            differs = event.usage != best.usage and event.final is not False
            count[1] += differs and event.usage is not None
    return tuple(
        SourceCount(source=source.value, requests=counts[source][0], disagrees=counts[source][1])
        for source in _TRUST
        if source in counts
    )


def _step(
    event: Event, results: dict[str, Event], seen: set[tuple[str, ...]], started: str
) -> Step | None:
    """Return the step an event is, or None for one that is shown elsewhere or again."""
    if event.kind in _NOT_SHOWN:
        return None
    call = event.tool_call_id
    if event.kind is Kind.TOOL_RESULT and call and (Kind.TOOL_CALL, call) in seen:
        return None
    fact = _fact(event)
    if fact is not None:
        if fact in seen:
            return None
        seen.add(fact)
    result = results.get(call) if call and event.kind is Kind.TOOL_CALL else None
    outcome, duration = event.outcome, event.duration_ms
    if result is not None:
        outcome = outcome or result.outcome
        duration = duration if duration is not None else result.duration_ms
        if duration is None:
            duration = max(0, round(seconds_between(event.time, result.time) * 1000))
    detail = dict(event.attributes)
    if result is not None:
        detail |= {f"result.{name}": value for name, value in result.attributes.items()}
    return Step(
        kind=event.kind,
        time=event.time,
        offset_s=seconds_between(started, event.time),
        title=event.tool or _title(event),
        detail=tuple(sorted(detail.items())),
        outcome=outcome,
        duration_ms=duration,
        inside=event.of_subagent,
    )


def _title(event: Event) -> str:
    characters = event.attributes.get("characters")
    if event.kind is Kind.MESSAGE and characters:
        return f"message of {characters} characters"
    return event.kind.replace("_", " ")


def _fact(event: Event) -> tuple[str, ...] | None:
    """Return what two sources that tell of one thing have in common; None when nothing is."""
    if event.tool_call_id:
        return (event.kind, event.tool_call_id)
    if event.kind is Kind.SESSION and event.session_id:
        return (event.kind, event.session_id)
    answer = answer_of(event)
    if answer is None:
        return None
    return (event.kind, answer, event.attributes.get("characters", ""))
