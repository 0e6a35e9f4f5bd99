"""`pawl diff`: what changed between two assessments, each change with its one cause."""

from pathlib import Path

import click

from pawl.cli.exits import Exit
from pawl.cli.recorded import PATH


@click.command()
@click.argument("before")
@click.argument("after")
@PATH
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.difference/1 object.")
@click.pass_obj
def command(data: str | None, before: str, after: str, path: Path, as_json: bool) -> int:
    """What changed between two assessments, each change with exactly one cause.

    BEFORE and AFTER are a digest's beginning, a day, or a bundle's .json file. Causes are
    evidence, the clock, the model, a probe's version, an exemption, or the set of subjects.

    Exit status: 0 nothing changed, 1 something did.
    """
    from pawl import app
    from pawl.app.answers import recorded
    from pawl.maturity.difference import difference
    from pawl.render.difference_text import difference_json, difference_text

    folder = app.data_folder(data)
    found = difference(recorded(folder, path, before), recorded(folder, path, after))
    if as_json:
        click.echo(difference_json(found).decode())
    else:
        click.echo(difference_text(found), nl=False)
    return Exit.NO if found.changes else Exit.YES
