"""The cadence as JSON: what is due, a routine with its numbers, and what is put on record."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Annotated

from msgspec import Meta
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pawl.base.errors import BadValue
from pawl.base.times import canonical_time, format_time, parse_time
from pawl.governance.cadence_keeping import Record
from pawl.server.api.answer import as_json
from pawl.server.api.change_bodies import Body, Text
from pawl.server.api.change_descriptions import ONCE
from pawl.server.api.commanding import command
from pawl.server.api.described import Asks, Described
from pawl.server.asking import by_of
from pawl.server.question import Asked
from pawl.server.site import site_of
from pawl.services.cadence import MOST_WORDS, CadenceDesk
from pawl.services.cadence_terms import Due, Kept, NoSuchRoutine, Shown

MOST_DAYS = 400
"""Days ahead that are worked out: what is asked of beyond would hold up everybody else."""
Words = Annotated[str, Meta(max_length=MOST_WORDS)]
Period = Annotated[str, Meta(max_length=20)]


class Doing(Body, frozen=True, kw_only=True):
    """What an occurrence leaves behind, by the names of its outputs; now without a period."""

    outputs: Annotated[dict[Annotated[str, Meta(max_length=100)], Words], Meta(max_length=50)] = {}
    period: Period = ""
    note: Words = ""


class Excusing(Body, frozen=True, kw_only=True):
    """Why an occurrence is excused."""

    reason: Text
    period: Period = ""


def _looking(look: Callable[[Request], object]) -> Callable[[Request], Response]:
    """Return a handler that answers with a value of ours, 404 for a routine that is none."""

    @wraps(look)
    def handler(request: Request) -> Response:
        try:
            return as_json(look(request))
        except NoSuchRoutine as error:
            raise HTTPException(404, error.message) from error

    return handler


@_looking
def due(request: Request) -> object:
    """Answer `GET /api/cadence`."""
    days = Asked(request, ("days",)).number("days", least=1, most=MOST_DAYS, default=7)
    return desk_of(request).due(days=days)


@_looking
def calendar(request: Request) -> object:
    """Answer every occurrence of a window."""
    return desk_of(request).calendar(*_window(request, back=0, ahead=31))


@_looking
def adherence(request: Request) -> object:
    """Answer how well the cadence was kept in a window."""
    return desk_of(request).adherence(*_window(request, back=90, ahead=0))


@_looking
def routine(request: Request) -> object:
    """Answer one occurrence with its numbers."""
    period = Asked(request, ("period",)).text("period") or ""
    return desk_of(request).show(request.path_params["routine"], period)


async def done(request: Request) -> Response:
    """Answer `POST …/done`."""
    Asked(request, ())
    desk, by, name = desk_of(request), by_of(request), request.path_params["routine"]

    def do(body: Doing, key: str) -> object:
        return _known(
            lambda: desk.done(name, body.outputs, by, period=body.period, note=body.note, key=key)
        )

    return await command(request, Doing, do, 200)


async def excuse(request: Request) -> Response:
    """Answer `POST …/excuse`."""
    Asked(request, ())
    desk, by, name = desk_of(request), by_of(request), request.path_params["routine"]

    def do(body: Excusing, key: str) -> object:
        return _known(lambda: desk.excuse(name, body.reason, by, period=body.period, key=key))

    return await command(request, Excusing, do, 200)


def desk_of(request: Request) -> CadenceDesk:
    """Return the desk of the cadence; raises HTTPException where none is wired."""
    cadence = site_of(request).serving.cadence
    if cadence is None:
        raise HTTPException(404, "This server keeps no cadence.")
    return cadence.desk


def _known(do: Callable[[], object]) -> object:
    try:
        return do()
    except NoSuchRoutine as error:
        raise HTTPException(404, error.message) from error


def _window(request: Request, *, back: int, ahead: int) -> tuple[str, str]:
    asked = Asked(request, ("since", "until"))
    now = parse_time(site_of(request).serving.pages.now)
    since = _instant(asked.text("since"), "since") or format_time(now - timedelta(days=back))
    until = _instant(asked.text("until"), "until") or format_time(now + timedelta(days=ahead))
    ahead_at_most = format_time(now + timedelta(days=MOST_DAYS))
    return since, min(until, ahead_at_most)


def _instant(text: str | None, place: str) -> str:
    if not text:
        return ""
    try:
        return canonical_time(text)
    except (ValueError, OverflowError) as error:
        raise BadValue(
            f"{text[:60]!r} is not a time.",
            place=place,
            hint="Write one such as 2026-11-21 or 2026-11-21T03:00:00Z.",
        ) from error


_TIME = (
    r"^(?:20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    r"(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)?)?$"
)
_SINCE = Asks(
    name="since", text="A UTC day or an instant.", schema={"type": "string", "pattern": _TIME}
)
_UNTIL = Asks(
    name="until",
    text=f"The first day or instant that does not count; at most {MOST_DAYS} days ahead.",
    schema={"type": "string", "pattern": _TIME},
)
_ROUTINE = Asks(name="routine", in_path=True, schema={"type": "string", "minLength": 1})
_PERIOD = Asks(
    name="period",
    text="Such as 2026-03-29, 2026-W13, 2026-03 or 2026-Q1; the present one when absent.",
    schema={"type": "string", "maxLength": 20},
)
_DAYS = Asks(name="days", schema={"type": "integer", "minimum": 1, "maximum": MOST_DAYS})
_SENT = (400, 403, 404, 409, 413, 415, 422)
_ONE = "/api/cadence/routines/{routine}"
CADENCE = (
    Described(
        path="/api/cadence", summary="What is due or overdue, and what comes due soon.",
        answer=Due, asks=(_DAYS,), errors=(400, 404),
    ),
    Described(
        path="/api/cadence/calendar", summary="Every occurrence due in a window, as it stands.",
        answer=Due, asks=(_SINCE, _UNTIL), errors=(400, 404),
    ),
    Described(
        path="/api/cadence/adherence", summary="How much of what came due was done.",
        answer=Kept, asks=(_SINCE, _UNTIL), errors=(400, 404),
    ),
    Described(
        path=_ONE, summary="One occurrence of a routine with its numbers filled in.",
        answer=Shown, asks=(_ROUTINE, _PERIOD), errors=(400, 404),
    ),
    Described(
        path=f"{_ONE}/done", summary="Call an occurrence done, with its outputs.",
        answer=Record, asks=(_ROUTINE, ONCE), errors=_SENT, method="post", body=Doing,
    ),
    Described(
        path=f"{_ONE}/excuse", summary="Excuse an occurrence; somebody answers for it.",
        answer=Record, asks=(_ROUTINE, ONCE), errors=_SENT, method="post", body=Excusing,
    ),
)  # fmt: skip
