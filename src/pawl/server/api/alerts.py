"""Alerts as JSON: the list that the page shows."""

from starlette.requests import Request
from starlette.responses import Response

from pawl.server.api.answer import as_json
from pawl.server.pages.alerts import desk_of, line_of
from pawl.server.question import Asked


def alerts(request: Request) -> Response:
    """Answer `/api/alerts`: everything about alerts, as `pawl.alert-list/1`."""
    Asked(request, ())
    return as_json(desk_of(request).view())


def alert(request: Request) -> Response:
    """Answer `/api/alerts/{id}`: one alert, by its whole id."""
    Asked(request, ())
    return as_json(line_of(desk_of(request).view(), request.path_params["identity"]))
