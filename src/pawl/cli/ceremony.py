"""`pawl ceremony`: hold an assessment, from its trigger to the levels that it confirms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.app.ceremonies import Act, Cause, Outcome
    from pawl.governance.ledger import Actor
    from pawl.maturity.ceremony_terms import Ceremony, Refusal
    from pawl.services.assessment_desk import AssessmentDesk

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one pawl.ceremony/1 object.")
_ID = click.argument("identity", metavar="ID")
_DIMENSION = click.option("--dimension", metavar="NAME", default="", help="A dimension, as code.")
_CAUSE = click.Choice(["quarter", "incident", "scale-request"])


@click.group()
def command() -> None:
    """Hold an assessment: attach evidence, agree on findings, plan actions, close it.

    open, attach, strength and gap, agree, action and target, close: in this order. An assessment
    is opened by a quarter, an incident or a request to scale, and confirms levels when it is
    closed; each step is in the ledger. Exit status: 0 done, 1 refused with what to do instead.
    """


@command.command("list")
@click.argument("subject", metavar="[SUBJECT|PATH]", required=False)
@_JSON
@click.pass_obj
def list_(data: str | None, subject: str | None, as_json: bool) -> int:
    """List the assessments that people hold or held, newest first."""
    from pawl.app import data_folder
    from pawl.app.ceremonies import held, subject_at
    from pawl.render.ceremony_text import ceremonies_json, ceremonies_text

    found = held(data_folder(data), None if subject is None else subject_at(subject))
    if as_json:
        click.echo(ceremonies_json(found).decode())
    else:
        click.echo(ceremonies_text(found), nl=False)
    return Exit.YES


@command.command("open")
@click.argument("subject", metavar="SUBJECT|PATH")
@click.option("--model", required=True, metavar="ID", help="The maturity model, such as eng.")
@click.option("--trigger", "cause", required=True, type=_CAUSE, help="What opens it.")
@click.option("--ref", required=True, metavar="NAME", help="Which one, such as 2026-Q4.")
@click.option(
    "--dimension", "dimensions", multiple=True, metavar="NAME", help="What it touches; else all."
)
@_JSON
@click.pass_obj
def open_(
    data: str | None,
    subject: str,
    model: str,
    cause: Cause,
    ref: str,
    dimensions: tuple[str, ...],
    as_json: bool,
) -> int:
    """Open an assessment of a subject such as repo:shop, or of the repository at a path."""
    from pawl.app import data_folder
    from pawl.app.ceremonies import open_one, subject_at

    folder = data_folder(data)
    return _tell(open_one(folder, subject_at(subject), model, cause, ref, dimensions), as_json)


@command.command()
@_ID
@_JSON
@click.pass_obj
def show(data: str | None, identity: str, as_json: bool) -> int:
    """Show an assessment, and what its next step needs."""
    return _act(data, identity, None, as_json)


@command.command()
@_ID
@_JSON
@click.pass_obj
def attach(data: str | None, identity: str, as_json: bool) -> int:
    """Attach the subject's newest recorded assessment as evidence."""
    return _act(
        data, identity, lambda desk, held, who, now: desk.attach(held.id, who, now), as_json
    )


@command.command()
@_ID
@click.option("--text", required=True, help="What holds and should be kept.")
@click.option("--criterion", metavar="ID", default="", help="A criterion that is met.")
@_DIMENSION
@_JSON
@click.pass_obj
def strength(
    data: str | None, identity: str, text: str, criterion: str, dimension: str, as_json: bool
) -> int:
    """Note a strength, of a dimension or a criterion that is met."""
    from pawl.app.ceremonies import criterion_of
    from pawl.maturity.ceremony_terms import Strength

    return _act(
        data,
        identity,
        lambda desk, held, who, now: desk.note_strength(
            held.id,
            Strength(
                dimension=dimension or criterion_of(held, criterion)[0],
                text=text,
                criterion=criterion,
            ),
            who,
            now,
        ),
        as_json,
    )


@command.command()
@_ID
@click.argument("gap", metavar="CRITERION|NAME")
@click.option("--text", default="", help="What is missing; the criterion's words by default.")
@_DIMENSION
@_JSON
@click.pass_obj
def gap(data: str | None, identity: str, gap: str, text: str, dimension: str, as_json: bool) -> int:
    """Note a gap: a criterion that is not met, or one by a name of its own."""
    from pawl.app.ceremonies import criterion_of
    from pawl.maturity.ceremony_terms import Gap

    def note(desk: AssessmentDesk, held: Ceremony, who: Actor, now: str) -> str | Refusal:
        its, statement = criterion_of(held, gap)
        noted = Gap(id=gap, dimension=dimension or its, text=text or statement)
        return desk.note_gap(held.id, noted, who, now)

    return _act(data, identity, note, as_json)


