"""Read OTLP in Protocol Buffers into the lean form.

The envelope is walked by hand (see `wire`), a record is parsed by the library, and its
attributes stay bytes: most of them are the same in every record of a batch, so each distinct
one is parsed once. Field numbers are those of
https://github.com/open-telemetry/opentelemetry-proto (v1.9).
"""

from collections.abc import Callable, Iterator
from functools import cache
from struct import unpack_from
from typing import Any

from google.protobuf import (  # type: ignore[import-untyped]
    descriptor_pb2,
    descriptor_pool,
    message_factory,
)
from google.protobuf.message import DecodeError, Message  # type: ignore[import-untyped]
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from pawl.telemetry.otlp.bounds import Bounds
from pawl.telemetry.otlp.lean import Attributes, BadRecord, Group, Log, Point, Record, Span
from pawl.telemetry.otlp.wire import Malformed, parts

_RESOURCE, _SCOPES, _RECORDS = 1, 2, 2
"""Field numbers in the envelope: the same for logs, metrics and traces."""
_ID_BYTES = 32
"""Twice a trace id, which is the longest there is."""
_REMEMBERED = 50_000
"""Distinct attributes remembered at a time; a batch of 8,192 records has about as many."""
_ERROR = 2
"""The status code of a span that failed."""


def logs(body: bytes, bounds: Bounds) -> Iterator[Group]:
    """Yield the groups of a logs request. Raises Malformed, also while records are walked."""
    return _groups(body, bounds, _logs)


def spans(body: bytes, bounds: Bounds) -> Iterator[Group]:
    """Yield the groups of a traces request. Raises Malformed, also while records are walked."""
    return _groups(body, bounds, _spans)


def points(body: bytes, bounds: Bounds) -> Iterator[Group]:
    """Yield the groups of a metrics request. Raises Malformed, also while records are walked."""
    return _groups(body, bounds, _points)


_Read = Callable[[list[bytes], "Pairs", Bounds], Iterator[Record | BadRecord]]


def _groups(body: bytes, bounds: Bounds, read: _Read) -> Iterator[Group]:
    pairs = Pairs(bounds)
    groups = 0
    for number, shared in parts(body):
        if number != 1:
            continue
        groups = _counted(groups, bounds)
        resource: Attributes = {}
        scopes: list[bytes] = []
        for part, content in parts(shared):
            if part == _RESOURCE:
                resource = _attributes((raw for field, raw in parts(content) if field == 1), pairs)
            elif part == _SCOPES:
                scopes.append(content)
                groups = _counted(groups, bounds)
        for scoped in scopes:
            name, records = _scope(scoped, bounds)
            if records:
                yield Group(resource, name, read(records, pairs, bounds))


def _counted(groups: int, bounds: Bounds) -> int:
    if groups >= bounds.groups:
        raise Malformed("it holds too many resources and scopes")
    return groups + 1


def _scope(scoped: bytes, bounds: Bounds) -> tuple[str, list[bytes]]:
    """Return a scope's name and its records as slices of the body."""
    name, records = "", []
    for part, content in parts(scoped):
        if part == _RECORDS:
            records.append(content)
            if len(records) > bounds.records:
                raise Malformed("it holds too many records")
        elif part == 1:
            for field, raw in parts(content):
                if field == 1:
                    name = _text(raw)[: bounds.text]
    return name, records


def _logs(records: list[bytes], pairs: "Pairs", bounds: Bounds) -> Iterator[Record | BadRecord]:
    parse, get = _messages()["Log"], pairs.__getitem__
    names: dict[bytes, str] = {}
    for raw in records:
        if len(raw) > bounds.record_bytes:
            yield BadRecord("a record is too large")
            continue
        log: Any = _parsed(parse, raw)
        found = log.attributes
        if len(found) > bounds.attributes:
            yield BadRecord("a record has too many attributes")
            continue
        if max(len(log.trace), len(log.span)) > _ID_BYTES:
            yield BadRecord("an id is too long")
            continue
        body = log.body
        if body and body not in names:
            names[body] = _name(body) if len(body) <= bounds.text else ""
        yield Log(
            log.time,
            log.observed,
            log.name,
            names[body] if body else "",
            dict(map(get, found)),
            log.trace.hex(),
            log.span.hex(),
        )


