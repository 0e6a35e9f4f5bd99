"""What an OTLP exporter wants to hear back, in the encoding it spoke.

A few fields, written by hand: the export responses have one field, `partial_success`, whose two
fields are numbered alike for all signals, and `google.rpc.Status` has a code and a message.
See https://opentelemetry.io/docs/specs/otlp/#otlphttp-response.
"""

import msgspec

from pawl.telemetry.otlp.reading import PROTOBUF, Signal, Taken
from pawl.telemetry.otlp.wire import bytes_field, number_field

_REJECTED = {
    Signal.LOGS: "rejectedLogRecords",
    Signal.METRICS: "rejectedDataPoints",
    Signal.TRACES: "rejectedSpans",
}


def response(signal: Signal, content_type: str, taken: Taken) -> bytes:
    """Return the export response; it tells of partial success where records were rejected."""
    if not taken.rejected:
        return b"" if content_type == PROTOBUF else b"{}"
    if content_type == PROTOBUF:
        told = number_field(1, taken.rejected) + bytes_field(2, _utf8(taken.reason))
        return bytes_field(1, told)
    # 64-bit numbers are text in JSON.
    partial = {_REJECTED[signal]: str(taken.rejected), "errorMessage": taken.reason}
    return msgspec.json.encode({"partialSuccess": partial})


def status(content_type: str, code: int, message: str) -> bytes:
    """Return the body of an error response: a `google.rpc.Status`.

    `code` is one of google.rpc.Code, such as 3 (invalid argument) or 14 (unavailable).
    """
    if content_type == PROTOBUF:
        return number_field(1, code) + (bytes_field(2, _utf8(message)) if message else b"")
    return msgspec.json.encode({"code": code, "message": message})


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")
