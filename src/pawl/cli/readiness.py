"""`pawl readiness`: may agents run in production here, and what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit
from pawl.cli.printing import output_options

if TYPE_CHECKING:
    from pawl.maturity.readiness import Readiness

FORMATS = ("text", "markdown", "json")


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("--at", metavar="REV", help="Look at this commit instead of the one checked out.")
@click.option(
    "--evidence",
    multiple=True,
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Exports of CI, code host or operations: a file or a folder.",
)
@click.option("--as-of", metavar="WHEN", help="Judge as of this time.")
@output_options(FORMATS, "pawl.readiness/1")
@click.pass_obj
def command(
    data: str | None,
    path: Path,
    at: str | None,
    evidence: tuple[Path, ...],
    as_of: str | None,
    output_format: str,
    as_json: bool,
    output: Path | None,
) -> int:
    """Whether agents may run in production here, and what is missing.

    Seven steps of a first integration and five things that one must know, each from the
    repository, from what the code host says and from Pawl's own records. Nothing that anybody
    declares counts, and nothing of the repository is run.

    Exit status: 0 ready, 1 something is missing, 3 something could not be looked at.
    """
    from pawl import app
    from pawl.app.readiness import readiness_of
    from pawl.base.times import format_time, parse_time
    from pawl.cli.assessing import gathering_bar, write_out

    with gathering_bar() as progress:
        told = readiness_of(
            app.data_folder(data),
            path,
            at=at,
            evidence=evidence,
            as_of=None if as_of is None else format_time(parse_time(as_of)),
            progress=progress,
        )
    write_out(_rendered(told, "json" if as_json else output_format), output)
    return _STATUS[told.standing.value]


_STATUS = {"yes": Exit.YES, "no": Exit.NO, "cannot-tell": Exit.CANNOT_TELL}


def _rendered(told: Readiness, form: str) -> str:
    if form == "json":
        import msgspec

        return msgspec.json.encode(told).decode() + "\n"
    from pawl.render.readiness_text import readiness_markdown, readiness_text

    return readiness_text(told) if form == "text" else readiness_markdown(told)
