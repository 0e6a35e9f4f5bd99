"""`pawl incident note`, `update`, `attach`, `reclassify` and `claim`: what is put on record."""

from __future__ import annotations

import click

from pawl.cli.exits import Exit
from pawl.cli.incident_answers import JSON, ONGOING, REASON, moment, opened, tell, which

_DOMAINS = ("security", "safety", "quality", "cost")


@click.command()
@click.argument("words", metavar="[INCIDENT] TEXT", nargs=-1, required=True)
@JSON
@click.pass_obj
def note(data: str | None, words: tuple[str, ...], as_json: bool) -> int:
    """Put something on the timeline.

    A first word that begins with `inc_` names the incident; without one it is the only one that
    goes on.
    """
    identity, rest = _named(words)
    found = opened(data)
    return tell(found.desk.note(which(found, identity), " ".join(rest), found.by), as_json)


@click.command()
@ONGOING
@click.option("--facts", required=True, help="What is known.")
@click.option("--impact", required=True, help="Whom it hurts, and how.")
@click.option("--status", required=True, help="What is being done.")
@JSON
@click.pass_obj
def update(
    data: str | None, identity: str | None, facts: str, impact: str, status: str, as_json: bool
) -> int:
    """Tell everybody how it stands.

    It goes to the channels of the server, and is printed as Markdown to be pasted elsewhere. When
    the next one is due follows from the severity.
    """
    from pawl.incidents.event import Refusal
    from pawl.render.incident_json import IncidentTold, told_json
    from pawl.render.incident_markdown import status_update_markdown

    found = opened(data)
    told = found.desk.update(which(found, identity), facts, impact, status, found.by)
    if isinstance(told, Refusal):
        return tell(told, as_json)
    written = status_update_markdown(told, facts, impact, status)
    if as_json:
        click.echo(told_json(IncidentTold(incident=told, update=written)))
    else:
        click.echo(written, nl=False)
    return Exit.YES


@click.command()
@click.argument("words", metavar="[INCIDENT] KIND:ID", nargs=-1, required=True)
@click.option("--suspected", is_flag=True, help="It may be the cause.")
@JSON
@click.pass_obj
def attach(data: str | None, words: tuple[str, ...], suspected: bool, as_json: bool) -> int:
    """Link an alert, a change, a run or evidence.

    Such as `change:chg_01k…`, or `alert:…` with the id that the list of alerts shows.
    """
    from pawl.services.incident_words import link_of

    identity, rest = _named(words)
    link = link_of(rest[0]) if len(rest) == 1 else None
    if link is None:
        raise click.UsageError(
            "Name one thing to link: alert:ID, change:ID, run:ID or evidence:ID."
        )
    found = opened(data)
    told = found.desk.attach(
        which(found, identity), link.kind, link.id, found.by, suspected or link.suspected
    )
    return tell(told, as_json)


@click.command()
@ONGOING
@REASON
@click.option("--severity", type=click.IntRange(1, 4), help="1 is the worst.")
@click.option("--domain", type=click.Choice(_DOMAINS), help="Whose it is.")
@JSON
@click.pass_obj
def reclassify(
    data: str | None,
    identity: str | None,
    reason: str,
    severity: int | None,
    domain: str | None,
    as_json: bool,
) -> int:
    """Say how bad it is, or of which domain."""
    from typing import cast

    from pawl.governance.priority import Domain
    from pawl.incidents.terms import Severity

    if severity is None and domain is None:
        raise click.UsageError("Give --severity, --domain or both.")
    found = opened(data)
    told = found.desk.reclassify(
        which(found, identity),
        reason,
        found.by,
        cast("Severity | None", severity),
        None if domain is None else Domain(domain),
    )
    return tell(told, as_json)


@click.command()
@ONGOING
@click.option("--started", metavar="TIME", help="When it began, or how long ago: 25m.")
@click.option("--detected", metavar="TIME", help="When it was first seen.")
@JSON
@click.pass_obj
def claim(
    data: str | None, identity: str | None, started: str | None, detected: str | None, as_json: bool
) -> int:
    """Say when it started or was detected."""
    from pawl.incidents.event import Refusal
    from pawl.incidents.incident import Milestone

    times = [
        (milestone, moment(text, f"--{milestone.value}"))
        for milestone, text in ((Milestone.STARTED, started), (Milestone.DETECTED, detected))
        if text
    ]
    if not times:
        raise click.UsageError("Give --started, --detected or both.")
    found = opened(data)
    incident = which(found, identity)
    for milestone, at in times:
        told = found.desk.claim(incident, milestone, at, found.by)
        if isinstance(told, Refusal):
            break
    return tell(told, as_json)


def _named(words: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """Return the incident that a first word names, if it does, and the rest of the words."""
    if words[0].startswith("inc_"):
        if len(words) == 1:
            raise click.UsageError("Something is missing after the incident.")
        return words[0], words[1:]
    return None, words
