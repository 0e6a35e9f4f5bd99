"""The addresses of sessions, tools, models and developers, and of the tables to take away."""

from starlette.routing import Route

from pawl.server.api.tables import table
from pawl.server.pages import activity

ROUTES = (
    Route("/sessions", activity.sessions),
    Route("/sessions/{session_id:path}", activity.session),
    Route("/tools", activity.tools),
    Route("/models", activity.models),
    Route("/models/advice", activity.advice),
    Route("/developers", activity.developers),
    Route("/api/tables/{name}.{form}", table),
)
