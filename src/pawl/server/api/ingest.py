"""What `/readyz` and `/metrics` tell of telemetry that is taken in."""

from collections.abc import Iterator, Mapping

from pawl.services.ingest import Ingest
from pawl.services.metering import Family, Labels

Sample = tuple[Labels, float]


def families(ingest: Ingest) -> Iterator[Family]:
    """Yield the counts of telemetry that was taken in, and how full the way to the store is."""
    counts, problem = ingest.counts, ingest.counts.problem
    yield _counter(
        "requests",
        "Export requests answered.",
        *(
            ((("signal", signal), ("status", str(http))), number)
            for (signal, http), number in sorted(counts.requests.items())
        ),
    )
    yield _counter(
        "records",
        "Log records, data points and spans.",
        *_by_signal(counts.accepted, outcome="accepted"),
        *_by_signal(counts.rejected, outcome="rejected"),
    )
    yield _counter(
        "received_bytes",
        "Bytes of bodies, as they were sent.",
        *_by_signal(counts.received_bytes),
        unit="bytes",
    )
    yield _counter(
        "durable_bytes", "Bytes of events made durable.", ((), counts.durable_bytes), unit="bytes"
    )
    yield _counter(
        "durable_batches",
        "Writes to the disk, each with one fdatasync.",
        ((), counts.durable_batches),
    )
    yield _counter(
        "durable_requests",
        "Requests that these writes made durable.",
        ((), counts.durable_requests),
    )
    yield _gauge("in_flight_bytes", "Bytes received and not durable yet.", ingest.in_flight_bytes)
    yield _gauge("spool_bytes", "Bytes of the spool's segments.", ingest.spool_bytes())
    yield _gauge("spool_limit_bytes", "Where nothing more is taken in.", ingest.limits.spool_bytes)
    yield _gauge(
        "lag_seconds", "How long the oldest acknowledged event waits to be loaded.", ingest.lag_s()
    )
    yield _gauge("refused", "1 while nothing is taken in.", int(ingest.refusal() is not None))
    if problem is not None:
        yield Family(
            name="pawl_ingest_last_problem_timestamp_seconds",
            kind="gauge",
            help="When the last refusal or defect was, by code.",
            unit="seconds",
            samples=(((("code", problem.code),), problem.at_s),),
        )


def refused(ingest: Ingest | None) -> str:
    """Return why nothing is taken in just now; empty when it is."""
    refusal = None if ingest is None else ingest.refusal()
    return "" if refusal is None else f"telemetry is refused: {refusal}"


def _by_signal(counts: Mapping[str, int], **labels: str) -> Iterator[Sample]:
    for signal, number in sorted(counts.items()):
        yield (("signal", signal), *labels.items()), number


def _counter(name: str, text: str, *samples: Sample, unit: str = "") -> Family:
    return Family(
        name=f"pawl_ingest_{name}", kind="counter", help=text, unit=unit, samples=tuple(samples)
    )


def _gauge(name: str, text: str, value: float) -> Family:
    unit = name.rpartition("_")[2]
    return Family(
        name=f"pawl_ingest_{name}",
        kind="gauge",
        help=text,
        unit=unit if unit in ("bytes", "seconds") else "",
        samples=(((), value),),
    )
