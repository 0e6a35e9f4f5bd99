"""What agents' own telemetry says: measures by the minute, errors as lines, models that shifted."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from pawl.investigation.facts import Facts, Line, Series
from pawl.investigation.shifts import Observed, shifts
from pawl.investigation.terms import Terms
from pawl.telemetry.event import Event, Kind

MAX_EVENTS = 500_000
_TOLD = {
    Kind.ERROR: ("error", "error"),
    Kind.TOOL_DENIED: ("error", "tool denied"),
    Kind.LOOP: ("error", "loop detected"),
    Kind.LIMIT: ("error", "limit reached"),
    Kind.RETRY: ("warn", "request tried again"),
    Kind.REFUSAL: ("warn", "the model refused to answer"),
}
_SAYS = ("message", "error", "reason", "limit", "status", "pattern")


def facts_of_events(events: Iterable[Event], since: float, until: float, terms: Terms) -> Facts:
    """Return the facts in events; of too many those that come first, and it says so."""
    measures: dict[tuple[str, str], dict[int, float]] = {}
    lines: list[Line] = []
    observed: list[Observed] = []
    left: tuple[str, ...] = ()
    for number, event in enumerate(events):
        if number >= MAX_EVENTS:
            left = (f"only the first {MAX_EVENTS:,} events were read.",)
            break
        at = datetime.fromisoformat(event.time).timestamp()
        component = event.project or event.repo or event.agent
        minute = int(at // 60)
        for name, amount in _amounts(event):
            per = measures.setdefault((name, component), defaultdict(float))
            per[minute] += amount
        if event.model and event.kind is Kind.REQUEST:
            observed.append(Observed(at, component, "model", event.model))
        if event.agent_version:
            observed.append(Observed(at, component, "agent_version", event.agent_version))
        if event.kind in _TOLD:
            lines.append(_line(event, at, component))
    return Facts(
        changes=tuple(shifts(observed, since, until, terms, "events")),
        lines=tuple(lines),
        series=tuple(
            Series(
                name=name,
                source="events",
                labels={"component": component},
                points=_points(counted, since, until),
                place="events",
            )
            for (name, component), counted in sorted(measures.items())
        ),
        left=left,
    )


def _amounts(event: Event) -> list[tuple[str, float]]:
    """Return what an event adds to the measures of its minute."""
    if event.kind is Kind.REQUEST:
        found = [("agent_requests", 1.0)]
        micros = event.cost_micros if event.cost_micros is not None else event.reported_micros
        if micros is not None:
            found.append(("agent_cost_usd", micros / 1_000_000))
        return found
    names = {
        Kind.ERROR: "agent_errors",
        Kind.TOOL_CALL: "agent_tool_calls",
        Kind.TOOL_DENIED: "agent_tools_denied",
    }
    name = names.get(event.kind)
    if name is None:
        return [("agent_errors", 1.0)] if event.kind in (Kind.LOOP, Kind.LIMIT) else []
    return [(name, 1.0)]


def _line(event: Event, at: float, component: str) -> Line:
    level, what = _TOLD[event.kind]
    said = [event.attributes[key] for key in _SAYS if event.attributes.get(key)]
    tool = f" {event.tool}" if event.tool else ""
    message = f"{what}{tool}{': ' if said else ''}{'; '.join(said)}"
    of = tuple(
        (name, value) for name, value in (("model", event.model), ("tool", event.tool)) if value
    )
    return Line(at, level, component, message, event.id, of)


def _points(
    counted: dict[int, float], since: float, until: float
) -> tuple[tuple[float, float], ...]:
    """Return a point a minute; a minute without any is none, because events are all there are."""
    first, last = int(since // 60), int(until // 60)
    return tuple((each * 60.0, counted.get(each, 0.0)) for each in range(first, last))
