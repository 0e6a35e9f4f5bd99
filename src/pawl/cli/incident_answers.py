"""What the commands about incidents share: their arguments, and how they tell what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.app.incident_commands import Here
    from pawl.incidents.event import Refusal
    from pawl.services.declaring import Sent
    from pawl.services.incident_terms import Acted, Told

INCIDENT = click.argument("identity", metavar="INCIDENT")
ONGOING = click.argument("identity", metavar="[INCIDENT]", required=False)
"""Of a command to what goes on: without one it is the only one that does."""
JSON = click.option("--json", "as_json", is_flag=True, help="Print one pawl.incident/1 object.")
REASON = click.option("--reason", required=True, help="Why, in a sentence or more.")


def opened(data: str | None, *, command: bool = True) -> Here:
    """Return the desk that commands go to, closed at the end of this one; see `here`.

    Declarations that were kept are sent first, so that what follows knows of them.
    """
    from pawl.app.incident_commands import here, send_kept

    found = here(data, command=command)
    click.get_current_context().call_on_close(found.desk.close_desk)
    tell_sent(send_kept(found))
    return found


def which(found: Here, identity: str | None) -> str:
    """Return the id that was given, or that of the only incident that goes on."""
    if identity:
        return identity
    ongoing = found.desk.ongoing()
    if len(ongoing) == 1:
        return ongoing[0].id
    if not ongoing:
        raise click.UsageError("No incident goes on. Name one: `pawl incident list` shows them.")
    from pawl.render.escaping import cut, plain

    several = "; ".join(f"{each.id} {cut(plain(each.title), 60)}" for each in ongoing[:10])
    raise click.UsageError(f"Name the incident; {len(ongoing)} go on: {several}")


def tell(told: Told, as_json: bool) -> int:
    """Print an incident after a command, or why nothing happened; return the exit status."""
    from pawl.app import now
    from pawl.incidents.event import Refusal
    from pawl.render.incident_json import IncidentTold, told_json
    from pawl.render.incident_text import incident_told_text

    if isinstance(told, Refusal):
        return tell_refusal(told, told_json(IncidentTold(refusal=told)) if as_json else "")
    if as_json:
        click.echo(told_json(IncidentTold(incident=told)))
    else:
        click.echo(incident_told_text(told, now()), nl=False)
    return Exit.YES


def tell_action(told: Acted, as_json: bool) -> int:
    """Print an action after a command, or why nothing happened; return the exit status."""
    from pawl.app import now
    from pawl.incidents.event import Refusal
    from pawl.render.action_text import action_text
    from pawl.render.incident_json import ActionTold, told_json

    if isinstance(told, Refusal):
        return tell_refusal(told, told_json(ActionTold(refusal=told)) if as_json else "")
    if as_json:
        click.echo(told_json(ActionTold(action=told)))
    else:
        click.echo(action_text(told, now()), nl=False)
    return Exit.YES


def tell_refusal(refusal: Refusal, json: str) -> int:
    """Print why nothing happened, as JSON where there is any; return the exit status."""
    from pawl.render.incident_text import incident_refusal_text

    if json:
        click.echo(json)
    else:
        click.echo(incident_refusal_text(refusal), nl=False, err=True)
    return Exit.CANNOT_TELL if refusal.code == "cannot-tell" else Exit.NO


def tell_sent(sent: Sent) -> None:
    """Say on stderr what became of declarations that waited."""
    from pawl.render.escaping import cut, plain

    for each in sent.sent:
        click.echo(f"pawl: sent what was kept: {each.incident.id} "
                   f"{cut(plain(each.incident.title), 80)}", err=True)  # fmt: skip
    for place, why in sent.troubles:
        click.echo(f"pawl: still kept in {plain(place)}: {cut(plain(why), 300)}", err=True)


def moment(text: str, place: str, *, ahead: bool = False) -> str:
    """Return a time that somebody typed: an instant, or how long ago or `ahead`, such as 10m."""
    from pawl.app import now
    from pawl.base.errors import BadValue
    from pawl.base.times import canonical_time
    from pawl.services.incident_words import instant_of

    found = instant_of(text, now(), ahead=ahead)
    try:
        return canonical_time(found)
    except (ValueError, OverflowError):
        raise BadValue(
            f"{text!r} is no time.",
            place=place,
            hint="Write one such as 2026-11-21T09:30Z, or how far away: 10m, 14d.",
        ) from None
