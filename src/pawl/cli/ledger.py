"""`pawl ledger`: verify, checkpoint, show, prove or export the record of every decision."""

from __future__ import annotations

import contextlib
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from pawl.cli import ledger_reading
from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pawl.services.ledger import LedgerReport
    from pawl.services.ledger_checkpoints import Checkpoints, Signed
    from pawl.services.ledger_export import ExportReport

_OUTPUT = click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write there instead of to stdout.",
)


@click.group()
def command() -> None:
    """Verify, checkpoint, show, prove or export the record of every decision."""


ledger_reading.register(command)


@command.command()
@click.option(
    "--against",
    metavar="CHECKPOINT",
    multiple=True,
    help="Compare with checkpoints kept elsewhere: a file, tag:NAME@REPOSITORY, place:NAME, or "
    "places for all that are configured.",
)
@click.option(
    "--pubkey",
    "keys",
    metavar="KEY",
    multiple=True,
    help="Demand that this key signed each checkpoint: a verifier key, or a file with one.",
)
@click.option("--replay", is_flag=True, help="Rebuild the tables from the entries and compare.")
@click.option("--judge", is_flag=True, help="Judge every stored decision again and compare.")
@click.option(
    "--export",
    "export_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Verify an exported ledger or a proof, and not the one here.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.ledger/1 object.")
@click.pass_obj
def verify(
    data: str | None,
    against: tuple[str, ...],
    keys: tuple[str, ...],
    replay: bool,
    judge: bool,
    export_file: Path | None,
    as_json: bool,
) -> int:
    """Recompute the chain of entries and report the first difference.

    Exit status: 0 everything agrees, 1 something was changed, 3 it cannot be told.
    """
    from pawl.app import data_folder, ledger
    from pawl.app.checkpoints import decisions, exported, kept_checkpoints, trusted_keys

    folder, trusted = data_folder(data), trusted_keys(keys)
    report: LedgerReport | ExportReport
    with _progress() as progress:
        if export_file is not None:
            if replay or judge:
                raise click.UsageError("An export holds no tables and no stored decisions.")
            report = of_export = exported(folder, export_file, against, trusted, progress)
            tell = partial(_tell_export, of_export)
        else:
            with contextlib.ExitStack() as stack:
                opened = stack.enter_context(ledger(folder))
                report = of_ledger = opened.verify(
                    replay=replay,
                    texts=kept_checkpoints(folder, opened.engine, against),
                    keys=trusted,
                    judge=stack.enter_context(decisions(folder)) if judge else None,
                    progress=progress,
                )
            tell = partial(_tell, of_ledger)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(report).decode())
    else:
        tell()
    return Exit.YES if report.intact else Exit.NO


@command.command()
@click.option("--signed", is_flag=True, help="Print a signed note with the Merkle root.")
@click.option(
    "--to",
    "places",
    metavar="PLACE",
    multiple=True,
    help="Sign one and keep it there: a place of [ledger.places], all for each of them, or "
    "file:PATH, git-tag:REPOSITORY, webhook:CHANNEL.",
)
@click.option("--anew", is_flag=True, help="Sign again after the records were restored.")
@_OUTPUT
@click.pass_obj
def checkpoint(
    data: str | None, signed: bool, places: tuple[str, ...], anew: bool, output: Path | None
) -> int:
    """Print the newest entry's number and hash as one pawl.checkpoint/1 object.

    With --signed or --to it is a signed note over all entries, which needs `pawl ledger key`.
    Keep it where whoever writes the ledger cannot: then nothing up to it can be cut off or
    changed unnoticed. Exit status: 0 done, 1 not kept at every place, 3 it cannot be signed.
    """
    import msgspec

    from pawl.app import data_folder, ledger
    from pawl.app.checkpoints import checkpoints

    folder = data_folder(data)
    with ledger(folder) as opened:
        if not (signed or places or anew):
            text = msgspec.json.encode(opened.checkpoint()) + b"\n"
            kept = 0
        else:
            asked = None if "all" in places else places
            signer = checkpoints(folder, opened.engine, asked)
            made = signer.sign(anew=anew)
            text, kept = made.note.encode(), _keep(signer, made)
    if output is not None or not places:
        with _destination(output) as file:
            file.write(text)
    return Exit.NO if kept else Exit.YES


