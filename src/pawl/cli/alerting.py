"""`pawl alerts list|ack|close|silence|unsilence|dead|resend|test-channel`: alerts at work."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pawl.services.alert_desk import AlertDesk, AlertsView

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_BY = click.option("--by", metavar="NAME", help="Who says so; you, when left out.")


@click.command("list")
@_JSON
@click.pass_obj
def list_(data: str | None, as_json: bool) -> int:
    """List what fires, what is pending and what is silenced. Exits 1 while anything fires.

    Exits 3 when nobody looks: then nothing can be told of what fires now. Where PAWL_SERVER names
    a team's server, its alerts are listed (PAWL_TOKEN is its token).
    """
    from pawl.render.alerting_text import alerts_text

    view = _view(data)
    _tell(view, alerts_text(view), as_json)
    if not view.watched.alive:
        return Exit.CANNOT_TELL
    return Exit.NO if view.firing else Exit.YES


@click.command("ack")
@click.argument("identity", metavar="ID")
@_BY
@click.option("--note", default="", metavar="TEXT", help="What you found, or will do.")
@click.pass_obj
def ack(data: str | None, identity: str, by: str | None, note: str) -> int:
    """Look after a firing alert: its notices stop until it fires anew."""
    from pawl.app.people import actor

    acting = actor()
    with _desk(data) as desk:
        desk.acknowledge(identity, by=by or acting.person, note=note, actor=acting)
    click.echo(f"{by or acting.person} looks after {identity}.")
    return Exit.YES


@click.command("close")
@click.argument("identity", metavar="ID")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is over.")
@_BY
@click.pass_obj
def close(data: str | None, identity: str, reason: str, by: str | None) -> int:
    """Say that an alert is over, such as one whose data will never come back."""
    from pawl.app.people import actor

    acting = actor()
    with _desk(data) as desk:
        desk.close(identity, by=by or acting.person, note=reason, actor=acting)
    click.echo(f"{identity} is closed.")
    return Exit.YES


@click.command("silence")
@click.argument("rule", metavar="RULE", required=False)
@click.option("--alert", "identity", metavar="ID", help="Exactly this alert, not a whole rule.")
@click.option(
    "--scope", "scopes", multiple=True, metavar="NAME=VALUE", help="Only there; repeatable."
)
@click.option("--for", "lasts", required=True, metavar="TIME", help="How long, such as 4h.")
@click.option("--reason", required=True, metavar="TEXT", help="Why nobody needs to be told.")
@_BY
@_JSON
@click.pass_obj
def silence(
    data: str | None,
    rule: str | None,
    identity: str | None,
    scopes: tuple[str, ...],
    lasts: str,
    reason: str,
    by: str | None,
    as_json: bool,
) -> int:
    """Hold back the notices of a RULE (a shell glob), or of one alert, for a time."""
    from pawl.app.people import actor
    from pawl.base.durations import parse_duration

    if (rule is None) is (identity is None) or (identity is not None and scopes):
        raise click.UsageError("Name a RULE, with --scope or without, or one --alert.")
    for_s, acting = parse_duration(lasts, place="--for"), actor()
    who = by or acting.person
    with _desk(data) as desk:
        if identity is not None:
            placed = desk.silence_alert(identity, for_s=for_s, reason=reason, by=who, actor=acting)
        else:
            placed = desk.silence(
                rule=rule or "*", scope=_scope(scopes), for_s=for_s, reason=reason, by=who,
                actor=acting,
            )  # fmt: skip
    told = {"schema": "pawl.silence/1", "silence": placed}
    _tell(told, f"{placed.id} holds until {placed.ends_at}.\n", as_json)
    return Exit.YES


@click.command("unsilence")
@click.argument("identity", metavar="ID")
@click.option("--reason", default="", metavar="TEXT", help="Why it ends before its time.")
@click.pass_obj
def unsilence(data: str | None, identity: str, reason: str) -> int:
    """End a silence now."""
    from pawl.app.people import actor

    with _desk(data) as desk:
        desk.lift(identity, reason=reason, actor=actor())
    click.echo(f"{identity} has ended.")
    return Exit.YES


@click.command("dead")
@_JSON
@click.pass_obj
def dead(data: str | None, as_json: bool) -> int:
    """List the notices that no attempt got through. Exits 1 when there are any."""
    from pawl.render.alerting_text import dead_text

    with _desk(data) as desk:
        view = desk.view()
    _tell({"schema": "pawl.dead-letters/1", "dead": view.dead}, dead_text(view.dead), as_json)
    return Exit.NO if view.dead else Exit.YES


@click.command("resend")
@click.argument("identity", metavar="ID")
@click.option("--channel", required=True, metavar="NAME", help="The channel it was for.")
@click.pass_obj
def resend(data: str | None, identity: str, channel: str) -> int:
    """Send a dead notice again, with all its attempts before it."""
    from pawl.app.people import actor

    with _desk(data) as desk:
        desk.resend(identity, channel, actor())
    click.echo(f"{identity} waits for {channel} again.")
    return Exit.YES


@click.command("test-channel")
@click.argument("name", metavar="NAME")
@click.pass_obj
def test_channel(data: str | None, name: str) -> int:
    """Send a notice that says it is a test to a channel of this machine, at once."""
    from pawl import app
    from pawl.alerts.delivery import NotDelivered
    from pawl.app.alerting import test_channel
    from pawl.app.people import actor

    try:
        test_channel(app.data_folder(data), name, actor().person)
    except NotDelivered as error:
        click.echo(f"pawl: {name}: {error.message}", err=True)
        return Exit.NO
    click.echo(f"{name} took it.")
    return Exit.YES


COMMANDS = (list_, ack, close, silence, unsilence, dead, resend, test_channel)
"""For the group in `pawl.cli.alerts`."""


def register(group: click.Group) -> None:
    """Add these commands to a group."""
    for each in COMMANDS:
        group.add_command(each)


def _view(data: str | None) -> AlertsView:
    from pawl import app

    server = app.team_server()
    if server is not None:
        from pawl.services.alert_desk import AlertsView
        from pawl.services.server_answers import ask_view

        return ask_view(server, "/api/alerts", AlertsView)
    with _desk(data) as desk:
        return desk.view()


@contextmanager
def _desk(data: str | None) -> Iterator[AlertDesk]:
    from pawl import app
    from pawl.app.alerting import alert_desk

    with alert_desk(app.data_folder(data)) as desk:
        yield desk


def _scope(written: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for each in written:
        name, mark, value = each.partition("=")
        if not mark or not name or not value:
            raise click.UsageError(f"--scope {each!r} is not NAME=VALUE.")
        found[name] = value
    return found


def _tell(value: object, text: str, as_json: bool) -> None:
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(value))
    else:
        click.echo(text, nl=False)
