"""`pawl import`: read the agents' local transcripts."""

from __future__ import annotations

import click


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True))
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.import/1 object.")
@click.pass_obj
def command(data: str | None, paths: tuple[str, ...], as_json: bool) -> int:
    """Read the agents' local transcripts into Pawl.

    Looks in their usual places, or at the PATHS given. Reads Claude Code, Codex, Gemini CLI and
    opencode, exports of opencode, and cost logs with the columns timestamp,project,cost. Only
    what is new is read; running it again changes nothing. Nothing is sent to a server that
    PAWL_SERVER names.
    """
    from pathlib import Path

    from pawl import app
    from pawl.cli.importing import progress_bar, tell_warnings
    from pawl.services.imports import import_transcripts

    folder = app.data_folder(data)
    machine = app.bill_machine(folder)
    absolute = [str(Path(path).absolute()) for path in paths]
    with app.import_spool(folder) as spool, progress_bar(quiet=as_json) as progress:
        done = import_transcripts(machine, spool, paths=absolute, progress=progress)
    tell_warnings(done.warnings)
    if as_json:
        import msgspec

        from pawl.render.imports import import_json

        click.echo(msgspec.json.encode(import_json(done)))
    else:
        from pawl.render.imports import import_table

        click.echo(import_table(done), nl=False)
    return 0
