"""The bill: by day, model, project, developer or agent."""

from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pawl.server.question import Asked
from pawl.server.site import site_of
from pawl.telemetry.bill import Key

PERIODS = (7, 30, 90, 365)
KEYS = (Key.MODEL, Key.PROJECT, Key.AGENT, Key.DAY)
"""Not by developer: people are not ordered by what they spend. See `/developers`."""


def cost(request: Request) -> Response:
    """Answer `/cost`."""
    site = site_of(request)
    asked = Asked(request, ("by", "since", "until"))
    if asked.text("by") == Key.DEVELOPER:
        return RedirectResponse("/developers", status_code=303)
    by = asked.one_of("by", [key.value for key in KEYS])
    today = site.serving.pages.today
    first, last = asked.days(today)
    view = site.serving.pages.cost(Key(by) if by else Key.MODEL, first, last)
    periods = [
        (days, (date.fromisoformat(today) - timedelta(days=days - 1)).isoformat())
        for days in PERIODS
    ]
    return site.page(request, "cost/page.html", view=view, keys=KEYS, periods=periods)
