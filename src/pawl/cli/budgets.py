"""`pawl budgets`: what is spent, reserved and left of each; raise one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.alerts.budget_view import BudgetsView


@click.group(invoke_without_command=True)
@click.option("--no-import", is_flag=True, help="Answer from what was read before.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.budgets/1 object.")
@click.pass_context
def command(context: click.Context, no_import: bool, as_json: bool) -> int | None:
    """Budgets: what is spent, reserved and left of each, and when it renews.

    Budgets come from budgets.toml in the data folder (the team's) and from [[budgets]] in
    pawl.toml. Reads what is new in the agents' local transcripts first, since spend outside
    `pawl run` counts too. Periods are UTC days, ISO weeks and calendar months. Where PAWL_SERVER
    names a team's server, its budgets are shown (PAWL_TOKEN is its token).

    Exits 0, or 1 when a hard limit is spent.
    """
    if context.invoked_subcommand is not None:
        return None
    view = _view(context.obj, read_first=not no_import, quiet=as_json)
    for text in view.warnings:
        click.echo(f"pawl: {text}", err=True)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(view).decode())
    else:
        from pawl.render.budgets import budgets_text

        click.echo(budgets_text(view), nl=False)
    return Exit.NO if any(line.state == "spent" for line in view.budgets) else Exit.YES


@command.command(name="raise")
@click.argument("name")
@click.option("--usd", required=True, metavar="USD", help="The hard limit meanwhile.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it goes into the ledger.")
@click.option(
    "--until", metavar="WHEN", help="A day (up to its end) or an instant; the period's end."
)
@click.pass_obj
def raise_(data: str | None, name: str, usd: str, reason: str, until: str | None) -> int:
    """Raise a hard limit for a time, with a reason that is kept.

    NAME is the budget's name, or source/name where two sources use one name. When the raise
    ends, the limit in the file holds again.
    """
    from pawl import app
    from pawl.app.budgets import budget_desk
    from pawl.base.errors import BadValue
    from pawl.base.money import parse_usd
    from pawl.render.budgets import raised_text

    micros = parse_usd(usd, place="--usd")
    if not reason.strip():
        raise BadValue("a raise needs a reason.", place="--reason", hint="Say why, for later.")
    end = None if until is None else _end(until)
    desk = budget_desk(app.data_folder(data))
    try:
        desk.load()
        ends = desk.raise_limit(name, micros, reason.strip(), end)
    finally:
        desk.close()
    click.echo(raised_text(name, micros, ends), nl=False)
    return Exit.YES


def _view(data: str | None, *, read_first: bool, quiet: bool) -> BudgetsView:
    from pawl import app
    from pawl.app.budgets import budget_desk, observe_machine
    from pawl.cli.importing import progress_bar

    server = app.team_server()
    if server is not None:
        from pawl.alerts.budget_view import BudgetsView
        from pawl.services.server_answers import ask_view

        return ask_view(server, "/api/budgets", BudgetsView)
    folder = app.data_folder(data)
    desk = budget_desk(folder)
    try:
        warnings = desk.load()
        if read_first and desk.any():
            with progress_bar(quiet=quiet) as progress:
                warnings += observe_machine(folder, desk, progress)
        return desk.view(warnings)
    finally:
        desk.close()


def _end(text: str) -> str:
    """Return the canonical instant that a day or an instant means; a day is meant whole."""
    from datetime import timedelta

    from pawl.base.times import format_time, parse_time

    moment = parse_time(text.strip())
    return format_time(moment + timedelta(days=1) if len(text.strip()) == 10 else moment)
