"""Incidents and actions as JSON: what they are, and every command about them."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from msgspec.structs import replace
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pawl.base.errors import BadValue
from pawl.base.times import canonical_time
from pawl.governance.access import Scope
from pawl.incidents import action
from pawl.incidents.declaring import MAX_TITLE, Said
from pawl.incidents.incident import Incident, Paging, State
from pawl.server.api import incident_bodies as of
from pawl.server.api.answer import as_json
from pawl.server.api.changes import moment_of, window_of
from pawl.server.api.commanding import command, no_such
from pawl.server.asking import by_of, principal_of
from pawl.server.question import LONGEST, Asked
from pawl.server.site import site_of
from pawl.services.change_terms import By
from pawl.services.incident_terms import Declared, NoSuchIncident
from pawl.services.incidents import IncidentDesk

STATES = tuple(State)
ACTION_STATES = tuple(action.State)
Looked = Callable[[Request], object]
Commanded = Callable[[Request], Awaitable[Response]]
Doing = Callable[[IncidentDesk, str, Any, By, str], object]
"""What a command does: the desk, the id in the address, the body, who gives it, and its key."""


def desk_of(request: Request) -> IncidentDesk:
    """Return the desk of incidents; raises HTTPException where none is wired."""
    desk = site_of(request).serving.incidents
    if desk is None:
        raise HTTPException(404, "This server looks after no incidents.")
    return desk


def looking(look: Looked) -> Callable[[Request], Response]:
    """Return a handler that answers with a value of ours, 404 for an id that is none."""

    @wraps(look)
    def handler(request: Request) -> Response:
        try:
            return as_json(look(request))
        except NoSuchIncident as error:
            raise no_such(error) from error

    return handler


def commanding(kind: type[Any], do: Doing, status: int = 200) -> Commanded:
    """Return a handler that does something to what an address names."""

    async def handler(request: Request) -> Response:
        Asked(request, ())
        desk, by = desk_of(request), by_of(request)
        named = "".join(request.path_params.values())
        if len(named) > LONGEST:
            raise BadValue("No id is as long as that.", place="id")

        def done(body: Any, key: str) -> object:
            return do(desk, named, body, by, key)

        return await command(request, kind, done, status)

    return handler


async def declaring(request: Request) -> Response:
    """Answer `POST /api/incidents`: a title is enough."""
    now = site_of(request).serving.pages.now
    reads = principal_of(request).may(Scope.READ)

    def declare(desk: IncidentDesk, which: str, said: Said, by: By, key: str) -> object:
        told = desk.declare(came(said, now), by, key=key)
        return told if reads or not isinstance(told, Declared) else unread(told, said)

    return await commanding(Said, declare, 201)(request)


def unread(told: Declared, said: Said) -> Declared:
    """Return a declaration for who may only declare: that it is known, and nothing that others say.

    Keys of alerts can be guessed, so what is open under one is not told with it.
    """
    if told.new:
        return told
    known = told.incident
    bare = Incident(
        id=known.id,
        title=" ".join(said.title.split())[:MAX_TITLE],
        state=known.state,
        severity=known.severity,
        domain=known.domain,
        declared_by="",
        changed_at=known.changed_at,
        milestones={},
        paging=Paging(policy="", deadlines=()),
        promised_at=known.promised_at,
    )
    return Declared(incident=bare, new=False)


def came(said: Said, now: str) -> Said:
    """Return a declaration as it came; a time of it that is yet to come is a clock that is fast.

    It says nothing of the incident then, and the time at which it came is as good.
    """
    try:
        ahead = bool(said.declared_at) and canonical_time(said.declared_at) > now
    except (ValueError, OverflowError):
        return said  # The core says of it that it is no time.
    return replace(said, declared_at="") if ahead else said


@looking
def incidents(request: Request) -> object:
    """Answer `GET /api/incidents`."""
    asked = Asked(request, ("state", "scope", "limit", "before"))
    desk = desk_of(request)
    found = desk.list(
        tuple(State(each) for each in states_of(asked, STATES)),
        scope=asked.text("scope"),
        limit=asked.number("limit", least=1, most=1_000, default=200),
        before=asked.text("before") or "",
    )
    counts = {each.value: number for each, number in desk.counts().items()}
    return of.IncidentsAnswer(incidents=found, counts=counts)


@looking
def ongoing(request: Request) -> object:
    """Answer the incidents that still hurt, the worst first."""
    Asked(request, ())
    return of.IncidentsAnswer(incidents=desk_of(request).ongoing())


@looking
def incident(request: Request) -> object:
    """Answer one incident."""
    Asked(request, ())
    return desk_of(request).get(named(request))


@looking
def timeline(request: Request) -> object:
    """Answer what was recorded about an incident."""
    Asked(request, ())
    return of.EntriesAnswer(entries=desk_of(request).named_timeline(named(request)))


@looking
def unmet(request: Request) -> object:
    """Answer what stands in the way of closing an incident."""
    Asked(request, ())
    return of.UnmetAnswer(unmet=desk_of(request).unmet(named(request)))


@looking
def own_timers(request: Request) -> object:
    """Answer the timers of one incident."""
    Asked(request, ())
    desk = desk_of(request)
    found = desk.get(named(request))
    return of.OwnTimersAnswer(
        deadlines=found.paging.deadlines,
        fired=found.paging.fired,
        findings=tuple(each for each in desk.audit() if each.incident == found.id),
    )


@looking
def timers(request: Request) -> object:
    """Answer whether all timers do as they should."""
    since = moment_of(Asked(request, ("since",)), "since")
    desk = desk_of(request)
    return of.TimersAnswer(
        findings=desk.audit(since=since), last_tick=desk.last_tick(), next_due=desk.next_due()
    )


@looking
def holds(request: Request) -> object:
    """Answer what gates ask of incidents."""
    scope = Asked(request, ("scope",)).text("scope")
    desk = desk_of(request)
    return of.HoldsAnswer(
        emergencies=desk.emergencies(scope),
        actions=desk.open_actions(),
        debts=desk.open_debts(),
    )


@looking
def figures(request: Request) -> object:
    """Answer the figures of a window: from a day or instant on, until one."""
    asked = Asked(request, ("since", "until"))
    return desk_of(request).figures(*window_of(asked, site_of(request).serving.pages.today))


@looking
def actions(request: Request) -> object:
    """Answer actions."""
    asked = Asked(request, ("incident", "state", "owner"))
    found = desk_of(request).actions(
        incident=asked.text("incident") or "",
        states=tuple(action.State(each) for each in states_of(asked, ACTION_STATES)),
        owner=asked.text("owner") or "",
    )
    return of.ActionsAnswer(actions=found)


@looking
def one_action(request: Request) -> object:
    """Answer one action."""
    Asked(request, ())
    return desk_of(request).action(named(request))


def named(request: Request) -> str:
    """Return the id in an address; raises BadValue for one that is longer than any."""
    found: str = request.path_params["id"]
    if len(found) > LONGEST:
        raise BadValue("No id is as long as that.", place="id")
    return found


def states_of(asked: Asked, among: tuple[str, ...]) -> tuple[str, ...]:
    """Return the states that a query names, with commas; raises BadValue for one that is none."""
    found = tuple(filter(None, (asked.text("state") or "").split(",")))
    for word in found:
        if word not in among:
            raise BadValue(
                f"{word[:60]!r} is no state.",
                place="state",
                hint=f"Choose from {', '.join(among)}, with commas.",
            )
    return found
