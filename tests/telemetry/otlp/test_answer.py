"""What an exporter hears back is what its own library reads."""

import json
from typing import Any

import pytest
from google.protobuf import json_format  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from pawl.telemetry.otlp.answer import response, status
from pawl.telemetry.otlp.reading import JSON, PROTOBUF, Signal, Taken
from pawl.telemetry.otlp.wire import parts

RESPONSES: dict[Signal, tuple[Any, str]] = {
    Signal.LOGS: (ExportLogsServiceResponse, "rejected_log_records"),
    Signal.METRICS: (ExportMetricsServiceResponse, "rejected_data_points"),
    Signal.TRACES: (ExportTraceServiceResponse, "rejected_spans"),
}


@pytest.mark.parametrize("signal", Signal)
def test_full_success_is_an_empty_message(signal: Signal) -> None:
    """Nothing was rejected, so partial success stays unset."""
    kind, _ = RESPONSES[signal]
    message = kind.FromString(response(signal, PROTOBUF, Taken([], 3)))
    assert not message.HasField("partial_success")
    assert response(signal, JSON, Taken([], 3)) == b"{}"


@pytest.mark.parametrize("signal", Signal)
def test_partial_success_tells_how_many_and_why(signal: Signal) -> None:
    """Both encodings say the same, by the library's own reader."""
    kind, field = RESPONSES[signal]
    taken = Taken([], 3, 300, "a cost cannot be true (300x) \u2014 and more")
    message = kind.FromString(response(signal, PROTOBUF, taken))
    assert getattr(message.partial_success, field) == 300
    assert message.partial_success.error_message == taken.reason
    told = json.loads(response(signal, JSON, taken))
    assert json_format.ParseDict(told, kind()) == message


def test_a_status_has_a_code_and_a_message() -> None:
    """Field 1 is the code, field 2 the message, as google.rpc.Status numbers them."""
    body = status(PROTOBUF, 14, "the disk is full")
    assert body.startswith(b"\x08\x0e")
    assert list(parts(body)) == [(2, b"the disk is full")]
    assert json.loads(status(JSON, 14, "the disk is full")) == {
        "code": 14,
        "message": "the disk is full",
    }
