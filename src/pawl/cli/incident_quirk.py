"""`pawl incident quirk`: what was learned of a component, offered when it looks like that again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.app.investigating_commands import Investigating
    from pawl.incidents.event import Refusal
    from pawl.investigation.quirk import Quirk

JSON = click.option("--json", "as_json", is_flag=True, help="Print one pawl.quirks/1 object.")


@click.group("quirk")
def quirk() -> None:
    """Known quirks: record one, see them, and retire what no longer holds."""


@quirk.command("add")
@click.option("--component", default="", help="Of which component; empty is of any.")
@click.option("--pattern", required=True, help="Words that stand in the error, alert or change.")
@click.option("--says", required=True, help="What to know, in a sentence or more.")
@click.option("--from", "incident", default="", metavar="INCIDENT", help="Where it was learned.")
@JSON
@click.pass_obj
def add(
    data: str | None, component: str, pattern: str, says: str, incident: str, as_json: bool
) -> int:
    """Record a quirk. The next investigation that matches it is offered it as evidence."""
    here = _here(data)
    by = here.person()
    return _told(here.keeping().add_quirk(component, pattern, says, incident, by), as_json)


@quirk.command("list")
@click.option("--all", "retired", is_flag=True, help="Retired ones as well.")
@JSON
@click.pass_obj
def list_(data: str | None, retired: bool, as_json: bool) -> int:
    """See what is known."""
    from pawl.render.investigation_json import quirks_json

    found = _here(data).keeping().quirks(retired=retired)
    if as_json:
        click.echo(quirks_json(found))
    else:
        for each in found:
            click.echo(_line(each))
    return Exit.YES


@quirk.command("retire")
@click.argument("identity", metavar="QUIRK")
@click.option("--reason", required=True, help="Why it holds no longer.")
@JSON
@click.pass_obj
def retire(data: str | None, identity: str, reason: str, as_json: bool) -> int:
    """Say that a quirk holds no longer; it is offered no more, and stays on record."""
    here = _here(data)
    return _told(here.keeping().retire_quirk(identity, reason, here.person()), as_json)


def _here(data: str | None) -> Investigating:
    from pathlib import Path

    from pawl.app import data_folder
    from pawl.app.investigating_commands import Investigating

    here = Investigating(data_folder(data), Path.cwd())
    click.get_current_context().call_on_close(here.close)
    return here


def _told(told: Quirk | Refusal, as_json: bool) -> int:
    from pawl.incidents.event import Refusal
    from pawl.render.investigation_json import quirks_json

    if isinstance(told, Refusal):
        click.echo("\n".join((*told.reasons, told.hint)), err=True)
        return Exit.NO
    click.echo(quirks_json((told,)) if as_json else _line(told))
    return Exit.YES


def _line(quirk: Quirk) -> str:
    from pawl.render.escaping import cut, plain

    state = f" (retired: {plain(quirk.retired_why)})" if quirk.retired_at else ""
    of = plain(quirk.component) or "any component"
    return f"{quirk.id}  {of}  {plain(quirk.pattern)}: {cut(plain(quirk.says), 200)}{state}"
