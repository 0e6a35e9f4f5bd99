"""`pawl explain`: the tree behind a verdict."""

from pathlib import Path

import click

from pawl.cli.exits import Exit
from pawl.cli.recorded import ASSESSMENT, PATH


@click.command()
@click.argument("what")
@PATH
@ASSESSMENT
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.explain/1 object.")
@click.pass_obj
def command(data: str | None, what: str, path: Path, assessment: str | None, as_json: bool) -> int:
    """Explain a dimension, level or criterion of a recorded assessment, down to its evidence.

    WHAT is such as code, eng.code, eng.L3, eng.code.L3 or a criterion's id. Each verdict stands
    with its thresholds filled in, the age and depth of its evidence, and where to look.
    """
    from pawl import app
    from pawl.app.answers import explained, recorded
    from pawl.render.explain_text import explain_json, explain_text

    folder = app.data_folder(data)
    explanation = explained(folder, recorded(folder, path, assessment), what)
    if as_json:
        click.echo(explain_json(explanation).decode())
    else:
        click.echo(explain_text(explanation), nl=False)
    return Exit.YES
