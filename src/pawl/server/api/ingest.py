"""What `/readyz` and `/metrics` tell of telemetry that is taken in."""

from collections.abc import Iterable

from pawl.services.ingest import Ingest


def metrics(ingest: Ingest) -> str:
    """Return the counts in the text format of Prometheus."""
    counts, problem = ingest.counts, ingest.counts.problem
    requests = [
        (f'{{signal="{signal}",status="{http}"}}', number)
        for (signal, http), number in sorted(counts.requests.items())
    ]
    records = [
        (f'{{signal="{signal}",outcome="{outcome}"}}', number)
        for outcome, by in (("accepted", counts.accepted), ("rejected", counts.rejected))
        for signal, number in sorted(by.items())
    ]
    received = [(f'{{signal="{s}"}}', size) for s, size in sorted(counts.received_bytes.items())]
    refused = ingest.refusal() is not None
    told: tuple[tuple[str, str, str, Iterable[tuple[str, object]]], ...] = (
        ("requests_total", "counter", "Export requests answered.", requests),
        ("records_total", "counter", "Log records, data points and spans.", records),
        ("received_bytes_total", "counter", "Bytes of bodies, as they were sent.", received),
        ("durable_bytes_total", "counter", "Bytes of events made durable.",
         [("", counts.durable_bytes)]),
        ("durable_batches_total", "counter", "Writes to the disk, each with one fdatasync.",
         [("", counts.durable_batches)]),
        ("durable_requests_total", "counter", "Requests that these writes made durable.",
         [("", counts.durable_requests)]),
        ("in_flight_bytes", "gauge", "Bytes received and not durable yet.",
         [("", ingest.in_flight_bytes)]),
        ("spool_bytes", "gauge", "Bytes of the spool's segments.", [("", ingest.spool_bytes())]),
        ("spool_limit_bytes", "gauge", "Where nothing more is taken in.",
         [("", ingest.limits.spool_bytes)]),
        ("lag_seconds", "gauge", "How long the oldest acknowledged event waits to be loaded.",
         [("", round(ingest.lag_s(), 3))]),
        ("refused", "gauge", "1 while nothing is taken in.", [("", int(refused))]),
        ("last_problem_timestamp_seconds", "gauge", "When the last refusal or defect was, by code.",
         [(f'{{code="{problem.code}"}}', round(problem.at_s, 3))] if problem else []),
    )  # fmt: skip
    return "".join(
        f"# HELP pawl_ingest_{name} {text}\n# TYPE pawl_ingest_{name} {kind}\n"
        + "".join(f"pawl_ingest_{name}{labels} {value}\n" for labels, value in values)
        for name, kind, text, values in told
    )


def refused(ingest: Ingest | None) -> str:
    """Return why nothing is taken in just now; empty when it is."""
    refusal = None if ingest is None else ingest.refusal()
    return "" if refusal is None else f"telemetry is refused: {refusal}"
