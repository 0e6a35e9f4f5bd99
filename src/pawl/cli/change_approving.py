"""`pawl change approve`: say yes, signed or in a session, to exactly what was looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.cli.change_answers import CHANGE, JSON, opened, tell
from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.app.change_commands import Here
    from pawl.services.approvals import Brought
    from pawl.services.change_terms import Asked

_FILE = click.Path(path_type=Path, dir_okay=False)


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
    type=_FILE,
    help="Sign with this key, which .pawl/allowed_signers of the protected branch lists.",
)
@click.option(
    "--out", metavar="FILE", type=_FILE, help="With --ssh-key: write the statement, record nothing."
)
@click.option("--signed", metavar="FILE", type=_FILE, help="Record what somebody wrote with --out.")
@click.option(
    "--pull-request",
    metavar="PULL",
    help="Record the reviews of github:OWNER/REPO#7 or gitlab:GROUP/PROJECT!7.",
)
@click.option(
    "--say",
    type=click.Choice(["approve", "reject", "abstain"]),
    default="approve",
    show_default=True,
    help="What to answer.",
)
@click.option("--note", default="", help="What to say with it.")
@JSON
@click.pass_obj
def approve(
    data: str | None,
    identity: str,
    digest: str | None,
    ssh_key: Path | None,
    out: Path | None,
    signed: Path | None,
    pull_request: str | None,
    say: str,
    note: str,
    as_json: bool,
) -> int:
    """Say yes to exactly this content, base and policy.

    On a terminal what changes is shown first and its digest asked for; elsewhere name it with
    --digest, and another content is refused. A name in git approves nothing: sign with --ssh-key,
    hand over what somebody signed, read the reviews of a pull request, or use the session of a
    server. An answer that counts for the gates may approve the change at once.
    """
    found = opened(data, command=False)
    if found.remote and pull_request:
        raise click.UsageError(
            "A server takes answers of its own sessions, and signed ones. Whoever has its data "
            "folder reads the reviews of a code host there: leave PAWL_SERVER unset for that."
        )
    change = found.desk.get(identity)
    if signed is not None:
        from pawl.app.approvals import bring_signed, read_signed_file

        statement = read_signed_file(signed)
        return tell(bring_signed(found.desk, found.place, change.id, statement), as_json)
    if pull_request is not None:
        from pawl.app.approvals import bring_reviews

        brought = bring_reviews(found.desk, found.place, change.id, pull_request)
        return _tell_brought(brought, as_json)
    asked = found.desk.asked(change.id)
    _must_be_looked_at(asked, digest)
    if ssh_key is None and not found.remote:
        raise click.UsageError(
            "A name in git approves nothing. Sign with --ssh-key FILE, read the reviews with "
            "--pull-request, or name a server with PAWL_SERVER and PAWL_TOKEN."
        )
    return _answer(found, asked, say, ssh_key, out, note, as_json)


def _answer(
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
        desk, change = found.desk, asked.change.id
        told = desk.answer(change, said, asked.bound, found.by, Source.SESSION, note=note)
        return tell(told, as_json)
    from pawl.app.approvals import bring_signed, sign

    statement = sign(found.desk, asked.change.id, said, ssh_key, note)
    if out is None:
        return tell(bring_signed(found.desk, found.place, asked.change.id, statement), as_json)
    import msgspec

    try:
        out.write_bytes(msgspec.json.encode(statement) + b"\n")
    except OSError as error:
        raise click.BadParameter(f"{out}: {error.strerror}", param_hint="--out") from error
    click.echo(
        f"Signed. Record it with: pawl change approve {asked.change.id} --signed {out}", err=True
    )
    return Exit.YES


def _tell_brought(brought: Brought, as_json: bool) -> int:
    """Print what reading reviews came to; what was refused is told and makes it a no."""
    from pawl.render.change_text import refusal_text
    from pawl.render.escaping import plain

    for left in brought.left_out:
        who = left.identity or "nobody"
        click.echo(plain(f"{left.ref} of {who} does not count: {left.reason}"), err=True)
    for source, refusal in brought.refused:
        click.echo(f"{source}: {refusal_text(refusal)}", nl=False, err=True)
    if not as_json:
        click.echo(f"{brought.recorded} recorded, {brought.taken_back} taken back")
    status = tell(brought.change, as_json)
    return Exit.NO if brought.refused else status


def _must_be_looked_at(asked: Asked, digest: str | None) -> None:
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
