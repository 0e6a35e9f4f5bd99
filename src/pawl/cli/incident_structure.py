"""`pawl incident structure` and `weekly`: what all incidents say together."""

from __future__ import annotations

import click

from pawl.cli.exits import Exit
from pawl.cli.incident_answers import moment, opened


@click.command()
@click.option("--since", default="90d", show_default=True, metavar="TIME", help="From when on.")
@click.option("--until", default="", metavar="TIME", help="Until when; now by default.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def structure(data: str | None, /, since: str, until: str, form: str, as_json: bool) -> int:
    """Report structural failures of a window, from what is on record.

    Causes that repeat, releases without approval, trends, actions done in time, four anti-patterns
    and seven questions. Whatever cannot be looked at is answered with cannot tell. Exits 1 where a
    symptom or an anti-pattern is there, 3 where none is and not all could be told.
    """
    from pawl.app import now
    from pawl.incidents.structural_seen import Said
    from pawl.render.incident_learning_json import told_json
    from pawl.render.incident_structure_text import structure_markdown, structure_text

    begin = moment(since, "--since")
    end = moment(until, "--until") if until else now()
    if begin >= end:
        raise click.UsageError("--since is not before --until.")
    report = opened(data, command=False).desk.structural_report(begin, end)
    if as_json or form == "json":
        click.echo(told_json(report))
    else:
        text = structure_markdown if form == "markdown" else structure_text
        click.echo(text(report), nl=False)
    bad = {each.said for each in (*report.symptoms, *report.anti_patterns)}
    if Said.YES in bad:
        return Exit.NO
    return Exit.CANNOT_TELL if Said.CANNOT_TELL in bad else Exit.YES


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.weekly-review/1 object.")
@click.pass_obj
def weekly(data: str | None, /, as_json: bool) -> int:
    """Show what a weekly review looks at: figures beside open actions, postmortems and debts."""
    from pawl.render.incident_learning_json import told_json
    from pawl.render.incident_structure_text import weekly_text

    review = opened(data, command=False).desk.weekly_review()
    click.echo(told_json(review) if as_json else weekly_text(review), nl=as_json)
    return Exit.YES
