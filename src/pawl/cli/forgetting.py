"""`pawl events forget`: erase a person, keep the totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.services.forgetting import ForgetReport


@click.command()
@click.option(
    "--actor",
    "names",
    metavar="NAME",
    multiple=True,
    required=True,
    help="As `pawl cost --by developer` shows the person; again for each other name of theirs.",
)
@click.option("--reason", metavar="TEXT", required=True, help="Why; the ledger keeps it.")
@click.option("--yes", is_flag=True, help="Do not ask; there is no way back.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.forgotten/1 object.")
@click.pass_obj
def forget(data: str | None, names: tuple[str, ...], reason: str, yes: bool, as_json: bool) -> int:
    """Erase a person from events and records, and what they said; every total stays.

    Exit status: 0 done, 1 nothing held the name, 2 asked wrongly, 3 another process has the
    events open, or not every server of ClickHouse answers: then ask again.
    """
    from pawl.app import data_folder
    from pawl.app.forgetting import forget as erase

    if not yes:
        click.confirm(
            f"Erase {', '.join(names)} for good? Totals stay, the name does not come back.",
            abort=True,
            err=True,
        )
    report = erase(data_folder(data), names, reason)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(report).decode())
    else:
        _tell(report)
    found = report.events + report.lines + report.entries + report.runs + report.ceremonies
    found += report.texts
    return Exit.YES if found else Exit.NO


def _tell(report: ForgetReport) -> None:
    click.echo(
        f"erased from {report.events} events and {report.lines} lines of their second copy, "
        f"{report.entries} entries of the ledger, {report.runs} runs and "
        f"{report.ceremonies} ceremonies"
    )
    if report.texts:
        click.echo(f"erased {report.texts} texts: prompts, answers and contents of tools")
    if report.damaged_files:
        click.echo(f"deleted {report.damaged_files} damaged files that could hold the name")
    if report.open_segments:
        click.echo(
            f"{report.open_segments} segments are still being written; what they hold of the "
            "person is erased when they are loaded"
        )
    if report.searched_tables:
        click.echo(
            f"looked through {report.searched_tables} tables of the events store afterwards: no "
            "row holds the name"
        )
    if report.old_parts:
        click.echo(
            f"ClickHouse still has {report.old_parts} files that it has replaced, and deletes them "
            "within some minutes; ask again to see that they are gone"
        )
    for path in report.left_behind:
        click.echo(f"{path} was not changed: nobody asks it any more. Delete it.")
    click.echo(
        "Backups, exports and the transcripts of the agents themselves are not ours to change.",
        err=True,
    )
