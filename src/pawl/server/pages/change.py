"""One change: what it alters, who said what, what holds it up; and the forms that answer it.

A form says by digest what it is about. Where any of that moved since, nothing happens, and the
answer is 409 with what moved. Going back asks for a reason and a second look, and for no digest.
"""

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import quote

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pawl.base.errors import BadValue
from pawl.changes.approval import MAX_NOTE, Said
from pawl.changes.change import Refusal
from pawl.governance.access import Scope
from pawl.incidents.incident import LinkKind
from pawl.server.asking import by_of, principal_of
from pawl.server.form import read_form
from pawl.server.linked import linked_with
from pawl.server.pages.changes import pages_of
from pawl.server.question import LONGEST, Asked
from pawl.server.site import site_of
from pawl.services.change_pages import COMMANDS, WITH_REASON
from pawl.services.change_terms import NoSuchChange
from pawl.services.change_view import Bound, Looked, seen_parts

ANSWER = ("said", "digest", "base_digest", "policy_digest", "parts", "note")
COMMAND = ("command", "reason", "confirm", "digest", "answer")
EXCEPTION = ("rule", "reason", "owner", "control", "hours", "digest")
GLASS = (
    *("rule", "incident", "reason", "control", "hours", "confirm"),
    *("digest", "base_digest", "policy_digest", "parts"),
)
MOST_HOURS = 24 * 366.0
ABOUT_CONTENT = frozenset({"submit", "start", "attest"})
"""Commands that are about exactly the content that was seen."""
ANSWERING = frozenset({"reject", "revoke", "attest"})
"""Commands with which somebody answers for a change; the form alone asks for less."""

Fields = Mapping[str, str]


def change(request: Request) -> Response:
    """Answer `GET /changes/{id}`."""
    Asked(request, ())
    return _known(lambda asked, _: _show(asked), request, {})


async def answer(request: Request) -> Response:
    """Answer `POST /changes/{id}/answer`: yes, no or an abstention to exactly what was seen."""
    fields = await read_form(request, ANSWER)
    return await anyio.to_thread.run_sync(partial(_known, _answer, request, fields))


async def command(request: Request) -> Response:
    """Answer `POST /changes/{id}/command`: submit, start, reject, withdraw, roll back."""
    fields = await read_form(request, COMMAND)
    return await anyio.to_thread.run_sync(partial(_known, _command, request, fields))


async def exception(request: Request) -> Response:
    """Answer `POST /changes/{id}/exception`: ask that a gate be set aside."""
    fields = await read_form(request, EXCEPTION)
    return await anyio.to_thread.run_sync(partial(_known, _exception, request, fields))


async def glass(request: Request) -> Response:
    """Answer `POST /changes/{id}/glass`: set a gate aside in an emergency."""
    fields = await read_form(request, GLASS)
    return await anyio.to_thread.run_sync(partial(_known, _glass, request, fields))


def _known(do: Callable[[Request, Fields], Response], request: Request, fields: Fields) -> Response:
    """Do what a form asks for; what is about no change is not there."""
    try:
        return do(request, fields)
    except NoSuchChange as error:
        raise HTTPException(404, str(error)) from error


def _answer(request: Request, fields: Fields) -> Response:
    try:
        said = Said(fields["said"])
    except ValueError:
        raise BadValue(
            f"{fields['said'][:60]!r} is no answer.",
            place="said",
            hint=f"Choose from {', '.join(Said)}.",
        ) from None
    if said is Said.REJECT and not fields["note"]:
        return _show(request, _no_reason("A no says why."), fields)
    told = pages_of(request).answer(
        _id(request), said, _bound(fields), fields["parts"], fields["note"], by_of(request)
    )
    return _after(request, told, fields)


