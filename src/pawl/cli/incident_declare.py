"""`pawl incident declare` and `send`: the one command that may never fail, and its second try."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.services.declaring import Outcome


@click.command()
@click.argument("title", nargs=-1, required=True)
@click.option("--severity", default="", metavar="1..4", help="1 is the worst; 2 if unsure.")
@click.option(
    "--domain",
    "domains",
    multiple=True,
    metavar="DOMAIN",
    help="security, safety, quality or cost; the weightiest of several decides who commands.",
)
@click.option("--scope", default="", help="Such as a project or a team.")
@click.option("--component", "components", multiple=True, help="Such as prompt/CLAUDE.md.")
@click.option("--key", default="", help="What the same event has again: it is one incident then.")
@click.option("--started", default="", metavar="TIME", help="When it began, or 10m ago.")
@click.option("--detected", default="", metavar="TIME", help="When it was first seen.")
@click.option("--text", default="", help="What else is known.")
@click.option(
    "--link",
    "links",
    multiple=True,
    metavar="KIND:ID",
    help="alert, change, run or evidence, such as change:chg_01k; with ? at its end: suspected.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.incident-declared/1 object.")
@click.pass_obj
def declare(
    data: str | None,
    title: tuple[str, ...],
    severity: str,
    domains: tuple[str, ...],
    scope: str,
    components: tuple[str, ...],
    key: str,
    started: str,
    detected: str,
    text: str,
    links: tuple[str, ...],
    as_json: bool,
) -> int:
    """Say that something is wrong; a title is enough, and it always works.

    It needs no repository, no policy and no connection. What cannot be read of it is kept as text.
    It is written to a file before anything is sent, and goes away when it was taken; what the
    server or the records did not take is sent by the next command about incidents that reaches
    them, once. Exit status: 3 where it is kept and nobody was paged yet.
    """
    from pawl.app import now
    from pawl.app.incident_commands import declare_here
    from pawl.services.incident_words import said_of

    said = said_of(
        " ".join(title), now(), severity=severity, domains=domains, scope=scope,
        components=components, key=key, text=text, started=started, detected=detected, links=links,
    )  # fmt: skip
    if not said.title.strip():
        raise click.UsageError("Say in a few words what is wrong.")
    outcome, stands = declare_here(data, said)
    if as_json:
        click.echo(_json(outcome))
    else:
        _tell(outcome)
    if outcome.declared is None:
        return Exit.CANNOT_TELL if outcome.refusal is None else Exit.NO
    if stands:
        click.echo(
            "pawl: nothing looks at the clock here, so nobody is paged. Call somebody; "
            "`pawl up` pages, and `pawl incident tick` looks once.",
            err=True,
        )
    return Exit.YES


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.incidents-sent/1 object.")
@click.pass_obj
def send(data: str | None, as_json: bool) -> int:
    """Send declarations that were kept, where any wait.

    Each goes to where it was declared to: a team's server (PAWL_SERVER) or the records of this
    machine. Exit status: 3 where any of them still waits.
    """
    from pawl.app.incident_commands import here, send_kept
    from pawl.cli.incident_answers import tell_sent
    from pawl.render.incident_json import KeptTold, SentTold, told_json

    found = here(data, command=False)
    click.get_current_context().call_on_close(found.desk.close_desk)
    sent = send_kept(found)
    if as_json:
        waiting = tuple(KeptTold(key="", place=place, why=why) for place, why in sent.troubles)
        incidents = tuple(each.incident for each in sent.sent)
        click.echo(told_json(SentTold(sent=incidents, waiting=waiting, elsewhere=sent.elsewhere)))
    else:
        tell_sent(sent)
        click.echo(f"{len(sent.sent)} sent, {len(sent.troubles)} still kept")
        if sent.elsewhere:
            click.echo(f"{sent.elsewhere} are for another server: set PAWL_SERVER to that one")
    return Exit.CANNOT_TELL if sent.troubles or sent.elsewhere else Exit.YES


def _tell(outcome: Outcome) -> None:
    from pawl.app import now
    from pawl.render.incident_declared_text import kept_text
    from pawl.render.incident_text import declared_text

    if outcome.declared is not None:
        click.echo(declared_text(outcome.declared, now()), nl=False)
    else:
        click.echo(kept_text(outcome), nl=False, err=True)


def _json(outcome: Outcome) -> str:
    from pawl.render.incident_json import DeclaredTold, KeptTold, told_json

    if outcome.declared is not None:
        told = outcome.declared
        return told_json(
            DeclaredTold(
                incident=told.incident, new=told.new, may_be_back=told.may_be_back,
                doubts=told.doubts,
            )
        )  # fmt: skip
    kept = KeptTold(
        key=outcome.kept.key,
        place=outcome.place,
        why=outcome.why or outcome.lost,
        declaration=None if outcome.place else outcome.kept,
    )
    return told_json(DeclaredTold(refusal=outcome.refusal, kept=kept))
