"""Read OTLP in JSON into the lean form.

The mapping is that of proto3 with OTLP's own exceptions: ids are hex, and names of fields may be
camelCase or as in the proto files. 64-bit numbers come as text or as numbers, enumerations as
numbers or names. Fields that are not known are passed over, as the specification asks.
See https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding.
"""

import math
from base64 import b64decode
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import msgspec

from pawl.telemetry.otlp.bounds import Bounds
from pawl.telemetry.otlp.lean import Attributes, BadRecord, Group, Log, Point, Record, Span
from pawl.telemetry.otlp.wire import Malformed

_ID_DIGITS = 64
"""Twice a trace id, which is the longest there is."""
_HEX = frozenset("0123456789abcdef")
_ERRORS = (2, "2", "STATUS_CODE_ERROR")
_TEMPORALITIES = {
    "AGGREGATION_TEMPORALITY_DELTA": 1,
    "AGGREGATION_TEMPORALITY_CUMULATIVE": 2,
    "AGGREGATION_TEMPORALITY_UNSPECIFIED": 0,
}
_decode = msgspec.json.Decoder().decode


def logs(body: bytes, bounds: Bounds) -> Iterator[Group]:
    """Yield the groups of a logs request. Raises Malformed, also while records are walked."""
    return _groups(body, bounds, "resourceLogs", "scopeLogs", "logRecords", _log)


def spans(body: bytes, bounds: Bounds) -> Iterator[Group]:
    """Yield the groups of a traces request. Raises Malformed, also while records are walked."""
    return _groups(body, bounds, "resourceSpans", "scopeSpans", "spans", _span)


def points(body: bytes, bounds: Bounds) -> Iterator[Group]:
    """Yield the groups of a metrics request. Raises Malformed, also while records are walked."""
    return _groups(body, bounds, "resourceMetrics", "scopeMetrics", "metrics", _metric)


_Read = Callable[[dict[str, Any], Bounds], Iterator[Record | BadRecord]]


def _groups(
    body: bytes, bounds: Bounds, outer: str, middle: str, inner: str, read: _Read
) -> Iterator[Group]:
    groups = 0
    for shared in _list(_document(body, bounds), outer):
        resource = _attributes(_object(shared, "resource"), bounds)
        scopes = _list(shared, middle)
        groups += 1 + len(scopes)
        if groups > bounds.groups:
            raise Malformed("it holds too many resources and scopes")
        for scoped in scopes:
            name = _text(_object(scoped, "scope"), "name")[: bounds.text]
            if records := _list(scoped, inner):
                yield Group(resource, name, _records(records, bounds, read))


def _records(
    listed: list[dict[str, Any]], bounds: Bounds, read: _Read
) -> Iterator[Record | BadRecord]:
    for value in listed:
        try:
            yield from read(value, bounds)
        except BadRecord as bad:
            yield bad


def _document(body: bytes, bounds: Bounds) -> dict[str, Any]:
    """Return the object that a body is, after a look at how many values it holds."""
    if body.count(b",") + body.count(b"{") + body.count(b"[") > bounds.json_values:
        raise Malformed("it holds too many values")
    try:
        value = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed("it is not JSON") from None
    if not isinstance(value, dict):
        raise Malformed("it is no JSON object")
    return value


# -- records ------------------------------------------------------------------------------------


def _log(value: dict[str, Any], bounds: Bounds) -> Iterator[Record | BadRecord]:
    yield Log(
        _time(value, "timeUnixNano"),
        _time(value, "observedTimeUnixNano"),
        _text(value, "eventName"),
        _body(value),
        _attributes(value, bounds),
        _id(value, "traceId"),
        _id(value, "spanId"),
    )


def _body(value: dict[str, Any]) -> str:
    """Return the text that a log's body is, of which only names of events are of use."""
    body = value.get("body")
    told = body.get("stringValue", body.get("string_value")) if isinstance(body, dict) else None
    return told if isinstance(told, str) else ""


