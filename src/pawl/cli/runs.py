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


@command.command("loops")
@click.argument("paths", nargs=-1, type=click.Path(exists=True), metavar="[PATH]...")
@click.option("--poll-tool", "poll", multiple=True, metavar="GLOB", help="A tool that polls.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.loops/1 object.")
@click.pass_obj
def loops(data: str | None, /, paths: tuple[str, ...], poll: tuple[str, ...], as_json: bool) -> int:
    """Find stuck loops in sessions that are over, in their transcripts.

    Looks in the agents' usual places, or at the PATHS given, with the thresholds of `pawl run`.
    Exits 1 when a run of Pawl's would have been stopped, 3 when there was no session to look at.
    """
    from pathlib import Path

    from pawl import app
    from pawl.cli.importing import tell_warnings
    from pawl.render.run import loops_text
    from pawl.runs.spec import LoopPolicy
    from pawl.services.loops import look_for_loops

    machine = app.bill_machine(app.data_folder(data))
    absolute = [str(Path(path).absolute()) for path in paths]
    report = look_for_loops(machine, absolute, LoopPolicy(exempt=poll))
    tell_warnings(report.warnings)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(report))
    else:
        lines = [(loop.time, loop.agent, loop.session_id, loop.text) for loop in report.loops]
        click.echo(loops_text(report.sessions, lines), nl=False)
    if not report.sessions:
        return 3
    return 1 if report.stuck else 0
