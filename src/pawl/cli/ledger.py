"""`pawl ledger`: verify, checkpoint or export the record of every decision."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pawl.services.ledger import LedgerReport

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one pawl.ledger/1 object.")


@click.group()
def command() -> None:
    """Verify, checkpoint or export the record of every decision."""


@command.command()
@click.option(
    "--against",
    metavar="CHECKPOINT",
    type=click.Path(path_type=Path),
    help="Compare with a checkpoint kept elsewhere.",
)
@click.option("--replay", is_flag=True, help="Rebuild the tables from the entries and compare.")
@_JSON
@click.pass_obj
def verify(data: str | None, against: Path | None, replay: bool, as_json: bool) -> int:
    """Recompute the chain of entries and report the first difference.

    Exit status: 0 everything agrees, 1 something was changed, 3 it cannot be told.
    """
    from pawl.app import data_folder, ledger

    with ledger(data_folder(data)) as opened:
        report = opened.verify(against, replay=replay)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(report).decode())
    else:
        _tell(report)
    return Exit.YES if report.intact else Exit.NO


@command.command()
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write there instead of to stdout.",
)
@click.pass_obj
def checkpoint(data: str | None, output: Path | None) -> int:
    """Print the newest entry's number and hash as one pawl.checkpoint/1 object.

    Keep it where whoever writes the ledger cannot: then nothing up to it can be cut off or
    changed unnoticed.
    """
    import msgspec

    from pawl.app import data_folder, ledger

    with ledger(data_folder(data)) as opened:
        text = msgspec.json.encode(opened.checkpoint())
    with _destination(output) as file:
        file.write(text + b"\n")
    return Exit.YES


@command.command()
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write there instead of to stdout.",
)
@click.pass_obj
def export(data: str | None, output: Path | None) -> int:
    """Print every entry as one line of JSON."""
    from pawl.app import data_folder, ledger

    with ledger(data_folder(data)) as opened, _destination(output) as file:
        for line in opened.export():
            file.write(line)
    return Exit.YES


def _tell(report: LedgerReport) -> None:
    found = report.difference
    if found is not None:
        click.echo(f"broken at {found.place} ({found.kind})")
        click.echo(f"  expected: {found.expected}")
        click.echo(f"  found:    {found.found}")
        return
    replayed = ", and the tables are what they make" if report.replayed else ""
    click.echo(f"intact: {report.entries} entries, newest {report.head[:16]}{replayed}")
    if report.forgotten:
        click.echo(
            f"In {report.forgotten} entries a person was forgotten since; later entries list them."
        )
    if not report.truncation_excluded:
        click.echo(
            "Without a checkpoint it is not excluded that entries were cut off the end.", err=True
        )


@contextlib.contextmanager
def _destination(output: Path | None) -> Iterator[BinaryIO]:
    if output is None:
        yield sys.stdout.buffer
        return
    try:
        file = output.open("wb")
    except OSError as error:
        raise click.BadParameter(f"{output}: {error.strerror}", param_hint="--output") from error
    with file:
        yield file
