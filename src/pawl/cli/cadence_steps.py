"""`pawl cadence done` and `excuse`: what is put on record of an occurrence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pawl.cli.cadence_reading import opened
from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.services.cadence_terms import Told

PERIOD = click.option("--period", default="", metavar="PERIOD", help="Such as 2026-03-29, 2026-Q1.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print one pawl.routine-told/1 object.")


@click.command("done")
@click.argument("routine")
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="NAME[=VALUE]",
    help="One output; figures and lists need no value: they are what is shown now.",
)
@click.option("--note", default="", help="What else there is to say.")
@PERIOD
@JSON
@click.pass_obj
def done(
    data: str | None, routine: str, outputs: tuple[str, ...], note: str, period: str, as_json: bool
) -> int:
    """Call a routine done, with every output that it asks for.

    An output is looked up: an assessment, a drill or a change must be on record, figures are those
    that `pawl cadence show` shows. Doing it twice is doing it once. Exit status: 1 refused.
    """
    given = dict(_pair(each) for each in outputs)
    if len(given) < len(outputs):
        raise click.UsageError("An output stands twice.")
    here = opened(data, command=True)
    return _told(here.desk.done(routine, given, here.by, period=period, note=note), as_json)


@click.command("excuse")
@click.argument("routine")
@click.option("--reason", required=True, help="Why, in a sentence or more.")
@PERIOD
@JSON
@click.pass_obj
def excuse(data: str | None, routine: str, reason: str, period: str, as_json: bool) -> int:
    """Excuse an occurrence: it counts neither as done nor as missed.

    Only somebody who answers for the work may, known by a server (PAWL_SERVER, PAWL_TOKEN): a name
    in git is one that anybody can type. Exit status: 1 refused.
    """
    here = opened(data, command=True)
    return _told(here.desk.excuse(routine, reason, here.by, period=period), as_json)


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value


def _told(told: Told, as_json: bool) -> int:
    from pawl.changes.change import Refusal
    from pawl.render.cadence_text import RoutineTold, cadence_json, told_text
    from pawl.render.change_text import refusal_text

    if isinstance(told, Refusal):
        if as_json:
            click.echo(cadence_json(RoutineTold(refusal=told)), nl=False)
        else:
            click.echo(refusal_text(told), nl=False, err=True)
        return Exit.NO
    click.echo(cadence_json(RoutineTold(record=told)) if as_json else told_text(told), nl=False)
    return Exit.YES
