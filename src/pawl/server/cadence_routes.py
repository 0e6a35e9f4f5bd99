"""The addresses of the cadence: pages, the feed, and the same as JSON."""

from starlette.routing import Route

from pawl.server.api import cadence as api
from pawl.server.pages import cadence

ROUTES = (
    Route("/cadence", cadence.month),
    Route("/cadence.ics", cadence.feed),
    Route("/cadence/{routine}/{period}", cadence.routine, methods=["GET"]),
    Route("/cadence/{routine}/{period}/done", cadence.done, methods=["POST"]),
    Route("/cadence/{routine}/{period}/excuse", cadence.excuse, methods=["POST"]),
    Route("/api/cadence", api.due, methods=["GET"]),
    Route("/api/cadence/calendar", api.calendar, methods=["GET"]),
    Route("/api/cadence/adherence", api.adherence, methods=["GET"]),
    Route("/api/cadence/routines/{routine}", api.routine, methods=["GET"]),
    Route("/api/cadence/routines/{routine}/done", api.done, methods=["POST"]),
    Route("/api/cadence/routines/{routine}/excuse", api.excuse, methods=["POST"]),
)
