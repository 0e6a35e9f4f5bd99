"""Drills: what can be exercised, how each last went, and the report of a run."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pawl.server.question import Asked
from pawl.server.site import site_of
from pawl.services.drill_pages import DrillPages
from pawl.services.drills import NoSuchDrill


def board(request: Request) -> Response:
    """Answer `/drills`."""
    Asked(request, ())
    return site_of(request).page(request, "drills/board.html", view=pages_of(request).board())


def report(request: Request) -> Response:
    """Answer `/drills/{id}`: hypothesis, timeline, expectations, gaps and actions."""
    Asked(request, ())
    try:
        view = pages_of(request).report(request.path_params["identity"])
    except NoSuchDrill as error:
        raise HTTPException(404, error.message) from error
    return site_of(request).page(request, "drills/report.html", view=view, run=view.run)


def pages_of(request: Request) -> DrillPages:
    """Return the use cases behind the pages; raises HTTPException where none are wired."""
    pages = site_of(request).serving.drills
    if pages is None:
        raise HTTPException(404, "This server keeps no drills.")
    return pages


ROUTES = (Route("/drills", board), Route("/drills/{identity}", report))
