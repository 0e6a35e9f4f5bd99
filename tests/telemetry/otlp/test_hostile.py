"""Whatever is sent, a reader ends with events or a refusal, in bounded memory.

Recorded requests are damaged a few bytes at a time: flipped, cut, repeated, spliced with parts
of others, filled with numbers on the edge. Each input is a function of its number alone, so a
failure names the input that made it.
"""

import random
import re
import resource
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.telemetry.otlp.cases import (
    CASES,
    RECEIVED,
    as_protobuf,
    bodies,
    claude_log,
    counter,
    logs,
    metrics,
    point,
    span,
    spans,
)

from pawl.telemetry.otlp.answer import response
from pawl.telemetry.otlp.reading import JSON, PROTOBUF, Refused, Signal, read
from pawl.telemetry.otlp.wire import Malformed, bytes_field, parts

EVERYDAY = 20_000
HEAVY = 1_000_000
MEMORY_KB = 200 * 1024
"""What the process may grow by, in kB, while the heavy test runs."""
EDGES = (b"\xff" * 9 + b"\x01", b"\x80" * 9 + b"\x00", b"\x00", b"\xff\xff\xff\xff\x0f", b"\x7f")
WORDS = (b"-1", b"1e309", b"null", b"{}", b"[]", b'""', b"true", b"18446744073709551616", b"0.5")
_TOKEN = re.compile(rb'"[^"]{0,20}"|\d+|[{}\[\]:,]')

Input = tuple[Signal, str, bytes]


def seeds() -> list[Input]:
    """Return small requests of every signal, in both encodings, to be damaged."""
    written = [
        (
            Signal.LOGS,
            logs(
                claude_log("api_request", input_tokens=7, output_tokens="9", cost_usd=0.5),
                claude_log("tool_result", tool_use_id="t", success="true", duration_ms="5"),
            ),
        ),
        (Signal.LOGS, logs(claude_log("codex.sse_event", input_token_count=3), service="codex")),
        (
            Signal.TRACES,
            spans(
                span("claude_code.llm_request", {"input_tokens": 3, "request_id": "r"}),
                span("chat", {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 1}),
            ),
        ),
        (Signal.METRICS, metrics(counter("claude_code.token.usage", point(5), point(0.5)))),
    ]
    found: list[Input] = []
    for signal, body in written:
        found += [(signal, JSON, body), (signal, PROTOBUF, as_protobuf(signal, body))]
    return found


def recorded() -> list[Input]:
    """Return what agents sent, where it is small enough to be damaged often."""
    return [sent for case in CASES for sent in bodies(case) if len(sent[2]) < 6000]


def damaged(body: bytes, other: bytes, chance: random.Random) -> bytes:
    """Return a body with one to four damages."""
    for _ in range(chance.randrange(1, 5)):
        if not body:
            return body
        place = chance.randrange(len(body))
        kind = chance.randrange(7)
        if kind == 0:
            body = body[:place] + bytes((chance.randrange(256),)) + body[place + 1 :]
        elif kind == 1:
            body = body[:place]
        elif kind == 2:
            body = body[:place] + chance.choice(EDGES) + body[place + 1 :]
        elif kind == 3:
            end = place + chance.randrange(1, 40)
            body = body[:end] + body[place:]
        elif kind == 4:
            begin = chance.randrange(len(other))
            body = body[:place] + other[begin : begin + 30] + body[place:]
        elif kind == 5:
            body = body[:place] + body[place + chance.randrange(1, 20) :]
        else:
            token = _TOKEN.search(body, place)
            if token is not None:
                body = body[: token.start()] + chance.choice(WORDS) + body[token.end() :]
    return body


def swapped(body: bytes, chance: random.Random) -> bytes:
    """Return JSON with one or two of its words put in another's place, or replaced by an edge."""
    for _ in range(chance.randrange(1, 3)):
        token = _TOKEN.search(body, chance.randrange(len(body)))
        if token is None:
            continue
        other = _TOKEN.search(body, chance.randrange(len(body)))
        word = chance.choice(WORDS) if other is None or chance.random() < 0.5 else other[0]
        body = body[: token.start()] + word + body[token.end() :]
    return body


def reframed(message: bytes, other: bytes, chance: random.Random, depth: int) -> bytes:
    """Return a message damaged deep inside, with the lengths around the damage made right."""
    try:
        found = list(parts(message))
    except Malformed:
        found = []
    if not found or not depth:
        return damaged(message, other, chance)
    chosen = chance.randrange(len(found))
    return b"".join(
        bytes_field(
            number, reframed(content, other, chance, depth - 1) if place == chosen else content
        )
        for place, (number, content) in enumerate(found)
    )


