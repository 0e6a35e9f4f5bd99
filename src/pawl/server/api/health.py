"""For machines: is it alive, is it ready, what does it count."""

import time

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pawl import __version__
from pawl.base.errors import PawlError
from pawl.server.api import ingest
from pawl.server.site import site_of
from pawl.services.alert_server import AlertServer

STARTED = time.time()


async def alive(request: Request) -> Response:
    """Answer `/healthz`: the process answers."""
    return PlainTextResponse("ok\n")


async def ready(request: Request) -> Response:
    """Answer `/readyz`: the store is open, drained, telemetry is taken in, alerts are looked at."""
    serving = site_of(request).serving
    why = serving.drained.failure or "the spool has not been drained yet"
    if serving.ready:
        why = ingest.refused(serving.ingest)
        if not why and serving.alerts is not None:
            why = await to_thread.run_sync(_trouble, serving.alerts)
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


async def metrics(request: Request) -> Response:
    """Answer `/metrics` in the text format of Prometheus, version 0.0.4."""
    serving = site_of(request).serving
    drained, progress = serving.drained, serving.progress
    told = (
        ("pawl_build_info", "gauge", "The version that runs.", f'{{version="{__version__}"}}', 1),
        ("process_start_time_seconds", "gauge", "When the process began.", "", round(STARTED, 3)),
        ("pawl_ready", "gauge", "1 while the spool is being drained.", "", int(serving.ready)),
        ("pawl_drains_total", "counter", "Rounds of draining the spool.", "", drained.rounds),
        ("pawl_drained_events_total", "counter", "Events loaded from the spool.", "",
         drained.events),
        ("pawl_import_bytes_total", "gauge", "Bytes of transcripts to read.", "",
         progress.bytes_total),
        ("pawl_import_bytes_done", "gauge", "Bytes of transcripts read.", "",
         progress.bytes_done),
    )  # fmt: skip
    lines = [
        f"# HELP {name} {text}\n# TYPE {name} {kind}\n{name}{labels} {value}\n"
        for name, kind, text, labels, value in told
    ]
    if serving.ingest is not None:
        lines.append(ingest.metrics(serving.ingest))
    return PlainTextResponse("".join(lines), media_type="text/plain; version=0.0.4; charset=utf-8")
