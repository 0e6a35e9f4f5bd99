"""`pawl why-not`: what keeps a level away."""

from pathlib import Path

import click

from pawl.cli.exits import Exit
from pawl.cli.recorded import ASSESSMENT, PATH


@click.command()
@click.argument("dimension")
@PATH
@ASSESSMENT
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.why-not/1 object.")
@click.pass_obj
def command(
    data: str | None, dimension: str, path: Path, assessment: str | None, as_json: bool
) -> int:
    """What keeps the next level of a dimension away, and what to do about it.

    DIMENSION is such as code or eng.code; eng.code.L4 asks about that level. Meeting all that is
    listed reaches the level; leaving any out does not. What nobody could look at stands apart.
    """
    import msgspec

    from pawl import app
    from pawl.app.answers import assessment_of, dimension_at, recorded, remedies
    from pawl.maturity.why_not import why_not
    from pawl.render.gaps_text import why_not_text

    inputs = recorded(app.data_folder(data), path, assessment)
    made = assessment_of(inputs)
    result, model, level = dimension_at(made, inputs.models, dimension)
    found = why_not(result, model, now=made.as_of, remedies=remedies(), level=level)
    if as_json:
        told = {"schema": "pawl.why-not/1", **msgspec.to_builtins(found)}
        click.echo(msgspec.json.encode(told).decode())
    else:
        click.echo(why_not_text(found), nl=False)
    return Exit.YES
