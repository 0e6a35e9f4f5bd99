"""`pawl cadence due`, `show`, `ics` and `adherence`: questions that change nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.app.cadence import Here


@click.command("due")
@click.option("--all", "every", is_flag=True, help="Show the next occurrence of every routine.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.cadence/1 object.")
@click.pass_obj
def due(data: str | None, every: bool, as_json: bool) -> int:
    """What is due or overdue, and what comes due within a week.

    Exit status: 0 nothing is overdue, 1 something is.
    """
    from pawl.app.cadence import zone_named
    from pawl.governance.cadence import State
    from pawl.render.cadence_text import cadence_json, due_text

    found = opened(data).desk.due(days=100 if every else 7)
    if every:
        first = {line.routine.id: line for line in reversed(found.lines)}
        found = msgspec.structs.replace(
            found, lines=tuple(line for line in found.lines if line is first[line.routine.id])
        )
    click.echo(
        cadence_json(found) if as_json else due_text(found, zone_named(found.time_zone)), nl=False
    )
    late = any(line.state is State.OVERDUE for line in found.lines)
    return Exit.NO if late else Exit.YES


@click.command("show")
@click.argument("routine")
@click.option("--period", default="", metavar="PERIOD", help="Such as 2026-03-29, 2026-W13.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.routine/1 object.")
@click.pass_obj
def show(data: str | None, routine: str, period: str, as_json: bool) -> int:
    """Show one occurrence of a routine with its numbers filled in.

    Without a period it is the one that is open now, else the next.
    """
    from pawl.app.cadence import zone_named
    from pawl.render.cadence_text import cadence_json, shown_text

    found = opened(data).desk.show(routine, period)
    click.echo(
        cadence_json(found) if as_json else shown_text(found, zone_named(found.time_zone)),
        nl=False,
    )
    return Exit.YES


@click.command("ics")
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write there instead of to stdout.",
)
@click.pass_obj
def ics(data: str | None, output: Path | None) -> int:
    """Print the cadence as an iCalendar file: the last month, and half a year ahead.

    A server gives the same at /cadence.ics, for calendars that fetch it again and again.
    """
    from pawl.app import now
    from pawl.base.times import format_time, parse_time
    from pawl.render.cadence_ics import calendar_text

    moment = parse_time(now())
    since, until = moment - timedelta(days=31), moment + timedelta(days=183)
    found = opened(data).desk.calendar(format_time(since), format_time(until))
    text = calendar_text(found)
    if output is not None:
        output.write_bytes(text)
    else:
        click.echo(text, nl=False)
    return Exit.YES


@click.command("adherence")
@click.option(
    "--since",
    default="90d",
    show_default=True,
    metavar="WHEN",
    help="From a day, an instant, or a time ago (30d, 12h).",
)
@click.option("--until", metavar="WHEN", help="Up to and with a day, or to an instant; now.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.cadence-adherence/1 object.")
@click.pass_obj
def adherence(data: str | None, since: str, until: str | None, as_json: bool) -> int:
    """How much of what came due was done with its outputs; what was excused is not asked for.

    Each share stands with its count and its 95 % interval. Exit status: 3 nothing came due, so it
    cannot be told.
    """
    from pawl import app
    from pawl.render.cadence_text import adherence_text, cadence_json
    from pawl.services.cost import window

    now = app.now()
    begin, end = window(since, until, now)
    found = opened(data).desk.adherence(begin or now, end or now)
    click.echo(cadence_json(found) if as_json else adherence_text(found), nl=False)
    return Exit.YES if found.whole.due else Exit.CANNOT_TELL


def opened(data: str | None, *, command: bool = False) -> Here:
    """Return the desk that commands go to, closed at the end of this one."""
    from pawl.app.cadence import here

    found = here(data, command=command)
    click.get_current_context().call_on_close(found.desk.close)
    return found
