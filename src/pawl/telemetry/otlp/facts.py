"""What log events and spans mean, whoever sent them: one function a meaning."""

import math
from collections.abc import Callable
from typing import Any

from pawl.base.money import MICROS_MAX, micros_from_reported
from pawl.telemetry.event import Kind
from pawl.telemetry.likeness import likeness
from pawl.telemetry.otlp.lean import Attributes, BadRecord, Log, Span
from pawl.telemetry.otlp.naming import Meaning, Names, fits, pick
from pawl.telemetry.otlp.telling import Fact, Teller, milliseconds, text

_LIMIT = 1 << 53
_DENIED = frozenset({"reject", "rejected", "deny", "denied", "abort", "cancel", "cancelled"})
_NO = frozenset({"false", "0", "failed", "failure", "error"})


def tell_log(teller: Teller, log: Log) -> None:
    """Add the events of a log record; raises BadRecord for one that cannot be true."""
    name = log.attributes.get("event.name") or log.name or log.body
    if not isinstance(name, str):
        return  # The attribute is there and no text.
    told = teller.names.told(name)
    meaning = teller.names.events.get(told)
    if meaning is not None:
        _TELL[meaning](teller, teller.log(log, told))


def tell_span(teller: Teller, span: Span) -> None:
    """Add the events of a span; raises BadRecord for one that cannot be true."""
    names = teller.names
    name = names.told(span.name)
    if fits(name, names.noise):
        return
    meaning = names.spans.get(name)
    operation = text(pick(span.attributes, names.fields.operation), teller.limit)
    if meaning is None and operation is not None:
        meaning = names.spans.get(teller.word("operation", operation))
    if names.fallback and operation is None:
        return  # A span of somebody's service; only models and agents are our business.
    fact = teller.span(span)
    named: dict[str, Any] = _tool_names(teller, fact)
    model = teller.model(span.attributes)
    if meaning == "request":
        named = {"request_id": text(pick(span.attributes, names.fields.request_id), teller.limit)}
    teller.tell(
        fact,
        Kind.SPAN,
        "span",
        duration_ms=fact.duration_ms,
        outcome="error" if span.failed or _failed(teller, fact) else "ok",
        model=model,
        more=_span_attributes(span, teller.limit),
        **named,
    )
    if meaning is not None:
        _TELL[meaning](teller, fact)


def _span_attributes(span: Span, limit: int) -> dict[str, str]:
    found = {"name": text(span.name, limit) or "", "trace_id": span.trace_id}
    found["span_id"] = span.span_id
    if span.parent_id:
        found["parent_span_id"] = span.parent_id
    return found


# -- requests -----------------------------------------------------------------------------------


def _request(teller: Teller, fact: Fact) -> None:
    names, attributes = teller.names, fact.attributes
    counts = _counts(names, attributes)
    cost = _cost(names, attributes)
    if counts is None and cost is None:
        return  # It is named like a request and tells nothing of one.
    fields: dict[str, Any] = {"reported_micros": cost, "final": True}
    request = text(pick(attributes, names.fields.request_id), teller.limit)
    message = text(pick(attributes, names.fields.response_id), teller.limit)
    if counts is not None:
        fresh, read, short, long, output, reasoning, searches, lifetimes = counts
        fields |= {
            "input": fresh,
            "cache_read": read,
            "cache_write_5m": short,
            "cache_write_1h": long,
            "output": output,
            "reasoning": reasoning,
            "web_searches": searches,
            # A span does not say how long a cache write lives; the log of the same request does.
            "final": not (fact.span and short and not lifetimes),
        }
        if names.match_by_counts:
            alike = likeness(
                teller.agent, fact.session, fresh, read, short + long, output, reasoning
            )
            message = alike or message
    if request is None and message is None:
        message = fact.place
    teller.tell(
        fact,
        Kind.REQUEST,
        "request",
        time=fact.ended,
        duration_ms=fact.duration_ms,
        request_id=request,
        message_id=message,
        model=teller.model(attributes),
        outcome="error" if fact.failed else None,
        **fields,
    )


