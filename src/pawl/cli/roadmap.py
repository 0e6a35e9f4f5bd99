"""`pawl roadmap`: each gap a dated goal, and a plan for 90 days."""

from pathlib import Path

import click

from pawl.base.errors import BadValue
from pawl.cli.exits import Exit
from pawl.cli.recorded import ASSESSMENT, PATH


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
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.roadmap/1 object.")
@ASSESSMENT
@click.pass_obj
def command(
    data: str | None,
    path: Path,
    capacity: float,
    owners: tuple[str, ...],
    models: tuple[str, ...],
    output_format: str,
    as_json: bool,
    assessment: str | None,
) -> int:
    """Each gap as a dated goal, the most risk removed per effort first, and a 90-day plan.

    WHAT is a criterion, a dimension such as eng.code, or a model; ROLE a role or a team, never a
    person.
    """
    from pawl import app
    from pawl.app.answers import assessment_of, only, recorded, remedies
    from pawl.maturity.roadmap import roadmap
    from pawl.render import roadmap_text as render

    inputs = recorded(app.data_folder(data), path, assessment)
    road = roadmap(
        only(assessment_of(inputs), models),
        inputs.models,
        remedies=remedies(),
        capacity=capacity,
        owners=dict(_owner(text) for text in owners),
    )
    wanted = "json" if as_json else output_format
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


def _owner(text: str) -> tuple[str, str]:
    what, equals, role = text.partition("=")
    if not (what and equals and role):
        raise BadValue(f"{text!r} names no owner.", place="--owner", hint="Write eng.code=role.")
    return what, role
