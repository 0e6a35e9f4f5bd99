"""The weekly review, and the report on structural failures: from records alone."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from pawl.base.times import format_time, parse_time
from pawl.server.pages.incidents import PERIODS, pages_of
from pawl.server.question import Asked
from pawl.server.site import site_of

WINDOW_DAYS = "90"
"""Days that the structural report is about where nobody says: a quarter."""


def weekly(request: Request) -> Response:
    """Answer `/incidents/weekly`: the week's figures beside the work that is still to do."""
    Asked(request, ())
    review = pages_of(request).desk.weekly_review()
    return site_of(request).page(
        request,
        "incidents/weekly.html",
        review=review,
        late=frozenset(review.overdue),
    )


def structure(request: Request) -> Response:
    """Answer `/incidents/structure`: what repeats, goes out unapproved, or gets worse."""
    asked = Asked(request, ("days",))
    days = int(asked.one_of("days", tuple(map(str, PERIODS))) or WINDOW_DAYS)
    until = site_of(request).serving.pages.now
    since = format_time(parse_time(until) - timedelta(days=days))
    return site_of(request).page(
        request,
        "incidents/structure.html",
        report=pages_of(request).desk.structural_report(since, until),
        days=days,
        periods=PERIODS,
    )
