"""`pawl cost`: who spent what, on what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pawl.services.cost import Answer, Question
    from pawl.services.machine import Progress
    from pawl.telemetry.bill import Key

_KEYS = "day, hour, project, repo, branch, developer, model, agent"


@click.command()
@click.option("--by", default="project", show_default=True, help=f"Group by: {_KEYS}.")
@click.option("--since", metavar="WHEN", help="From a day, an instant, or a time ago (7d, 12h).")
@click.option("--until", metavar="WHEN", help="Up to and with a day, or to an instant.")
@click.option("--project", metavar="NAME", help="One project alone.")
@click.option("--no-import", is_flag=True, help="Answer from what was read before.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.cost/1 object.")
@click.pass_obj
def command(
    data: str | None,
    by: str,
    since: str | None,
    until: str | None,
    project: str | None,
    no_import: bool,
    as_json: bool,
) -> int:
    """Who spent what, on what: a bill that counts each request once.

    Reads what is new in the agents' local transcripts first. Money is in US dollars at a dated
    price table; a model it does not know is listed as unpriced and never counted as free. Days
    and hours are UTC; the window is kept by whole hours.

    Where PAWL_SERVER names a team's server, its bill is printed (PAWL_TOKEN is its token), and
    this machine's transcripts are neither read nor sent there.
    """
    # A command that lives for a second makes no cycles worth collecting, and looking for them
    # among a hundred thousand fresh values takes a tenth of its time.
    import gc

    gc.disable()
    from pawl import app
    from pawl.cli.importing import progress_bar, tell_warnings
    from pawl.services.cost import Question, window

    keys = _keys(by)
    begin, end = window(since, until, app.now())
    question = Question(by=keys, since=begin, until=end, project=project)
    with progress_bar(quiet=as_json) as progress:
        answer = _answer(question, data, read_first=not no_import, progress=progress)
    tell_warnings(answer.warnings)
    if as_json:
        import msgspec

        from pawl.render.cost import cost_json

        click.echo(msgspec.json.encode(cost_json(answer.bill, answer.warnings)))
    else:
        from pawl.render.cost import cost_table

        click.echo(cost_table(answer.bill), nl=False)
    return 0


def _answer(
    question: Question, data: str | None, *, read_first: bool, progress: Progress | None
) -> Answer:
    from pawl import app

    server = app.team_server()
    if server is not None:
        import msgspec

        from pawl.services.server_answers import ask_server

        told = ask_server(question, server)
        if not read_first:
            return told
        unread = "PAWL_SERVER is set: transcripts of this machine are not read."
        return msgspec.structs.replace(told, warnings=(unread, *told.warnings))
    folder = app.data_folder(data)
    machine = app.bill_machine(folder)
    store = app.stored_bill(folder)
    if store is None:
        from pawl.services.cost import ask

        return ask(question, machine, read_first=read_first, progress=progress)
    from pawl.services.stored_cost import ask_store

    return ask_store(
        question,
        store,
        machine,
        lambda: app.import_spool(folder),
        beside=app.server_at,
        read_first=read_first,
        progress=progress,
    )


def _keys(text: str) -> tuple[Key, ...]:
    from pawl.base.errors import BadValue
    from pawl.telemetry.bill import Key

    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(Key)]
    if unknown:
        raise BadValue(
            f"{unknown[0]!r} is nothing a bill is grouped by.",
            place="--by",
            hint=f"Take some of: {_KEYS}.",
        )
    return tuple(dict.fromkeys(Key(name) for name in names))
