"""`pawl change figures`: shares and times of what was released, went back and was excepted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.changes.metrics import Figures
    from pawl.services.change_figures import MadeAgain


@click.command("figures")
@click.option(
    "--since",
    default="30d",
    show_default=True,
    metavar="WHEN",
    help="From a day, an instant, or a time ago (30d, 12h).",
)
@click.option("--until", metavar="WHEN", help="Up to and with a day, or to an instant; now.")
@click.option("--scope", default="", metavar="SCOPE", help="One scope and what it holds alone.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.change-figures/1 object.")
@click.option("--markdown", is_flag=True, help="Print Markdown.")
@click.option(
    "--same-as",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Make the report in FILE, as --json wrote it, again and compare the bytes.",
)
@click.pass_obj
def figures(
    data: str | None,
    since: str,
    until: str | None,
    scope: str,
    as_json: bool,
    markdown: bool,
    same_as: Path | None,
) -> int:
    """Figures of the changes in a window: gate coverage, missing approvals, failures, lead time.

    Releases that went around everything are counted, as far as they were found. Each share comes
    with its count and a 95 % interval; what nothing tells is a dash. A window is counted from the
    records as they were at its end, so an old report is the same whenever it is made. Where
    PAWL_SERVER names a team's server, it answers (PAWL_TOKEN is its token).

    Exit status: 0 printed, or the same as FILE; 1 another report than FILE.
    """
    from pawl import app
    from pawl.app.change_figures import figures_here
    from pawl.services.cost import window

    if as_json and markdown:
        raise click.UsageError("--json and --markdown are two answers; ask for one.")
    with figures_here(app.data_folder(data), scope) as between:
        if same_as is not None:
            from pawl.services.change_figures import MAX_REPORT, made_again

            with same_as.open("rb") as file:
                stored = file.read(MAX_REPORT + 1)
            return _compared(made_again(stored, between, place=str(same_as)), as_json=as_json)
        now = app.now()
        begin, end = window(since, until, now)
        found = between(begin or now, end or now)
    click.echo(_shown(found, as_json=as_json, markdown=markdown), nl=False)
    return Exit.YES


def _shown(found: Figures, *, as_json: bool, markdown: bool) -> str:
    from pawl.render.change_figures import figures_json, figures_markdown, figures_text

    if as_json:
        return figures_json(found)
    return figures_markdown(found) if markdown else figures_text(found)


def _compared(again: MadeAgain, *, as_json: bool) -> int:
    if as_json:
        click.echo(_shown(again.figures, as_json=True, markdown=False), nl=False)
    elif again.identical:
        click.echo("The records give the same report, byte for byte.")
    if not again.identical:
        click.echo(f"pawl: {again.why}", err=True)
    return Exit.YES if again.identical else Exit.NO
