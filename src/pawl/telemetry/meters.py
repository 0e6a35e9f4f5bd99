"""What the store counts for those who watch it, as plain numbers."""

import msgspec


class RequestMeter(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of one project, model and agent; '' is unknown. Money is of priced requests."""

    project: str
    model: str
    agent: str
    requests: int
    unpriced: int
    cost_micros: int
    tokens: tuple[int, int, int, int, int]
    """By bucket, in the order of `BUCKETS`."""


BUCKETS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")


class RunMeter(msgspec.Struct, frozen=True, kw_only=True):
    """Runs of one project, agent and ending (`running` and `observed` included)."""

    project: str
    agent: str
    outcome: str
    runs: int
    tool_calls: int


class ErrorMeter(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong with one agent."""

    agent: str
    errors: int
    tool_errors: int


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """How long 95 of 100 requests to a model took at most."""

    model: str
    p95_ms: float
    requests: int


class Meters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that happened since a time. `newest` is the canonical time of the last fact."""

    requests: tuple[RequestMeter, ...] = ()
    runs: tuple[RunMeter, ...] = ()
    errors: tuple[ErrorMeter, ...] = ()
    latencies: tuple[Latency, ...] = ()
    newest: str | None = None
