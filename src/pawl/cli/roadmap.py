"""`pawl roadmap`: each gap a dated goal, and a plan for 90 days."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.base.errors import BadValue
from pawl.cli.exits import Exit
from pawl.cli.recorded import ASSESSMENT, PATH

if TYPE_CHECKING:
    from pawl.maturity.roadmap import Roadmap
    from pawl.maturity.verdict import Assessment


@click.command()
@PATH
@click.option(
    "--capacity",
    type=float,
    default=2.0,
    show_default=True,
    metavar="DAYS",
    help="Person-days a week for this.",
)
@click.option("--owner", "owners", multiple=True, metavar="WHAT=ROLE", help="Who owns gaps.")
@click.option("--model", "models", multiple=True, metavar="ID", help="Of these models alone.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "markdown", "plan", "json"]),
    default="text",
    show_default=True,
    help="What to print; plan is a page to print on paper.",
)
@click.option(
    "--sync",
    "target",
    metavar="HOST:REPOSITORY",
    help="Keep an issue for each goal on github:OWNER/REPO or gitlab:GROUP/PROJECT.",
)
@click.option("--host-url", metavar="URL", help="Base address of the host's API.")
@click.option("--dry-run", is_flag=True, help="With --sync: show what would be done.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one pawl.roadmap/1 object, or with --sync one pawl.sync/1.",
)
@ASSESSMENT
@click.pass_obj
def command(
    data: str | None,
    path: Path,
    capacity: float,
    owners: tuple[str, ...],
    models: tuple[str, ...],
    output_format: str,
    target: str | None,
    host_url: str | None,
    dry_run: bool,
    as_json: bool,
    assessment: str | None,
) -> int:
    """Each gap as a dated goal, the most risk removed per effort first, and a 90-day plan.

    WHAT is a criterion, a dimension such as eng.code, or a model; ROLE a role or a team, never a
    person.

    --sync writes with the token in GITHUB_TOKEN, GH_TOKEN or GITLAB_TOKEN, and touches only issues
    that it made: one for each goal, closed with a comment when its criterion is met. What people
    write below an issue's last line stays, and what they close stays closed. Exit status: 0 all
    is done, 3 something is not; run it again then.
    """
    from pawl import app
    from pawl.app.answers import assessment_of, only, recorded, remedies
    from pawl.maturity.roadmap import roadmap
    from pawl.render import roadmap_text as render

    if target is None and (dry_run or host_url is not None):
        raise click.UsageError("--dry-run and --host-url go with --sync.")
    inputs = recorded(app.data_folder(data), path, assessment)
    made = only(assessment_of(inputs), models)
    road = roadmap(
        made,
        inputs.models,
        remedies=remedies(),
        capacity=capacity,
        owners=dict(_owner(text) for text in owners),
    )
    wanted = "json" if as_json else output_format
    if target is not None:
        return _sync(road, made, target, host_url, dry_run=dry_run, as_json=wanted == "json")
    if wanted == "json":
        click.echo(render.roadmap_json(road).decode())
        return Exit.YES
    shown = {
        "text": render.roadmap_text,
        "markdown": render.roadmap_markdown,
        "plan": render.plan_page,
    }
    click.echo(shown[wanted](road), nl=False)
    return Exit.YES


def _sync(
    road: Roadmap,
    made: Assessment,
    target: str,
    url: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> int:
    import msgspec

    from pawl.app.syncing import sync_goals, target_of
    from pawl.base.durations import format_duration
    from pawl.render.issue_text import asked_of
    from pawl.render.sync_text import is_done, sync_text

    product, repository = target_of(target)
    synced = sync_goals(
        product,
        repository,
        asked_of(road, made),
        as_of=road.as_of,
        dry_run=dry_run,
        url=url,
        told=lambda seconds, reason: click.echo(
            f"pawl: waiting {format_duration(seconds)}: {reason}.", err=True
        ),
    )
    click.echo(msgspec.json.encode(synced).decode() if as_json else sync_text(synced), nl=as_json)
    return Exit.YES if is_done(synced) else Exit.CANNOT_TELL


def _owner(text: str) -> tuple[str, str]:
    what, equals, role = text.partition("=")
    if not (what and equals and role):
        raise BadValue(f"{text!r} names no owner.", place="--owner", hint="Write eng.code=role.")
    return what, role
