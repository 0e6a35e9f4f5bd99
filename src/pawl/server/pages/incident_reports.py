"""The structural report and the weekly review as pages: the desk's own values, in tables."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pawl.base.times import format_time, parse_time
from pawl.server.pages.incidents import pages_of
from pawl.server.question import Asked
from pawl.server.site import site_of

PERIODS = (30, 90, 180, 365)
"""Days that a structural report can be about; it is held beside as many before them."""


def structure(request: Request) -> Response:
    """Answer `GET /incidents/structure`."""
    asked = Asked(request, ("days",))
    days = int(asked.one_of("days", tuple(map(str, PERIODS))) or 90)
    site = site_of(request)
    until = site.serving.pages.now
    since = format_time(parse_time(until) - timedelta(days=days))
    return site.page(
        request,
        "incidents/structure.html",
        report=pages_of(request).desk.structural_report(since, until),
        days=days,
        periods=PERIODS,
    )


def week(request: Request) -> Response:
    """Answer `GET /incidents/week`."""
    Asked(request, ())
    return site_of(request).page(
        request, "incidents/week.html", review=pages_of(request).desk.weekly_review()
    )


ROUTES = (Route("/incidents/structure", structure), Route("/incidents/week", week))
