"""Incidents: the list of all, declaring one, actions, debts and figures."""

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import quote, urlencode

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pawl.base.errors import BadValue, Unavailable
from pawl.governance.access import Scope
from pawl.governance.priority import Domain
from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.incidents.incident import Link, LinkKind, State
from pawl.server.asking import by_of, principal_of
from pawl.server.form import read_form
from pawl.server.question import LONGEST, Asked
from pawl.server.site import site_of
from pawl.services.incident_forms import (
    ACTION_COMMANDS,
    ACTION_FIELDS,
    DEBT_COMMANDS,
    DEBT_FIELDS,
    Acting,
)
from pawl.services.incident_pages import IncidentPages, pressed
from pawl.services.incident_terms import NoSuchIncident

DECLARED = (
    *("title", "severity", "domain", "scope", "components", "text", "started_at"),
    *("kind", "ref", "key"),
)
PERIODS = (30, 90, 365)
"""Days that figures can be about."""
MOST_PAGES = 10_000

Fields = Mapping[str, str]


def board(request: Request) -> Response:
    """Answer `GET /incidents`."""
    return _board(request)


async def declare(request: Request) -> Response:
    """Answer `POST /incidents`: declare one; only a title is needed."""
    fields = await read_form(request, DECLARED)
    return await anyio.to_thread.run_sync(partial(_declare, request, fields))


def declaring(request: Request) -> Response:
    """Answer `/incidents/declare`: the form by itself, filled in from where somebody came."""
    asked = Asked(request, DECLARED)
    typed = {name: asked.text(name) or "" for name in DECLARED}
    return _declaring(request, typed)


def actions(request: Request) -> Response:
    """Answer `GET /actions`."""
    asked = Asked(request, ("owner", "incident"))
    return _actions(request, asked.text("owner") or "", asked.text("incident") or "")


async def act(request: Request) -> Response:
    """Answer `POST /actions`: begin one, claim it done, verify it, send it back, move it."""
    fields = await read_form(request, ACTION_FIELDS)
    return await anyio.to_thread.run_sync(partial(_act, request, fields))


def debts(request: Request) -> Response:
    """Answer `GET /debts`."""
    Asked(request, ())
    return _debts(request)


async def pay(request: Request) -> Response:
    """Answer `POST /debts`: plan one, name its regression case, call it paid."""
    fields = await read_form(request, DEBT_FIELDS)
    return await anyio.to_thread.run_sync(partial(_pay, request, fields))


def figures(request: Request) -> Response:
    """Answer `/incidents/figures`."""
    asked = Asked(request, ("days",))
    days = int(asked.one_of("days", tuple(map(str, PERIODS))) or 90)
    return site_of(request).page(
        request, "incidents/figures.html", view=pages_of(request).figures(days), periods=PERIODS
    )


def pages_of(request: Request) -> IncidentPages:
    """Return the use cases behind the pages; raises Unavailable where none are wired."""
    pages = site_of(request).serving.incident_pages
    if pages is None:
        raise Unavailable("This server keeps no incidents.", hint="Start it with `pawl up`.")
    return pages


def may_act(request: Request) -> bool:
    """Say whether whoever asks may do anything to incidents."""
    return principal_of(request).may(Scope.INCIDENT)


def chosen(commands: Mapping[str, Acting], fields: Fields) -> Acting:
    """Return what a form asks for; raises BadValue for what cannot be done there."""
    run = commands.get(fields["command"])
    if run is None:
        raise BadValue(
            f"{fields['command'][:60]!r} is nothing that can be done here.",
            place="command",
            hint=f"Choose from {', '.join(commands)}.",
        )
    return run


def status_of(refusal: Refusal) -> int:
    """Return the status of a page that says why something was not done."""
    return _STATUS.get(refusal.code, 409)


_STATUS = {
    **dict.fromkeys(("no-title", "no-reason", "not-whole", "bad-time", "no-plan", "no-case"), 400),
    **dict.fromkeys(
        ("unknown-person", "no-human", "not-active", "not-theirs", "not-accountable", "own-work",
         "weak-source", "not-offered"), 403,
    ),
    "cannot-tell": 503,
}  # fmt: skip
"""Refusals that are no conflict with how things stand."""


