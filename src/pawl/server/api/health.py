"""For machines: is it alive, is it ready, what does it count."""

import sys
import time
from collections.abc import Callable, Iterator

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pawl import __version__
from pawl.base.errors import PawlError
from pawl.base.times import seconds_between
from pawl.server.api import ingest
from pawl.server.api.exposition import OPENMETRICS, PROMETHEUS, exposition
from pawl.server.site import site_of
from pawl.services.alert_server import AlertServer
from pawl.services.cadence_server import CadenceServer
from pawl.services.metering import Family, Labels
from pawl.services.rollout_server import RolloutServer
from pawl.services.serving import Serving

STARTED = time.time()


async def alive(request: Request) -> Response:
    """Answer `/healthz`: the process answers."""
    return PlainTextResponse("ok\n")


async def ready(request: Request) -> Response:
    """Answer `/readyz`: the store is open and drained, telemetry is taken in, and somebody looks at
    alerts, after rollouts, at the timers of incidents and at the cadence."""
    serving = site_of(request).serving
    why = serving.drained.failure or "the spool has not been drained yet"
    if serving.ready:
        why = ingest.refused(serving.ingest)
        if not why and serving.alerts is not None:
            why = await to_thread.run_sync(_trouble, serving.alerts)
        if not why and serving.rollouts is not None:
            why = await to_thread.run_sync(_rollouts_trouble, serving.rollouts)
        if not why:
            why = await to_thread.run_sync(_incidents_trouble, serving)
        if not why and serving.cadence is not None:
            why = await to_thread.run_sync(_cadence_trouble, serving.cadence)
        if not why:
            return PlainTextResponse("ready\n")
    return PlainTextResponse(f"not ready: {why}\n", status_code=503)


def _trouble(alerts: AlertServer) -> str:
    """Return why alerts are not looked at; the records are asked, so not on the event loop."""
    try:
        trouble = alerts.trouble
    except PawlError as error:
        trouble = str(error)
    return f"alerts are not looked at: {trouble}" if trouble else ""


def _rollouts_trouble(rollouts: RolloutServer) -> str:
    """Return why nobody looks after rollouts: what fails would not go back."""
    try:
        trouble = rollouts.trouble
    except PawlError as error:
        trouble = str(error)
    return f"rollouts are not looked after: {trouble}" if trouble else ""


def _incidents_trouble(serving: Serving) -> str:
    """Return why a page or a breach may come late: the clock itself, or what watches it."""
    for part in (serving.incident_server, serving.oncall):
        try:
            trouble = "" if part is None else part.trouble
        except PawlError as error:
            trouble = str(error)
        if trouble:
            return f"incidents are not looked after: {trouble}"
    return ""


def _cadence_trouble(cadence: CadenceServer) -> str:
    """Return why routines may be missed unnoticed: the ticker, or another server's heartbeat."""
    try:
        trouble = cadence.trouble
    except PawlError as error:
        trouble = str(error)
    return f"the cadence is not looked after: {trouble}" if trouble else ""


def metrics(request: Request) -> Response:
    """Answer `/metrics`: OpenMetrics to whoever asks for it, else the text of Prometheus 0.0.4."""
    openmetrics = "application/openmetrics-text" in request.headers.get("accept", "")
    text = exposition(_families(site_of(request).serving), openmetrics=openmetrics)
    kind = OPENMETRICS if openmetrics else PROMETHEUS
    # Bytes, for with a text the framework would add the charset once more.
    return Response(text.encode(), headers={"Content-Type": kind, "Cache-Control": "no-store"})


def _families(serving: Serving) -> Iterator[Family]:
    """Yield the server's own metrics, then those of the agents where the store answers."""
    drained, progress = serving.drained, serving.progress
    version: Labels = (("version", __version__),)
    yield _one("pawl_build_info", "The version that runs.", 1, labels=version)
    yield _one("process_start_time_seconds", "When the process began.", STARTED, unit="seconds")
    yield _one("pawl_ready", "1 while the spool is being drained.", int(serving.ready))
    yield _one("pawl_drains", "Rounds of draining the spool.", drained.rounds, kind="counter")
    yield _one(
        "pawl_drained_events", "Events loaded from the spool.", drained.events, kind="counter"
    )
    if drained.last is not None:
        lag = max(0.0, seconds_between(drained.last, serving.pages.now))
        yield _one("pawl_drain_lag_seconds", "Since the last drain.", lag, unit="seconds")
    size, read = progress.bytes_total, progress.bytes_done
    yield _one("pawl_import_size_bytes", "Transcripts to read.", size, unit="bytes")
    yield _one("pawl_import_read_bytes", "Transcripts that were read.", read, unit="bytes")
    if serving.ingest is not None:
        yield from ingest.families(serving.ingest)
    if serving.meter is None:
        return
    told = _told(serving.meter.families)
    yield _one("pawl_meter_up", "1 when the store answered this scrape.", int(bool(told)))
    yield from told
    if serving.meter.changes is not None:
        told = _told(serving.meter.changes.families)
        yield _one("pawl_change_meter_up", "1 when the records answered.", int(bool(told)))
        yield from told


def _told(families: Callable[[], tuple[Family, ...]]) -> tuple[Family, ...]:
    """Return what a meter tells; nothing where its store does not answer, which is said."""
    try:
        return families()
    except PawlError as error:
        print(f"pawl: /metrics: {error}", file=sys.stderr)
        return ()


def _one(
    name: str,
    text: str,
    value: float,
    *,
    kind: str = "gauge",
    unit: str = "",
    labels: Labels = (),
) -> Family:
    return Family(name=name, kind=kind, help=text, unit=unit, samples=((labels, value),))
