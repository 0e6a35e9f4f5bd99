"""`pawl assess`: where a repository stands, from evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit
from pawl.cli.printing import output_options

if TYPE_CHECKING:
    from pawl.maturity.verdict import Assessment
    from pawl.services.assessing import Asked

FORMATS = ("text", "markdown", "html", "json", "sarif", "oscal", "in-toto", "badge", "bundle")


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("--model", "models", multiple=True, metavar="ID", help="eng, ops, adopt or tier3.")
@click.option("--at", metavar="REV", help="Assess this commit instead of the one checked out.")
@click.option(
    "--base",
    metavar="REV",
    help="The version whose definitions judge; where the default branch was left by default.",
)
@click.option(
    "--evidence",
    multiple=True,
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Exports of CI, code host or operations: a file or a folder.",
)
@click.option(
    "--checkpoint",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Compare the ledger with a checkpoint kept elsewhere.",
)
@click.option("--as-of", metavar="WHEN", help="Judge as of this time; nothing is recorded.")
@click.option("--formal", metavar="DAY", help="The day of a formal assessment, if one is near.")
@click.option("--no-record", is_flag=True, help="Keep nothing of it in the records.")
@output_options(FORMATS, "pawl.assess/1")
@click.option(
    "--require",
    multiple=True,
    metavar="LEVEL",
    help="Exit 1 unless every dimension is at this level or above, such as eng.L2.",
)
@click.option(
    "--sign",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Sign a bundle with this private key (Ed25519, PEM).",
)
@click.option(
    "--fleet",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Assess every repository that a pawl.fleet/1 file names, instead of PATH.",
)
@click.pass_obj
def command(
    data: str | None,
    path: Path,
    models: tuple[str, ...],
    at: str | None,
    base: str | None,
    evidence: tuple[Path, ...],
    checkpoint: Path | None,
    as_of: str | None,
    formal: str | None,
    no_record: bool,
    output_format: str,
    as_json: bool,
    output: Path | None,
    require: tuple[str, ...],
    sign: Path | None,
    fleet: Path | None,
) -> int:
    """Where a repository stands on the maturity models, from evidence.

    Nothing of the repository is executed. What could not be looked at is unknown: it blocks a
    level and blames nobody. Each run keeps its evidence, so that a level which asks for months
    of continuity can be proved later.

    Exit status: 0 assessed, 1 below what --require names, 3 nothing could be looked at or a probe
    failed, and no level is published.
    """
    # One assessment makes no cycles worth collecting, and looking for them among the files of a
    # large tree takes a fifth of its time. A fleet is many, and collects between them.
    import gc

    gc.disable()
    from pawl import app
    from pawl.app.maturity import assess
    from pawl.base.times import format_time, parse_time
    from pawl.cli.assessing import gathering_bar, render, unmet_requirements, write_out
    from pawl.services.assessing import Asked

    wanted = "json" if as_json else output_format
    if fleet is not None:
        return _assess_fleet(
            data, fleet, Asked(models=models), wanted, output, not no_record, checkpoint
        )
    with gathering_bar() as progress:
        made = assess(
            app.data_folder(data),
            path,
            Asked(models=models, assessed_on=formal),
            at=at,
            base=base,
            evidence=evidence,
            as_of=None if as_of is None else format_time(parse_time(as_of)),
            checkpoint=checkpoint,
            record=not no_record,
            progress=progress,
        )
    write_out(render(made, wanted, sign), output)
    return _status(made.assessment, unmet_requirements(made.assessment, require))


def _assess_fleet(
    data: str | None,
    file: Path,
    asked: Asked,
    wanted: str,
    output: Path | None,
    record: bool,
    checkpoint: Path | None,
) -> int:
    from pawl import app
    from pawl.app.maturity import assess_fleet
    from pawl.cli.assessing import gathering_bar, write_out

    if wanted not in ("text", "json"):
        raise click.UsageError("A fleet is printed as text or json.")
    with gathering_bar(worth=2) as progress:
        found = assess_fleet(
            app.data_folder(data),
            file,
            asked,
            record=record,
            told=progress or (lambda done, total, what: None),
            checkpoint=checkpoint,
        )
    if wanted == "json":
        import msgspec

        write_out(msgspec.json.encode(found).decode() + "\n", output)
    else:
        from pawl.render.fleet_text import fleet_text

        write_out(fleet_text(found), output)
    return Exit.CANNOT_TELL if any(row.problem for row in found.rows) else Exit.YES


def _status(assessment: Assessment, unmet: list[str]) -> int:
    if not all(model.complete for model in assessment.models):
        click.echo("pawl: no level is published; see what was not looked at.", err=True)
        return Exit.CANNOT_TELL
    for sentence in unmet:
        click.echo(f"pawl: {sentence}", err=True)
    return Exit.NO if unmet else Exit.YES
