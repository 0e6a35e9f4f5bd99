"""Recorded exports, and requests written by hand in both encodings, for the tests of OTLP."""

import base64
import json
import math
from pathlib import Path
from typing import Any

from google.protobuf import json_format  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pawl.telemetry.event import Event, Kind
from pawl.telemetry.observation import Observation, observation
from pawl.telemetry.otlp.reading import JSON, PROTOBUF, Signal, Taken, read

FIXTURES = Path(__file__).parents[2] / "fixtures"
OTLP = FIXTURES / "otlp"
CASES = sorted(str(path.parent.relative_to(OTLP)) for path in OTLP.rglob("*001-*"))
RECEIVED = "2026-11-21T12:00:00.000000Z"
NOW = 1_795_232_960_000_000_000
"""A time a few hours before `RECEIVED`, in nanoseconds."""
REQUESTS: dict[Signal, Any] = {
    Signal.LOGS: ExportLogsServiceRequest,
    Signal.METRICS: ExportMetricsServiceRequest,
    Signal.TRACES: ExportTraceServiceRequest,
}
_NAMES = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_IDS = ("traceId", "spanId", "parentSpanId")


def bodies(case: str) -> list[tuple[Signal, str, bytes]]:
    """Return the requests of a recorded case, in the order they were sent."""
    found = []
    for path in sorted((OTLP / case).iterdir()):
        number, _, rest = path.name.partition("-")
        if number.isdigit():
            kind = PROTOBUF if path.suffix == ".pb" else JSON
            found.append((Signal(rest.partition(".")[0]), kind, path.read_bytes()))
    return found


def events(case: str) -> list[Event]:
    """Return the events of a whole recorded case."""
    return [
        event
        for signal, kind, body in bodies(case)
        for event in read(signal, kind, body, received=RECEIVED).events
    ]


def told(found: list[Event]) -> list[Observation]:
    """Return what request events tell, as the product folds them."""
    return [observation(event) for event in found if event.kind is Kind.REQUEST]


def truth(case: str) -> list[dict[str, int]]:
    """Return the usage of each request that the model's server answered."""
    rows = (FIXTURES / "agents" / case / "requests.jsonl").read_text().splitlines()
    return [row["usage"] for row in map(json.loads, rows) if row.get("usage")]


def as_protobuf(signal: Signal, body: bytes) -> bytes:
    """Return a JSON request in Protocol Buffers, by the library's own reader of JSON."""
    message = json_format.ParseDict(_base64_ids(json.loads(body)), REQUESTS[signal]())
    written: bytes = message.SerializeToString()
    return written


def _base64_ids(value: Any) -> Any:
    """OTLP writes ids in hex where proto3's JSON has base64."""
    if isinstance(value, list):
        return [_base64_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: base64.b64encode(bytes.fromhex(item)).decode() if name in _IDS else _base64_ids(item)
        for name, item in value.items()
        if item != {} or name == "value"
    }


# -- written by hand ----------------------------------------------------------------------------


def value(plain: Any) -> dict[str, Any]:
    """Return a plain value as OTLP's JSON has it."""
    if isinstance(plain, bool):
        return {"boolValue": plain}
    if isinstance(plain, int):
        return {"intValue": str(plain)}
    if isinstance(plain, float):
        return {"doubleValue": plain if math.isfinite(plain) else _NAMES[str(plain)]}
    if isinstance(plain, list):
        return {"arrayValue": {"values": [value(item) for item in plain]}}
    return {"stringValue": plain}


def pairs(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    """Return attributes as OTLP's JSON has them."""
    return [{"key": key, "value": value(plain)} for key, plain in attributes.items()]


def claude_log(name: str, **attributes: Any) -> dict[str, Any]:
    """Return a log record of Claude Code; keyword names write `_0` for a dot."""
    named = {key.replace("_0", "."): plain for key, plain in attributes.items()}
    base = {"event.name": name, "session.id": "s-1", "event.sequence": 1}
    return {
        "timeUnixNano": str(NOW),
        "body": {"stringValue": f"claude_code.{name}"},
        "attributes": pairs(base | named),
    }


def logs(
    *records: dict[str, Any],
    service: str = "claude-code",
    scope: str = "",
    **resource: Any,
) -> bytes:
    """Return a logs request in JSON."""
    return _request("Logs", "logRecords", records, service, scope, resource)


def spans(
    *records: dict[str, Any], service: str = "claude-code", scope: str = "", **resource: Any
) -> bytes:
    """Return a traces request in JSON."""
    return _request("Spans", "spans", records, service, scope, resource)


def metrics(
    *records: dict[str, Any], service: str = "claude-code", scope: str = "", **resource: Any
) -> bytes:
    """Return a metrics request in JSON."""
    return _request("Metrics", "metrics", records, service, scope, resource)


def _request(
    signal: str,
    inner: str,
    records: tuple[dict[str, Any], ...],
    service: str,
    scope: str,
    resource: dict[str, Any],
) -> bytes:
    shared = {"attributes": pairs({"service.name": service} | resource)}
    scoped = {"scope": {"name": scope}, inner: list(records)}
    return json.dumps(
        {f"resource{signal}": [{"resource": shared, f"scope{signal}": [scoped]}]}
    ).encode()


def span(name: str, attributes: dict[str, Any], **top: Any) -> dict[str, Any]:
    """Return a span of 1.5 seconds."""
    return {
        "traceId": "0af7651916cd43dd8448eb211c80319c",
        "spanId": "b7ad6b7169203331",
        "name": name,
        "startTimeUnixNano": str(NOW),
        "endTimeUnixNano": str(NOW + 1_500_000_000),
        "attributes": pairs(attributes),
    } | top


def counter(
    metric: str, *points: dict[str, Any], temporality: int = 2, kind: str = "sum"
) -> dict[str, Any]:
    """Return a metric with its points."""
    data = {"dataPoints": list(points), "aggregationTemporality": temporality}
    return {
        "name": metric,
        "unit": "1",
        kind: data | ({"isMonotonic": True} if kind == "sum" else {}),
    }


def point(number: float, *, start: int = 0, time: int = 1, **attributes: Any) -> dict[str, Any]:
    """Return a data point; times are seconds after `NOW`."""
    named = "asInt" if isinstance(number, int) else "asDouble"
    return {
        named: str(number) if isinstance(number, int) else number,
        "startTimeUnixNano": str(NOW + start * 1_000_000_000),
        "timeUnixNano": str(NOW + time * 1_000_000_000),
        "attributes": pairs(attributes),
    }


def take(signal: Signal, body: bytes, kind: str = JSON) -> Taken:
    """Read a body at `RECEIVED`."""
    return read(signal, kind, body, received=RECEIVED)
