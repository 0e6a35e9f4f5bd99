"""Changes as JSON: what they are, what the gates say, and every command about them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pawl.base.errors import BadValue
from pawl.base.times import canonical_time, format_time, parse_time
from pawl.changes.approval import Source
from pawl.changes.change import Refusal, State
from pawl.changes.evidence import Evidence
from pawl.changes.facts import Where
from pawl.changes.signed_statement import SignedApproval
from pawl.server.api import change_bodies as of
from pawl.server.api.answer import as_json
from pawl.server.api.commanding import command, no_such
from pawl.server.api.described import Fault
from pawl.server.asking import by_of
from pawl.server.question import Asked
from pawl.server.site import site_of
from pawl.services.change_terms import By, NoSuchChange
from pawl.services.changes import ChangeDesk

STATES = tuple(State)
MOMENTS = ("approve", "start")
Looked = Callable[[Request], object]
Commanded = Callable[[Request], Awaitable[Response]]
Doing = Callable[[ChangeDesk, Any, Any, By, str], object]
"""What a command does: the desk, the id in the address, the body, who gives it, and its key."""


def desk_of(request: Request) -> ChangeDesk:
    """Return the desk of changes; raises HTTPException where none is wired."""
    desk = site_of(request).serving.changes
    if desk is None:
        raise HTTPException(404, "This server looks after no changes.")
    return desk


def _looking(look: Looked) -> Callable[[Request], Response]:
    """Return a handler that answers with a value of ours, 404 for an id that is none."""

    @wraps(look)
    def handler(request: Request) -> Response:
        try:
            return as_json(look(request))
        except NoSuchChange as error:
            raise no_such(error) from error

    return handler


@_looking
def changes(request: Request) -> object:
    """Answer `GET /api/changes`."""
    asked = Asked(request, ("state", "scope", "limit", "before"))
    desk = desk_of(request)
    found = desk.list(
        _states(asked.text("state") or ""),
        scope=asked.text("scope"),
        limit=asked.number("limit", least=1, most=1_000, default=200),
        before=asked.text("before") or "",
    )
    counts = {each.value: number for each, number in desk.counts().items()}
    return of.ChangesAnswer(changes=found, counts=counts)


@_looking
def change(request: Request) -> object:
    """Answer `GET /api/changes/{id}`."""
    Asked(request, ())
    return desk_of(request).get(_id(request))


@_looking
def asked(request: Request) -> object:
    """Answer what an approver has to look at, and what their answer binds to."""
    Asked(request, ())
    return desk_of(request).asked(_id(request))


@_looking
def timeline(request: Request) -> object:
    """Answer what was recorded about a change."""
    Asked(request, ())
    return of.TimelineAnswer(moments=desk_of(request).timeline(_id(request)))


@_looking
def concerns(request: Request) -> object:
    """Answer what somebody has to see to about a change."""
    Asked(request, ())
    return of.ConcernsAnswer(concerns=desk_of(request).concerns(_id(request)))


@_looking
def decisions(request: Request) -> object:
    """Answer the newest decisions on a change."""
    limit = Asked(request, ("limit",)).number("limit", least=1, most=500, default=50)
    return of.DecisionsAnswer(decisions=desk_of(request).decisions_of(_id(request), limit))


@_looking
def evidence(request: Request) -> object:
    """Answer the evidence about the present content of a change."""
    Asked(request, ())
    return of.EvidenceAnswer(evidence=desk_of(request).evidence_of(_id(request)))


@_looking
def recent(request: Request) -> object:
    """Answer the newest decisions on any change."""
    limit = Asked(request, ("limit",)).number("limit", least=1, most=500, default=50)
    return of.DecisionsAnswer(decisions=desk_of(request).recent_decisions(limit))


@_looking
def verdict(request: Request) -> object:
    """Answer what the gates say now, with all that they looked at; nothing is stored."""
    return desk_of(request).look(_id(request), _moment(request))


@_looking
def explanation(request: Request) -> object:
    """Answer why the gates say what they say now; nothing is stored."""
    lines = desk_of(request).explain(_id(request), _moment(request))
    return of.ExplainAnswer(lines=tuple(of.Line(depth=depth, text=text) for depth, text in lines))


@_looking
def decision(request: Request) -> object:
    """Answer a stored decision."""
    Asked(request, ())
    return desk_of(request).decision(_id(request))


@_looking
def replay(request: Request) -> object:
    """Answer whether a stored decision judged again gives the same bytes."""
    Asked(request, ())
    found = desk_of(request).replay(_id(request))
    told = msgspec.structs.asdict(found)
    texts = {name: told[name].decode("utf-8", "replace") for name in ("stored", "again")}
    return of.ReplayAnswer(**(told | texts))


@_looking
def exceptions(request: Request) -> object:
    """Answer the exceptions of a change's content, or all."""
    which = Asked(request, ("change",)).text("change")
    return of.ExceptionsAnswer(exceptions=desk_of(request).exceptions(which))