def _counts(names: Names, attributes: Attributes) -> tuple[int, ...] | None:
    """Return the buckets of `Usage` and whether cache writes are told by lifetime."""
    spelled = names.fields
    whole, output = pick(attributes, spelled.input), pick(attributes, spelled.output)
    disjoint = pick(attributes, spelled.input_uncached) if spelled.input_uncached else None
    if whole is None and output is None and disjoint is None:
        return None
    read = _count(pick(attributes, spelled.cache_read))
    written = _count(pick(attributes, spelled.cache_write))
    brief, lasting = None, None
    if spelled.cache_write_5m:
        brief = pick(attributes, spelled.cache_write_5m)
        lasting = pick(attributes, spelled.cache_write_1h)
    short, long = _count(brief), _count(lasting)
    # What the breakdown does not explain is of the default lifetime.
    short += max(0, written - short - long)
    spent, reasoning = _count(output), _count(pick(attributes, spelled.reasoning))
    if names.reasoning == "outside":
        spent += reasoning
    if disjoint is not None:
        fresh = _count(disjoint)
    else:
        fresh = _count(whole)
        if _cached_inside(names, attributes):
            fresh -= read + short + long
            if fresh < 0:
                raise BadRecord("more tokens are cached than were read")
    fresh += _count(pick(attributes, spelled.prompt_of_tools))
    searches = _count(pick(attributes, spelled.web_searches))
    if fresh + read + short + long + spent + reasoning + searches >= _LIMIT:
        raise BadRecord("a token count cannot be true")
    told = brief is not None or lasting is not None
    return fresh, read, short, long, spent, reasoning, searches, told


def _cached_inside(names: Names, attributes: Attributes) -> bool:
    if names.cached == "inside" and names.cached_outside:
        provider = pick(attributes, names.fields.provider)
        return not (isinstance(provider, str) and fits(provider, names.cached_outside))
    return names.cached == "inside"


def _count(value: Any) -> int:
    """Return a token count; absent is zero beside others that are there."""
    if value is None:
        return 0
    if _whole(value):
        value = int(value)
    if type(value) is not int or not 0 <= value < _LIMIT:
        raise BadRecord("a token count cannot be true")
    return value


def _whole(value: Any) -> bool:
    """Return whether text or a float is a whole number that is not absurd."""
    if type(value) is str:
        return value.isascii() and value.isdigit() and len(value) <= 16
    return type(value) is float and value.is_integer()


def _cost(names: Names, attributes: Attributes) -> int | None:
    """Return the sender's own cost in micro-USD."""
    micros = pick(attributes, names.fields.cost_micros)
    if micros is not None:
        cost = _count(micros)
    else:
        dollars = pick(attributes, names.fields.cost_usd)
        if dollars is None:
            return None
        try:
            told = math.nan if isinstance(dollars, bool) else float(dollars)
        except (TypeError, ValueError, OverflowError):
            told = math.nan
        if not 0 <= told <= MICROS_MAX / 1e6:
            raise BadRecord("a cost cannot be true")
        cost = micros_from_reported(told)
    if cost > MICROS_MAX:
        raise BadRecord("a cost cannot be true")
    return cost


# -- tools --------------------------------------------------------------------------------------


def _tool_names(teller: Teller, fact: Fact) -> dict[str, Any]:
    fields, attributes = teller.names.fields, fact.attributes
    return {
        "tool": text(pick(attributes, fields.tool), teller.limit),
        "tool_call_id": text(pick(attributes, fields.tool_call_id), teller.limit),
    }


def _tool_decision(teller: Teller, fact: Fact) -> None:
    names = _tool_names(teller, fact)
    teller.tell(fact, Kind.TOOL_CALL, "call", **names)
    decision = text(pick(fact.attributes, teller.names.fields.decision), teller.limit)
    if decision is not None and teller.word("decision", decision) in _DENIED:
        teller.tell(fact, Kind.TOOL_DENIED, "denied", **names)


