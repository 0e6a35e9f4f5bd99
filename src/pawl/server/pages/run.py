"""One run: what it did, what it cost, how it ended and who says so."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pawl.server.question import LONGEST, Asked
from pawl.server.site import site_of


def run(request: Request) -> Response:
    """Answer `/runs/{run_id}`."""
    Asked(request, ())
    site = site_of(request)
    run_id = request.path_params["run_id"]
    view = site.serving.pages.run(run_id) if len(run_id) <= LONGEST else None
    if view is None:
        raise HTTPException(404, f"No run is called {run_id[:LONGEST]!r}.")
    return site.page(request, "run/page.html", view=view)
