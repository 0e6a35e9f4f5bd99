"""`pawl incident accept`, `offer`, `take-over`, `join` and `leave`: who leads and who fixes."""

from __future__ import annotations

import click

from pawl.cli.incident_answers import JSON, ONGOING, REASON, opened, tell, which


@click.command()
@ONGOING
@JSON
@click.pass_obj
def accept(data: str | None, identity: str | None, as_json: bool) -> int:
    """Take command.

    Of what nobody commands, or of what was offered. Whoever commands does not fix.
    """
    found = opened(data)
    return tell(found.desk.accept(which(found, identity), found.by), as_json)


@click.command()
@ONGOING
@click.option("--to", "to_whom", required=True, metavar="PERSON", help="A roster id.")
@JSON
@click.pass_obj
def offer(data: str | None, identity: str | None, to_whom: str, as_json: bool) -> int:
    """Offer command to somebody.

    Whoever commands goes on until the other one accepts.
    """
    found = opened(data)
    return tell(found.desk.offer(which(found, identity), to_whom, found.by), as_json)


@click.command("take-over")
@ONGOING
@REASON
@JSON
@click.pass_obj
def take_over(data: str | None, identity: str | None, reason: str, as_json: bool) -> int:
    """Relieve a commander who cannot go on.

    Only for who answers for incidents or for the domain, and is known for certain: give it on a
    server (PAWL_SERVER, PAWL_TOKEN).
    """
    found = opened(data)
    return tell(found.desk.take_over(which(found, identity), reason, found.by), as_json)


@click.command()
@ONGOING
@JSON
@click.pass_obj
def join(data: str | None, identity: str | None, as_json: bool) -> int:
    """Be one of those who fix it."""
    found = opened(data)
    return tell(found.desk.join(which(found, identity), found.by), as_json)


@click.command()
@ONGOING
@JSON
@click.pass_obj
def leave(data: str | None, identity: str | None, as_json: bool) -> int:
    """Be no longer one of those who fix it."""
    found = opened(data)
    return tell(found.desk.leave(which(found, identity), found.by), as_json)
