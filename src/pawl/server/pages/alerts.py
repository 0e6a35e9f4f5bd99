"""Alerts: what fires and why, who looks after it, what is silenced, and what could not be sent."""

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import quote

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pawl.base.durations import parse_duration
from pawl.base.errors import BadValue
from pawl.governance.ledger import Actor
from pawl.incidents.incident import LinkKind
from pawl.server.asking import actor_of
from pawl.server.form import read_form
from pawl.server.linked import linked_with
from pawl.server.question import LONGEST, Asked
from pawl.server.site import site_of
from pawl.services.alert_desk import AlertDesk, AlertLine, AlertsView

FIELDS = ("command", "id", "back", "channel", "by", "reason", "for", "rule")
LASTS = ("1h", "4h", "1d", "7d", "30d")
"""How long a silence may last, as the form offers it."""

Fields = Mapping[str, str]


def alerts(request: Request) -> Response:
    """Answer `GET /alerts`."""
    Asked(request, ())
    return _show(request)


def one(request: Request) -> Response:
    """Answer `/alerts/{id}`: one alert with its evidence, and what happened to it."""
    Asked(request, ())
    return _show_one(request, request.path_params["identity"])


def row(request: Request) -> Response:
    """Answer `/alerts/rows/{kind}/{id}`: lead to the run or session that a row is part of."""
    Asked(request, ())
    served = site_of(request).serving.alerts
    kind, identity = request.path_params["kind"], request.path_params["identity"]
    found = None if served is None else served.run_of(kind, identity[:LONGEST])
    if found is None:
        raise HTTPException(404, f"No run is known that {kind[:20]} {identity[:80]!r} is part of.")
    return RedirectResponse(f"/runs/{quote(found, safe='')}", status_code=303)


async def command(request: Request) -> Response:
    """Answer `POST /alerts`: one thing that a person does to an alert, a silence or a notice."""
    fields = await read_form(request, FIELDS)
    return await anyio.to_thread.run_sync(partial(_command, request, fields))


def desk_of(request: Request) -> AlertDesk:
    """Return the desk behind the pages; raises HTTPException where none is wired."""
    served = site_of(request).serving.alerts
    if served is None:
        raise HTTPException(404, "This server does not look at alerts.")
    return served.desk


def line_of(view: AlertsView, identity: str) -> AlertLine:
    """Return one alert of a view by its whole id; raises HTTPException."""
    for line in (*view.firing, *view.pending, *view.resolved, *view.blind):
        if line.id == identity:
            return line
    raise HTTPException(404, f"No alert is called {identity[:80]!r}, or it ended long ago.")


def _command(request: Request, fields: Fields) -> Response:
    run = COMMANDS.get(fields["command"])
    if run is None:
        raise BadValue(
            f"{fields['command'][:60]!r} is nothing that can be done here.",
            place="command",
            hint=f"Choose from {', '.join(COMMANDS)}.",
        )
    try:
        run(desk_of(request), fields, actor_of(request))
    except BadValue as refused:
        if fields["back"]:
            return _show_one(request, _came_from(fields), refusal=refused, fields=fields)
        return _show(request, refusal=refused, fields=fields)
    where = f"/{quote(_came_from(fields), safe='')}" if fields["back"] else ""
    return RedirectResponse(f"/alerts{where}", status_code=303)


def _came_from(fields: Fields) -> str:
    """Return the alert whose page a form was on: `back` names it, or says that `id` does."""
    return fields["id"] if fields["back"] == "one" else fields["back"]


def _show(
    request: Request, refusal: BadValue | None = None, fields: Fields | None = None
) -> Response:
    site = site_of(request)
    served = site.serving.alerts
    return site.page(
        request,
        "alerts/page.html",
        status=409 if refusal else 200,
        view=None if served is None else served.desk.view(),
        ticking=None if served is None else served.ticker.ticking,
        responses={} if served is None else served.responses,
        refusal=refusal,
        fields=fields or dict.fromkeys(FIELDS, ""),
        lasts=LASTS,
    )


def _show_one(
    request: Request, identity: str, refusal: BadValue | None = None, fields: Fields | None = None
) -> Response:
    site = site_of(request)
    served = site.serving.alerts
    view = desk_of(request).view()
    return site.page(
        request,
        "alerts/one.html",
        status=409 if refusal else 200,
        view=view,
        line=line_of(view, identity),
        log=tuple(entry for entry in view.log if entry.alert_id == identity),
        incidents=linked_with(site, LinkKind.ALERT, identity),
        responses={} if served is None else served.responses,
        refusal=refusal,
        fields=fields or dict.fromkeys(FIELDS, ""),
        lasts=LASTS,
    )


def _silence(desk: AlertDesk, said: Fields, actor: Actor) -> None:
    lasts = parse_duration(said["for"], place="for")
    if said["id"]:
        desk.silence_alert(
            said["id"], for_s=lasts, reason=said["reason"], by=said["by"], actor=actor
        )
        return
    desk.silence(
        rule=said["rule"],
        scope={},
        for_s=lasts,
        reason=said["reason"],
        by=said["by"],
        actor=actor,
    )


COMMANDS: Mapping[str, Callable[[AlertDesk, Fields, Actor], None]] = {
    "ack": lambda desk, said, actor: desk.acknowledge(
        said["id"], by=said["by"], note=said["reason"], actor=actor
    ),
    "close": lambda desk, said, actor: desk.close(
        said["id"], by=said["by"], note=said["reason"], actor=actor
    ),
    "silence": _silence,
    "lift": lambda desk, said, actor: desk.lift(said["id"], reason=said["reason"], actor=actor),
    "resend": lambda desk, said, actor: desk.resend(said["id"], said["channel"], actor),
}
"""What the buttons of the page do, by the name they send."""
