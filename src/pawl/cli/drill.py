"""`pawl drill`: cause a failure on purpose in a sandbox, and see whether what is promised holds."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pawl.incidents.drill_run import DrillRun
    from pawl.services.drills import DrillDesk

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group()
def command() -> None:
    """Cause a failure on purpose in a sandbox, and measure whether what is promised holds.

    Drills come with Pawl, and from `.pawl/drills/*.yaml` of the repository here. A fault acts on a
    temporary folder and on programs that are ended with it, never on the data folder or a network.
    """


@command.command("list")
@_JSON
@click.pass_obj
def list_(data: str | None, as_json: bool) -> int:
    """List the drills that can be run here, each with how it last went."""
    from pathlib import Path

    from pawl.app.drills import drills_at
    from pawl.render.drill_text import drills_json, drills_text

    with _desk(data) as desk:
        rows = desk.planned(drills_at(Path.cwd()))
    if as_json:
        click.echo(drills_json(rows).decode())
    else:
        click.echo(drills_text(rows), nl=False)
    return Exit.YES


@command.command()
@click.argument("name", metavar="NAME")
@_JSON
@click.pass_obj
def show(data: str | None, name: str, as_json: bool) -> int:
    """Show a drill: hypothesis, fault, what is measured, and when it is stopped."""
    from pathlib import Path

    from pawl.app.drills import chosen, drills_at
    from pawl.render.drill_text import drill_text, drills_json

    known = drills_at(Path.cwd())
    drill, place = chosen(known, name), known[name][1]
    if as_json:
        with _desk(data) as desk:
            click.echo(drills_json(desk.planned({name: known[name]})).decode())
    else:
        click.echo(drill_text(drill, place), nl=False)
    return Exit.YES


@command.command()
@click.argument("name", metavar="NAME")
@click.option("--key", metavar="TEXT", default="", help="A command told twice happens once.")
@_JSON
@click.pass_obj
def run(data: str | None, name: str, key: str, as_json: bool) -> int:
    """Run a drill; progress goes to stderr, and Ctrl-C ends it and clears its sandbox.

    Exit status: 0 the hypothesis held, 1 it did not, 3 nobody can tell or it was aborted, 130 and
    143 it was interrupted.
    """
    from pathlib import Path

    from pawl.app.drills import chosen, drills_at, terminable, who_runs

    place = Path.cwd()
    drill = chosen(drills_at(place), name)
    click.echo(f"{drill.title}\n  {drill.hypothesis}", err=True)
    with _desk(data, acting=True) as desk, terminable():
        done = desk.run(
            drill, who_runs(place), key=key, tell=lambda text: click.echo(text, err=True)
        )
    return _tell(done, as_json)


@command.command()
@click.argument("identity", metavar="ID")
@click.option("--markdown", is_flag=True, help="Print the whole report as Markdown.")
@_JSON
@click.pass_obj
def report(data: str | None, identity: str, markdown: bool, as_json: bool) -> int:
    """Show how a run went: expectations with numbers, gaps, and what was opened for them.

    Exit status as of `pawl drill run`.
    """
    from pawl.render.drill_text import report_markdown

    with _desk(data) as desk:
        done = desk.get(identity)
    if markdown and not as_json:
        click.echo(report_markdown(done), nl=False)
        return _status(done)
    return _tell(done, as_json)


@contextmanager
def _desk(data: str | None, *, acting: bool = False) -> Iterator[DrillDesk]:
    from pathlib import Path

    from pawl.app import data_folder
    from pawl.app.drills import drill_desk

    desk = drill_desk(data_folder(data), place=Path.cwd() if acting else None)
    try:
        yield desk
    finally:
        desk.dispose()


def _tell(done: DrillRun, as_json: bool) -> int:
    from pawl.render.drill_text import run_json, run_text

    if as_json:
        click.echo(run_json(done).decode())
    else:
        click.echo(run_text(done), nl=False)
    return _status(done)


def _status(done: DrillRun) -> int:
    from pawl.incidents.drill import Outcome
    from pawl.incidents.drill_run import State

    if done.state is not State.FINISHED:
        return Exit.CANNOT_TELL
    if done.verdict is Outcome.MET:
        return Exit.YES
    return Exit.NO if done.verdict is Outcome.NOT_MET else Exit.CANNOT_TELL
