"""One incident: its room and the forms in it, and the editor of its postmortem.

A form says what it was about: where the incident stood and who commanded, or which version of the
postmortem was read. Where that moved since, nothing happens, and the answer is 409 with what moved.
"""

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import quote

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pawl.base.errors import BadValue, CannotTell
from pawl.incidents.event import Refusal
from pawl.server.asking import by_of
from pawl.server.form import read_form
from pawl.server.pages.incidents import chosen, may_act, pages_of, status_of
from pawl.server.question import LONGEST, Asked
from pawl.server.site import site_of
from pawl.services.incident_forms import COMMANDS, FIELDS, PAPER_COMMANDS
from pawl.services.incident_pages import Moved, pressed
from pawl.services.incident_terms import NoSuchIncident
from pawl.services.investigation_serving import Kept
from pawl.services.postmortem_view import CAUSE, DIVIDER, TEXTS
from pawl.services.postmortem_view import FIELDS as PAPER

LARGEST_PAPER = 60 * 1024
"""Bytes of a postmortem's form; what stands before every form holds 64 KiB."""

Fields = Mapping[str, str]


def room(request: Request) -> Response:
    """Answer `GET /incidents/{id}`. `seen` is what an open page was about when it was opened."""
    asked = Asked(request, ("seen",))
    seen = asked.text("seen") or ""
    return _known(lambda one, _: _room(one, seen=seen), request, {})


async def command(request: Request) -> Response:
    """Answer `POST /incidents/{id}/command`: everything that can be done in its room."""
    fields = await read_form(request, FIELDS)
    return await anyio.to_thread.run_sync(partial(_known, _command, request, fields))


def postmortem(request: Request) -> Response:
    """Answer `GET /incidents/{id}/postmortem`."""
    Asked(request, ())
    return _known(lambda one, _: _paper(one), request, {})


async def write(request: Request) -> Response:
    """Answer `POST /incidents/{id}/postmortem`: save it, or let it go on."""
    known = (*PAPER, "command", "version", "reason")
    fields = await read_form(request, known, largest=LARGEST_PAPER)
    return await anyio.to_thread.run_sync(partial(_known, _write, request, fields))


def _known(do: Callable[[Request, Fields], Response], request: Request, fields: Fields) -> Response:
    """Do what is asked for; what is about no incident is not there."""
    try:
        pages_of(request).desk.get(_id(request))
    except NoSuchIncident as error:
        raise HTTPException(404, str(error)) from error
    try:
        return do(request, fields)
    except NoSuchIncident as error:  # Another one that a form names.
        refusal = Refusal(code=error.code, reasons=(error.message,), hint=error.hint)
        return _room(request, refusal=refusal, fields=fields)


def _command(request: Request, fields: Fields) -> Response:
    name = fields["command"]
    if name not in COMMANDS:
        raise BadValue(
            f"{name[:60]!r} is nothing that can be done here.",
            place="command",
            hint=f"Choose from {', '.join(COMMANDS)}.",
        )
    told = pages_of(request).command(name, _id(request), fields, by_of(request))
    if isinstance(told, Moved):
        return _room(request, moved=told.reasons, fields=fields)
    if isinstance(told, Refusal):
        return _room(request, refusal=told, fields=fields)
    return RedirectResponse(f"/incidents/{quote(_id(request), safe='')}", status_code=303)


def _room(
    request: Request,
    *,
    seen: str = "",
    refusal: Refusal | None = None,
    moved: tuple[str, ...] = (),
    fields: Fields | None = None,
) -> Response:
    live = "hx-request" in request.headers
    view = pages_of(request).room(_id(request), by_of(request), live=live)
    return site_of(request).page(
        request,
        "incidents/room.html",
        status=409 if moved else 200 if refusal is None else status_of(refusal),
        view=view,
        learnt=() if live else pages_of(request).desk.learnt(view.incident.id),
        investigations=None if live else _investigations(request, view.incident.id),
        seen=seen or view.seen,
        may_act=may_act(request),
        refusal=refusal,
        moved=moved,
        fields=fields or {},
    )


def _investigations(request: Request, incident: str) -> tuple[Kept, ...] | None:
    """Return the investigations of an incident; None where nobody can tell."""
    served = site_of(request).serving.investigations
    try:
        return None if served is None else served.keeping.of(incident)
    except CannotTell:
        return None  # An entry that does not read is for `pawl ledger verify`, not for a room.


def _write(request: Request, fields: Fields) -> Response:
    pages, by = pages_of(request), by_of(request)
    version = fields["version"]
    if fields["command"] == "save":
        if not version.isdecimal():
            raise BadValue("It does not say which version was read.", place="version")
        typed = {name: fields[name].replace("\r\n", "\n") for name in PAPER}
        told = pages.save(_id(request), int(version), typed, by)
        if isinstance(told, Moved | Refusal):
            return _paper(request, told, typed)
        return _back(request)
    run = chosen({**PAPER_COMMANDS}, fields)
    incident = pages.desk.get(_id(request)).id
    found = pages.desk.postmortem(incident)
    if found is not None and fields["command"] != "begin" and str(found.version) != version:
        return _paper(request, Moved(reasons=("It was saved or moved on since you read it.",)))
    told = run(pages.desk, incident, fields, by, pressed(fields["command"], incident, fields, by))
    if isinstance(told, Refusal):
        return _paper(request, told)
    return _back(request)


def _back(request: Request) -> Response:
    return RedirectResponse(
        f"/incidents/{quote(_id(request), safe='')}/postmortem", status_code=303
    )


def _paper(
    request: Request, told: Refusal | Moved | None = None, typed: Fields | None = None
) -> Response:
    refusal = told if isinstance(told, Refusal) else None
    return site_of(request).page(
        request,
        "incidents/postmortem.html",
        status=409 if isinstance(told, Moved) else 200 if refusal is None else status_of(refusal),
        view=pages_of(request).paper(_id(request), typed),
        may_act=may_act(request),
        refusal=refusal,
        moved=told.reasons if isinstance(told, Moved) else (),
        texts=TEXTS,
        cause=CAUSE,
        divider=DIVIDER,
    )


def _id(request: Request) -> str:
    return str(request.path_params["identity"])[:LONGEST]
