"""`pawl incident list`, `show`, `timeline` and `figures`: what there is to know of incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit
from pawl.cli.incident_answers import JSON, ONGOING, opened, which

if TYPE_CHECKING:
    from pawl.services.incidents import IncidentDesk

_STATES = (
    "declared", "commanded", "mitigated", "resolved", "postmortem", "actions-open", "closed",
    "declined", "merged",
)  # fmt: skip


@click.command("list")
@click.option("--state", "states", type=click.Choice(_STATES), multiple=True, help="Only these.")
@click.option("--ongoing", is_flag=True, help="Only what still hurts, the worst first.")
@click.option("--scope", metavar="SCOPE", help="Only of this scope.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=50, show_default=True)
@click.option("--before", default="", metavar="INCIDENT", help="Only those declared before it.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.incidents/1 object.")
@click.pass_obj
def list_(
    data: str | None,
    states: tuple[str, ...],
    ongoing: bool,
    scope: str | None,
    limit: int,
    before: str,
    as_json: bool,
) -> int:
    """List incidents, last declared first."""
    from pawl.app import now
    from pawl.incidents.incident import State
    from pawl.render.incident_json import IncidentsTold, told_json
    from pawl.render.incident_text import incidents_text

    if ongoing and (states or scope or before):
        raise click.UsageError("--ongoing shows all that goes on; give it alone.")
    desk = opened(data, command=False).desk
    found = (
        desk.ongoing()
        if ongoing
        else desk.list(
            tuple(State(each) for each in states), scope=scope, limit=limit, before=before
        )
    )
    if as_json:
        counts = {str(state): count for state, count in desk.counts().items()}
        click.echo(told_json(IncidentsTold(incidents=found, counts=counts)))
    else:
        click.echo(incidents_text(found, now()), nl=False)
    return Exit.YES


@click.command()
@ONGOING
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "markdown")),
    default="text",
    show_default=True,
    help="What to print.",
)
@JSON
@click.pass_obj
def show(data: str | None, identity: str | None, form: str, as_json: bool) -> int:
    """Show an incident: who leads, clocks, links, what is left.

    An id may be shortened as far as it is clear. What stands in the way of closing it is told here
    before anybody tries.
    """
    from pawl.app import now
    from pawl.render.incident_json import IncidentTold, told_json

    found = opened(data, command=False)
    desk = found.desk
    incident = desk.get(which(found, identity))
    timeline, unmet = desk.named_timeline(incident.id), _unmet(desk, incident.id)
    actions = desk.actions(incident=incident.id)
    if as_json:
        told = IncidentTold(incident=incident, unmet=unmet, actions=actions, timeline=timeline)
        click.echo(told_json(told))
    elif form == "markdown":
        from pawl.render.incident_markdown import incident_markdown

        click.echo(incident_markdown(incident, timeline, unmet, actions), nl=False)
    else:
        from pawl.render.incident_text import incident_text

        click.echo(incident_text(incident, timeline, unmet, actions, now()), nl=False)
    return Exit.YES


@click.command()
@ONGOING
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "markdown", "json")),
    default="text",
    show_default=True,
    help="What to print.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.incident-timeline/1 object.")
@click.pass_obj
def timeline(data: str | None, identity: str | None, form: str, as_json: bool) -> int:
    """Show everything that was recorded of an incident."""
    from pawl.render.incident_json import TimelineTold, told_json

    found = opened(data, command=False)
    incident = found.desk.get(which(found, identity))
    entries = found.desk.named_timeline(incident.id)
    if as_json or form == "json":
        click.echo(told_json(TimelineTold(incident=incident.id, entries=entries)))
    elif form == "markdown":
        from pawl.render.incident_markdown import timeline_markdown

        click.echo(timeline_markdown(incident, entries), nl=False)
    else:
        from pawl.render.incident_text import timeline_text

        click.echo(timeline_text(incident, entries), nl=False)
    return Exit.YES


@click.command()
@click.option("--since", metavar="TIME", help="A UTC day or an instant; 90 days ago by default.")
@click.option("--until", metavar="TIME", help="The first instant that does not count; now.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.incident-report/1 object.")
@click.pass_obj
def figures(data: str | None, since: str | None, until: str | None, as_json: bool) -> int:
    """Figures of the incidents and actions of a window.

    Every share stands with what it is a share of; nothing over nothing has no value.
    """
    from pawl.app import now
    from pawl.cli.incident_answers import moment
    from pawl.render.incident_figures import incident_figures_text
    from pawl.render.incident_json import FiguresTold, told_json

    end = moment(until, "--until") if until else now()
    begin = moment(since or "90d", "--since")
    if begin > end:
        raise click.UsageError("The window ends before it begins.")
    found = opened(data, command=False).desk.figures(begin, end)
    if as_json:
        click.echo(told_json(FiguresTold(figures=found)))
    else:
        click.echo(incident_figures_text(found), nl=False)
    return Exit.YES


def _unmet(desk: IncidentDesk, incident: str) -> tuple[str, ...]:
    """Return what stands in the way of closing; that nobody can tell is no reason to show less."""
    from pawl.base.errors import CannotTell

    try:
        return desk.unmet(incident)
    except CannotTell as error:
        return (f"What else it needs cannot be told: {error.message}",)
