"""Batches of OTLP logs as Claude Code sends them, made up but of its shape: the same attributes,
the same sizes. Each request is one that never was before."""

import gzip
import random
from collections.abc import Iterator, Mapping

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

START_NS = 1_795_234_080_000_000_000
VERSION = "2.1.329"
_RESOURCE = {
    "team": "platform",
    "env": "ci",
    "host.arch": "amd64",
    "os.type": "linux",
    "os.version": "6.1.0-generic-1",
    "service.name": "claude-code",
    "service.version": VERSION,
}
_TURN = ("api_request", "assistant_response", "tool_decision", "tool_result")

Value = str | int | float | bool


def batch(sender: int, number: int, records: int, *, start_ns: int = START_NS) -> bytes:
    """Return one export request, as protobuf, of a session of one sender."""
    chance = random.Random(f"{sender} {number}")
    made = ExportLogsServiceRequest()
    logs = made.resource_logs.add()
    logs.resource.attributes.extend(_pairs(_RESOURCE))
    scope = logs.scope_logs.add()
    scope.scope.name, scope.scope.version = "com.anthropic.claude_code.events", VERSION
    session = f"{sender:08x}-71d6-4a80-a218-{number:012x}"
    for sequence in range(records):
        at = start_ns + (number * records + sequence) * 1_000_000
        scope.log_records.append(_record(sender, session, sequence, at, chance))
    return bytes(made.SerializeToString())


def packed(sender: int, number: int, records: int, *, start_ns: int = START_NS) -> bytes:
    """Return one export request as it is sent."""
    return gzip.compress(batch(sender, number, records, start_ns=start_ns), 6, mtime=0)


def request_ids(sender: int, number: int, records: int) -> Iterator[str]:
    """Yield the ids of the model requests that a batch tells of."""
    for sequence in range(0, records, len(_TURN)):
        yield _request_id(f"{sender:08x}-71d6-4a80-a218-{number:012x}", sequence)


def _request_id(session: str, sequence: int) -> str:
    return f"req_{session}_{sequence // len(_TURN)}"


def _record(sender: int, session: str, sequence: int, at: int, chance: random.Random) -> LogRecord:
    name = _TURN[sequence % len(_TURN)]
    common: dict[str, Value] = {
        "team": "platform",
        "env": "ci",
        "user.id": f"{sender:064x}",
        "session.id": session,
        "anthropic.provider": "firstParty",
        "terminal.type": "vscode",
        "event.name": name,
        "event.timestamp": "2026-11-21T04:08:10.749Z",
        "event.sequence": sequence,
        "prompt.id": f"{session}-{sequence // 20}",
    }
    own = _own(name, _request_id(session, sequence), chance)
    record = LogRecord(time_unix_nano=at, observed_time_unix_nano=at)
    record.body.string_value = f"claude_code.{name}"
    record.attributes.extend(_pairs({**common, **own}))
    return record


def _own(name: str, request_id: str, chance: random.Random) -> dict[str, Value]:
    if name == "api_request":
        micros = chance.randrange(100, 90_000)
        return {
            "model": "claude-opus-5-5",
            "input_tokens": chance.randrange(5000),
            "output_tokens": chance.randrange(2000),
            "cache_read_tokens": chance.randrange(100_000),
            "cache_creation_tokens": 190,
            "cache_creation_5m_tokens": 190,
            "cache_creation_1h_tokens": 0,
            "cost_usd": micros / 1e6,
            "cost_usd_micros": micros,
            "duration_ms": chance.randrange(60_000),
            "ttft_ms": chance.randrange(2000),
            "request_id": request_id,
            "speed": "normal",
            "query_source": "sdk",
            "effort": "medium",
        }
    if name == "assistant_response":
        return {
            "response_length": chance.randrange(4000),
            "response": "<REDACTED>",
            "request_id": request_id,
            "message.uuid": f"{chance.getrandbits(128):032x}",
            "model": "claude-opus-5-5",
            "query_source": "sdk",
        }
    called: dict[str, Value] = {
        "tool_name": chance.choice(("Bash", "Read", "Edit", "Grep")),
        "tool_use_id": f"toolu_{chance.getrandbits(96):024x}",
        "message.uuid": f"{chance.getrandbits(128):032x}",
    }
    if name == "tool_decision":
        return {**called, "decision": "accept", "source": "config"}
    return {
        **called,
        "success": "true",
        "duration_ms": str(chance.randrange(30_000)),
        "tool_result_size_bytes": str(chance.randrange(20_000)),
    }


def _pairs(values: Mapping[str, Value]) -> Iterator[KeyValue]:
    for key, value in values.items():
        pair = KeyValue(key=key)
        match value:
            case bool():
                pair.value.bool_value = value
            case int():
                pair.value.int_value = value
            case float():
                pair.value.double_value = value
            case _:
                pair.value.string_value = value
        yield pair
