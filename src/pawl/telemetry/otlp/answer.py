"""What an OTLP exporter wants to hear back, in the encoding it spoke."""

from pawl.telemetry.otlp.reading import Signal, Taken


def response(signal: Signal, content_type: str, taken: Taken) -> bytes:
    """Return the export response; it tells of partial success where records were rejected."""
    raise NotImplementedError


def status(content_type: str, code: int, message: str) -> bytes:
    """Return the body of an error response: a `google.rpc.Status`."""
    raise NotImplementedError
