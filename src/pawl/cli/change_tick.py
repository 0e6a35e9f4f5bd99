"""`pawl change tick`: let time, telemetry and executors do once what is due."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, nothing else.")
@click.pass_obj
def tick(data: str | None, as_json: bool) -> int:
    """Carry out, measure, advance and take back what is due, once; `pawl up` does so by itself.

    Approvals expire, stages are judged by telemetry, what fails goes back, and what was changed
    outside is put on record. Exit status: 0 all is in order, 1 somebody has to decide, 3 something
    could not be looked at or done.
    """
    import msgspec

    from pawl.app import data_folder
    from pawl.app.rollouts import tick_once
    from pawl.cli.exits import Exit

    ticked = tick_once(data_folder(data), Path.cwd())
    if as_json:
        told = {"schema": "pawl.change-tick/1", **msgspec.to_builtins(ticked)}
        click.echo(msgspec.json.encode(told).decode())
    else:
        for did in ticked.did:
            click.echo(f"{did.change}  {did.what}{f'  {did.why}' if did.why else ''}")
        if not ticked.did:
            click.echo("Nothing is due.")
        for trouble in ticked.troubles:
            click.echo(f"pawl: {trouble}", err=True)
    if ticked.troubles:
        return int(Exit.CANNOT_TELL)
    return int(Exit.NO if ticked.asks else Exit.YES)
