"""`pawl incident debt`: causes that were seen again, and how they are paid off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit
from pawl.cli.incident_answers import opened, tell_refusal

if TYPE_CHECKING:
    from pawl.services.incident_terms import Owed

DEBT = click.argument("identity", metavar="DEBT")
JSON = click.option("--json", "as_json", is_flag=True, help="Print one pawl.debt/1 object.")


@click.group()
def debt() -> None:
    """Operational debt: a root cause that was seen again, until it has stayed away long enough."""


@debt.command("list")
@click.option("--all", "every", is_flag=True, help="Those that are paid as well.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.debts/1 object.")
@click.pass_obj
def list_(data: str | None, /, every: bool, as_json: bool) -> int:
    """List debts, last seen first."""
    from pawl.incidents.debt import State
    from pawl.render.incident_learning_json import DebtsTold, told_json
    from pawl.render.incident_learning_text import debts_text

    found = opened(data, command=False).desk.debts(() if every else (State.OPEN,))
    click.echo(told_json(DebtsTold(debts=found)) if as_json else debts_text(found), nl=as_json)
    return Exit.YES


@debt.command()
@DEBT
@JSON
@click.pass_obj
def show(data: str | None, /, identity: str, as_json: bool) -> int:
    """Show a debt."""
    return _tell(opened(data, command=False).desk.debt(identity), as_json)


@debt.command()
@DEBT
@click.option("--owner", required=True, metavar="PERSON", help="Who pays it off.")
@click.option("--plan", required=True, metavar="TEXT", help="How.")
@JSON
@click.pass_obj
def plan(data: str | None, /, identity: str, owner: str, plan: str, as_json: bool) -> int:
    """Say who pays a debt off and how."""
    found = opened(data)
    return _tell(found.desk.plan_debt(identity, owner, plan, found.by), as_json)


@debt.command("add-case")
@DEBT
@click.option("--case", required=True, metavar="ID", help="The eval case that would tell.")
@JSON
@click.pass_obj
def add_case(data: str | None, /, identity: str, case: str, as_json: bool) -> int:
    """Name the eval case that fails when it comes back."""
    found = opened(data)
    return _tell(found.desk.add_case(identity, case, found.by), as_json)


@debt.command()
@DEBT
@JSON
@click.pass_obj
def pay(data: str | None, /, identity: str, as_json: bool) -> int:
    """Call a debt paid: its case is there, and it has stayed away for long enough."""
    found = opened(data)
    return _tell(found.desk.pay_debt(identity, found.by), as_json)


def _tell(told: Owed, as_json: bool) -> int:
    from pawl.incidents.event import Refusal
    from pawl.render.incident_learning_json import DebtTold, told_json
    from pawl.render.incident_learning_text import debts_text

    if isinstance(told, Refusal):
        return tell_refusal(told, told_json(DebtTold(refusal=told)) if as_json else "")
    click.echo(told_json(DebtTold(debt=told)) if as_json else debts_text((told,)), nl=as_json)
    return Exit.YES
