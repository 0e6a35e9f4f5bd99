"""`pawl ledger key|list|show|prove`: the key, the entries, and what can be shown of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.governance.ledger import Entry


def register(group: click.Group) -> None:
    """Put the commands into the group."""
    for each in (key, list_, show, prove):
        group.add_command(each)


@click.command()
@click.option(
    "--name", metavar="NAME", help="Make the key, for a ledger of this name: example.org/ledger."
)
@click.pass_obj
def key(data: str | None, name: str | None) -> int:
    """Print the verifier key of this ledger's checkpoints; with --name, make the key first.

    Verifying needs only what is printed here. Keep it where the ledger's operator cannot change
    it: who can change ledger and key can sign another past.
    """
    from pawl.app import data_folder
    from pawl.app.checkpoints import make_signing_key, verifier_key

    folder = data_folder(data)
    found = verifier_key(folder) if name is None else make_signing_key(folder, name)
    click.echo(str(found))
    return Exit.YES


@click.command("list")
@click.option("--type", "kind", metavar="TYPE", help="Such as run.started, or run. for all of it.")
@click.option("--subject", metavar="SUBJECT", help="What the entries are about, exactly.")
@click.option("--since", metavar="WHEN", help="Recorded then or later: 7d, 2026-11-01 or a time.")
@click.option("--until", metavar="WHEN", help="Recorded before then.")
@click.option("--before", metavar="SEQ", type=click.IntRange(min=1), help="Go on from that entry.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.ledger-list/1 object.")
@click.pass_obj
def list_(
    data: str | None,
    kind: str | None,
    subject: str | None,
    since: str | None,
    until: str | None,
    before: int | None,
    limit: int,
    as_json: bool,
) -> int:
    """List entries, newest first.

    Exit status: 0 some, 1 none that match.
    """
    from pawl.app import data_folder, ledger
    from pawl.app.checkpoints import asked

    wanted = asked(kind, subject, since, until, before, limit)
    with ledger(data_folder(data)) as opened:
        page = opened.page(wanted)
    if as_json:
        import msgspec

        told = {"schema": "pawl.ledger-list/1", "entries": page.entries, "before": page.before}
        click.echo(msgspec.json.encode(told).decode())
    else:
        for entry in page.entries:
            click.echo(_line(entry))
        if page.before is not None:
            click.echo(f"More: --before {page.before}", err=True)
    return Exit.YES if page.entries else Exit.NO


@click.command()
@click.argument("seq", metavar="SEQ", type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True, help="Print the entry as `export` does.")
@click.pass_obj
def show(data: str | None, seq: int, as_json: bool) -> int:
    """Show one entry with everything it says."""
    import msgspec

    from pawl.app import data_folder, ledger

    with ledger(data_folder(data)) as opened:
        entry = opened.entry(seq)
    if as_json:
        click.echo(msgspec.json.encode(entry).decode())
        return Exit.YES
    click.echo(_line(entry))
    click.echo(f"  by:       {_plain(entry.actor.source)} ({_plain(entry.actor.assurance)})")
    click.echo(f"  claimed:  {_plain(entry.claimed_at)}")
    click.echo(f"  policy:   {entry.policy_digest or 'none'}")
    click.echo(f"  key:      {_plain(entry.idempotency_key)}")
    click.echo(f"  previous: {entry.prev_hash}")
    click.echo(f"  hash:     {entry.hash}")
    click.echo(_plain(_spread(entry.body), breaks=True))
    return Exit.YES


@click.command()
@click.argument("seq", metavar="[SEQ]", type=click.IntRange(min=1), required=False)
@click.option(
    "--since",
    "older",
    metavar="CHECKPOINT",
    type=click.Path(path_type=Path),
    help="Prove that the ledger goes on from this signed checkpoint.",
)
@click.pass_obj
def prove(data: str | None, seq: int | None, older: Path | None) -> int:
    """Print the proof that an entry is in the ledger, for somebody who does not have it.

    It is checked with `pawl ledger verify --export FILE --pubkey KEY`, and tells nothing of other
    entries but hashes.
    """
    from pawl.app import data_folder, ledger
    from pawl.app.checkpoints import checkpoints
    from pawl.services.ledger import read_kept

    if (seq is None) == (older is None):
        raise click.UsageError("Name one entry by its number, or one checkpoint with --since.")
    folder = data_folder(data)
    with ledger(folder) as opened:
        made = checkpoints(folder, opened.engine, ()).sign()
        if older is not None:
            text = read_kept(older).decode("utf-8", "replace")
            line = opened.prove_growth(text, made, place=str(older))
        else:
            assert seq is not None
            line = opened.prove(seq, made)
    click.echo(line.decode(), nl=False)
    return Exit.YES


def _line(entry: Entry) -> str:
    said = (entry.recorded_at, entry.type, entry.subject, entry.actor.person)
    return f"{entry.seq:>8}  " + "  ".join(map(_plain, said))


def _spread(body: str) -> str:
    import msgspec

    try:
        return msgspec.json.format(body, indent=2)
    except msgspec.DecodeError:
        return body


def _plain(text: str, *, breaks: bool = False) -> str:
    """Return a text without what a terminal would obey: entries hold what strangers wrote."""
    return "".join(c if c.isprintable() or (breaks and c == "\n") else "�" for c in text)