@_looking
def emergencies(request: Request) -> object:
    """Answer the emergencies that were declared."""
    Asked(request, ())
    return of.EmergenciesAnswer(emergencies=desk_of(request).emergencies())


@_looking
def registry(request: Request) -> object:
    """Answer what every component is, was, and what moves it."""
    Asked(request, ())
    return desk_of(request).registry()


@_looking
def live(request: Request) -> object:
    """Answer what a component is now."""
    Asked(request, ())
    return of.LiveAnswer(live=desk_of(request).live(request.path_params["component"]))


@_looking
def figures(request: Request) -> object:
    """Answer the figures of a window: from a day or instant on, until one."""
    asked = Asked(request, ("since", "until", "scope"))
    window = window_of(asked, site_of(request).serving.pages.today)
    return desk_of(request).figures(*window, scope=asked.text("scope") or "")


def window_of(asked: Asked, today: str) -> tuple[str, str]:
    """Return the window that a query asks for, the last 90 days where it says nothing.

    One that ends before it begins has nothing in it.
    """
    until = _end(asked.text("until") or today)
    since = _instant(asked.text("since") or _days_after(today, -89), "since")
    return min(since, until), until


def commanding(kind: type[of.Body], do: Doing, status: int = 200) -> Commanded:
    """Return a handler that does something to what an address names."""

    async def handler(request: Request) -> Response:
        Asked(request, ())
        desk, by = desk_of(request), by_of(request)
        named = tuple(request.path_params.values())

        def done(body: of.Body, key: str) -> object:
            return do(desk, named if len(named) > 1 else "".join(named), body, by, key)

        return await command(request, kind, done, status)

    return handler


def answer(desk: ChangeDesk, which: str, body: of.Answering, by: By, key: str) -> object:
    """Record an answer; one to something else is refused, and told what is asked now."""
    bound = (body.digest, body.base_digest, body.policy_digest)
    told = desk.answer(which, body.said, bound, by, Source.SESSION, note=body.note, key=key)
    if not isinstance(told, Refusal):
        return told
    now = desk.asked(which)
    if now.bound == bound:
        return told
    fault = Fault(
        code=told.code,
        message=" ".join(told.reasons),
        place=which,
        hint="Look at what it is now, then answer with the digests under `now`.",
    )
    digests = of.Bound(
        digest=now.digest, base_digest=now.base_digest, policy_digest=now.policy_digest
    )
    return of.Refused(error=fault, refusal=told, now=digests)


async def statement(request: Request) -> Response:
    """Answer `POST …/statements`: an answer that somebody signed; the signature says whose."""
    Asked(request, ())
    desk, which = desk_of(request), _id(request)
    take = site_of(request).serving.signed
    if take is None:
        raise HTTPException(404, "This server was not told whose keys count.")
    return await command(request, SignedApproval, lambda body, _: take(desk, which, body), 200)


def piece(found: of.Found) -> Evidence:
    """Return evidence as it was sent; who made it and when it came is the desk's to say."""
    return Evidence(
        id="",
        kind=found.kind,
        digest=found.digest,
        base_digest=found.base_digest,
        verdict=found.verdict,
        produced_at=_instant(found.produced_at, "produced_at"),
        recorded_at="",
        producer="",
        payload_digest="",
        payload=found.payload,
        events=found.events,
    )


def claimed(time: str | None, place: str) -> str | None:
    """Return a time that somebody claims, in its one form; raises BadValue for what is none.

    What does not read would stay in the ledger, where every figure stumbles over it.
    """
    return None if time is None else _instant(time, place)


def _id(request: Request) -> str:
    found: str = request.path_params["id"]
    if len(found) > 200:
        raise BadValue("No id is as long as that.", place="id")
    return found


def _states(text: str) -> tuple[State, ...]:
    found = []
    for word in filter(None, text.split(",")):
        if word not in STATES:
            raise BadValue(
                f"{word[:60]!r} is no state.",
                place="state",
                hint=f"Choose from {', '.join(STATES)}, with commas.",
            )
        found.append(State(word))
    return tuple(found)


def _moment(request: Request) -> Where:
    found = Asked(request, ("moment",)).one_of("moment", MOMENTS)
    return "start" if found == "start" else "approve"


def _instant(text: str, place: str) -> str:
    try:
        return canonical_time(text)
    except (ValueError, OverflowError) as error:
        raise BadValue(
            f"{text[:60]!r} is not a time.",
            place=place,
            hint="Write one such as 2026-11-21 or 2026-11-21T03:00:00Z.",
        ) from error


def _end(text: str) -> str:
    """Return the first instant that no longer counts: a day that is named counts whole."""
    return _days_after(text, 1) if len(text) == 10 else _instant(text, "until")


def _days_after(day: str, days: int) -> str:
    start = parse_time(_instant(day, "until"))
    try:
        return format_time(start + timedelta(days=days))
    except OverflowError as error:
        raise BadValue(f"{day!r} is no day to count from.", place="until") from error
