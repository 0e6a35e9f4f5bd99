"""`pawl token`: hand out, list and take back the tokens that a server knows people by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pawl.services.identity import TokenLine

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def command() -> None:
    """Hand out, list and take back the tokens that a server knows people by.

    They are in the same records as the server's: run this on its machine, or with the same
    PAWL_RECORDS_URL.
    """


@command.command()
@click.option("--person", required=True, help="Whose it is: their id in .pawl/roster.yaml.")
@click.option(
    "--scopes",
    required=True,
    help="What may be asked with it, with commas: ingest, read, operate, evidence, change, "
    "approve, declare, incident, admin.",
)
@click.option("--days", type=int, help="For how many days; 90 where not said.")
@click.option("--note", default="", help="What it is for, in a line.")
@_JSON
@click.pass_obj
def create(
    data: str | None, person: str, scopes: str, days: int | None, note: str, as_json: bool
) -> int:
    """Make a token and print it: once, because only its hash is kept.

    It gives no role. Who may approve what is said by the roster, where `session:PERSON` is whoever
    signed in with the token, and `token:ID` the token itself, in the hands of a program.
    """
    import msgspec

    from pawl.app import data_folder
    from pawl.app.identity import identity
    from pawl.app.people import actor
    from pawl.governance.access import parse_scopes

    wanted = parse_scopes(scopes, place="--scopes")
    with identity(data_folder(data)) as known:
        made = known.create(person, wanted, actor(), days=days, note=note)
    if as_json:
        click.echo(msgspec.json.encode(made).decode())
        return Exit.YES
    click.echo(made.secret)
    click.echo(
        f"{made.id} for {made.person} ({', '.join(made.scopes)}), until {made.expires_at[:16]}Z. "
        "It is not shown again.",
        err=True,
    )
    return Exit.YES


@command.command("list")
@_JSON
@click.pass_obj
def list_(data: str | None, as_json: bool) -> int:
    """List every token there ever was, newest first, without its secret."""
    import msgspec

    from pawl.app import data_folder
    from pawl.app.identity import identity

    with identity(data_folder(data)) as known:
        lines = known.tokens()
    if as_json:
        told = {"schema": "pawl.tokens/1", "tokens": lines}
        click.echo(msgspec.json.encode(told).decode())
    else:
        _tell(lines)
    return Exit.YES


@command.command()
@click.argument("token", metavar="ID")
@click.option("--reason", default="", help="Why, for the ledger.")
@_JSON
@click.pass_obj
def revoke(data: str | None, token: str, reason: str, as_json: bool) -> int:
    """Take a token back. Whoever is signed in with it is signed out at once."""
    import msgspec

    from pawl.app import data_folder
    from pawl.app.identity import identity
    from pawl.app.people import actor

    with identity(data_folder(data)) as known:
        line = known.revoke(token, actor(), reason)
    if as_json:
        click.echo(msgspec.json.encode(line).decode())
    else:
        click.echo(f"{line.id} of {line.person} counts no more, since {line.revoked_at}.")
    return Exit.YES


def _tell(lines: Iterable[TokenLine]) -> None:
    rows = [("ID", "PERSON", "SCOPES", "BEGINS", "STATE", "UNTIL", "LAST USED", "NOTE")]
    rows += [
        (
            line.id,
            line.person,
            ",".join(line.scopes),
            line.prefix,
            line.state,
            line.expires_at[:10],
            (line.last_used_at or "never")[:16],
            line.note,
        )
        for line in lines
    ]
    if len(rows) == 1:
        click.echo("No token was handed out yet.", err=True)
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
