"""`pawl change reviews`: record what the reviews of a pull request say of a change."""

from __future__ import annotations

import click

from pawl.cli.change_answers import CHANGE, opened
from pawl.cli.exits import Exit


@click.command()
@CHANGE
@click.option(
    "--pull-request",
    "pull",
    required=True,
    metavar="NAME",
    help="github:OWNER/REPO#7 or gitlab:GROUP/PROJECT!7.",
)
@click.option("--host-url", metavar="URL", help="Its API; as the CI system says otherwise.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.reviews/1 object.")
@click.pass_obj
def reviews(data: str | None, identity: str, pull: str, host_url: str | None, as_json: bool) -> int:
    """Read the reviews of a pull request, and record those that answer for a change.

    A review counts that was given on the head, after this content was put up for review, where the
    head gives the digest of the change. What the host shows no more is taken back. The token comes
    from GITHUB_TOKEN or GITLAB_TOKEN. Exit status: 0 read, 1 the desk refused an answer, 3 the host
    does not tell all of it, and nothing is recorded.
    """
    from pawl.app.approvals import bring_reviews
    from pawl.render.reviews_text import brought_json, brought_text

    found = opened(data, command=False)
    brought = bring_reviews(
        found.desk,
        found.place,
        identity,
        pull,
        url=host_url,
        told=lambda seconds, why: click.echo(f"pawl: waits {seconds:.0f} s: {why}", err=True),
    )
    if as_json:
        click.echo(brought_json(brought))
    else:
        click.echo(brought_text(brought), nl=False)
    return Exit.NO if brought.refused else Exit.YES
