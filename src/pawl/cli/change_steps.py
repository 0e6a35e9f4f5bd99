"""`pawl change submit`, `start` and the other steps: one command of the desk each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.cli.change_answers import CHANGE, JSON, REASON, opened, status_of, tell
from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.app.change_commands import Here


@click.command()
@CHANGE
@JSON
@click.pass_obj
def submit(data: str | None, identity: str, as_json: bool) -> int:
    """Ask for a review of exactly this content.

    Where the gates need no approval it is approved at once.
    """

    found = opened(data)
    return tell(found.desk.submit(identity, found.by), as_json)


@click.command()
@CHANGE
@REASON
@JSON
@click.pass_obj
def reject(data: str | None, identity: str, reason: str, as_json: bool) -> int:
    """End a change in review with a no."""

    found = opened(data)
    return tell(found.desk.reject(identity, reason, found.by), as_json)


@click.command()
@CHANGE
@REASON
@JSON
@click.pass_obj
def withdraw(data: str | None, identity: str, reason: str, as_json: bool) -> int:
    """Take a change back before it is out."""

    found = opened(data)
    return tell(found.desk.withdraw(identity, reason, found.by), as_json)


@click.command()
@CHANGE
@JSON
@click.pass_obj
def start(data: str | None, identity: str, as_json: bool) -> int:
    """Start the first stage, if the gates say so now.

    They are asked at this very moment; that they said yes before is no ticket. Exit status: 1 they
    say no, 3 they cannot tell.
    """

    found = opened(data)
    return tell(found.desk.start(identity, found.by), as_json)


@click.command()
@CHANGE
@JSON
@click.pass_obj
def advance(data: str | None, identity: str, as_json: bool) -> int:
    """Go on to the next stage, if this one has passed by the verdicts of telemetry."""
    from pawl.app.rollouts import verdicts

    found = _here(data)
    change = found.desk.get(identity)
    said = verdicts(found.folder, change.id)
    return tell(found.desk.advance(change.id, said, found.by), as_json)


@click.command()
@CHANGE
@JSON
@click.pass_obj
def finish(data: str | None, identity: str, as_json: bool) -> int:
    """Call a change live, if its last stage passed and what is read back is what was approved."""
    from pawl.app.rollouts import read_back, verdicts

    found = _here(data)
    change = found.desk.get(identity)
    said, runs = verdicts(found.folder, change.id), read_back(found.folder, change.id)
    return tell(found.desk.finish(change.id, said, runs, found.by), as_json)


@click.command()
@CHANGE
@REASON
@click.option("--trigger-at", metavar="TIME", help="When it was first known that this is needed.")
@click.option("--ended", is_flag=True, help="Nothing failed: an experiment has run its time.")
@JSON
@click.pass_obj
def rollback(
    data: str | None,
    identity: str,
    reason: str,
    trigger_at: str | None,
    ended: bool,
    as_json: bool,
) -> int:
    """Go back; no gate is asked, and anybody in the roster may."""
    from pawl.base.times import canonical_time

    if trigger_at is not None:
        try:
            trigger_at = canonical_time(trigger_at)
        except ValueError:
            raise click.BadParameter(
                f"{trigger_at!r} is no time; write one such as 2026-11-21T09:30Z.",
                param_hint="--trigger-at",
            ) from None
    found = opened(data)
    told = found.desk.roll_back(identity, reason, found.by, trigger_at, False, ended)
    return tell(told, as_json)


@click.command()
@CHANGE
@JSON
@click.pass_obj
def confirm(data: str | None, identity: str, as_json: bool) -> int:
    """Call a change rolled back, if what is read back is what stood before."""
    from pawl.app.rollouts import read_back

    found = _here(data)
    change = found.desk.get(identity)
    return tell(
        found.desk.confirm(change.id, read_back(found.folder, change.id), found.by), as_json
    )


@click.command()
@click.argument("component", metavar="COMPONENT|KIND")
@click.option("--failed", is_flag=True, help="Going back did not work.")
@click.option("--at", default="", metavar="TIME", help="When it was tried; now by default.")
@click.option("--ref", default="", help="Where it can be read again, such as a job's address.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.change-drill/1 object.")
@click.pass_obj
def drill(data: str | None, component: str, failed: bool, at: str, ref: str, as_json: bool) -> int:
    """Record that going back was tried on a component.

    A component such as prompt/CLAUDE.md, or a kind such as prompt. The gates of changes of high
    risk ask for one that worked.
    """
    from pawl.changes.change import Refusal
    from pawl.render.change_json import DrillTold, told_json
    from pawl.render.change_text import refusal_text

    found = opened(data)
    told = found.desk.record_drill(component, not failed, found.by, at=at, ref=ref)
    refusal = told if isinstance(told, Refusal) else None
    if as_json:
        made = None if isinstance(told, Refusal) else told
        click.echo(told_json(DrillTold(drill=made, refusal=refusal)))
    elif isinstance(told, Refusal):
        click.echo(refusal_text(told), nl=False, err=True)
    else:
        word = "worked" if told.succeeded else "failed"
        click.echo(f"{told.id}: going back on {told.component} {word} at {told.at[:16]}Z")
    return Exit.YES if refusal is None else status_of(refusal)


@click.command()
@CHANGE
@click.option(
    "--ssh-key",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Show with this key who you are; on a server the session does.",
)
@JSON
@click.pass_obj
def attest(data: str | None, identity: str, ssh_key: Path | None, as_json: bool) -> int:
    """Say that you own this content, whoever typed it.

    A gate asks it of changes that an agent helped to write: a human owner says so, once for each
    content.
    """
    from pawl.app.change_signing import signer
    from pawl.changes.change import Refusal
    from pawl.render.change_json import ChangeTold, told_json

    found = opened(data)
    change = found.desk.get(identity)
    by = found.by if ssh_key is None else signer(found, change, ssh_key)
    attested = found.desk.attest(change.id, by)
    if isinstance(attested, Refusal):
        tell(attested, as_json)
        return status_of(attested)
    if as_json:
        click.echo(told_json(ChangeTold(change=change, attested=attested)))
    else:
        click.echo(f"{attested.identity} owns {attested.digest[:12]} of {change.id}.")
    return Exit.YES


def _here(data: str | None) -> Here:
    """Return the desk of this machine: a server knows the verdicts of its rollouts, and we do not.

    Raises click's error where a server is named.
    """
    found = opened(data)
    if found.remote:
        raise click.UsageError(
            "A server looks after its rollouts by itself. See how far one is with "
            "`pawl change show`; `pawl change rollback` works from here."
        )
    return found
