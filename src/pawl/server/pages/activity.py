"""Sessions, tools, models and developers: what agents did, in lists and one by one."""

from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pawl.base.errors import Unavailable
from pawl.server.question import LONGEST, Asked
from pawl.server.security import is_loopback
from pawl.server.site import Site, site_of
from pawl.services.activity_pages import ActivityPages
from pawl.services.activity_view import (
    PERIODS,
    AdviceView,
    DevelopersView,
    Scope,
    SessionsView,
    SessionView,
    ToolsView,
)

SCOPE = ("days", "project", "agent")
BY = ("project", "agent")


def sessions(request: Request) -> Response:
    """Answer `/sessions`."""
    view = sessions_asked(request)
    return _page(request, "sessions/page.html", view=view, link=Links(request))


def session(request: Request) -> Response:
    """Answer `/sessions/{session_id}`."""
    Asked(request, ())
    return _page(request, "sessions/session.html", view=session_asked(request))


def tools(request: Request) -> Response:
    """Answer `/tools`."""
    return _page(request, "tools/page.html", view=tools_asked(request), link=Links(request))


def models(request: Request) -> Response:
    """Answer `/models`."""
    view = pages_of(request).models(scope_of(Asked(request, SCOPE)))
    return _page(request, "models/page.html", view=view, link=Links(request))


def advice(request: Request) -> Response:
    """Answer `/models/advice`."""
    return _page(request, "models/advice.html", view=advice_asked(request), link=Links(request))


def developers(request: Request) -> Response:
    """Answer `/developers`."""
    view = developers_asked(request)
    return _page(request, "developers/page.html", view=view, link=Links(request))


# -- what is asked, shared with the tables to take away -----------------------------------------


def pages_of(request: Request) -> ActivityPages:
    """Return the use cases; raises Unavailable where the server keeps no telemetry."""
    pages = site_of(request).serving.activity
    if pages is None:
        raise Unavailable("this server keeps no telemetry.", hint="Start it with `pawl up`.")
    return pages


def scope_of(asked: Asked) -> Scope:
    """Return the period, project and agent asked for."""
    days = asked.one_of("days", [str(days) for days in PERIODS])
    return Scope(
        days=int(days) if days else 30, project=asked.exact("project") or None,
        agent=asked.exact("agent") or None,
    )  # fmt: skip


def sessions_asked(request: Request, *, page: int | None = None, rows: int = 50) -> SessionsView:
    """Return the page of sessions asked for, or `page`."""
    asked = Asked(request, (*SCOPE, "failing", "page"))
    failing = asked.one_of("failing", ("yes",)) is not None
    told = asked.number("page", least=1, most=1_000_000, default=1)
    number = told if page is None else page
    return pages_of(request).sessions(scope_of(asked), failing=failing, page=number, per_page=rows)


def session_asked(request: Request) -> SessionView:
    """Return the session asked for; raises HTTPException where there is none."""
    name = request.path_params.get("session_id") or request.query_params.get("session") or ""
    alone = _alone(request)
    view = pages_of(request).session(name, alone=alone) if 0 < len(name) <= LONGEST else None
    if view is None:
        raise HTTPException(404, f"No session is called {name[:LONGEST]!r}.")
    return view


def tools_asked(request: Request) -> ToolsView:
    """Return the tools asked for."""
    asked = Asked(request, (*SCOPE, "by", "tool"))
    by = asked.one_of("by", BY) or ""
    return pages_of(request).tools(scope_of(asked), by=by, tool=asked.exact("tool") or None)


def advice_asked(request: Request) -> AdviceView:
    """Return the comparison asked for."""
    asked = Asked(request, (*SCOPE, "class"))
    return pages_of(request).advice(scope_of(asked), asked.text("class"))


def developers_asked(request: Request) -> DevelopersView:
    """Return the viewer's own use; of nobody where others can reach the server."""
    asked = Asked(request, ("days",))
    alone = _alone(request)
    return pages_of(request).developers(scope_of(asked).days, alone=alone)


class Links:
    """Addresses that differ from the present one in some of their parameters."""

    def __init__(self, request: Request) -> None:
        self._path = request.url.path
        self._values = {name: value for name, value in request.query_params.items() if value}

    def to(self, **changed: object) -> str:
        """This page with parameters changed; None takes one away. A list begins at its start."""
        values = {name: text for name, text in self._values.items() if name != "page"}
        values |= {name.rstrip("_"): str(value) for name, value in changed.items() if value}
        gone = {name.rstrip("_") for name, value in changed.items() if not value}
        query = urlencode({name: text for name, text in values.items() if name not in gone})
        return f"{self._path}?{query}" if query else self._path

    @property
    def query(self) -> str:
        """The parameters without the number of the page, ready to stand in an address."""
        return urlencode({name: text for name, text in self._values.items() if name != "page"})


def _page(request: Request, template: str, *, view: object, link: Links | None = None) -> Response:
    site: Site = site_of(request)
    return site.page(request, template, periods=PERIODS, view=view, link=link)


def _alone(request: Request) -> bool:
    """Say whether only this machine reaches the server, and no proxy hands others on to it."""
    settings = site_of(request).settings
    return is_loopback(settings.host) and not settings.public_host
