"""`pawl trend`: what each assessment measured, over time."""

from pathlib import Path

import click

from pawl.base.errors import CannotTell
from pawl.cli.exits import Exit
from pawl.cli.recorded import PATH


@click.command()
@PATH
@click.option("--model", default="eng", show_default=True, metavar="ID", help="Of this model.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.trend/1 object.")
@click.pass_obj
def command(data: str | None, path: Path, model: str, as_json: bool) -> int:
    """What each recorded assessment of a repository measured, oldest first.

    A line stands for each assessment after which a level changed, and for the first and last.
    """
    from pawl import app
    from pawl.app.answers import trend
    from pawl.render.trend_text import trend_text

    points = trend(app.data_folder(data), path)
    if not any(model in point.levels for point in points):
        raise CannotTell(
            f"nothing was assessed by {model} here.", hint="Make an assessment with `pawl assess`."
        )
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode({"schema": "pawl.trend/1", "points": points}).decode())
    else:
        click.echo(trend_text([(each.as_of, each.levels.get(model)) for each in points]), nl=False)
    return Exit.YES