def inputs(count: int, base: list[Input], seed: int) -> Iterator[Input]:
    """Yield damaged requests; the n-th is the same each time. Half are damaged with care."""
    chance = random.Random(seed)
    for number in range(count):
        signal, kind, body = base[number % len(base)]
        other = base[chance.randrange(len(base))][2]
        if number // len(base) % 2:
            yield signal, kind, damaged(body, other, chance)
        elif kind == JSON:
            yield signal, kind, swapped(body, chance)
        else:
            yield signal, kind, reframed(body, other, chance, chance.randrange(3, 7))


def survive(signal: Signal, kind: str, body: bytes) -> bool:
    """Read an input; return whether it was a message. Anything but a refusal is a failure."""
    try:
        taken = read(signal, kind, body, received=RECEIVED)
    except Refused:
        return False
    msgspec.json.encode(taken.events)
    response(signal, kind, taken)
    for event in taken.events:
        usage = event.usage
        assert usage is None or min(msgspec.structs.astuple(usage)) >= 0
        assert event.reported_micros is None or event.reported_micros >= 0
    return True


def test_damaged_requests_of_every_kind_are_survived() -> None:
    """Some are read, some refused, none raises anything else; both happen often."""
    base = seeds() * 4 + recorded()
    read_whole = sum(survive(*sent) for sent in inputs(EVERYDAY, base, 20261121))
    assert EVERYDAY // 20 < read_whole < EVERYDAY * 19 // 20


@pytest.mark.heavy
@pytest.mark.parametrize("kind", [JSON, PROTOBUF])
def test_a_million_damaged_requests_are_survived_in_bounded_memory(kind: str) -> None:
    """Half a million for each decoder; the process does not grow with their number."""
    base = [sent for sent in seeds() if sent[1] == kind]
    for sent in inputs(20_000, base, 1):
        survive(*sent)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read_whole = sum(survive(*sent) for sent in inputs(HEAVY // 2, base, 2))
    assert HEAVY // 100 < read_whole < HEAVY // 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY_KB


@given(st.sampled_from(Signal), st.sampled_from([JSON, PROTOBUF]), st.binary(max_size=200))
def test_any_bytes_are_survived(signal: Signal, kind: str, body: bytes) -> None:
    """Noise is refused or empty."""
    survive(signal, kind, body)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["values", "key", "value", "stringValue", "intValue", "kvlistValue"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(VALUES, VALUES, VALUES)
def test_json_of_any_shape_is_survived(one: object, two: object, three: object) -> None:
    """Values of every type in every place of a record."""
    record = {"timeUnixNano": one, "traceId": two, "body": three, "eventName": two}
    listed = [{"key": "event.name", "value": one}, {"key": two, "value": three}]
    for attributes in (one, listed, [two, three]):
        shared = {"resource": {"attributes": listed}, "scopeLogs": None}
        scoped = {"scope": {"name": one}, "logRecords": [record | {"attributes": attributes}]}
        for document in (
            {"resourceLogs": [shared | {"scopeLogs": [scoped]}]},
            {"resourceLogs": one},
            {"resourceLogs": [{"resource": two, "scopeLogs": three}]},
        ):
            try:
                body = msgspec.json.encode(document)
            except (TypeError, ValueError):
                continue
            survive(Signal.LOGS, JSON, body)


@pytest.mark.parametrize(
    "unit",
    [
        b"\x0a\x00",
        b"\x0a\x02\x12\x00",
        b"\x0a\x04\x12\x02\x12\x00",
        b"\x12\x00",
    ],
)
def test_floods_of_tiny_messages_stay_small(unit: bytes) -> None:
    """Bodies that are small to send and would be large as objects take little memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for signal in Signal:
        survive(signal, PROTOBUF, unit * (2_000_000 // len(unit)))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY_KB


@pytest.mark.parametrize(
    ("signal", "body"),
    [
        (Signal.LOGS, b"\x0a\x00" * 20_000),
        (Signal.LOGS, bytes_field(1, b"\x12\x00" * 20_000)),
        (Signal.LOGS, bytes_field(1, bytes_field(2, b"\x12\x00" * 70_000))),
        (Signal.TRACES, bytes_field(1, bytes_field(2, b"\x12\x00" * 40_000) * 2)),
    ],
)
def test_floods_are_refused_for_the_work_they_would_cause(signal: Signal, body: bytes) -> None:
    """Too many resources, scopes or records are refused, however small they are."""
    with pytest.raises(Refused, match="too many"):
        read(signal, PROTOBUF, body, received=RECEIVED)


def test_a_flood_of_points_is_rejected_with_its_metric() -> None:
    """Points without a value cost work too."""
    flood = bytes_field(2, bytes_field(1, b"claude_code.x") + bytes_field(7, b"\x0a\x00" * 70_000))
    taken = read(Signal.METRICS, PROTOBUF, bytes_field(1, bytes_field(2, flood)), received=RECEIVED)
    assert (taken.accepted, taken.rejected) == (0, 1)
