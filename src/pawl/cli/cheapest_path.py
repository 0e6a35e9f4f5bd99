"""`pawl cheapest-path`: the least work that reaches a level."""

from pathlib import Path

import click

from pawl.cli.exits import Exit
from pawl.cli.recorded import ASSESSMENT, PATH


@click.command()
@click.argument("dimension")
@PATH
@ASSESSMENT
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.cheapest-path/1 object.")
@click.pass_obj
def command(
    data: str | None, dimension: str, path: Path, assessment: str | None, as_json: bool
) -> int:
    """The least work, by declared effort, that reaches a level of a dimension.

    DIMENSION is such as code or eng.code for the next level, or eng.code.L4 for that one. Effort
    is in person-days as each probe declares it; work that serves several criteria counts once.

    Exit status: 0 there is a way, 1 the level cannot be reached here.
    """
    import msgspec

    from pawl import app
    from pawl.app.answers import assessment_of, dimension_at, recorded, remedies
    from pawl.maturity.why_not import cheapest_path, why_not
    from pawl.render.gaps_text import path_text

    inputs = recorded(app.data_folder(data), path, assessment)
    made = assessment_of(inputs)
    known = remedies()
    result, model, level = dimension_at(made, inputs.models, dimension)
    if level is None:
        next_level = why_not(result, model, now=made.as_of, remedies=known).level
        level = result.measured if next_level is None else next_level
    found = cheapest_path(result, model, level, now=made.as_of, remedies=known)
    if as_json:
        told = {"schema": "pawl.cheapest-path/1", **msgspec.to_builtins(found)}
        click.echo(msgspec.json.encode(told).decode())
    else:
        click.echo(path_text(found), nl=False)
    return Exit.YES if found.reachable else Exit.NO
