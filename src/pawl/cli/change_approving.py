"""`pawl change approve`: say yes, signed or in a session, to exactly what was looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.cli.change_answers import CHANGE, JSON, tell
from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.app.change_commands import Here
    from pawl.services.change_terms import Asked, Told


@click.command()
@CHANGE
@click.option(
    "--digest",
    metavar="DIGEST",
    help="The content that you have looked at, at least 12 characters of its digest.",
)
@click.option(
    "--ssh-key",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Sign with this key, which .pawl/allowed_signers of the protected branch lists.",
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --ssh-key: write the signed statement there and record nothing.",
)
@click.option(
    "--signed",
    "signed_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Record a statement that somebody signed with --out.",
)
@click.option("--say", type=click.Choice(["approve", "reject", "abstain"]), default="approve")
@click.option("--note", default="", help="What to say with it.")
@JSON
@click.pass_obj
def approve(
    data: str | None,
    identity: str,
    digest: str | None,
    ssh_key: Path | None,
    out: Path | None,
    signed_file: Path | None,
    say: str,
    note: str,
    as_json: bool,
) -> int:
    """Say yes to exactly this content, base and policy.

    On a terminal what changes is shown first and its digest asked for; elsewhere name it with
    --digest, and another content is refused. A name in git approves nothing: sign with --ssh-key,
    or use the session of a server. With --say reject or abstain the answer is another one.
    """
    from pawl.app.change_commands import here, read_file

    found = here(data, command=False)
    change = found.desk.get(identity)
    if signed_file is not None:
        from pawl.app.change_signing import bring
        from pawl.changes.signed_statement import read_signed

        return tell(
            bring(found, read_signed(read_file(signed_file), place=str(signed_file))), as_json
        )
    asked = found.desk.asked(change.id)
    _looked_at(asked, digest)
    if ssh_key is None and not found.remote:
        raise click.UsageError(
            "A name in git approves nothing. Sign with --ssh-key FILE, or name a server with "
            "PAWL_SERVER and PAWL_TOKEN."
        )
    return _answered(found, asked, say, ssh_key, out, note, as_json)


def _answered(
    found: Here,
    asked: Asked,
    say: str,
    ssh_key: Path | None,
    out: Path | None,
    note: str,
    as_json: bool,
) -> int:
    from pawl.changes.approval import Said, Source

    said = Said(say)
    if ssh_key is None:
        told: Told = found.desk.answer(
            asked.change.id, said, asked.bound, found.by, Source.SESSION, note=note
        )
        return tell(told, as_json)
    from pawl.app.change_signing import bring, signed

    statement = signed(found, asked.change, said, ssh_key, note)
    if out is None:
        return tell(bring(found, statement), as_json)
    import msgspec

    try:
        out.write_bytes(msgspec.json.encode(statement) + b"\n")
    except OSError as error:
        raise click.BadParameter(f"{out}: {error.strerror}", param_hint="--out") from error
    click.echo(f"Signed. Record it with: pawl change approve {asked.change.id} --signed {out}")
    return Exit.YES


def _looked_at(asked: Asked, digest: str | None) -> None:
    """Make sure that what is answered for is what was looked at; raises click's errors."""
    import sys

    if digest is None and sys.stdin.isatty() and sys.stderr.isatty():
        from pawl.render.change_text import difference_lines, risk_line

        for line in (*difference_lines(asked.difference), risk_line(asked.risk)):
            click.echo(line, err=True)
        click.echo(f"content: {asked.digest}", err=True)
        digest = click.prompt("The first 12 characters of the content", err=True)
    if digest is None:
        raise click.UsageError(
            f"Name the content that you have looked at: --digest {asked.digest[:12]} is what it "
            "is now."
        )
    if len(digest) < 12 or not asked.digest.startswith(digest.lower()):
        raise click.UsageError(
            f"What you have looked at is not what would be approved: its digest is "
            f"{asked.digest[:12]}. See `pawl change show {asked.change.id}`."
        )