def _span(value: dict[str, Any], bounds: Bounds) -> Iterator[Record | BadRecord]:
    yield Span(
        _id(value, "traceId"),
        _id(value, "spanId"),
        _id(value, "parentSpanId"),
        _text(value, "name"),
        _time(value, "startTimeUnixNano"),
        _time(value, "endTimeUnixNano"),
        _attributes(value, bounds),
        _object(value, "status").get("code") in _ERRORS,
    )


def _metric(value: dict[str, Any], bounds: Bounds) -> Iterator[Record | BadRecord]:
    name, unit = _text(value, "name"), _text(value, "unit")
    for kind in ("sum", "gauge", "histogram", "exponentialHistogram", "summary"):
        data = _get(value, kind)
        if isinstance(data, dict):
            break
    else:
        return
    temporality = _get(data, "aggregationTemporality")
    if isinstance(temporality, str) and temporality in _TEMPORALITIES:
        temporality = _TEMPORALITIES[temporality]
    for point in _list(data, "dataPoints"):
        try:
            told = _value(point, plain=kind in ("sum", "gauge"))
            if told is None:
                continue
            yield Point(
                name,
                unit,
                0 if temporality is None else _number(temporality),
                _get(data, "isMonotonic") is True,
                _time(point, "startTimeUnixNano"),
                _time(point, "timeUnixNano"),
                *told,
                _attributes(point, bounds),
            )
        except BadRecord as bad:
            yield bad


def _value(point: dict[str, Any], *, plain: bool) -> tuple[int | float, int | None] | None:
    """Return a point's value; of a distribution, its sum and how many values it is of."""
    if not plain:
        count, total = point.get("count"), point.get("sum")
        return 0.0 if total is None else _real(total), 0 if count is None else _number(count)
    whole, real = _get(point, "asInt"), _get(point, "asDouble")
    if whole is not None:
        return _number(whole), None
    return None if real is None else (_real(real), None)


# -- values -------------------------------------------------------------------------------------


def _attributes(value: dict[str, Any], bounds: Bounds) -> Attributes:
    listed = value.get("attributes")
    if listed is None:
        return {}
    if not isinstance(listed, list):
        raise Malformed("attributes are no list")
    if len(listed) > bounds.attributes:
        raise BadRecord("a record has too many attributes")
    found: Attributes = {}
    for pair in listed:
        try:
            key, told = pair["key"], pair["value"]
            ((name, value),) = told.items()
        except (KeyError, TypeError, ValueError, AttributeError):
            key, value = _pair(pair, bounds.depth)
        else:
            # What most attributes are is taken as it stands.
            if type(key) is not str or _AS_IT_IS.get(name) is not type(value):
                key, value = _pair(pair, bounds.depth)
        found[key] = value
    return found


_AS_IT_IS = {"stringValue": str, "boolValue": bool}


def _pair(pair: Any, depth: int) -> tuple[str, Any]:
    """Return an attribute of any shape."""
    if not isinstance(pair, dict):
        raise Malformed("an attribute is no object")
    key = pair.get("key", "")
    if not isinstance(key, str):
        raise BadRecord("an attribute has no name")
    return key, _plain(pair.get("value"), depth)


