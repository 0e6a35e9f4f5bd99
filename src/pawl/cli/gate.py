"""`pawl gate`: may this change ship, why, and would another policy have said so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.cli.change_answers import CHANGE, MOMENT, opened
from pawl.cli.exits import Exit
from pawl.cli.gate_tell import tell
from pawl.cli.printing import output_options

if TYPE_CHECKING:
    from pawl.changes.change import Change
    from pawl.changes.facts import Where
    from pawl.changes.gate import Decision

_DECISION = click.argument("decision", metavar="DECISION")


@click.group()
def command() -> None:
    """Whether a change may ship, why, and what another policy would have said."""


command.add_command(tell)


@command.command()
@CHANGE
@MOMENT
@output_options(("text", "markdown", "json"), "pawl.gate/1")
@click.pass_obj
def check(
    data: str | None,
    identity: str,
    moment: str | None,
    output_format: str,
    as_json: bool,
    output: Path | None,
) -> int:
    """Ask the gates of a change now, and keep the decision so that it can be replayed.

    Exit status: 0 allowed, 1 no, 3 it cannot be told; a policy that does not read is 3.
    """
    from pawl.render.decision_markdown import decision_markdown, decision_text

    found = opened(data, command=False)
    change = found.desk.get(identity)
    checked = found.desk.check(change.id, _moment(change, moment), found.by)
    if as_json or output_format == "json":
        text = _told(checked.decision, checked.notes)
    elif output_format == "markdown":
        text = decision_markdown(checked.decision)
    else:
        text = decision_text(checked.decision) + f"decision {checked.decision_id}\n"
    for note in checked.notes:
        click.echo(f"pawl: {note}", err=True)
    _write(text, output)
    return checked.decision.status


@command.command()
@click.argument("identity", metavar="CHANGE|DECISION")
@MOMENT
@output_options(("text", "markdown", "json"), "pawl.gate/1")
@click.pass_obj
def explain(
    data: str | None,
    identity: str,
    moment: str | None,
    output_format: str,
    as_json: bool,
    output: Path | None,
) -> int:
    """Explain what the gates say of a change now, or what a decision rested on; nothing is kept.

    Exit status as of check.
    """
    from pawl.render.decision_markdown import decision_markdown, decision_text
    from pawl.services.change_terms import NoSuchChange

    desk = opened(data, command=False).desk
    try:
        change = desk.get(identity)
    except NoSuchChange:
        decision = desk.decision(identity)
    else:
        decision = desk.look(change.id, _moment(change, moment)).decision
    if as_json or output_format == "json":
        text = _told(decision)
    elif output_format == "markdown":
        text = decision_markdown(decision)
    else:
        text = decision_text(decision)
    _write(text, output)
    return decision.status


@command.command()
@_DECISION
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.gate-replay/1 object.")
@click.pass_obj
def replay(data: str | None, decision: str, as_json: bool) -> int:
    """Judge a stored decision again from its own evidence, and compare the bytes.

    Exit status: 0 the same bytes, 1 others, 3 a person in it was forgotten since.
    """
    from pawl.base.canonical import sha256_hex
    from pawl.render.change_json import ReplayTold, told_json

    found = opened(data, command=False).desk.replay(decision)
    if as_json:
        told = ReplayTold(
            decision_id=found.decision_id,
            identical=found.identical,
            why=found.why,
            names_replaced=found.names_replaced,
            stored_digest=sha256_hex(found.stored),
            again_digest=sha256_hex(found.again),
        )
        click.echo(told_json(told))
    elif found.identical:
        click.echo(f"identical: {found.decision_id}, {len(found.stored):,} bytes")
    else:
        click.echo(f"different: {found.decision_id}\n  {found.why}")
    return found.status


@command.command()
@click.option(
    "--policy",
    "folder",
    metavar="DIR",
    default=Path(".pawl"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="A folder such as .pawl with the policy to try.",
)
@click.option("--scope", default="", metavar="SCOPE", help="The scope whose policy it is.")
@click.option("--last", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.gate-simulation/1 object.")
@click.pass_obj
def simulate(data: str | None, folder: Path, scope: str, last: int, as_json: bool) -> int:
    """Show what another policy would have said of the newest decisions.

    Each is judged again from its own snapshot. Nothing is kept, and it answers 0 whatever it finds.
    """
    from pawl.app.change_commands import policy_of_folder
    from pawl.render.change_json import SimulationTold, told_json
    from pawl.render.change_text import simulation_text

    policy, notes = policy_of_folder(folder, scope)
    played = opened(data, command=False).desk.simulate(policy, last)
    if as_json:
        told = SimulationTold(
            policy_digest=policy.digest,
            decisions=len(played),
            would_allow=sum(each.would_be for each in played),
            would_block=sum(not each.would_be for each in played),
            newly_blocked=sum(each.was and not each.would_be for each in played),
            newly_allowed=sum(each.would_be and not each.was for each in played),
            played=played,
            notes=notes,
        )
        click.echo(told_json(told))
    else:
        for note in notes:
            click.echo(f"pawl: {note}", err=True)
        click.echo(simulation_text(played), nl=False)
    return Exit.YES


def _moment(change: Change, asked: str | None) -> Where:
    """Return which step to ask about: the one that comes next unless named."""
    if asked is not None:
        return "approve" if asked == "approve" else "start"
    return "approve" if change.state in ("draft", "in-review") else "start"


def _told(decision: Decision, notes: tuple[str, ...] = ()) -> str:
    from pawl.base.canonical import sha256_hex
    from pawl.changes.gate import decision_bytes
    from pawl.render.change_json import GateTold, told_json

    told = GateTold(
        decision_id=sha256_hex(decision_bytes(decision)),
        allowed=decision.allowed,
        status=decision.status,
        decision=decision,
        notes=notes,
    )
    return told_json(told) + "\n"


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.BadParameter(f"{output}: {error.strerror}", param_hint="--output") from error
