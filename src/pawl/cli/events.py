"""`pawl events`: copy the store into ClickHouse, drop old months, forget a person."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit
from pawl.cli.forgetting import forget

if TYPE_CHECKING:
    from pawl.services.moving import MoveReport


@click.group()
def command() -> None:
    """Copy the events into ClickHouse, drop old months, or forget a person."""


command.add_command(forget)


@command.command()
@click.option("--before", "month", metavar="MONTH", help="The first month to keep: 2026-11.")
@click.option(
    "--content-before",
    "day",
    metavar="DAY",
    help="Only prompts, answers and contents of tools; the first day to keep: 2026-11-21.",
)
@click.option("--yes", is_flag=True, help="Do not ask; there is no way back.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.events-drop/1 object.")
@click.pass_obj
def drop(data: str | None, month: str | None, day: str | None, yes: bool, as_json: bool) -> int:
    """Delete the events of old months with their requests and sums, or only what was said.

    What was said goes with its events; --content-before lets it go sooner, also while a server
    runs.

    Exit status: 0 done, 2 that is no month or no day, 3 another process has the events open.
    """
    from pawl.app import data_folder
    from pawl.app.contents import drop_contents
    from pawl.app.forgetting import drop as drop_months

    if (month is None) == (day is None):
        raise click.UsageError("Give --before or --content-before.")
    what = f"events before {month}" if day is None else f"contents before {day}"
    if not yes:
        click.confirm(f"Delete all {what} for good?", abort=True, err=True)
    folder = data_folder(data)
    dropped = None if month is None else drop_months(folder, month)
    days = drop_contents(folder, day or f"{month}-01")
    if as_json:
        import msgspec

        told = {"schema": "pawl.events-drop/1", "before": month, "events": dropped}
        told |= {"content_before": day, "content_days": days}
        click.echo(msgspec.json.encode(told).decode())
    else:
        if dropped is not None:
            click.echo(f"{dropped:,} events from before {month} are deleted.")
        if day is not None or days:
            click.echo(f"{days:,} days of prompts, answers and contents of tools are deleted.")
    return Exit.YES


@command.command()
@click.option(
    "--to",
    "url",
    metavar="URL",
    required=True,
    help="clickhouse://USER:PASSWORD@HOST:8123/DATABASE[?cluster=NAME]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.events-move/1 object.")
@click.pass_obj
def move(data: str | None, url: str, as_json: bool) -> int:
    """Copy every event, and compare both stores month by month.

    Nothing is deleted here. When it is cut short, the same command goes on where it stopped. Then
    set PAWL_EVENTS_URL and start the server again.

    Exit status: 0 both stores tell the same, 1 they differ, and the first difference is told.
    """
    from pawl.app import data_folder
    from pawl.services.moving import move_events

    def progress(done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{done:,} of {total:,} events", err=True, nl=done == total)

    report = move_events(data_folder(data), url, progress)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(report).decode())
    else:
        _tell(report)
    return Exit.YES if report.equal else Exit.NO


def _tell(report: MoveReport) -> None:
    click.echo(f"{report.copied:,} events copied to {report.target}, {report.there:,} were there.")
    if report.difference is not None:
        found = report.difference
        click.echo(
            f"{found.month}: {found.what} is {found.source:,} here and {found.target:,} there."
        )
        return
    for month in report.months:
        click.echo(
            f"{month.month}  {month.events:>12,} events  {month.requests:>12,} requests"
            f"  {month.tokens:>16,} tokens  ${month.cost_micros / 1_000_000:,.2f}"
        )
    click.echo("Both stores tell the same of every month.")