def _command(request: Request, fields: Fields) -> Response:
    name = fields["command"]
    if name in ANSWERING and not principal_of(request).may(Scope.APPROVE):
        raise HTTPException(403, "This takes a token with the scope approve, which yours has not.")
    if name == "revoke":
        told = pages_of(request).revoke(_id(request), fields["answer"][:LONGEST], by_of(request))
        return _after(request, told, fields)
    if name not in COMMANDS:
        raise BadValue(
            f"{name[:60]!r} is nothing that can be done here.",
            place="command",
            hint=f"Choose from {', '.join(COMMANDS)}.",
        )
    reason = fields["reason"]
    if name in WITH_REASON and not reason:
        return _show(request, _no_reason("Say why, in a sentence."), fields)
    if name == "roll-back" and fields["confirm"] != "yes":
        refusal = Refusal(
            code="not-confirmed",
            reasons=("Nothing was rolled back: the box was not ticked.",),
            hint="Tick it and press the button again.",
        )
        return _show(request, refusal, fields)
    pages = pages_of(request)
    identity = _id(request)
    if name in ABOUT_CONTENT and fields["digest"] != pages.desk.get(identity).digest:
        reasons = (f"It was edited since you saw {fields['digest'][:12]}.",)
        return _show(request, Looked(reasons=reasons), fields)
    return _after(request, pages.command(name, identity, reason, by_of(request)), fields)


def _glass(request: Request, fields: Fields) -> Response:
    _must_be_hours(fields["hours"])
    if fields["confirm"] != "yes":
        refusal = Refusal(
            code="not-confirmed",
            reasons=("No glass was broken: the box was not ticked.",),
            hint="Tick it and press the button again.",
        )
        return _show(request, refusal, fields)
    seen = _bound(fields)
    told = pages_of(request).break_glass(
        _id(request), seen, fields["parts"], fields, by_of(request)
    )
    return _after(request, told, fields)


def _bound(fields: Fields) -> Bound:
    return Bound(
        digest=fields["digest"],
        base_digest=fields["base_digest"],
        policy_digest=fields["policy_digest"],
    )


def _must_be_hours(hours: str) -> None:
    if not (hours.isascii() and hours.isdigit() and 0 < float(hours) <= MOST_HOURS):
        raise BadValue(
            f"{hours[:20]!r} is no number of hours.", place="hours", hint="Write one such as 24."
        )


def _exception(request: Request, fields: Fields) -> Response:
    _must_be_hours(fields["hours"])
    pages = pages_of(request)
    identity = _id(request)
    if fields["digest"] != pages.desk.get(identity).digest:
        reasons = (f"It was edited since you saw {fields['digest'][:12]}.",)
        return _show(request, Looked(reasons=reasons), fields)
    told = pages.request_exception(identity, fields, by_of(request))
    return _after(request, told, fields)


def _after(request: Request, told: object, fields: Fields) -> Response:
    if isinstance(told, Refusal | Looked):
        return _show(request, told, fields)
    return RedirectResponse(f"/changes/{quote(_id(request), safe='')}", status_code=303)


def _show(
    request: Request, refused: Refusal | Looked | None = None, fields: Fields | None = None
) -> Response:
    view = pages_of(request).one(_id(request), by_of(request))
    return site_of(request).page(
        request,
        "changes/change.html",
        status=200 if refused is None else _status(refused),
        view=view,
        parts_seen=seen_parts(view.change.manifest),
        refusal=refused if isinstance(refused, Refusal) else None,
        moved=refused if isinstance(refused, Looked) else None,
        fields=fields or {},
        most_note=MAX_NOTE,
        incidents=linked_with(site_of(request), LinkKind.CHANGE, view.change.id),
    )


def _status(refused: Refusal | Looked) -> int:
    if isinstance(refused, Refusal):
        return _STATUS.get(refused.code, 409)
    return 409


_STATUS = {"not-allowed": 403, "not-permitted": 403, "forbidden": 403, "cannot-tell": 503,
           "no-reason": 400, "not-confirmed": 400}  # fmt: skip
"""Refusals that are no conflict with how things stand."""


def _no_reason(text: str) -> Refusal:
    return Refusal(code="no-reason", reasons=(text,))


def _id(request: Request) -> str:
    return str(request.path_params["identity"])[:LONGEST]
