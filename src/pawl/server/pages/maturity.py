"""Where subjects stand: levels, one dimension, roadmap, trend, exemptions, integrity, fleet."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pawl.base.errors import BadValue, Unavailable
from pawl.server.question import Asked
from pawl.server.site import site_of
from pawl.services.maturity_pages import CAPACITY, MaturityPages
from pawl.services.maturity_views import Shown

CAPACITIES = (1, 2.5, 5, 10)
"""Person-days a week that the roadmap offers."""
LEAST_CAPACITY = 0.1
MOST_CAPACITY = 500.0


def levels(request: Request) -> Response:
    """Answer `/maturity`."""
    asked = Asked(request, ("subject",))
    pages = maturity_of(request)
    shown = chosen(pages, asked)
    if shown is None:
        return _nothing_yet(request)
    view = pages.subject(shown)
    return site_of(request).page(request, "maturity/page.html", view=view, shown=shown)


def dimension(request: Request) -> Response:
    """Answer `/maturity/dimension`."""
    asked = Asked(request, ("subject", "model", "dimension"))
    pages = maturity_of(request)
    shown = chosen(pages, asked)
    if shown is None:
        return _nothing_yet(request)
    model, name = asked.text("model") or "", asked.text("dimension") or ""
    view = pages.dimension(shown, model, name)
    if view is None:
        raise HTTPException(404, f"No dimension is called {name[:80]!r} in {model[:80]!r}.")
    return site_of(request).page(request, "maturity/dimension.html", view=view, shown=shown)


def roadmap(request: Request) -> Response:
    """Answer `/maturity/roadmap`."""
    asked = Asked(request, ("subject", "model", "capacity"))
    pages = maturity_of(request)
    shown = chosen(pages, asked)
    if shown is None:
        return _nothing_yet(request)
    view = pages.roadmap(shown, asked.text("model"), capacity_of(asked))
    return site_of(request).page(
        request, "maturity/roadmap.html", view=view, shown=shown, capacities=CAPACITIES
    )


def trend(request: Request) -> Response:
    """Answer `/maturity/trend`."""
    asked = Asked(request, ("subject", "model"))
    pages = maturity_of(request)
    shown = chosen(pages, asked)
    if shown is None:
        return _nothing_yet(request)
    view = pages.trend(shown, asked.text("model"))
    return site_of(request).page(request, "maturity/trend.html", view=view, shown=shown)


def difference(request: Request) -> Response:
    """Answer `/maturity/diff`: what changed between two assessments, each change by its cause."""
    asked = Asked(request, ("subject", "before", "after"))
    pages = maturity_of(request)
    shown = chosen(pages, asked)
    if shown is None:
        return _nothing_yet(request)
    refusal = None
    try:
        view = pages.difference(shown, asked.text("before"), asked.text("after"))
    except BadValue as error:
        # The form stays, so that another choice is one step away.
        view, refusal = pages.difference(shown), error
    return site_of(request).page(
        request,
        "maturity/diff.html",
        status=200 if refusal is None else 400,
        view=view,
        shown=shown,
        refusal=refusal,
    )


def exemptions(request: Request) -> Response:
    """Answer `/maturity/exemptions`."""
    asked = Asked(request, ("subject",))
    pages = maturity_of(request)
    shown = chosen(pages, asked)
    if shown is None:
        return _nothing_yet(request)
    view = pages.exemptions(shown)
    return site_of(request).page(request, "maturity/exemptions.html", view=view, shown=shown)


def integrity(request: Request) -> Response:
    """Answer `/maturity/integrity`."""
    asked = Asked(request, ("subject",))
    pages = maturity_of(request)
    shown = chosen(pages, asked)
    if shown is None:
        return _nothing_yet(request)
    view = pages.integrity(shown)
    return site_of(request).page(request, "maturity/integrity.html", view=view, shown=shown)


def fleet(request: Request) -> Response:
    """Answer `/maturity/fleet`."""
    asked = Asked(request, ("page",))
    pages = maturity_of(request)
    view = pages.fleet(asked.number("page", least=1, most=1_000_000, default=1))
    if not view.total:
        return _nothing_yet(request)
    return site_of(request).page(request, "maturity/fleet.html", view=view)


def one_page(request: Request) -> Response:
    """Answer `/maturity/one-page`: what leadership needs, on one printed page."""
    asked = Asked(request, ("subject",))
    pages = maturity_of(request)
    shown = chosen(pages, asked)
    if shown is None:
        return _nothing_yet(request)
    view = pages.one_page(shown)
    return site_of(request).page(request, "maturity/one_page.html", view=view, shown=shown)


def maturity_of(request: Request) -> MaturityPages:
    """Return the use cases behind the pages; raises Unavailable where none are wired."""
    pages = site_of(request).serving.maturity
    if pages is None:
        raise Unavailable("This server keeps no assessments.", hint="Start it with pawl up.")
    return pages


def chosen(pages: MaturityPages, asked: Asked) -> Shown | None:
    """Return the subject that was asked for, or the first; None where nothing was assessed.

    Raises HTTPException for a subject that nobody assessed.
    """
    subject = asked.text("subject")
    shown = pages.shown(subject)
    if shown is None and subject is not None:
        raise HTTPException(404, f"Nothing was assessed of {subject!r}.")
    return shown


def capacity_of(asked: Asked) -> float:
    """Return person-days a week as asked for; raises BadValue."""
    text = asked.exact("capacity")
    if text is None:
        return CAPACITY
    try:
        value = 0.0 if set(text) - set("0123456789.eE+-") else float(text)
    except ValueError:
        value = 0.0
    if not LEAST_CAPACITY <= value <= MOST_CAPACITY:
        raise BadValue(
            f"{text!r} is no number of person-days a week.",
            place="capacity",
            hint=f"Write one from {LEAST_CAPACITY:g} to {MOST_CAPACITY:g}.",
        )
    return value


def _nothing_yet(request: Request) -> Response:
    return site_of(request).page(request, "maturity/empty.html")
