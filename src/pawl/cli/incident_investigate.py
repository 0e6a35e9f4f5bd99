"""`pawl incident investigate` and `investigations`: what probably caused it, with evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.investigation.investigation import Investigation

JSON = click.option(
    "--json", "as_json", is_flag=True, help="Print one pawl.investigation/1 object."
)
MARKDOWN = click.option("--markdown", is_flag=True, help="Print Markdown, for a page or a chat.")


@click.command()
@click.argument("words", metavar="[INCIDENT] [-- CMD...]", nargs=-1, type=click.UNPROCESSED)
@click.option("--exercise", metavar="NAME", help="Play a bundled exercise; `list` names them.")
@click.option("--since", default="", metavar="WHEN", help="From this time on.")
@click.option("--until", default="", metavar="WHEN", help="Up to this time.")
@click.option("--at", default="", metavar="WHEN", help="When it was noticed.")
@click.option("--component", "components", multiple=True, help="What is hurt; repeatable.")
@click.option("--agent", is_flag=True, help="Have the agent behind -- look at it as well.")
@click.option("--product", metavar="NAME", help="Which agent CMD is, where its name does not tell.")
@click.option("--template", default="", metavar="NAME", help="Of .pawl/investigation/NAME.md.")
@click.option("--no-keep", is_flag=True, help="Keep nothing of it, and link nothing.")
@JSON
@MARKDOWN
@click.pass_obj
def investigate(
    data: str | None,
    /,
    words: tuple[str, ...],
    exercise: str | None,
    since: str,
    until: str,
    at: str,
    components: tuple[str, ...],
    agent: bool,
    product: str | None,
    template: str,
    no_keep: bool,
    as_json: bool,
    markdown: bool,
) -> int:
    """Find what probably caused an incident, from evidence, and change nothing.

    Sources are looked at side by side: history, deployments, flags, alerts, events, logs, measures.
    Without an INCIDENT a window is looked at. With --agent the command behind `--` reads the
    evidence as well, in a supervised run that may only read; what it says without evidence is
    dropped.

    Exits 0 when something explains it, and 3 when nothing does.
    """
    from pathlib import Path

    from pawl.app import data_folder
    from pawl.app.investigating_commands import Asked, Investigating

    incident, command = _parts(words, agent)
    if exercise is not None:
        return _exercise(exercise, as_json, markdown)
    place = Path.cwd()
    here = Investigating(data_folder(data), place)
    click.get_current_context().call_on_close(here.close)
    asked = Asked(incident=incident, since=since, until=until, at=at, components=components)
    by = here.person() if incident and not no_keep else None
    found = here.investigate(asked)
    if agent:
        found = here.ask_agent(
            found, command, product, template, lambda text: click.echo(text, err=True)
        )
    name, digest = "", ""
    if by is not None:
        kept, refusal = here.keeping().keep(found, by)
        found, name, digest = kept.investigation, kept.id, kept.digest
        click.echo(f"Kept as {name}.", err=True)
        if refusal is not None:
            click.echo(f"It is not linked: {' '.join(refusal.reasons)}", err=True)
    _show(found, as_json, markdown, name, digest)
    return _exit(found)


@click.command()
@click.argument("identity", metavar="INCIDENT")
@click.option("--all", "every", is_flag=True, help="Show each of them, not only the last.")
@JSON
@MARKDOWN
@click.pass_obj
def investigations(
    data: str | None, identity: str, every: bool, as_json: bool, markdown: bool
) -> int:
    """Show what investigations of an incident found. Exits 3 where there were none."""
    from pathlib import Path

    from pawl.app import data_folder
    from pawl.app.investigating_commands import Investigating

    here = Investigating(data_folder(data), Path.cwd())
    click.get_current_context().call_on_close(here.close)
    kept = here.keeping().of(identity)
    if not kept:
        click.echo("It was not investigated yet.", err=True)
        return Exit.CANNOT_TELL
    for each in kept if every else kept[-1:]:
        _show(each.investigation, as_json, markdown, each.id, each.digest)
    return Exit.YES


def _parts(words: tuple[str, ...], agent: bool) -> tuple[str, tuple[str, ...]]:
    """Return the incident and the agent's command out of what was typed."""
    named = words[:1] if words and words[0].startswith("inc_") else ()
    command = words[len(named) :]
    if agent and not command:
        raise click.UsageError("--agent needs a command behind --, such as -- claude -p.")
    if command and not agent:
        if len(command) == 1 and not named:
            return command[0], ()
        raise click.UsageError("Name one incident; a command behind -- needs --agent.")
    return (named[0] if named else ""), command


def _exercise(name: str, as_json: bool, markdown: bool) -> int:
    """Play an exercise and say whether its cause was found first."""
    from pawl.app.investigating import exercised, rank_of
    from pawl.investigation.exercise import exercise_names, shipped_exercise
    from pawl.render.investigation_json import exercise_json

    if name == "list":
        for each in exercise_names():
            click.echo(f"{each}: {shipped_exercise(each).title}")
        return Exit.YES
    exercise = shipped_exercise(name)
    found, place = exercised(exercise)
    rank = rank_of(exercise, found, place)
    if as_json:
        click.echo(exercise_json(found, exercise.expected, rank))
    else:
        _show(found, False, markdown, "", "")
        where = "not found" if rank is None else f"found as number {rank}"
        click.echo(f"The cause of this exercise was {where}. {' '.join(exercise.story.split())}")
    return Exit.YES if rank == 1 else Exit.NO


def _show(found: Investigation, as_json: bool, markdown: bool, name: str, digest: str) -> None:
    from pawl.render.investigation_json import investigation_json
    from pawl.render.investigation_markdown import investigation_markdown, investigation_text

    if as_json:
        click.echo(investigation_json(found, id=name, digest=digest))
    elif markdown:
        click.echo(investigation_markdown(found), nl=False)
    else:
        click.echo(investigation_text(found), nl=False)


def _exit(found: Investigation) -> int:
    explained = any(each.level != "unlikely" for each in found.hypotheses)
    return Exit.YES if explained else Exit.CANNOT_TELL