def _plain(value: Any, depth: int) -> Any:
    """Return the plain form of an AnyValue; what is nested too deeply is None."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BadRecord("a value is no object")
    for name, told in value.items():
        read = _KINDS.get(name) or _SNAKE_KINDS.get(name)
        if read is not None and told is not None:
            return read(told, depth)
    return None


def _array(told: Any, depth: int) -> Any:
    if not isinstance(told, dict):
        raise BadRecord("a list is no object")
    if not depth:
        return None
    listed = told.get("values") or []
    if not isinstance(listed, list):
        raise BadRecord("a list of values is none")
    return [_plain(item, depth - 1) for item in listed]


def _map(told: Any, depth: int) -> Any:
    if not isinstance(told, dict):
        raise BadRecord("a map is no object")
    if not depth:
        return None
    listed = told.get("values") or []
    if not isinstance(listed, list) or not all(isinstance(pair, dict) for pair in listed):
        raise BadRecord("a map of values is none")
    return {str(pair.get("key", "")): _plain(pair.get("value"), depth - 1) for pair in listed}


def _string(told: Any, depth: int) -> str:
    if not isinstance(told, str):
        raise BadRecord("a text is none")
    return told


def _bool(told: Any, depth: int) -> bool:
    if not isinstance(told, bool):
        raise BadRecord("a truth value is none")
    return told


def _int(told: Any, depth: int) -> int:
    return _number(told)


def _double(told: Any, depth: int) -> float:
    return _real(told)


def _bytes(told: Any, depth: int) -> bytes:
    if not isinstance(told, str):
        raise BadRecord("bytes are no text")
    try:
        padded = told.replace("-", "+").replace("_", "/") + "=" * (-len(told) % 4)
        return b64decode(padded, validate=True)
    except ValueError:
        raise BadRecord("bytes are not base64") from None


_KINDS: dict[str, Callable[[Any, int], Any]] = {
    "stringValue": _string,
    "intValue": _int,
    "boolValue": _bool,
    "doubleValue": _double,
    "arrayValue": _array,
    "kvlistValue": _map,
    "bytesValue": _bytes,
}


def _number(value: Any) -> int:
    """Return a whole number of 64 bits, told as a number or as text."""
    if isinstance(value, str) and 0 < len(value) <= 20 and value.isascii():
        try:
            value = int(value)
        except ValueError:
            raise BadRecord("a number is none") from None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or not -(1 << 63) <= value < 1 << 63:
        raise BadRecord("a number is none, or larger than 64 bits")
    return value


def _real(value: Any) -> float:
    if isinstance(value, str) and 0 < len(value) <= 32:
        try:
            return float(value)
        except ValueError:
            raise BadRecord("a number is none") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRecord("a number is none")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _time(value: dict[str, Any], name: str) -> int:
    told = value.get(name)
    if told is None:
        told = value.get(_snake(name))
        if told is None:
            return 0
    if type(told) is str and told.isdigit() and told.isascii() and len(told) <= 20:
        told = int(told)
    elif type(told) is not int:
        told = _number(told)
    if not 0 <= told < 1 << 64:
        raise BadRecord("a time is out of range")
    return told


def _id(value: dict[str, Any], name: str) -> str:
    told = value.get(name)
    if told is None:
        told = value.get(_snake(name))
        if told is None:
            return ""
    if isinstance(told, str) and len(told) > _ID_DIGITS:
        raise BadRecord("an id is too long")
    if not isinstance(told, str) or len(told) % 2:
        raise BadRecord("an id is not hex")
    told = told.lower()
    if not _HEX.issuperset(told):
        raise BadRecord("an id is not hex")
    return told


def _text(value: dict[str, Any], name: str) -> str:
    told = _get(value, name)
    if told is None:
        return ""
    if not isinstance(told, str):
        raise BadRecord(f"{name} is no text")
    return told


def _object(value: dict[str, Any], name: str) -> dict[str, Any]:
    told = value.get(name)
    if told is None:
        return {}
    if not isinstance(told, dict):
        raise Malformed(f"{name} is no object")
    return told


def _list(value: dict[str, Any], name: str) -> list[dict[str, Any]]:
    told = _get(value, name)
    if told is None:
        return []
    if not isinstance(told, list) or not all(isinstance(item, dict) for item in told):
        raise Malformed(f"{name} is no list of objects")
    return told


def _get(value: dict[str, Any], name: str) -> Any:
    told = value.get(name)
    return value.get(_snake(name)) if told is None else told


@cache
def _snake(name: str) -> str:
    """Return a field's name as in the proto files. Only names of ours are asked for."""
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name)


_SNAKE_KINDS = {_snake(name): read for name, read in _KINDS.items()}
