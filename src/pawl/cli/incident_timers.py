"""`pawl incident timers` and `tick`: whether anybody is paged when they should be."""

from __future__ import annotations

import click

from pawl.cli.exits import Exit
from pawl.cli.incident_answers import opened


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.incident-timers/1 object.")
@click.pass_obj
def timers(data: str | None, as_json: bool) -> int:
    """Whether every timer did as it should.

    Judged from deadlines and the ledger alone, and not by what carries them out. Exit status: 1
    where one was missed, late, needless or done twice, or where a deadline is to come and nothing
    looks at the clock.
    """
    from pawl.app import now
    from pawl.render.incident_json import TimersTold, told_json
    from pawl.render.incident_text import timers_text
    from pawl.services.incident_server import TICK_EVERY_S
    from pawl.services.incident_watch import clock_state

    desk = opened(data, command=False).desk
    state, due = clock_state(desk, now(), TICK_EVERY_S), desk.next_due()
    findings, last, alive = state.findings, state.last_tick, not state.dead
    if as_json:
        click.echo(
            told_json(TimersTold(findings=findings, last_tick=last, next_due=due, alive=alive))
        )
    else:
        click.echo(timers_text(findings, last, due, alive=alive), nl=False)
    return Exit.NO if findings or (due is not None and not alive) else Exit.YES


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.incident-tick/1 object.")
@click.pass_obj
def tick(data: str | None, as_json: bool) -> int:
    """Let time do what is due, once.

    `pawl up` does so by itself, every few seconds. People are paged, and a promise that is broken
    is said once, however often this runs.
    """
    from pawl.render.escaping import cut, plain
    from pawl.render.incident_json import TickTold, told_json

    desk = opened(data, command=False).desk
    happened, due = desk.tick(), desk.next_due()
    if as_json:
        click.echo(told_json(TickTold(happened=happened, next_due=due)))
    else:
        for each in happened:
            person = cut(plain(str(each.tells.get("person", ""))), 100)
            click.echo(f"{each.subject}  {each.type}{f'  {person}' if person else ''}")
        if not happened:
            click.echo("Nothing is due.")
        if due:
            click.echo(f"next deadline: {due[:19]}Z")
    return Exit.YES
