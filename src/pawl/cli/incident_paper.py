"""`pawl incident postmortem`: what can be learned, from a draft until it is published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit
from pawl.cli.incident_answers import INCIDENT, opened, tell_refusal

if TYPE_CHECKING:
    from pawl.app.incident_commands import Here
    from pawl.services.incident_terms import Written

MAX_FILE = 8 * 1024 * 1024
"""Characters that are read of standard input; a postmortem may have fewer."""


@click.command()
@INCIDENT
@click.option("--owner", metavar="PERSON", help="Who answers for it; begins it where none is.")
@click.option(
    "--edit",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The Markdown that this command printed, as edited; - is standard input.",
)
@click.option("--ask-review", is_flag=True, help="Let others read it.")
@click.option("--send-back", metavar="REASON", help="Say what it lacks.")
@click.option("--publish", is_flag=True, help="Make it final; its incident goes on to the actions.")
@click.option("--no-change", metavar="REASON", help="Sign why the incident changes nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.postmortem/1 object.")
@click.pass_obj
def postmortem(
    data: str | None,
    /,
    identity: str,
    owner: str | None,
    file: Path | None,
    ask_review: bool,
    send_back: str | None,
    publish: bool,
    no_change: str | None,
    as_json: bool,
) -> int:
    """Show a postmortem as Markdown, or change it.

    Without options the postmortem is printed, and before one is begun a draft of the timeline.
    --owner begins it with that draft. Several options are done in their order here: owner, edit,
    no-change, send-back, ask-review, publish; the first that is refused ends it.
    """
    found = opened(data, command=True)
    steps: list[Callable[[], Written]] = []
    if owner is not None:
        steps.append(lambda: _owned(found, identity, owner))
    if file is not None:
        steps.append(lambda: _edited(found, identity, file))
    if no_change is not None:
        steps.append(lambda: found.desk.sign_no_change(identity, no_change, found.by))
    if send_back is not None:
        steps.append(lambda: found.desk.send_back(identity, send_back, found.by))
    if ask_review:
        steps.append(lambda: found.desk.ask_review(identity, found.by))
    if publish:
        steps.append(lambda: found.desk.publish(identity, found.by))
    for step in steps:
        told = step()
        refused = _refused(told, as_json)
        if refused is not None:
            return refused
    return _show(found, identity, as_json)


def _owned(found: Here, identity: str, owner: str) -> Written:
    """Begin a postmortem with what its timeline says, or give it to another owner."""
    from pawl.incidents.event import Refusal
    from pawl.incidents.postmortem import Content

    before = found.desk.postmortem(identity)
    told = found.desk.begin_postmortem(identity, owner, found.by)
    if isinstance(told, Refusal):
        return told
    if before is None and told.content == Content():
        return found.desk.revise(identity, found.desk.draft(identity), found.by, seen=told.version)
    if told.owner != owner.strip():
        return found.desk.revise(identity, told.content, found.by, owner, seen=told.version)
    return told


def _edited(found: Here, identity: str, file: Path) -> Written:
    from pawl.app.change_commands import read_text
    from pawl.incidents.paper_text import read_paper

    text = _stdin() if str(file) == "-" else read_text(file)
    return found.desk.revise(identity, read_paper(text, place=str(file)), found.by)


def _stdin() -> str:
    with click.open_file("-", encoding="utf-8") as stream:
        text: str = stream.read(MAX_FILE)
    return text


def _refused(told: Written, as_json: bool) -> int | None:
    from pawl.incidents.event import Refusal
    from pawl.render.incident_learning_json import PaperTold, told_json

    if not isinstance(told, Refusal):
        return None
    return tell_refusal(told, told_json(PaperTold(refusal=told)) if as_json else "")


def _show(found: Here, identity: str, as_json: bool) -> int:
    from pawl.incidents.paper_text import paper_markdown
    from pawl.render.incident_learning_json import PaperTold, told_json
    from pawl.render.incident_learning_text import blame_text

    one = found.desk.postmortem(identity)
    draft = found.desk.draft(identity) if one is None else None
    blame = found.desk.blame(identity) if one is not None else ()
    if as_json:
        click.echo(told_json(PaperTold(postmortem=one, draft=draft, blame=blame)))
        return Exit.YES
    content = one.content if one is not None else draft
    assert content is not None
    title = f"Postmortem of {one.incident if one else identity}"
    click.echo(paper_markdown(content, title), nl=False)
    if one is None:
        click.echo(
            f"This is a draft; begin it with `pawl incident postmortem {identity} --owner PERSON`.",
            err=True,
        )
    else:
        click.echo(f"It is {one.state}, version {one.version}, owned by {one.owner}.", err=True)
    click.echo(blame_text(blame), nl=False, err=True)
    return Exit.YES
