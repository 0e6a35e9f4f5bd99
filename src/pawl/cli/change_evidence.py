"""`pawl change evidence`: what tests, scanners, evals and policy engines found about a change."""

from __future__ import annotations

from pathlib import Path

import click

from pawl.cli.change_answers import CHANGE, opened, status_of
from pawl.cli.exits import Exit

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one pawl.change-evidence/1.")
_FORMATS = ("statement", "sarif", "junit", "conftest", "opa", "eval", "lint")


@click.group()
def evidence() -> None:
    """Add evidence about a change, or list it."""


@evidence.command()
@CHANGE
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), default=None, help="As it looks by default."
)
@click.option(
    "--kind", default="", metavar="KIND", help="Such as lint or tests; by its format by default."
)
@click.option(
    "--commit", metavar="REVISION", help="What was run; the commit checked out by default."
)
@_JSON
@click.pass_obj
def add(
    data: str | None,
    identity: str,
    file: Path,
    form: str | None,
    kind: str,
    commit: str | None,
    as_json: bool,
) -> int:
    """Add what a file says: in-toto statement, SARIF, JUnit XML, conftest or OPA JSON, pawl's own.

    A statement names the content it is about. All else is taken for what was run on --commit,
    whose files must be those of the change. Who hands it over is its producer; a gate may believe
    some producers only.
    """
    from pawl.app.change_commands import evidence_piece
    from pawl.changes.change import Refusal
    from pawl.render.change_json import EvidenceTold, told_json
    from pawl.render.change_text import evidence_text, refusal_text

    found = opened(data)
    change = found.desk.get(identity)
    piece = evidence_piece(found, change, file, form=form or "", kind=kind, commit=commit)
    told = found.desk.add_evidence(change.id, piece, found.by)
    if isinstance(told, Refusal):
        if as_json:
            click.echo(told_json(EvidenceTold(refusal=told)))
        else:
            click.echo(refusal_text(told), nl=False, err=True)
        return status_of(told)
    if as_json:
        click.echo(told_json(EvidenceTold(evidence=(told,))))
    else:
        click.echo(evidence_text((told,)), nl=False)
    return Exit.YES


@evidence.command("list")
@CHANGE
@_JSON
@click.pass_obj
def list_(data: str | None, identity: str, as_json: bool) -> int:
    """List the evidence about the present content of a change, oldest first."""
    from pawl.render.change_json import EvidenceTold, told_json
    from pawl.render.change_text import evidence_text

    desk = opened(data, command=False).desk
    found = desk.evidence_of(desk.get(identity).id)
    if as_json:
        click.echo(told_json(EvidenceTold(evidence=found)))
    else:
        click.echo(evidence_text(found), nl=False)
    return Exit.YES