def _board(
    request: Request, refusal: Refusal | None = None, typed: Fields | None = None
) -> Response:
    names = ("text", "state", "severity", "page") if refusal is None else ()
    asked = Asked(request, names)
    text, state, severity, page = "", None, None, 1
    if refusal is None:
        text = asked.text("text") or ""
        found = asked.one_of("state", tuple(each.value for each in State))
        state = State(found) if found else None
        number = asked.one_of("severity", ("1", "2", "3", "4"))
        severity = int(number) if number else None
        page = asked.number("page", least=1, most=MOST_PAGES, default=1)
    kept = {"text": text, "state": state or "", "severity": severity or ""}

    def page_query(number: int) -> str:
        told = {name: value for name, value in kept.items() if value}
        return urlencode({**told, "page": number})

    pages = pages_of(request)
    return site_of(request).page(
        request,
        "incidents/board.html",
        status=200 if refusal is None else status_of(refusal),
        view=pages.board(text, state, severity, page),
        text=text,
        state=state.value if state else "",
        severity=severity,
        states=tuple(State),
        severities=pages.severities,
        page_query=page_query,
        refusal=refusal,
        typed=typed or {},
        trouble=(),
    )


def _declaring(request: Request, typed: Fields, refusal: Refusal | None = None) -> Response:
    return site_of(request).page(
        request,
        "incidents/declare.html",
        status=200 if refusal is None else status_of(refusal),
        severities=pages_of(request).severities,
        typed=typed,
        refusal=refusal,
    )


def _declare(request: Request, fields: Fields) -> Response:
    said = said_of(fields)
    told = pages_of(request).desk.declare(said, by_of(request), key=_press(request, fields))
    if isinstance(told, Refusal):
        return _declaring(request, fields, told)
    return RedirectResponse(f"/incidents/{quote(told.incident.id, safe='')}", status_code=303)


def said_of(fields: Fields) -> Said:
    """Return a declaration from the fields of its form. What means nothing stops nothing."""
    domains = tuple(each for each in Domain if each.value == fields["domain"])
    kinds = tuple(each for each in LinkKind if each.value == fields["kind"])
    ref = fields["ref"][:LONGEST]
    return Said(
        title=fields["title"],
        severity=int(fields["severity"]) if fields["severity"].isdecimal() else None,
        domains=domains,
        scope=fields["scope"],
        components=tuple(each.strip() for each in fields["components"].split(",") if each.strip()),
        key=fields["key"],
        text=fields["text"],
        started_at=fields["started_at"],
        links=tuple(Link(kind=kind, id=ref) for kind in kinds if ref),
    )


def _press(request: Request, fields: Fields) -> str:
    """Return the key of one press within a minute: whoever presses twice declares once."""
    minute = site_of(request).serving.pages.now[:16]
    return pressed("declare", minute, fields, by_of(request))


def _actions(
    request: Request, owner: str, incident: str, refusal: Refusal | None = None,
    fields: Fields | None = None,
) -> Response:  # fmt: skip
    pages = pages_of(request)
    return site_of(request).page(
        request,
        "incidents/actions.html",
        status=200 if refusal is None else status_of(refusal),
        view=pages.actions(owner, incident),
        owner=owner,
        incident=incident,
        humans=pages.humans(),
        may_act=may_act(request),
        refusal=refusal,
        fields=fields or {},
    )


def _act(request: Request, fields: Fields) -> Response:
    owner, incident = fields["back_owner"][:LONGEST], fields["back_incident"][:LONGEST]
    run = chosen(ACTION_COMMANDS, fields)
    return _after(
        request, run, fields, back="/actions",
        query={"owner": owner, "incident": incident},
        show=lambda refusal: _actions(request, owner, incident, refusal, fields),
    )  # fmt: skip


def _debts(
    request: Request, refusal: Refusal | None = None, fields: Fields | None = None
) -> Response:
    pages = pages_of(request)
    return site_of(request).page(
        request,
        "incidents/debts.html",
        status=200 if refusal is None else status_of(refusal),
        view=pages.debts(),
        humans=pages.humans(),
        may_act=may_act(request),
        refusal=refusal,
        fields=fields or {},
    )


def _pay(request: Request, fields: Fields) -> Response:
    run = chosen(DEBT_COMMANDS, fields)
    return _after(
        request, run, fields, back="/debts", query={},
        show=lambda refusal: _debts(request, refusal, fields),
    )  # fmt: skip


def _after(
    request: Request, run: Acting, fields: Fields, *, back: str, query: Mapping[str, str],
    show: Callable[[Refusal], Response],
) -> Response:  # fmt: skip
    """Do what a form about an action or a debt asks for, and go back to where it stood."""
    identity, by = fields["id"][:LONGEST], by_of(request)
    key = pressed(fields["command"], identity, fields, by)
    try:
        told = run(pages_of(request).desk, identity, fields, by, key)
    except NoSuchIncident as error:
        raise HTTPException(404, str(error)) from error
    if isinstance(told, Refusal):
        return show(told)
    kept = urlencode({name: value for name, value in query.items() if value})
    return RedirectResponse(
        f"{back}{'?' if kept else ''}{kept}#{quote(identity, safe='')}", status_code=303
    )
