"""Both encodings tell the same, and each takes what its specification allows."""

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from tests.telemetry.otlp.cases import (
    CASES,
    NOW,
    as_protobuf,
    bodies,
    claude_log,
    counter,
    events,
    logs,
    metrics,
    pairs,
    point,
    span,
    spans,
    take,
)

from pawl.telemetry.otlp.bounds import bounds
from pawl.telemetry.otlp.protobuf import Pairs, parsed_pair
from pawl.telemetry.otlp.reading import JSON, PROTOBUF, Refused, Signal
from pawl.telemetry.otlp.wire import Malformed, bytes_field, number_field, parts, varint

JSON_CASES = [case for case in CASES if all(kind == JSON for _, kind, _ in bodies(case))]


def snaked(value: Any) -> Any:
    """Return JSON with the names of fields as in the proto files."""
    if isinstance(value, list):
        return [snaked(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        "".join("_" + letter.lower() if letter.isupper() else letter for letter in name): snaked(
            item
        )
        for name, item in value.items()
    }


@pytest.mark.parametrize("case", JSON_CASES)
def test_both_encodings_make_the_same_events(case: str) -> None:
    """A message in JSON and the same one in Protocol Buffers are the same events, ids included."""
    for signal, _, body in bodies(case):
        assert take(signal, body) == take(signal, as_protobuf(signal, body), PROTOBUF)


@pytest.mark.parametrize("case", ["claude/otel-json-details", "gemini/otel"])
def test_names_of_fields_may_be_snake_case(case: str) -> None:
    """JSON with `log_records` means the same as with `logRecords`."""
    for signal, _, body in bodies(case):
        assert take(signal, json.dumps(snaked(json.loads(body))).encode()) == take(signal, body)


def test_numbers_may_be_text_and_enumerations_names() -> None:
    """64-bit numbers come either way, and so do enumerations."""
    body = metrics(counter("claude_code.token.usage", point(5)))
    loose = json.loads(body)
    sums = loose["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["sum"]
    sums["aggregationTemporality"] = "AGGREGATION_TEMPORALITY_CUMULATIVE"
    sums["dataPoints"][0]["asInt"] = 5
    sums["dataPoints"][0]["timeUnixNano"] = int(sums["dataPoints"][0]["timeUnixNano"])
    assert take(Signal.METRICS, json.dumps(loose).encode()) == take(Signal.METRICS, body)
    failed = span("claude_code.tool", {}, status={"code": 2})
    named = span("claude_code.tool", {}, status={"code": "STATUS_CODE_ERROR"})
    one, other = take(Signal.TRACES, spans(failed)), take(Signal.TRACES, spans(named))
    assert one == other
    assert one.events[0].outcome == "error"


def test_unknown_fields_are_passed_over() -> None:
    """A later version of OTLP may send more."""
    record = claude_log("user_prompt", prompt_length=3) | {"laterField": [{"deep": {}}]}
    assert take(Signal.LOGS, logs(record)).events == (
        take(Signal.LOGS, logs(claude_log("user_prompt", prompt_length=3))).events
    )
    plain = as_protobuf(Signal.LOGS, logs(claude_log("user_prompt", prompt_length=3)))
    later = plain + bytes_field(900, b"later") + number_field(901, 7)
    assert take(Signal.LOGS, later, PROTOBUF) == take(Signal.LOGS, plain, PROTOBUF)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe",
        b'{"resourceLogs": {}}',
        b'{"resourceLogs": [1]}',
        b'{"resourceLogs": [{"scopeLogs": 3}]}',
        b'{"resourceLogs": [{"resource": 3}]}',
        b'{"resourceLogs": [{"resource": {"attributes": {}}}]}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    """JSON that is no export request is refused whole, with a reason."""
    with pytest.raises(Refused, match="malformed"):
        take(Signal.LOGS, body)


@pytest.mark.parametrize(
    "body",
    [
        b"\x00",
        b"\x0a",
        b"\x0a\x05ab",
        b"\x0b",
        b"\x0f",
        b"\xff" * 11,
        b"\x09\x01",
        bytes_field(1, bytes_field(2, bytes_field(2, b"\x0a\x05"))),
        bytes_field(1, bytes_field(2, bytes_field(1, bytes_field(1, b"\xff")))),
        bytes_field(1, bytes_field(1, bytes_field(1, b"\x0a\xff"))),
    ],
)
def test_what_is_no_protobuf_message_is_refused(body: bytes) -> None:
    """Bytes that are no export request are refused whole, with a reason."""
    with pytest.raises(Refused, match="malformed"):
        take(Signal.LOGS, body, PROTOBUF)


def test_an_empty_request_is_a_message() -> None:
    """No records are no error: collectors send such requests to see whether anybody listens."""
    assert take(Signal.LOGS, b"", PROTOBUF).accepted == 0
    assert take(Signal.LOGS, b"{}").accepted == 0


def test_an_unknown_encoding_is_a_defect_of_the_caller() -> None:
    """Content types are told apart before a body is read."""
    with pytest.raises(ValueError, match="text/plain"):
        take(Signal.LOGS, b"", "text/plain")


@pytest.mark.parametrize(
    "bad",
    [
        {"traceId": "xyz"},
        {"timeUnixNano": "soon"},
        {"timeUnixNano": -1},
        {"timeUnixNano": str(1 << 64)},
        {"attributes": pairs({"a": 1}) * 600},
        {"attributes": [{"key": 3, "value": {"stringValue": "x"}}]},
        {"attributes": [{"key": "n", "value": {"intValue": "1e400"}}]},
        {"attributes": [{"key": "n", "value": {"intValue": str(1 << 70)}}]},
        {"attributes": [{"key": "n", "value": {"boolValue": "yes"}}]},
        {"attributes": [{"key": "n", "value": {"bytesValue": "#"}}]},
        {"attributes": [{"key": "n", "value": {"doubleValue": "one"}}]},
    ],
)
def test_a_bad_record_costs_only_itself(bad: dict[str, Any]) -> None:
    """The records beside it are taken, and the cause is named without quoting it."""
    good = claude_log("user_prompt", prompt_length=3)
    taken = take(Signal.LOGS, logs(good, good | bad, good))
    assert (taken.accepted, taken.rejected) == (2, 1)
    assert taken.reason.endswith("(1x)")


def test_large_records_are_rejected_in_protobuf() -> None:
    """A record beyond its bound is not even parsed; one with too many attributes is not read."""
    good = as_protobuf(Signal.LOGS, logs(claude_log("user_prompt")))
    large = bytes_field(2, bytes(bounds().record_bytes + 1))
    many = bytes_field(2, b"".join(bytes_field(6, b"") for _ in range(bounds().attributes + 1)))
    body = good + bytes_field(1, bytes_field(2, large + many))
    taken = take(Signal.LOGS, body, PROTOBUF)
    assert (taken.accepted, taken.rejected) == (1, 2)


@pytest.mark.parametrize("signal", [Signal.LOGS, Signal.TRACES])
def test_long_ids_are_rejected_in_both_encodings(signal: Signal) -> None:
    """An id is kept in events, so it has an end."""
    long = {"traceId": "ab" * 33}
    bad = logs(claude_log("user_prompt") | long), spans(span("claude_code.tool", {}) | long)
    body = bad[signal is Signal.TRACES]
    taken = take(signal, body)
    assert (taken.accepted, taken.rejected) == (0, 1)
    assert taken == take(signal, as_protobuf(signal, body), PROTOBUF)


def test_large_requests_are_refused() -> None:
    """A body beyond the bound is refused, and so is JSON of more values than there is room for."""
    with pytest.raises(Refused, match="larger"):
        take(Signal.LOGS, bytes(bounds().body_bytes + 1), PROTOBUF)
    with pytest.raises(Refused, match="too many values"):
        take(Signal.LOGS, b'{"a":[' + b"0," * bounds().json_values + b"0]}")


def test_attributes_are_forgotten_when_there_are_too_many() -> None:
    """A body of attributes that are all different is not remembered whole."""
    remembered = Pairs(bounds())
    for number in range(120_000):
        assert remembered[bytes_field(1, str(number).encode())] == (str(number), None)
    assert len(remembered) <= 50_000


def test_values_of_every_type_are_plain_in_both_encodings() -> None:
    """Lists, maps and bytes are read alike; what is nested too deeply is nothing."""
    deep: dict[str, Any] = {"stringValue": "x"}
    for _ in range(20):
        deep = {"arrayValue": {"values": [deep]}}
    several = [
        {"key": "list", "value": {"arrayValue": {"values": [{"intValue": "1"}, {}]}}},
        {"key": "map", "value": {"kvlistValue": {"values": pairs({"a": True})}}},
        {"key": "bytes", "value": {"bytesValue": "aGVsbG8="}},
        {"key": "deep", "value": deep},
        {"key": "none"},
        {"key": "nan", "value": {"doubleValue": "NaN"}},
        {"key": "far", "value": {"doubleValue": "-Infinity"}},
    ]
    record = claude_log("user_prompt")
    body = logs(record | {"attributes": record["attributes"] + several})
    taken = take(Signal.LOGS, body)
    assert len(taken.events) == 1
    assert taken == take(Signal.LOGS, as_protobuf(Signal.LOGS, body), PROTOBUF)


@given(
    st.text(max_size=140),
    st.one_of(
        st.text(max_size=300),
        st.integers(-(1 << 63), (1 << 63) - 1),
        st.booleans(),
        st.floats(allow_nan=False),
        st.binary(max_size=9),
    ),
)
def test_the_quick_way_to_an_attribute_is_the_librarys(key: str, plain: Any) -> None:
    """An attribute parsed by hand is what the library makes of the same bytes."""
    kinds = {str: "string", int: "int", bool: "bool", float: "double", bytes: "bytes"}
    value = AnyValue(**{f"{kinds[type(plain)]}_value": plain})
    raw = KeyValue(key=key, value=value).SerializeToString()
    assert Pairs(bounds())[raw] == parsed_pair(raw, 8) == (key, plain)
    assert type(Pairs(bounds())[raw][1]) is type(plain)


@given(st.binary(max_size=40), st.integers(0, 255), st.integers(0, 40))
def test_the_quick_way_never_takes_what_the_library_refuses(
    noise: bytes, byte: int, place: int
) -> None:
    """However an attribute is damaged, both ways agree on what it says, or that it says nothing."""
    sound = KeyValue(key="tokens", value=AnyValue(int_value=12345)).SerializeToString()
    damaged = bytearray(sound)
    damaged[place % len(damaged)] = byte
    for raw in (noise, bytes(damaged), sound[:place], sound + noise, b"\x0a\x01a\x12" + noise):
        try:
            expected: Any = parsed_pair(raw, 8)
        except Malformed:
            expected = None
        try:
            found: Any = Pairs(bounds())[raw]
        except Malformed:
            found = None
        assert repr(found) == repr(expected)


@given(st.integers(0, (1 << 63) - 1))
def test_numbers_on_the_wire_come_back(number: int) -> None:
    """A field written by hand is a field that is read."""
    written = bytes_field(3, varint(number)) + struct.pack("<BI", 4 << 3 | 5, 7)
    assert list(parts(written)) == [(3, varint(number))]


def test_binary_and_json_exports_of_one_script_tell_the_same_counts() -> None:
    """The same conversation was recorded in both encodings: the same buckets in the same order."""
    for one, other in (
        ("codex/otel-json", "codex/otel-binary"),
        ("claude/otel-json-details", "claude/otel-protobuf-traces"),
    ):
        counts = [[e.usage for e in events(case) if e.usage] for case in (one, other)]
        assert counts[0] == counts[1] != []


def test_times_are_those_of_the_sender() -> None:
    """Nanoseconds become canonical times without rounding up."""
    record = claude_log("user_prompt") | {"timeUnixNano": str(NOW + 999_999_999)}
    (event,) = take(Signal.LOGS, logs(record)).events
    assert event.time == "2026-11-21T03:49:20.999999Z"
