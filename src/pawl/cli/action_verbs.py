"""The verbs of `pawl action`: one command of the desk each."""

from __future__ import annotations

import click

from pawl.cli.exits import Exit
from pawl.cli.incident_answers import REASON, moment, opened, tell_action

_STATES = ("open", "in-progress", "claimed", "verified", "wont-do")
_KINDS = ("eval-case", "gate", "runbook", "code", "policy")
ACTION = click.argument("identity", metavar="ACTION")
JSON = click.option("--json", "as_json", is_flag=True, help="Print one pawl.action/1 object.")


@click.command("list")
@click.option("--incident", default="", metavar="INCIDENT", help="Only of this one.")
@click.option("--state", "states", type=click.Choice(_STATES), multiple=True, help="Only these.")
@click.option("--owner", default="", metavar="PERSON", help="Only of this roster id.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.actions/1 object.")
@click.pass_obj
def list_(
    data: str | None, incident: str, states: tuple[str, ...], owner: str, as_json: bool
) -> int:
    """List actions, due first."""
    from pawl.app import now
    from pawl.incidents.action import State
    from pawl.render.action_text import actions_text
    from pawl.render.incident_json import ActionsTold, told_json

    desk = opened(data, command=False).desk
    named = desk.get(incident).id if incident else ""
    found = desk.actions(incident=named, states=tuple(map(State, states)), owner=owner)
    if as_json:
        click.echo(told_json(ActionsTold(actions=found)))
    else:
        click.echo(actions_text(found, now()), nl=False)
    return Exit.YES


@click.command()
@ACTION
@JSON
@click.pass_obj
def show(data: str | None, identity: str, as_json: bool) -> int:
    """Show an action."""
    return tell_action(opened(data, command=False).desk.action(identity), as_json)


@click.command("open")
@click.argument("incident", metavar="INCIDENT")
@click.argument("title", metavar="TITLE")
@click.option("--owner", required=True, metavar="PERSON", help="Who sees to it: a roster id.")
@click.option("--due", required=True, metavar="TIME", help="Until when: 2026-12-01, or 14d.")
@click.option("--kind", type=click.Choice(_KINDS), required=True, help="What is made better.")
@click.option("--component", default="", help="Whose releases wait for it, e.g. prompt/CLAUDE.md.")
@click.option("--severity", type=click.IntRange(1, 4), help="That of the incident by default.")
@click.option("--no-block", is_flag=True, help="Releases do not wait for it.")
@JSON
@click.pass_obj
def open_(
    data: str | None,
    incident: str,
    title: str,
    owner: str,
    due: str,
    kind: str,
    component: str,
    severity: int | None,
    no_block: bool,
    as_json: bool,
) -> int:
    """Open an action of an incident.

    Of the same incident, kind and title there is one.
    """
    from typing import cast

    from pawl.incidents.action import Work
    from pawl.incidents.terms import Severity

    found = opened(data)
    told = found.desk.open_action(
        incident, title, owner, moment(due, "--due", ahead=True), Work(kind), component, found.by,
        blocker=not no_block, severity=cast("Severity | None", severity),
    )  # fmt: skip
    return tell_action(told, as_json)


@click.command()
@ACTION
@JSON
@click.pass_obj
def begin(data: str | None, identity: str, as_json: bool) -> int:
    """Work on it."""
    found = opened(data)
    return tell_action(found.desk.begin_action(identity, found.by), as_json)


@click.command()
@ACTION
@click.option("--note", default="", help="What to look at.")
@JSON
@click.pass_obj
def done(data: str | None, identity: str, note: str, as_json: bool) -> int:
    """Say that it is done.

    That is a claim; somebody else verifies it.
    """
    found = opened(data)
    return tell_action(found.desk.claim_action(identity, found.by, note), as_json)


@click.command("send-back")
@ACTION
@REASON
@JSON
@click.pass_obj
def send_back(data: str | None, identity: str, reason: str, as_json: bool) -> int:
    """Say what is still to do."""
    found = opened(data)
    return tell_action(found.desk.send_back_action(identity, reason, found.by), as_json)


@click.command()
@ACTION
@click.option("--place", required=True, help="Where the evidence is, such as a path or address.")
@click.option("--digest", required=True, help="Of what is there.")
@click.option("--failed-on-bad", is_flag=True, help="The case failed on what was bad.")
@click.option("--passed-on-fixed", is_flag=True, help="The case passes on what is mended.")
@JSON
@click.pass_obj
def verify(
    data: str | None,
    identity: str,
    place: str,
    digest: str,
    failed_on_bad: bool,
    passed_on_fixed: bool,
    as_json: bool,
) -> int:
    """Say that it is done, having looked at evidence.

    Not for its owner, nor for whoever claimed it. An eval case must have been seen to fail on what
    was bad and to pass on what is mended.
    """
    from pawl.incidents.action import Proof

    proof = Proof(
        place=place,
        digest=digest,
        # What nobody says was tried is not known, and does not count as no.
        fails_on_bad=failed_on_bad or None,
        passes_on_fixed=passed_on_fixed or None,
    )
    found = opened(data)
    return tell_action(found.desk.verify_action(identity, proof, found.by), as_json)


@click.command()
@ACTION
@REASON
@JSON
@click.pass_obj
def drop(data: str | None, identity: str, reason: str, as_json: bool) -> int:
    """Say that it will not be done.

    Only for who answers for incidents or for the domain.
    """
    found = opened(data)
    return tell_action(found.desk.drop_action(identity, reason, found.by), as_json)


@click.command()
@ACTION
@REASON
@click.option("--owner", default="", metavar="PERSON", help="Who sees to it from now on.")
@click.option("--due", default="", metavar="TIME", help="Until when now.")
@JSON
@click.pass_obj
def move(data: str | None, identity: str, reason: str, owner: str, due: str, as_json: bool) -> int:
    """Give it another owner or date.

    Only for who answers for it. Figures go on counting by the date that was promised first.
    """
    if not owner and not due:
        raise click.UsageError("Give --owner, --due or both.")
    until = moment(due, "--due", ahead=True) if due else ""
    found = opened(data)
    return tell_action(found.desk.move_action(identity, reason, found.by, owner, until), as_json)
