"""`pawl canary`: prove that a gate bites."""

from pathlib import Path

import click

from pawl.cli.exits import Exit


@click.command()
@click.argument("names", nargs=-1)
@click.option(
    "--path",
    type=click.Path(path_type=Path),
    default=".",
    show_default=True,
    help="The repository whose .pawl/canaries.yaml is run.",
)
@click.option(
    "--evidence",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what was proved there, for pawl assess --evidence.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.canary/1 object.")
def command(names: tuple[str, ...], path: Path, evidence: Path | None, as_json: bool) -> int:
    """Prove that a gate bites: plant a fault in a copy, and see the gate refuse it.

    Runs the repository's own commands, so it belongs in the team's own CI. Each gate runs as
    things are, where it must pass, and with the fault, where it must fail. The copy is of the
    whole folder, as it stands on the disk, but for what the file names under link and leave.

    Exit status: 0 every gate refused its fault, 1 one let it pass, 3 one proved nothing.
    """
    import msgspec

    from pawl.app.canaries import evidence_of, prove
    from pawl.cli.assessing import write_out

    results = prove(path, names, told=lambda name: click.echo(f"pawl: canary {name}", err=True))
    if as_json:
        told = {"schema": "pawl.canary/1", "canaries": results}
        click.echo(msgspec.json.encode(told).decode())
    else:
        for each in results:
            mark = {True: "bites", False: "passes", None: "?"}[each.bites]
            click.echo(f"{mark:7} {each.gate}: {each.reason} ({each.id})")
    if evidence is not None:
        write_out(evidence_of(results), evidence)
    if any(each.bites is False for each in results):
        return Exit.NO
    return Exit.YES if all(each.bites for each in results) else Exit.CANNOT_TELL