@command.command()
@_ID
@_JSON
@click.pass_obj
def agree(data: str | None, identity: str, as_json: bool) -> int:
    """Settle strengths and gaps, and go on to actions and targets."""
    return _act(data, identity, lambda desk, held, who, now: desk.agree(held.id, who, now), as_json)


@command.command()
@_ID
@click.option("--gap", required=True, metavar="GAP", help="The gap that it closes.")
@click.option("--text", required=True, help="What will be done.")
@click.option("--owner", required=True, metavar="ROLE", help="A role or a team, never a person.")
@click.option("--due", required=True, metavar="DAY", help="By which day, such as 2026-12-31.")
@click.option("--indicator", required=True, help="What will show that it worked.")
@click.option("--id", "name", metavar="NAME", default="", help="Its name; the gap's by default.")
@_JSON
@click.pass_obj
def action(
    data: str | None,
    identity: str,
    gap: str,
    text: str,
    owner: str,
    due: str,
    indicator: str,
    name: str,
    as_json: bool,
) -> int:
    """Plan an owned and dated piece of work for one gap."""
    from pawl.maturity.ceremony_terms import Action

    planned = Action(id=name or gap, gap=gap, text=text, owner=owner, due=due, indicator=indicator)
    return _act(
        data, identity, lambda desk, held, who, now: desk.plan(held.id, planned, who, now), as_json
    )


@command.command()
@_ID
@click.argument("dimension", metavar="DIMENSION")
@click.argument("level", type=click.IntRange(0, 99), metavar="LEVEL")
@_JSON
@click.pass_obj
def target(data: str | None, identity: str, dimension: str, level: int, as_json: bool) -> int:
    """Set the level that a dimension aims at: its own, or the next."""
    return _act(
        data,
        identity,
        lambda desk, held, who, now: desk.aim(held.id, dimension, level, who, now),
        as_json,
    )


@command.command()
@_ID
@_JSON
@click.pass_obj
def close(data: str | None, identity: str, as_json: bool) -> int:
    """Close an assessment: its levels are confirmed."""
    return _act(data, identity, lambda desk, held, who, now: desk.close(held.id, who, now), as_json)


@command.command()
@_ID
@click.option("--reason", required=True, help="Why it is given up.")
@_JSON
@click.pass_obj
def abandon(data: str | None, identity: str, reason: str, as_json: bool) -> int:
    """Give an assessment up; it confirms nothing."""
    return _act(
        data,
        identity,
        lambda desk, held, who, now: desk.abandon(held.id, reason, who, now),
        as_json,
    )


@command.command()
@_ID
@click.argument("area", metavar="AREA")
@_JSON
@click.pass_obj
def scale(data: str | None, identity: str, area: str, as_json: bool) -> int:
    """Decide on the request to scale an area that opened a closed assessment.

    Exit status: 0 allowed, 1 blocked by what it names, 3 the assessment was not opened for that.
    """
    return _act(
        data,
        identity,
        lambda desk, held, who, now: desk.answer_scaling(held.id, area, who, now),
        as_json,
    )


def _act(data: str | None, identity: str, do: Act | None, as_json: bool) -> int:
    from pawl.app import data_folder
    from pawl.app.ceremonies import act

    return _tell(act(data_folder(data), identity, do), as_json)


def _tell(outcome: Outcome, as_json: bool) -> int:
    from pawl.render.ceremony_text import ceremony_json, ceremony_text, decision_text
    from pawl.render.escaping import plain

    held, refusal, decision = outcome.ceremony, outcome.refusal, outcome.decision
    if as_json:
        told = ceremony_json(held, outcome.to_do, outcome.missing, refusal, decision)
        click.echo(told.decode())
    elif decision is not None:
        click.echo(decision_text(decision), nl=False)
    elif refusal is None and held is not None:
        click.echo(ceremony_text(held, outcome.to_do, outcome.missing), nl=False)
    if refusal is not None:
        click.echo(f"pawl: {plain(refusal.message)}", err=True)
        if refusal.hint:
            click.echo(f"  {plain(refusal.hint)}", err=True)
        return Exit.NO
    return Exit.YES if decision is None or decision.allowed else Exit.NO
