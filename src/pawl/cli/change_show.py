"""`pawl change show` and `list`: what there is to know of changes, and of what is live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pawl.cli.change_answers import JSON, opened
from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.app.change_commands import Here

_STATES = (
    "draft", "in-review", "approved", "rolling-out", "live", "rolling-back", "rolled-back",
    "rollback-failed", "rejected", "withdrawn", "expired", "unmanaged",
)  # fmt: skip


@click.command()
@click.argument("identity", metavar="[CHANGE]", required=False)
@click.option("--live", "component", metavar="COMPONENT", help="Such as prompt/CLAUDE.md.")
@JSON
@click.pass_obj
def show(data: str | None, identity: str | None, component: str | None, as_json: bool) -> int:
    """Show a change, or what a component is now with --live.

    Of a change: what differs, what an approval binds to, who answered and whether that counts, the
    evidence, and what happened. Of a component: who approved what is live, on what evidence, why,
    and what to go back to. An id may be shortened. Exit status: 1 where nothing is known of a
    component.
    """

    if (identity is None) == (component is None):
        raise click.UsageError("Name a change, or a component with --live.")
    found = opened(data, command=False)
    if component is not None:
        return _live(found, component, as_json)
    assert identity is not None
    return _change(found, identity, as_json)


@click.command("list")
@click.option("--state", "states", type=click.Choice(_STATES), multiple=True, help="Only these.")
@click.option("--scope", metavar="SCOPE", help="Only of this scope and those within it.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.changes/1 object.")
@click.pass_obj
def list_(
    data: str | None, states: tuple[str, ...], scope: str | None, limit: int, as_json: bool
) -> int:
    """List changes, last changed first."""
    from pawl.changes.change import State
    from pawl.render.change_json import ChangesTold, told_json
    from pawl.render.change_text import changes_text

    desk = opened(data, command=False).desk
    changes = desk.list(tuple(State(each) for each in states), scope=scope, limit=limit)
    counts = desk.counts()
    if as_json:
        told = ChangesTold(changes=changes, counts={str(k): count for k, count in counts.items()})
        click.echo(told_json(told))
    else:
        click.echo(changes_text(changes, counts), nl=False)
    return Exit.YES


def _change(found: Here, identity: str, as_json: bool) -> int:
    from pawl.base.errors import CannotTell
    from pawl.render.change_json import AskedTold, ChangeTold, told_json
    from pawl.render.change_text import change_text

    desk = found.desk
    change = desk.get(identity)
    try:
        asked, judged = desk.asked(change.id), desk.look(change.id, "start").decision.answers
    except CannotTell as error:
        # What happened is known even where the policy of today cannot be read.
        click.echo(f"pawl: {error}", err=True)
        asked, judged = None, ()
    evidence, timeline = desk.evidence_of(change.id), desk.timeline(change.id)
    concerns = desk.concerns(change.id)
    if as_json:
        bound = (
            None
            if asked is None
            else AskedTold(
                digest=asked.digest,
                base_digest=asked.base_digest,
                policy_digest=asked.policy_digest,
                difference=asked.difference,
                risk=asked.risk,
            )
        )
        decisions = tuple(each.decision_id for each in desk.decisions_of(change.id))
        told = ChangeTold(
            change=change, asked=bound, evidence=evidence, timeline=timeline, decisions=decisions,
            concerns=concerns,
        )  # fmt: skip
        click.echo(told_json(told))
    else:
        click.echo(change_text(change, asked, judged, evidence, timeline, concerns), nl=False)
    return Exit.YES if asked is not None else Exit.CANNOT_TELL


def _live(found: Here, component: str, as_json: bool) -> int:
    from pawl.render.change_json import LiveTold, told_json
    from pawl.render.change_text import live_text

    live = found.desk.live(component)
    history = found.desk.registry().history.get(component, ())
    content = _content(found, component, live.part if live else "", live.change if live else "")
    back = "" if live is None else live.goes_back_to
    before = _content(found, component, back, live.change if live else "")
    if as_json:
        told = LiveTold(
            component=component, live=live, content=content, goes_back_to=before, history=history
        )
        click.echo(told_json(told))
    else:
        click.echo(live_text(component, live, content, history), nl=False)
    return Exit.NO if live is None else Exit.YES


def _content(found: Here, component: str, digest: str, identity: str) -> object:
    """Return a part with a digest out of a change that holds it, before or after; else None."""
    import msgspec

    from pawl.changes.manifest import part_digest

    if not identity:
        return None
    manifest = found.desk.get(identity).manifest
    for state in (manifest.parts, manifest.base):
        if component in state and part_digest(state[component]) == digest:
            return msgspec.to_builtins(state[component])
    return None
