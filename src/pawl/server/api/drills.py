"""Drills as JSON: those that can be run here, and how runs went."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pawl.incidents.drill_answers import DrillsAnswer, RunAnswer, answer_of
from pawl.server.api.answer import as_json
from pawl.server.api.described import Asks, Described
from pawl.server.pages.drills import pages_of
from pawl.server.question import Asked
from pawl.services.drills import NoSuchDrill


def drills(request: Request) -> Response:
    """Answer `GET /api/drills`."""
    Asked(request, ())
    return as_json(pages_of(request).board())


def run(request: Request) -> Response:
    """Answer `GET /api/drills/{id}`: one run."""
    Asked(request, ())
    try:
        found = pages_of(request).desk.get(request.path_params["id"])
    except NoSuchDrill as error:
        raise HTTPException(404, error.message) from error
    return as_json(answer_of(found))


ROUTES = (
    Route("/api/drills", drills, methods=["GET"]),
    Route("/api/drills/{id}", run, methods=["GET"]),
)
DRILLS = (
    Described(
        path="/api/drills",
        summary="The drills that can be run, and the newest runs of any.",
        answer=DrillsAnswer,
        errors=(400, 404),
    ),
    Described(
        path="/api/drills/{id}",
        summary="How one run of a drill went.",
        answer=RunAnswer,
        asks=(Asks(name="id", in_path=True, schema={"type": "string", "minLength": 1}),),
        errors=(400, 404),
    ),
)
