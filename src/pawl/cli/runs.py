"""`pawl runs`: the runs that were supervised on this machine."""

from __future__ import annotations

import click


@click.group("runs")
def command() -> None:
    """List runs, or show one."""


@command.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.runs/1 object.")
@click.pass_obj
def list_(data: str | None, /, limit: int, as_json: bool) -> int:
    """List the newest supervised runs, newest first; `?` is unknown."""
    from pawl import app
    from pawl.services.run_history import list_runs

    folder = app.data_folder(data)
    app.settle_dead_runs(folder)
    found = list_runs(app.run_records(folder), limit)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(found))
        return 0
    from pawl.render.run import runs_table

    if not found.runs:
        click.echo("No runs yet. Put `pawl run --` in front of an agent's command.", err=True)
        return 0
    click.echo(runs_table(found.runs), nl=False)
    return 0


@command.command("show")
@click.argument("run_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print the run's pawl.run/1 object.")
@click.pass_obj
def show(data: str | None, /, run_id: str, as_json: bool) -> int:
    """Show one run: its record, and what happened in it.

    With --json a run that has not ended has no record to print yet: exit status 3.
    """
    from pawl import app
    from pawl.render.run import line_page, record_page, timeline_text
    from pawl.services.run_history import show_run

    folder = app.data_folder(data)
    app.settle_dead_runs(folder)
    story = show_run(app.run_records(folder), app.run_timeline(folder), run_id)
    if as_json:
        import msgspec

        if story.record is None:
            click.echo(f"pawl: {run_id} has no record: {story.line.outcome or 'running'}", err=True)
            return 3
        click.echo(msgspec.json.encode(story.record))
        return 0
    page = line_page(story.line) if story.record is None else record_page(story.record)
    click.echo(page, nl=False)
    if story.events:
        click.echo("\n" + timeline_text(story.events, story.all_events), nl=False)
    if story.warning:
        click.echo(f"pawl: what happened cannot be shown now: {story.warning}", err=True)
    return 0
