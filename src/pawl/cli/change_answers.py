"""What the commands about changes share: their options, and how they tell what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.app.change_commands import Here
    from pawl.changes.change import Refusal
    from pawl.services.change_terms import Told

CHANGE = click.argument("identity", metavar="CHANGE")
JSON = click.option("--json", "as_json", is_flag=True, help="Print one pawl.change/1 object.")
REASON = click.option("--reason", required=True, help="Why, in a sentence or more.")
MOMENT = click.option(
    "--moment",
    type=click.Choice(["approve", "start"]),
    help="Which step the gates are asked for; the next one by default.",
)


def opened(data: str | None, *, command: bool = True) -> Here:
    """Return the desk that commands go to, closed at the end of this one; see `here`."""
    from pawl.app.change_commands import here

    found = here(data, command=command)
    click.get_current_context().call_on_close(found.desk.close)
    return found


def tell(told: Told, as_json: bool) -> int:
    """Print a change after a command, or why nothing happened; return the exit status."""
    from pawl.changes.change import Refusal
    from pawl.render.change_json import ChangeTold, told_json
    from pawl.render.change_text import refusal_text, told_text

    if isinstance(told, Refusal):
        if as_json:
            click.echo(told_json(ChangeTold(refusal=told)))
        else:
            click.echo(refusal_text(told), nl=False, err=True)
        return status_of(told)
    if as_json:
        click.echo(told_json(ChangeTold(change=told)))
    else:
        click.echo(told_text(told), nl=False)
    return Exit.YES


def status_of(refusal: Refusal) -> int:
    """Return the exit status of a refusal: a no, or that it cannot be told."""
    return Exit.CANNOT_TELL if refusal.code == "cannot-tell" else Exit.NO
