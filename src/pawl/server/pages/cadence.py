"""The cadence: a month with what is due in it, one occurrence of a routine, and the feed."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pawl.base.errors import PawlError, Unavailable
from pawl.base.times import format_time, parse_time
from pawl.changes.change import Refusal
from pawl.governance.access import Scope
from pawl.server.asking import by_of, principal_of
from pawl.server.form import read_form
from pawl.server.question import Asked
from pawl.server.site import site_of
from pawl.services.cadence_pages import CadencePages
from pawl.services.cadence_terms import NoSuchRoutine
from pawl.services.cadence_view import RoutineView

BACK_DAYS, AHEAD_DAYS = 31, 183
"""Days that the feed holds: the last month, and half a year ahead."""
LARGEST = 64 * 1024
PREFIX = "output-"


def month(request: Request) -> Response:
    """Answer `/cadence`: a month; where the cadence does not read, why not."""
    asked = Asked(request, ("month",))
    try:
        view, trouble = pages_of(request).month(asked.text("month") or ""), None
    except Unavailable:
        raise
    except PawlError as error:
        if error.place == "month":
            raise
        view, trouble = None, error
    return site_of(request).page(
        request,
        "cadence/month.html",
        status=200 if trouble is None else 503,
        view=view,
        trouble=trouble,
    )


def routine(request: Request) -> Response:
    """Answer `GET /cadence/{routine}/{period}`."""
    Asked(request, ())
    return _show(request, None, {})


async def done(request: Request) -> Response:
    """Answer `POST /cadence/{routine}/{period}/done`."""
    view = await anyio.to_thread.run_sync(partial(_view, request))
    names = [f"{PREFIX}{field.name}" for field in view.fields]
    fields = await read_form(request, (*names, "note"), largest=LARGEST)
    return await anyio.to_thread.run_sync(partial(_done, request, dict(fields)))


async def excuse(request: Request) -> Response:
    """Answer `POST /cadence/{routine}/{period}/excuse`."""
    fields = await read_form(request, ("reason",))
    return await anyio.to_thread.run_sync(partial(_excuse, request, dict(fields)))


def feed(request: Request) -> Response:
    """Answer `/cadence.ics`: the cadence for a calendar that fetches it again and again."""
    from pawl.render.cadence_ics import calendar_text

    Asked(request, ("token",))
    desk = pages_of(request).desk
    moment = parse_time(site_of(request).serving.pages.now)
    since, until = moment - timedelta(days=BACK_DAYS), moment + timedelta(days=AHEAD_DAYS)
    found = desk.calendar(format_time(since), format_time(until))
    text = calendar_text(found, url=str(request.base_url).rstrip("/"))
    return Response(
        text,
        media_type="text/calendar; charset=utf-8",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": 'inline; filename="cadence.ics"',
        },
    )


def pages_of(request: Request) -> CadencePages:
    """Return the use cases behind the pages; raises Unavailable where none are wired."""
    cadence = site_of(request).serving.cadence
    if cadence is None:
        raise Unavailable("This server keeps no cadence.", hint="Start it with `pawl up`.")
    return CadencePages(cadence.desk)


def _view(request: Request) -> RoutineView:
    names = request.path_params
    try:
        return pages_of(request).routine(names["routine"], names["period"])
    except NoSuchRoutine as error:
        raise HTTPException(404, error.message) from error


def _show(request: Request, refusal: Refusal | None, fields: Mapping[str, str]) -> Response:
    return site_of(request).page(
        request,
        "cadence/routine.html",
        status=409 if refusal else 200,
        view=_view(request),
        refusal=refusal,
        fields=fields,
    )


def _done(request: Request, fields: dict[str, str]) -> Response:
    outputs = {
        name.removeprefix(PREFIX): value
        for name, value in fields.items()
        if name.startswith(PREFIX)
    }
    names = request.path_params
    told = pages_of(request).done(
        names["routine"], names["period"], outputs, fields["note"], by_of(request)
    )
    return _after(request, told, fields)


def _excuse(request: Request, fields: dict[str, str]) -> Response:
    if not principal_of(request).may(Scope.APPROVE):
        raise HTTPException(403, "This takes a token with the scope approve, which yours has not.")
    names = request.path_params
    told = pages_of(request).excuse(
        names["routine"], names["period"], fields["reason"], by_of(request)
    )
    return _after(request, told, fields)


def _after(request: Request, told: object, fields: dict[str, str]) -> Response:
    if isinstance(told, Refusal):
        return _show(request, told, fields)
    return RedirectResponse(request.url.path.rpartition("/")[0], status_code=303)
