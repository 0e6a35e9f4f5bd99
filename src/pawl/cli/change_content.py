"""`pawl change new` and `edit`: what a change says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pawl.cli.change_answers import CHANGE, JSON, opened, tell
from pawl.cli.change_planning import plan_of, plan_options
from pawl.cli.exits import Exit
from pawl.cli.raci import read_range

if TYPE_CHECKING:
    from pawl.app.change_commands import Here
    from pawl.app.change_drafts import Draft
    from pawl.changes.drafting import Plan
    from pawl.changes.evidence import Evidence
    from pawl.changes.manifest import Manifest
    from pawl.services.change_terms import Told

_RANGE = click.option(
    "--from-diff", "range_", metavar="BASE..HEAD", help="What HEAD changes since it left BASE."
)
_MANIFEST = click.option(
    "--manifest",
    "manifest_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A pawl.manifest/1 as it is, instead of commits and a plan.",
)


@click.command()
@_RANGE
@_MANIFEST
@plan_options
@click.option("--dry-run", is_flag=True, help="Print the manifest and its digest; open nothing.")
@JSON
@click.pass_obj
def new(
    data: str | None,
    /,
    range_: str | None,
    manifest_file: Path | None,
    dry_run: bool,
    as_json: bool,
    **told: Any,
) -> int:
    """Open a change from what two commits differ in.

    Everybody who wrote any of the commits is an author: authors, committers, co-authors, agents.
    When they were written is recorded as evidence. Nothing of the repository is run, and the
    working tree is not read. Without --from-diff the
    plan's own `parts` are the change: a model, a budget, what no file says.
    """

    found = opened(data, command=not dry_run)
    manifest, authors, draft = _content(found, range_, manifest_file, plan_of(told))
    if dry_run:
        return _show_draft(manifest, authors, as_json)
    return _tell(found, found.desk.open(manifest, authors, found.by), draft, as_json)


@click.command()
@CHANGE
@_RANGE
@_MANIFEST
@plan_options
@JSON
@click.pass_obj
def edit(
    data: str | None,
    /,
    identity: str,
    range_: str | None,
    manifest_file: Path | None,
    as_json: bool,
    **told: Any,
) -> int:
    """Give a change other content; its approvals are stale then.

    What no option names stays as it was. Who wrote it before stays an author.
    """

    found = opened(data)
    before = found.desk.get(identity)
    plan = plan_of(told, _plan_before(before.manifest, keep=range_ is None))
    authors: tuple[str, ...] = ()
    draft = None
    known: tuple[Evidence, ...] = ()
    if range_ is None and manifest_file is None:
        manifest, known = _planned(before.manifest, plan), found.desk.evidence_of(before.id)
    else:
        manifest, authors, draft = _content(found, range_, manifest_file, plan)
    edited = found.desk.edit(before.id, manifest, authors, found.by)
    return _tell(found, edited, draft, as_json, known)


def _tell(
    found: Here,
    told: Told,
    draft: Draft | None,
    as_json: bool,
    known: tuple[Evidence, ...] = (),
) -> int:
    """Print what came of it, once the times of its commits are on record where there are any."""
    from pawl.app.change_commands import hand_over_commits
    from pawl.changes.change import Change

    if isinstance(told, Change) and (draft or known):
        why = hand_over_commits(found, told, draft, known)
        if why:
            click.echo(f"pawl: the times of its commits were not recorded: {why}", err=True)
    return tell(told, as_json)


def _content(
    found: Here, range_: str | None, manifest_file: Path | None, plan: Plan
) -> tuple[Manifest, tuple[str, ...], Draft | None]:
    from msgspec.structs import replace

    from pawl.app.change_commands import drafted, read_file, scoped
    from pawl.app.change_drafts import draft_of_plan
    from pawl.changes.manifest import read_manifest

    if manifest_file is not None:
        if range_ is not None:
            raise click.UsageError("Give either --from-diff or --manifest.")
        return read_manifest(read_file(manifest_file), place=str(manifest_file)), (), None
    if range_ is not None:
        draft = drafted(found.place, read_range(range_), plan)
        return draft.manifest, draft.authors, draft
    if not plan.parts:
        raise click.UsageError("Give --from-diff BASE..HEAD, or a --plan with parts.")
    return draft_of_plan(replace(plan, scope=scoped(found.place, plan.scope))), (), None


def _plan_before(manifest: Manifest, *, keep: bool) -> Plan:
    """Return the plan of a manifest, to be put on; with `keep` its sets of evals stay too."""
    from pawl.changes.drafting import Plan

    return Plan(
        title=manifest.title,
        why=manifest.why,
        scope=manifest.scope,
        declared_risk=manifest.declared_risk,
        rollout=manifest.rollout,
        rollback=manifest.rollback,
        experiment=manifest.experiment,
        closes=manifest.closes,
        assisted=manifest.assisted or None,
        eval_sets=tuple(manifest.eval_sets) if keep else None,
    )


def _planned(manifest: Manifest, plan: Plan) -> Manifest:
    """Return the same components with another plan around them."""
    from pawl.changes.drafting import drafted

    files = {name: part for name, part in manifest.parts.items() if name not in plan.parts}
    base = {name: part for name, part in manifest.base.items() if name not in plan.parts}
    return drafted(plan, files, base, manifest.eval_sets, assisted=manifest.assisted)


def _show_draft(manifest: Manifest, authors: tuple[str, ...], as_json: bool) -> int:
    from pawl.changes.manifest import difference, manifest_digest, works_of
    from pawl.render.change_json import DraftTold, told_json
    from pawl.render.change_text import draft_text

    told = DraftTold(
        digest=manifest_digest(manifest),
        manifest=manifest,
        authors=authors,
        works=tuple(sorted(works_of(manifest))),
    )
    if as_json:
        click.echo(told_json(told))
    else:
        click.echo(draft_text(told.digest, manifest, authors, difference(manifest)), nl=False)
    return Exit.YES
