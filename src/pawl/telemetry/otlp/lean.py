"""The neutral form that both encodings of OTLP are brought to: only what events are made of.

Attribute values are plain: text, bool, int, float, bytes, a list, a dict of text, or None. Ids
are lower-case hex, times nanoseconds since the Unix epoch, zero where the sender told none.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

Attributes = dict[str, Any]

DELTA, CUMULATIVE = 1, 2
"""Temporalities as OTLP numbers them; zero is a gauge, or unspecified."""


class BadRecord(ValueError):
    """One record that cannot be true; the text says why, without quoting it."""


class Log(msgspec.Struct, gc=False):
    """One log record. `name` is the event name field of newer senders.

    `body` is a short text, where the body is one: some senders put the event's name there. Any
    other is content, and not read.
    """

    time: int
    observed: int
    name: str
    body: str
    attributes: Attributes
    trace_id: str
    span_id: str


class Span(msgspec.Struct, gc=False):
    """One span. `failed` says that its status is an error."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    start: int
    end: int
    attributes: Attributes
    failed: bool


class Point(msgspec.Struct, gc=False):
    """One data point of a metric.

    `value` is the sum of a histogram or summary, of which `count` says how many values it is of.
    """

    metric: str
    unit: str
    temporality: int
    monotonic: bool
    start: int
    time: int
    value: int | float
    count: int | None
    attributes: Attributes


Record = Log | Span | Point


class Group(msgspec.Struct, gc=False):
    """Records that share a resource and a scope; `records` is walked once.

    It yields a BadRecord in the place of a record that cannot be read.
    """

    resource: Attributes
    scope: str
    records: Iterator[Record | BadRecord]
