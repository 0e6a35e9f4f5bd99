"""`pawl incident mitigate` to `merge`: an incident on its way to its end, and back."""

from __future__ import annotations

import click

from pawl.cli.incident_answers import INCIDENT, JSON, ONGOING, REASON, moment, opened, tell, which

_AT = click.option("--at", metavar="TIME", help="Since when, or how long ago: 10m; now by default.")


@click.command()
@ONGOING
@_AT
@JSON
@click.pass_obj
def mitigate(data: str | None, identity: str | None, at: str | None, as_json: bool) -> int:
    """Say that it no longer hurts."""
    since = moment(at, "--at") if at else ""
    found = opened(data)
    return tell(found.desk.mitigate(which(found, identity), found.by, since), as_json)


@click.command()
@ONGOING
@_AT
@click.option("--mitigated-at", metavar="TIME", help="When it stopped hurting, if nobody said so.")
@JSON
@click.pass_obj
def resolve(
    data: str | None, identity: str | None, at: str | None, mitigated_at: str | None, as_json: bool
) -> int:
    """Say that it is mended."""
    since = moment(at, "--at") if at else ""
    stopped = moment(mitigated_at, "--mitigated-at") if mitigated_at else ""
    found = opened(data)
    told = found.desk.resolve(which(found, identity), found.by, since, stopped)
    return tell(told, as_json)


@click.command()
@INCIDENT
@JSON
@click.pass_obj
def close(data: str | None, identity: str, as_json: bool) -> int:
    """End it, if nothing is left to do.

    Its postmortem is published where it needs one, and its actions are done; what is missing is
    told all at once.
    """
    found = opened(data)
    return tell(found.desk.close(identity, found.by), as_json)


@click.command()
@INCIDENT
@REASON
@JSON
@click.pass_obj
def reopen(data: str | None, identity: str, reason: str, as_json: bool) -> int:
    """Say that it is back.

    People are paged anew, and the promise of a commander holds again.
    """
    found = opened(data)
    return tell(found.desk.reopen(identity, reason, found.by), as_json)


@click.command()
@ONGOING
@REASON
@JSON
@click.pass_obj
def decline(data: str | None, identity: str | None, reason: str, as_json: bool) -> int:
    """Say that it is no incident."""
    found = opened(data)
    return tell(found.desk.decline(which(found, identity), reason, found.by), as_json)


@click.command()
@INCIDENT
@click.option("--into", required=True, metavar="INCIDENT", help="The one that goes on.")
@JSON
@click.pass_obj
def merge(data: str | None, identity: str, into: str, as_json: bool) -> int:
    """Say that it is the same event as another one.

    That the cause is the same as that of an earlier one, which is over, is another matter.
    """
    found = opened(data)
    return tell(found.desk.merge(identity, into, found.by), as_json)
