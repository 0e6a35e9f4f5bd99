"""`pawl verify-assessment`: make an assessment again, offline, and compare the bytes."""

from pathlib import Path

import click

from pawl.cli.exits import Exit


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A public key (Ed25519, PEM) that must have signed it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.verified/1 object.")
def command(file: Path, keys: tuple[Path, ...], as_json: bool) -> int:
    """Make an assessment again from what its bundle holds, and compare the bytes.

    FILE is what `pawl assess --format bundle` printed. Needs no network, no repository and no
    records. What is proved is that this evidence and these rules make this assessment.

    Exit status: 0 identical (and signed, where --key is given), 1 not.
    """
    import msgspec

    from pawl.app.answers import verified

    found, signed = verified(file, keys)
    good = found.same and (signed.vouched or not keys)
    if as_json:
        told = {
            "schema": "pawl.verified/1",
            **msgspec.to_builtins(found),
            "signed_by": list(signed.trusted),
            "signatures_refused": list(signed.refused),
        }
        click.echo(msgspec.json.encode(told).decode())
        return Exit.YES if good else Exit.NO
    if found.same:
        click.echo(f"identical: {found.subject} as of {found.as_of[:10]}, root {found.root[:16]}")
    else:
        click.echo(f"different: {found.difference}")
    for name in signed.trusted:
        click.echo(f"signed by {name}")
    for reason in signed.refused:
        click.echo(f"a signature does not count: {reason}")
    if not signed.trusted:
        click.echo("No trusted key signed it: nobody vouches for the evidence.", err=True)
    return Exit.YES if good else Exit.NO
