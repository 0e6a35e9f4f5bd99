"""The first page: what was spent, what runs, what needs a look."""

from starlette.requests import Request
from starlette.responses import Response

from pawl.server.question import Asked
from pawl.server.site import site_of
from pawl.telemetry.conduct import RUNS_LEAST

PERIODS = (7, 30, 90)


def overview(request: Request) -> Response:
    """Answer `/`."""
    asked = Asked(request, ("days",))
    days = asked.number("days", least=1, most=366, default=30)
    site = site_of(request)
    view = site.serving.pages.overview(days)
    incidents = site.serving.incident_pages
    return site.page(
        request,
        "overview/page.html",
        view=view,
        periods=PERIODS,
        least=RUNS_LEAST,
        going=() if incidents is None else incidents.ongoing(),
        # Whoever serves budgets serves them there; a link to nothing would be no answer.
        budgets=any(getattr(each, "path", "") == "/budgets" for each in request.app.routes),
    )