def _spans(records: list[bytes], pairs: "Pairs", bounds: Bounds) -> Iterator[Record | BadRecord]:
    parse = _messages()["Span"]
    for raw in records:
        if len(raw) > bounds.record_bytes:
            yield BadRecord("a span is too large")
            continue
        span: Any = _parsed(parse, raw)
        if len(span.attributes) > bounds.attributes:
            yield BadRecord("a span has too many attributes")
            continue
        if max(len(span.trace), len(span.span), len(span.parent)) > _ID_BYTES:
            yield BadRecord("an id is too long")
            continue
        code = _parsed(_messages()["Status"], span.status) if span.status else None
        yield Span(
            span.trace.hex(),
            span.span.hex(),
            span.parent.hex(),
            span.name,
            span.start,
            span.end,
            _attributes(span.attributes, pairs),
            code is not None and code.code == _ERROR,
        )


def _points(records: list[bytes], pairs: "Pairs", bounds: Bounds) -> Iterator[Record | BadRecord]:
    for raw in records:
        if len(raw) > bounds.record_bytes:
            yield BadRecord("a metric is too large")
            continue
        metric: Any = _parsed(Metric.FromString, raw)
        kind = metric.WhichOneof("data")
        if kind is None:
            continue
        data = getattr(metric, kind)
        if len(data.data_points) > bounds.records:
            yield BadRecord("a metric has too many points")
            continue
        temporality = getattr(data, "aggregation_temporality", 0)
        monotonic = getattr(data, "is_monotonic", False)
        for point in data.data_points:
            told = _value(point)
            if told is None:
                continue
            if len(point.attributes) > bounds.attributes:
                yield BadRecord("a data point has too many attributes")
                continue
            yield Point(
                metric.name,
                metric.unit,
                temporality,
                monotonic,
                point.start_time_unix_nano,
                point.time_unix_nano,
                *told,
                {pair.key: _plain(pair.value, bounds.depth) for pair in point.attributes},
            )


def _value(point: Any) -> tuple[int | float, int | None] | None:
    """Return a point's value; of a distribution, its sum and how many values it is of."""
    if not hasattr(point, "as_int"):
        return point.sum, point.count
    kind = point.WhichOneof("value")
    return None if kind is None else (getattr(point, kind), None)


def _attributes(found: Iterator[bytes] | list[bytes], pairs: "Pairs") -> Attributes:
    return dict(map(pairs.__getitem__, found))


class Pairs(dict[bytes, tuple[str, Any]]):
    """Attributes by their bytes, parsed when first seen.

    It lives no longer than one body, and forgets all when it knows too many: a body made of
    attributes that are all different would otherwise take fifty times its size.
    """

    def __init__(self, bounds: Bounds) -> None:
        super().__init__()
        self._depth = bounds.depth
        self._keys: dict[bytes, str] = {}

    def __missing__(self, raw: bytes) -> tuple[str, Any]:
        try:
            pair = self._quick(raw)
        except (IndexError, UnicodeDecodeError):
            pair = None
        if pair is None:
            pair = parsed_pair(raw, self._depth)
        if len(self) >= _REMEMBERED:
            self.clear()
            self._keys.clear()
        self[raw] = pair
        return pair

    def _quick(self, raw: bytes) -> tuple[str, Any] | None:
        """Return a pair as exporters write it, short key first; None for any other shape."""
        end = 2 + raw[1]
        size = raw[end + 1]
        if raw[0] != 0x0A or raw[end] != 0x12 or size > 0x7F or end + 2 + size != len(raw):
            return None
        name = raw[2:end]
        if end > 0x81:
            return None
        key = self._keys.get(name)
        if key is None:
            key = self._keys[name] = name.decode()
        tag = raw[end + 2]
        if tag == 0x0A and raw[end + 3] == size - 2:
            return key, raw[end + 4 :].decode()
        if tag == 0x18:
            return _quick_number(key, raw, end + 3, size - 1)
        if tag == 0x10 and size == 2 and raw[end + 3] < 2:
            return key, raw[end + 3] == 1
        if tag == 0x21 and size == 9:
            return key, unpack_from("<d", raw, end + 3)[0]
        return None


