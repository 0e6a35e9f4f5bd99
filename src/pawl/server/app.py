"""The application: every route in one table, wrapped in the guard."""

import contextlib
from collections.abc import AsyncIterator

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from pawl.base.errors import PawlError
from pawl.server import errors, login
from pawl.server.activity_routes import ROUTES as ACTIVITY
from pawl.server.api import alerts as alert_api
from pawl.server.api import bills, health
from pawl.server.api import budgets as budget_api
from pawl.server.api import hooks as hook_api
from pawl.server.api import runs as run_api
from pawl.server.api.change_routes import ROUTES as CHANGES
from pawl.server.api.descriptions import openapi
from pawl.server.api.drills import ROUTES as DRILLS
from pawl.server.api.incident_learning import ROUTES as LEARNING
from pawl.server.api.incident_routes import ROUTES as INCIDENTS
from pawl.server.api.investigations import ROUTES as INVESTIGATIONS
from pawl.server.cadence_routes import ROUTES as CADENCE
from pawl.server.change_routes import ROUTES as CHANGE_PAGES
from pawl.server.incident_routes import ROUTES as INCIDENT_PAGES
from pawl.server.maturity_routes import ROUTES as MATURITY
from pawl.server.otlp import Otlp
from pawl.server.pages import accept
from pawl.server.pages import alerts as alert_pages
from pawl.server.pages.budgets import budgets
from pawl.server.pages.cost import cost
from pawl.server.pages.drills import ROUTES as DRILL_PAGES
from pawl.server.pages.overview import overview
from pawl.server.pages.run import run
from pawl.server.pages.runs import runs
from pawl.server.security import Door, Guard
from pawl.server.site import STATIC, Settings, Site
from pawl.services.serving import Serving

ROUTES = (
    Route("/", overview),
    Route("/runs", runs),
    Route("/runs/{run_id}", run),
    Route("/cost", cost),
    Route("/budgets", budgets),
    Route("/api/budgets", budget_api.budgets),
    Route("/alerts", alert_pages.alerts, methods=["GET"]),
    Route("/alerts", alert_pages.command, methods=["POST"]),
    Route("/alerts/{identity}", alert_pages.one),
    Route("/alerts/rows/{kind}/{identity:path}", alert_pages.row),
    Route("/api/alerts", alert_api.alerts),
    Route("/api/alerts/{identity}", alert_api.alert),
    *MATURITY,
    *ACTIVITY,
    *CHANGES,
    *INCIDENTS,
    *LEARNING,
    *INVESTIGATIONS,
    *CHANGE_PAGES,
    *CADENCE,
    *INCIDENT_PAGES,
    *DRILLS,
    *DRILL_PAGES,
    Route("/accept/{token}", accept.show, methods=["GET"]),
    Route("/accept/{token}", accept.take, methods=["POST"]),
    Route("/login", login.form, methods=["GET"]),
    Route("/login", login.sign_in, methods=["POST"]),
    Route("/logout", login.sign_out, methods=["POST"]),
    Route("/api/runs", run_api.runs),
    Route("/api/runs/{run_id}", run_api.run),
    Route("/api/runs/{run_id}/events", run_api.events),
    Route("/api/cost", bills.cost),
    Route("/api/import-progress", run_api.import_progress),
    Route("/api/hooks/github", hook_api.github, methods=["POST"]),
    Route("/api/hooks/ci-evidence/{identity}", hook_api.ci_evidence, methods=["POST"]),
    Route("/api/openapi.json", openapi),
    Route("/healthz", health.alive),
    Route("/readyz", health.ready),
    Route("/metrics", health.metrics),
)


def create_app(serving: Serving, settings: Settings, *, background: bool = True) -> ASGIApp:
    """Return the ASGI application; with `background` False the caller drains and imports."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if background:
            serving.start()
        try:
            yield
        finally:
            await anyio.to_thread.run_sync(serving.stop)

    app = Starlette(
        routes=[*ROUTES, Mount("/static", _Static(directory=STATIC))],
        exception_handlers={
            PawlError: errors.expected,
            HTTPException: errors.http,
            Exception: errors.defect,
        },
        lifespan=lifespan,
    )
    app.state.site = Site(serving, settings)
    host, outside = settings.host, settings.public_host
    door = Door(host=host, token=settings.token, identity=serving.identity, public_host=outside)
    guard = Guard(app, host=host, door=door, routes=ROUTES, public_host=outside)
    # It checks for itself: to a sender of telemetry a redirect to the sign-in means nothing.
    return Otlp(guard, serving.ingest, host=host, door=door, public_host=outside)


class _Static(StaticFiles):
    """Files named with a digest of their content may be kept for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if answer.status_code == 200 and b"v=" in scope["query_string"]:
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer
