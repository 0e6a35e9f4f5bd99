"""`pawl exception`: set a gate aside for a while, with an owner, a reason and an end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.cli.change_answers import CHANGE, opened, status_of
from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.app.change_commands import Here
    from pawl.changes.change import Refusal
    from pawl.governance.exceptions import Declared, GateException
    from pawl.services.change_terms import By

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one pawl.exception/1 object.")
_EMERGENCY = click.option(
    "--json", "as_json", is_flag=True, help="Print one pawl.emergency/1 object."
)
_ID = click.argument("identity", metavar="EXCEPTION")
_KEY = click.option(
    "--ssh-key",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Show with this key who you are; on a server the session does.",
)
_RULE = click.option("--gate", "rule", required=True, metavar="ID", help="The gate to set aside.")
_REASON = click.option("--reason", required=True, help="Why, in a sentence or more.")
_CONTROL = click.option(
    "--compensating-control", "control", required=True, help="What holds meanwhile instead."
)
_HOURS = click.option(
    "--hours", type=click.FloatRange(min=0, min_open=True), required=True, help="How long at most."
)


@click.group()
def command() -> None:
    """Set a gate aside for one change: asked for, given by somebody else, ending by itself.

    An exception is for exactly one content, is used at most as often as it says, and ends. Who may
    give it is decided by the order security, safety, quality, cost. Exit status: 0 done, 1 refused
    with every reason.
    """


@command.command()
@CHANGE
@_RULE
@_REASON
@_CONTROL
@_HOURS
@click.option("--owner", required=True, metavar="PERSON", help="Who answers for it, of the roster.")
@click.option("--follow-up", default="", help="The action that makes it unnecessary.")
@click.option("--max-uses", type=click.IntRange(min=1), default=1, show_default=True)
@_KEY
@_JSON
@click.pass_obj
def request(
    data: str | None,
    identity: str,
    rule: str,
    reason: str,
    control: str,
    hours: float,
    owner: str,
    follow_up: str,
    max_uses: int,
    ssh_key: Path | None,
    as_json: bool,
) -> int:
    """Ask that a gate be set aside for the present content of a change."""

    found = opened(data)
    told = found.desk.request_exception(
        identity,
        rule,
        _who(found, found.desk.get(identity).id, ssh_key),
        reason=reason,
        owner=owner,
        compensating_control=control,
        hours=hours,
        follow_up=follow_up,
        max_uses=max_uses,
    )
    return _tell(told, as_json)


@command.command()
@_ID
@_KEY
@_JSON
@click.pass_obj
def approve(data: str | None, identity: str, ssh_key: Path | None, as_json: bool) -> int:
    """Give an exception: as the owner of the gate's domain, or of one above it."""

    found = opened(data)
    by = _who(found, _change_of(found, identity), ssh_key)
    return _tell(found.desk.approve_exception(identity, by), as_json)


@command.command()
@_ID
@_KEY
@_JSON
@click.pass_obj
def revoke(data: str | None, identity: str, ssh_key: Path | None, as_json: bool) -> int:
    """End an exception now."""

    found = opened(data)
    by = _who(found, _change_of(found, identity), ssh_key)
    return _tell(found.desk.revoke_exception(identity, by), as_json)


@command.command()
@_ID
@_KEY
@_JSON
@click.pass_obj
def ratify(data: str | None, identity: str, ssh_key: Path | None, as_json: bool) -> int:
    """Answer for glass that somebody else broke in an emergency."""

    found = opened(data)
    by = _who(found, _change_of(found, identity), ssh_key)
    return _tell(found.desk.ratify_exception(identity, by), as_json)


@command.command("break-glass")
@CHANGE
@_RULE
@click.option("--incident", required=True, metavar="ID", help="The open emergency you command.")
@_REASON
@_CONTROL
@_HOURS
@_KEY
@_JSON
@click.pass_obj
def break_glass(
    data: str | None,
    identity: str,
    rule: str,
    incident: str,
    reason: str,
    control: str,
    hours: float,
    ssh_key: Path | None,
    as_json: bool,
) -> int:
    """Set a gate aside in an emergency, as the commander of an open SEV1 or SEV2.

    It holds for hours, and blocks later releases unless somebody accountable ratifies it in time.
    """

    found = opened(data)
    told = found.desk.break_glass(
        identity,
        rule,
        _who(found, found.desk.get(identity).id, ssh_key),
        incident=incident,
        reason=reason,
        compensating_control=control,
        hours=hours,
    )
    return _tell(told, as_json)


@command.command("declare-emergency")
@CHANGE
@click.option("--severity", type=click.IntRange(min=1), required=True, help="1 is the worst.")
@click.option("--why", required=True, help="What is wrong, in a sentence or more.")
@_KEY
@_EMERGENCY
@click.pass_obj
def declare_emergency(
    data: str | None, identity: str, severity: int, why: str, ssh_key: Path | None, as_json: bool
) -> int:
    """Declare an emergency for a change and command it, so that glass may be broken.

    It takes the role that answers for incidents, granted beforehand on the protected branch. It is
    on record at once, and ends by itself.
    """

    found = opened(data)
    by = _who(found, found.desk.get(identity).id, ssh_key)
    told = found.desk.declare_emergency(identity, by, severity=severity, why=why)
    return _tell_emergency(told, as_json)


@command.command("end-emergency")
@click.argument("identity", metavar="EMERGENCY")
@_KEY
@_EMERGENCY
@click.pass_obj
def end_emergency(data: str | None, identity: str, ssh_key: Path | None, as_json: bool) -> int:
    """Say that an emergency is over: no more glass is broken in it."""

    found = opened(data)
    of = {each.emergency.id: each.change for each in found.desk.emergencies()}
    by = found.by if identity not in of else _who(found, of[identity], ssh_key)
    return _tell_emergency(found.desk.end_emergency(identity, by), as_json)


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.emergencies/1 object.")
@click.pass_obj
def emergencies(data: str | None, as_json: bool) -> int:
    """List emergencies that were declared, newest first."""
    from pawl.render.change_json import EmergenciesTold, told_json
    from pawl.render.change_text import emergencies_text

    every = opened(data, command=False).desk.emergencies()
    if as_json:
        click.echo(told_json(EmergenciesTold(emergencies=every)))
    else:
        click.echo(emergencies_text(every), nl=False)
    return Exit.YES


@command.command("list")
@click.argument("change", metavar="[CHANGE]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.exceptions/1 object.")
@click.pass_obj
def list_(data: str | None, change: str | None, as_json: bool) -> int:
    """List exceptions with how they stand now, newest first; of one change's content, or all."""
    from pawl.render.change_json import ExceptionLine, ExceptionsTold, told_json
    from pawl.render.change_text import exceptions_text

    desk = opened(data, command=False).desk
    found = desk.exceptions(None if change is None else desk.get(change).id)
    if as_json:
        lines = tuple(
            ExceptionLine(exception=each.exception, standing=each.standing) for each in found
        )
        click.echo(told_json(ExceptionsTold(exceptions=lines)))
    else:
        shown = exceptions_text((each.exception, each.standing) for each in found)
        click.echo(shown, nl=False)
    return Exit.YES


def _who(found: Here, change: str, key: Path | None) -> By:
    """Return who commands: whoever a key shows, else as git or the session has it."""
    if key is None:
        return found.by
    from pawl.app.change_signing import signer

    return signer(found, found.desk.get(change), key)


def _change_of(found: Here, identity: str) -> str:
    """Return the change that an exception is for: what is signed names it."""
    from pawl.services.change_terms import NoSuchChange

    for each in found.desk.exceptions():
        if each.exception.id.startswith(identity):
            for change in found.desk.list(limit=1_000):
                if change.digest == each.exception.digest:
                    return change.id
    raise NoSuchChange(
        f"no exception is called {identity[:80]!r}.", hint="See them with `pawl exception list`."
    )


def _tell_emergency(told: Declared | Refusal, as_json: bool) -> int:
    from pawl.changes.change import Refusal
    from pawl.render.change_json import EmergencyTold, told_json
    from pawl.render.change_text import emergencies_text, refusal_text

    refusal = told if isinstance(told, Refusal) else None
    declared = None if isinstance(told, Refusal) else told
    if as_json:
        click.echo(told_json(EmergencyTold(declared=declared, refusal=refusal)))
    elif refusal is not None:
        click.echo(refusal_text(refusal), nl=False, err=True)
    elif declared is not None:
        click.echo(emergencies_text((declared,)), nl=False)
    return Exit.YES if refusal is None else status_of(refusal)


def _tell(told: GateException | Refusal, as_json: bool) -> int:
    from pawl.changes.change import Refusal
    from pawl.render.change_json import ExceptionTold, told_json
    from pawl.render.change_text import exception_text, refusal_text

    if isinstance(told, Refusal):
        if as_json:
            click.echo(told_json(ExceptionTold(refusal=told)))
        else:
            click.echo(refusal_text(told), nl=False, err=True)
        return status_of(told)
    if as_json:
        click.echo(told_json(ExceptionTold(exception=told)))
    else:
        click.echo(exception_text(told), nl=False)
    return Exit.YES
