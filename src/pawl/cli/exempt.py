"""`pawl exempt`: the register of exemptions, judged."""

from pathlib import Path

import click

from pawl.cli.exits import Exit


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("--base", metavar="REV", help="Judge the register of this version.")
@click.option("--head", is_flag=True, help="Judge the register as it stands in the checkout.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.exemptions-judged/1 object.")
def command(path: Path, base: str | None, head: bool, as_json: bool) -> int:
    """Which exemptions count here, which have ended, and which never did.

    The register is .pawl/exemptions.yaml of the base version: a change cannot exempt itself.
    --head shows what a change to it would make of it, before it is merged.

    Exit status: 0 every entry counts or waits for its day, 1 one has ended or is refused.
    """
    import msgspec

    from pawl.app.maturity import judged_register
    from pawl.maturity.exempting import Status

    standings = judged_register(path, base=base, head=head)
    if as_json:
        told = {"schema": "pawl.exemptions-judged/1", "exemptions": standings}
        click.echo(msgspec.json.encode(told).decode())
    elif not standings:
        click.echo("Nothing is exempt here.")
    for each in () if as_json else standings:
        ends = f", ends {each.ends[:10]}" if each.ends else ""
        click.echo(f"{each.status.value:9} {each.exemption.id}  {each.exemption.criterion}{ends}")
        click.echo(f"          {each.reason}")
    bad = (Status.EXPIRED, Status.REOPENED, Status.REFUSED)
    return Exit.NO if any(each.status in bad for each in standings) else Exit.YES
