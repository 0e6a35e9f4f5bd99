"""`pawl gate tell`: have a code host show what the gates say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from pawl.cli.change_answers import CHANGE, MOMENT, opened

if TYPE_CHECKING:
    from pawl.changes.change import Change
    from pawl.changes.facts import Where
    from pawl.changes.gate import Decision
    from pawl.services.gate_telling import ToldHost


@click.command()
@CHANGE
@MOMENT
@click.option("--host", "product", required=True, type=click.Choice(("github", "gitlab")))
@click.option("--repository", required=True, metavar="NAME", help="OWNER/REPO or GROUP/PROJECT.")
@click.option("--commit", required=True, metavar="SHA", help="The commit that is to show it.")
@click.option("--app", type=click.IntRange(min=1), metavar="ID", help="GitHub: whose check it is.")
@click.option("--host-url", metavar="URL", help="Its API; as the CI system says otherwise.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.gate-told/1 object.")
@click.pass_obj
def tell(
    data: str | None,
    identity: str,
    moment: Any,
    product: Any,
    repository: str,
    commit: str,
    app: int | None,
    host_url: str | None,
    as_json: bool,
) -> int:
    """Ask the gates of a change now, and show the decision on a commit.

    On GitHub it is a check run of the app with --app, which a rule can require of that app alone;
    on GitLab a commit status. The token comes from GITHUB_TOKEN or GITLAB_TOKEN. Telling it again
    makes no second one. Exit status: that of the decision, 0 allowed, 1 no, 3 it cannot be told.
    """
    from pawl.app.gate_telling import tell_host
    from pawl.render.decision_markdown import decision_markdown

    if product == "github" and app is None:
        raise click.UsageError("Missing option '--app': whose check would a rule require?")
    found = opened(data, command=False)
    change = found.desk.get(identity)
    where: Where = moment or _next(change)
    decision = found.desk.check(change.id, where, found.by).decision
    told = tell_host(
        decision,
        decision_markdown(decision),
        product=product,
        repository=repository,
        commit=commit,
        app=app or 0,
        url=host_url,
    )
    _print(told, decision, as_json)
    return decision.status


def _next(change: Change) -> Where:
    from pawl.changes.change import State

    return "approve" if change.state in (State.DRAFT, State.IN_REVIEW) else "start"


def _print(told: ToldHost, decision: Decision, as_json: bool) -> None:
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(told).decode())
        return
    click.echo(f"{told.action}: {told.outcome} for {decision.change} {decision.digest[:12]}")
