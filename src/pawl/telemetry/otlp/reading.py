"""Turn the body of one OTLP export request into canonical events.

    taken = read(Signal.LOGS, PROTOBUF, body, received=now)

A body that is no OTLP message at all raises Refused. A record inside it that cannot be true,
such as a negative token count, is left out and counted, and the others are taken: that is what
OTLP calls partial success.
"""

from enum import StrEnum

import msgspec

from pawl.telemetry.event import Event

PROTOBUF = "application/x-protobuf"
JSON = "application/json"


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


def read(signal: Signal, content_type: str, body: bytes, *, received: str) -> Taken:
    """Return the events in a body; raises Refused when it is no OTLP message.

    `received` is our own clock in canonical form. It dates records that bring no time and those
    that claim to come from the future.
    """
    raise NotImplementedError