@command.command()
@click.option(
    "--proof",
    "proofs",
    metavar="SEQ",
    type=click.IntRange(min=1),
    multiple=True,
    help="Put the proof of an entry in front; again for another.",
)
@_OUTPUT
@click.pass_obj
def export(data: str | None, proofs: tuple[int, ...], output: Path | None) -> int:
    """Print every entry as one line of JSON.

    Where there is a key to sign with, a signed checkpoint of all of them stands in front, so that
    `pawl ledger verify --export FILE` can check the export by itself.
    """
    from pawl.app import data_folder, ledger
    from pawl.app.checkpoints import checkpoints, has_signing_key

    folder = data_folder(data)
    with ledger(folder) as opened:
        made = None
        if proofs or has_signing_key(folder):
            made = checkpoints(folder, opened.engine, ()).sign()
        with _destination(output) as file:
            for line in opened.export(made, proofs):
                file.write(line)
    return Exit.YES


def _keep(signer: Checkpoints, made: Signed) -> int:
    """Keep a checkpoint at its places; tell where, and return how many failed."""
    failed = 0
    for each in signer.put(made):
        if each.failure:
            failed += 1
            click.echo(f"{each.name}: {each.failure}", err=True)
        else:
            click.echo(f"kept: {made.head.size} entries, at {each.where}", err=True)
    return failed


def _tell(report: LedgerReport) -> None:
    for text in report.skipped:
        click.echo(f"passed over: {text}", err=True)
    if _told_broken(report):
        return
    replayed = ", and the tables are what they make" if report.replayed else ""
    click.echo(f"intact: {report.entries} entries, newest {report.head[:16]}{replayed}")
    if report.judged is not None:
        click.echo(f"{report.judged} stored decisions were judged again, with the same bytes.")
    _tell_rest(report)


def _tell_export(report: ExportReport) -> None:
    if _told_broken(report):
        return
    if report.entries:
        click.echo(f"intact: {report.entries} entries, newest {report.head[:16]}")
    for seq in report.proved:
        click.echo(f"entry {seq} is in the ledger of that checkpoint, word for word")
    if report.growths:
        click.echo("the newer checkpoint goes on from the older one")
    if report.entries:
        _tell_rest(report)
    else:
        _tell_signatures(report)


def _told_broken(report: LedgerReport | ExportReport) -> bool:
    found = report.difference
    if found is None:
        return False
    click.echo(f"broken at {found.place} ({found.kind})")
    click.echo(f"  expected: {found.expected}")
    click.echo(f"  found:    {found.found}")
    return True


def _tell_rest(report: LedgerReport | ExportReport) -> None:
    if report.forgotten:
        click.echo(
            f"In {report.forgotten} entries a person was forgotten since; later entries list them."
        )
    _tell_signatures(report)
    if not report.truncation_excluded:
        click.echo(
            "Without a checkpoint it is not excluded that entries were cut off the end.", err=True
        )


def _tell_signatures(report: LedgerReport | ExportReport) -> None:
    seen = report.checkpoints
    if not seen:
        return
    newest = max(each.size for each in seen)
    if len(seen) == 1:
        click.echo(f"the checkpoint at entry {newest} agrees")
    else:
        click.echo(f"{len(seen)} checkpoints agree, the newest at entry {newest}")
    unchecked = sum(each.signature != "holds" for each in seen)
    if unchecked:
        click.echo(
            f"Of {unchecked} of them no signature was checked: name a key with --pubkey.", err=True
        )


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int], None] | None]:
    """Tell on a terminal how many entries were read; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    told = False

    def progress(number: int) -> None:
        nonlocal told
        if number:
            told = True
            click.echo(f"\r{number} entries read", nl=False, err=True)

    try:
        yield progress
    finally:
        if told:
            click.echo("\r\x1b[K", nl=False, err=True)


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