def _quick_number(key: str, raw: bytes, start: int, size: int) -> tuple[str, int] | None:
    """Return a number of up to eight bytes that fills its place, which no negative one does."""
    if not 0 < size <= 8 or raw[-1] > 0x7F:
        return None
    value = 0
    for place in range(start + size - 1, start - 1, -1):
        byte = raw[place]
        if (byte > 0x7F) is (place == start + size - 1):
            return None
        value = value << 7 | byte & 0x7F
    return key, value


def parsed_pair(raw: bytes, depth: int) -> tuple[str, Any]:
    """Return an attribute parsed by the library. Raises Malformed."""
    pair: Any = _parsed(KeyValue.FromString, raw)
    return pair.key, _plain(pair.value, depth)


def _plain(value: Any, depth: int) -> Any:
    """Return the plain form of an AnyValue; what is nested too deeply is None."""
    kind = value.WhichOneof("value")
    if kind is None or kind == "string_value_strindex":
        return None
    if kind == "array_value":
        items = value.array_value.values
        return [_plain(item, depth - 1) for item in items] if depth else None
    if kind == "kvlist_value":
        listed = value.kvlist_value.values
        return {pair.key: _plain(pair.value, depth - 1) for pair in listed} if depth else None
    return getattr(value, kind)


def _parsed(parse: Callable[[bytes], Message], raw: bytes) -> Message:
    try:
        return parse(raw)
    except DecodeError:
        raise Malformed("a message inside it is malformed") from None


def _name(body: bytes) -> str:
    """Return the text that a log's body is, of which only names of events are of use."""
    value: Any = _parsed(AnyValue.FromString, body)
    return str(value.string_value)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Malformed("a text is not UTF-8") from None


_SHAPES: dict[str, tuple[tuple[str, int, str], ...]] = {
    "Log": (
        ("time", 1, "FIXED64"),
        ("observed", 11, "FIXED64"),
        ("body", 5, "BYTES"),
        ("attributes", 6, "BYTES*"),
        ("trace", 9, "BYTES"),
        ("span", 10, "BYTES"),
        ("name", 12, "STRING"),
    ),
    "Span": (
        ("trace", 1, "BYTES"),
        ("span", 2, "BYTES"),
        ("parent", 4, "BYTES"),
        ("name", 5, "STRING"),
        ("start", 7, "FIXED64"),
        ("end", 8, "FIXED64"),
        ("attributes", 9, "BYTES*"),
        ("status", 15, "BYTES"),
    ),
    "Status": (("code", 3, "INT32"),),
}
"""Name, number and type of the fields read; messages inside are left as bytes, `*` is repeated."""


@cache
def _messages() -> dict[str, Callable[[bytes], Message]]:
    """Return the parsers of the lean shapes of OTLP's messages."""
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name="pawl/lean.proto", package="pawl.lean", syntax="proto3"
    )
    for name, fields in _SHAPES.items():
        message = file.message_type.add(name=name)
        for label, number, kind in fields:
            message.field.add(
                name=label,
                number=number,
                type=getattr(field, "TYPE_" + kind.removesuffix("*")),
                label=field.LABEL_REPEATED if kind.endswith("*") else field.LABEL_OPTIONAL,
            )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = {name: pool.FindMessageTypeByName(f"pawl.lean.{name}") for name in _SHAPES}
    return {name: message_factory.GetMessageClass(kind).FromString for name, kind in found.items()}