def _tool_result(teller: Teller, fact: Fact) -> None:
    teller.tell(
        fact,
        Kind.TOOL_RESULT,
        "result",
        time=fact.ended,
        duration_ms=fact.duration_ms,
        outcome="error" if _failed(teller, fact) else "ok",
        **_tool_names(teller, fact),
    )


def _tool(teller: Teller, fact: Fact) -> None:
    """Add a call and its result: the span of a tool tells both."""
    teller.tell(fact, Kind.TOOL_CALL, "call", **_tool_names(teller, fact))
    _tool_result(teller, fact)


def _failed(teller: Teller, fact: Fact) -> bool:
    if fact.failed:
        return True
    told = pick(fact.attributes, teller.names.fields.outcome)
    return told is False or (isinstance(told, str) and told.lower() in _NO)


# -- the others ---------------------------------------------------------------------------------


def _error(teller: Teller, fact: Fact) -> None:
    _problem(teller, fact, Kind.ERROR, "error")


def _refusal(teller: Teller, fact: Fact) -> None:
    _problem(teller, fact, Kind.REFUSAL, "refusal")


def _retry(teller: Teller, fact: Fact) -> None:
    _problem(teller, fact, Kind.RETRY, "retry")


def _attempt(teller: Teller, fact: Fact) -> None:
    """Add what went wrong with one attempt at a request; one that went well is no news."""
    fields, attributes = teller.names.fields, fact.attributes
    number = text(pick(attributes, fields.attempt), teller.limit)
    if number not in (None, "0"):
        _retry(teller, fact)
    status = milliseconds(pick(attributes, fields.status))
    if (status is not None and status >= 400) or pick(attributes, fields.error) is not None:
        _error(teller, fact)


def _problem(teller: Teller, fact: Fact, kind: Kind, part: str) -> None:
    fields, attributes = teller.names.fields, fact.attributes
    more = {}
    if (status := text(pick(attributes, fields.status), teller.limit)) is not None:
        more["status"] = status
    if (message := teller.message(pick(attributes, fields.error))) is not None:
        more["error"] = message
    teller.tell(
        fact,
        kind,
        part,
        duration_ms=fact.duration_ms,
        request_id=text(pick(attributes, fields.request_id), teller.limit),
        model=teller.model(attributes),
        more=more,
    )


def _simple(kind: Kind) -> Callable[[Teller, Fact], None]:
    """Return a function that adds one event of a kind, with the outcome where one is told."""

    def tell(teller: Teller, fact: Fact) -> None:
        fields, attributes = teller.names.fields, fact.attributes
        outcome = pick(attributes, fields.outcome)
        word = None
        if outcome is not None:
            word = "error" if _failed(teller, fact) else "ok"
            if isinstance(outcome, str) and outcome.lower() not in ("true", "false", "0", "1"):
                word = text(outcome, teller.limit)
        teller.tell(
            fact,
            kind,
            str(kind),
            duration_ms=fact.duration_ms,
            model=teller.model(attributes),
            outcome=word,
        )

    return tell


_TELL: dict[Meaning, Callable[[Teller, Fact], None]] = {
    "attempt": _attempt,
    "compaction": _simple(Kind.COMPACTION),
    "error": _error,
    "hook": _simple(Kind.HOOK),
    "loop": _simple(Kind.LOOP),
    "mcp_connection": _simple(Kind.MCP_CONNECTION),
    "message": _simple(Kind.MESSAGE),
    "prompt": _simple(Kind.PROMPT),
    "refusal": _refusal,
    "request": _request,
    "retry": _retry,
    "session": _simple(Kind.SESSION),
    "subagent_ended": _simple(Kind.SUBAGENT_ENDED),
    "subagent_started": _simple(Kind.SUBAGENT_STARTED),
    "tool": _tool,
    "tool_decision": _tool_decision,
    "tool_result": _tool_result,
}
