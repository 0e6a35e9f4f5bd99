"""Changes: the board, what runs, the gates, exceptions and figures."""

from functools import partial

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pawl.base.errors import BadValue, PawlError, Unavailable
from pawl.changes.change import Refusal
from pawl.server.asking import by_of
from pawl.server.form import read_form
from pawl.server.linked import known_to
from pawl.server.question import LONGEST, Asked
from pawl.server.site import site_of
from pawl.services.change_pages import EXCEPTION_COMMANDS, ChangePages

PERIODS = (7, 30, 90, 365)
"""Days that figures can be about."""
MOST_PAGES = 100_000


def board(request: Request) -> Response:
    """Answer `/changes`."""
    asked = Asked(request, ("text", "page"))
    text = asked.text("text") or ""
    page = asked.number("page", least=1, most=MOST_PAGES, default=1)
    view = pages_of(request).board(text, page)
    return site_of(request).page(request, "changes/board.html", view=view, text=text)


def live(request: Request) -> Response:
    """Answer `/changes/live`: what runs."""
    asked = Asked(request, ("text", "page"))
    text = asked.text("text") or ""
    page = asked.number("page", least=1, most=MOST_PAGES, default=1)
    view = pages_of(request).live(text, page)
    return site_of(request).page(request, "changes/live.html", view=view, text=text)


def component(request: Request) -> Response:
    """Answer `/changes/live/{component}`: what one component is and was."""
    Asked(request, ())
    name = request.path_params["component"]
    view = pages_of(request).component(name)
    if view is None:
        raise HTTPException(404, f"No change ever touched {name[:LONGEST]!r}.")
    return site_of(request).page(request, "changes/component.html", view=view)


def gates(request: Request) -> Response:
    """Answer `/changes/gates`: the policy in force; where it does not read, why not."""
    Asked(request, ())
    try:
        view, trouble = pages_of(request).gates(), None
    except Unavailable:
        raise
    except PawlError as error:
        view, trouble = None, error
    return site_of(request).page(
        request,
        "changes/gates.html",
        status=200 if trouble is None else 503,
        view=view,
        trouble=trouble,
    )


def exceptions(request: Request) -> Response:
    """Answer `GET /changes/exceptions`."""
    Asked(request, ())
    return _exceptions(request)


async def about_exception(request: Request) -> Response:
    """Answer `POST /changes/exceptions`: give, end or ratify one."""
    fields = await read_form(request, ("command", "id"))
    return await anyio.to_thread.run_sync(partial(_about_exception, request, dict(fields)))


def figures(request: Request) -> Response:
    """Answer `/changes/figures`."""
    asked = Asked(request, ("days",))
    days = int(asked.one_of("days", tuple(map(str, PERIODS))) or 30)
    view = pages_of(request).figures(days)
    return site_of(request).page(request, "changes/figures.html", view=view, periods=PERIODS)


def pages_of(request: Request) -> ChangePages:
    """Return the use cases behind the pages; raises Unavailable where none are wired."""
    pages = site_of(request).serving.change_pages
    if pages is None:
        raise Unavailable("This server keeps no changes.", hint="Start it with `pawl up`.")
    return pages


def _exceptions(request: Request, refusal: Refusal | None = None, of: str = "") -> Response:
    return site_of(request).page(
        request,
        "changes/exceptions.html",
        status=409 if refusal else 200,
        view=pages_of(request).exceptions(),
        incident_known=known_to(site_of(request)),
        refusal=refusal,
        of=of,
    )


def _about_exception(request: Request, fields: dict[str, str]) -> Response:
    name = fields["command"]
    if name not in EXCEPTION_COMMANDS:
        raise BadValue(
            f"{name[:60]!r} is nothing that can be done with an exception.",
            place="command",
            hint=f"Choose from {', '.join(EXCEPTION_COMMANDS)}.",
        )
    identity = fields["id"][:LONGEST]
    told = pages_of(request).about_exception(name, identity, by_of(request))
    if isinstance(told, Refusal):
        return _exceptions(request, told, identity)
    return RedirectResponse("/changes/exceptions", status_code=303)
