"""Turn the body of one OTLP export request into canonical events.

    taken = read(Signal.LOGS, PROTOBUF, body, received=now)

A body that is no OTLP message at all raises Refused. A record inside it that cannot be true,
such as one with a negative token count, is left out and counted, and the others are taken: that
is what OTLP calls partial success. With `gathered` the texts that senders bring beside the facts go
there; without it they are left behind, and none is copied.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec

from pawl.telemetry.content import Gathered
from pawl.telemetry.event import Event
from pawl.telemetry.otlp.bounds import Bounds, bounds
from pawl.telemetry.otlp.clock import Clock
from pawl.telemetry.otlp.facts import tell_log, tell_span
from pawl.telemetry.otlp.lean import BadRecord, Group
from pawl.telemetry.otlp.measures import tell_point
from pawl.telemetry.otlp.recognising import sender_of
from pawl.telemetry.otlp.telling import Teller
from pawl.telemetry.otlp.wire import Malformed

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
_REASONS = 3
"""How many causes of rejection are named."""


class Signal(StrEnum):
    """Which of the three export requests a body is; the values are the ends of their paths."""

    LOGS = "logs"
    METRICS = "metrics"
    TRACES = "traces"


class Refused(ValueError):
    """The whole body is no OTLP message; the text says why, without quoting the body."""


class Taken(msgspec.Struct, frozen=True):
    """What one request brought.

    `accepted` and `rejected` count log records, data points or spans, as OTLP counts them; an
    accepted record may make no event or several. `reason` names the first few causes.
    """

    events: list[Event]
    accepted: int
    rejected: int = 0
    reason: str = ""


def read(
    signal: Signal,
    content_type: str,
    body: bytes,
    *,
    received: str,
    gathered: Gathered | None = None,
) -> Taken:
    """Return the events in a body; raises Refused when it is no OTLP message.

    `content_type` is PROTOBUF or JSON. `received` is our own clock in canonical form: it dates
    records that bring no time, and those whose time cannot be believed.
    """
    allowed = bounds()
    if len(body) > allowed.body_bytes:
        raise Refused(f"the message is larger than {allowed.body_bytes:,} bytes")
    decode = _decoders(content_type)[signal]
    tell = _TELL[signal]
    clock = Clock(received, allowed)
    events: list[Event] = []
    causes: Counter[str] = Counter()
    accepted = seen = 0
    try:
        for group in decode(body, allowed):
            teller = _teller(group, clock, allowed, events)
            for record in group.records:
                seen += 1
                if seen > allowed.records:
                    raise Malformed("it holds too many records")
                if isinstance(record, BadRecord):
                    causes[str(record)] += 1
                    continue
                told = len(events)
                try:
                    tell(teller, record)
                    accepted += 1
                except BadRecord as bad:
                    del events[told:]
                    causes[str(bad)] += 1
                    continue
                if gathered is not None and len(events) > told:
                    teller.gather(record.attributes, events[told:], gathered)
    except (Malformed, BadRecord) as bad:
        # A bad value outside of any record is the whole message's.
        raise Refused(f"the message is malformed: {bad}") from None
    return Taken(events, accepted, causes.total(), _reason(causes))


def _teller(group: Group, clock: Clock, allowed: Bounds, events: list[Event]) -> Teller:
    service = group.resource.get("service.name")
    sender = sender_of(service if isinstance(service, str) else "", group.scope)
    return Teller(sender, group.resource, clock, allowed, events)


def _reason(causes: Counter[str]) -> str:
    named = [f"{cause} ({number}x)" for cause, number in causes.most_common(_REASONS)]
    rest = len(causes) - len(named)
    return "; ".join(named) + (f"; and {rest} other causes" if rest > 0 else "")


_TELL: dict[Signal, Callable[[Teller, Any], None]] = {
    Signal.LOGS: tell_log,
    Signal.METRICS: tell_point,
    Signal.TRACES: tell_span,
}

_Decode = Callable[[bytes, Bounds], Iterator[Group]]


@cache
def _decoders(content_type: str) -> dict[Signal, _Decode]:
    """Return the decoders of an encoding; the one of the other is not imported."""
    if content_type == PROTOBUF:
        from pawl.telemetry.otlp import protobuf as encoding
    elif content_type == JSON:
        from pawl.telemetry.otlp import json_mapping as encoding  # type: ignore[no-redef]
    else:
        raise ValueError(f"{content_type!r} is no encoding of OTLP")
    return {
        Signal.LOGS: encoding.logs,
        Signal.METRICS: encoding.points,
        Signal.TRACES: encoding.spans,
    }
