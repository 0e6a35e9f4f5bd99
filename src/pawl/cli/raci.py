"""`pawl raci`: who answers for what, and who may approve it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.app.policies import Answers
    from pawl.governance.raci import Work

_SCOPE = click.option("--scope", metavar="SCOPE", default="", help="A scope such as shop/support.")
_BRANCH = click.option(
    "--branch", metavar="NAME", help="The protected branch; as configured by default."
)
_JSON = click.option(
    "--json", "as_json", is_flag=True, help="Print one pawl.raci-answers/1 object."
)


@click.group()
def command() -> None:
    """Who answers for which work, and who may approve a change of it."""


@command.command()
@_SCOPE
@_BRANCH
@_JSON
def show(scope: str, branch: str | None, as_json: bool) -> int:
    """Show the table of the protected branch, each role with the people who hold it."""
    from pawl.app.policies import who_answers
    from pawl.render.raci_text import raci_text

    found = who_answers(Path.cwd(), (), (), scope, branch=branch)
    if as_json:
        _print_json(found)
    else:
        click.echo(raci_text(found.answering, found.branch, scope), nl=False)
    return Exit.YES


@command.command()
@click.argument("what", metavar="[WORK|PATH]...", nargs=-1)
@click.option(
    "--from-diff",
    "range_",
    metavar="BASE..HEAD",
    help="What these commits change, and their authors.",
)
@click.option(
    "--author",
    "authors",
    metavar="IDENTITY",
    multiple=True,
    help="Somebody who wrote it, such as git:ada@example.com.",
)
@_SCOPE
@_BRANCH
@_JSON
def who(
    what: tuple[str, ...],
    range_: str | None,
    authors: tuple[str, ...],
    scope: str,
    branch: str | None,
    as_json: bool,
) -> int:
    """Who is accountable for a kind of work, a file or a diff, and who may approve it.

    WORK is prompt, policy, routing-cost, tools, model, code or incident; all else is a path, which
    need not exist. Exit status: 0 somebody may approve each, 1 nobody may approve one of them.
    """
    from pawl.app.policies import who_answers
    from pawl.governance.raci import Work
    from pawl.render.raci_text import who_text

    if not what and range_ is None:
        raise click.UsageError("Name a kind of work, a path, or --from-diff BASE..HEAD.")
    known = {each.value for each in Work}
    works: list[Work] = [Work(each) for each in what if each in known]
    paths = [each for each in what if each not in known]
    found = who_answers(
        Path.cwd(),
        works,
        paths,
        scope,
        range_=None if range_ is None else read_range(range_),
        authors=authors,
        branch=branch,
    )
    if as_json:
        _print_json(found)
    else:
        click.echo(who_text(found.answering, found.authored, found.files), nl=False)
    return Exit.YES if all(each.can_be_approved for each in found.answering) else Exit.NO


def read_range(text: str) -> tuple[str, str]:
    """Return the two revisions of `BASE..HEAD`; an empty head is the commit checked out."""
    base, dots, head = text.partition("..")
    if not dots or not base:
        raise click.BadParameter(
            f"{text!r} is no range; write BASE..HEAD, such as origin/main..HEAD.",
            param_hint="--from-diff",
        )
    return base, head.removeprefix(".") or "HEAD"


def _print_json(found: Answers) -> None:
    import msgspec

    told = {"schema": "pawl.raci-answers/1", **found._asdict()}
    told["answering"] = [
        {**msgspec.to_builtins(each), "can_be_approved": each.can_be_approved}
        for each in found.answering
    ]
    click.echo(msgspec.json.encode(told).decode())
