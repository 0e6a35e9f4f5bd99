"""`pawl batch`: one agent over many items, each a supervised run of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from pawl.cli.batch_options import with_options

if TYPE_CHECKING:
    from pathlib import Path

    from pawl.runs.batch import Batch
    from pawl.runs.batch_ending import Summary
    from pawl.runs.batch_item import Item, Template
    from pawl.runs.batch_result import Result
    from pawl.services.batch_world import Progress


class _Command(click.Command):
    """Takes everything after FILE and its options as the command of each item."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[OPTIONS] FILE [OPTIONS] -- CMD...")


@click.command(cls=_Command)
@click.argument("file", type=click.Path(dir_okay=False))
@with_options
@click.option("--dry-run", is_flag=True, help="Print the command of each item; start nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.batch/1 object.")
@click.argument("cmd", nargs=-1, type=click.UNPROCESSED, required=True)
@click.pass_obj
def command(
    data: str | None, /, file: str, cmd: tuple[str, ...], as_json: bool, dry_run: bool, **said: Any
) -> int:
    """Run an agent over many items, and leave one result line an item.

    FILE holds one item a line, or is NDJSON, CSV or a YAML list; an item is a text or a mapping
    such as {id, prompt, args, vars, cwd}. In CMD, {item} and {item.field} become the item's own
    text, and no shell reads it. Each item is a `pawl run` with limits and a record of its own.

    Results go to --out, one durable line an item. Whatever ends the batch, saying the same again
    goes on where it ended; items that have a result must be unchanged then.

    Exits 0 when all items succeeded, 1 when one failed, 3 when one cannot be told, 5 when budget
    or policy refused the start, 6 when a limit stopped it and items are left, 130 or 143 when it
    was interrupted.
    """
    from pathlib import Path

    from pawl.app.batching import read_batch_file
    from pawl.runs.batch_file import FileFormat, format_of, read_items
    from pawl.runs.batch_item import Template, check_template, command_of, stdin_of

    kind = FileFormat(said["format"]) if said["format"] else format_of(file)
    items = read_items(read_batch_file(Path(file)), kind, file)
    template = Template(command=cmd, stdin=said["stdin_template"], dashes=said["allow_dashes"])
    check_template(template, items)
    for item in items:  # All of them, before the first is paid for.
        command_of(template, item, file)
        stdin_of(template, item, file)
    if dry_run:
        return _show_plan(items, template, file, as_json=as_json)
    out = Path(said["out"] or f"{file}.results.ndjson")
    done = _run(data, file, out, items, template, said)
    _tell(done, as_json=as_json)
    return done.exit


def _run(
    data: str | None,
    file: str,
    out: Path,
    items: tuple[Item, ...],
    template: Template,
    said: dict[str, Any],
) -> Summary:
    from pawl import app
    from pawl.app.batching import batch_world
    from pawl.cli.batch_options import asked_of
    from pawl.services.batching import run_batch

    asked = asked_of(said, items, template, place=file, results=str(out))
    with (
        batch_world(app.data_folder(data), out, anew=said["anew"], say=_say) as world,
        _progress(len(items)) as progress,
    ):
        return run_batch(world, asked, progress)


def _show_plan(items: tuple[Item, ...], template: Template, file: str, *, as_json: bool) -> int:
    from pawl.runs.batch_item import command_of

    commands = [(item.id, item.cwd, command_of(template, item, file)) for item in items]
    if as_json:
        import msgspec

        told = [{"item": name, "cwd": cwd, "command": argv} for name, cwd, argv in commands]
        plan = {"schema": "pawl.batch-plan/1", "items": told}
        click.echo(msgspec.json.encode(plan))
        return 0
    from pawl.render.batch import plan_text

    click.echo(plan_text(commands), nl=False)
    return 0


def _tell(done: Summary, *, as_json: bool) -> None:
    from pawl.render.batch import summary_text

    with suppress(OSError):  # Nobody may read stderr any more; the status says how it ended.
        click.echo(summary_text(done), err=True, nl=False)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(done))


def _say(text: str) -> None:
    from pawl.render.escaping import plain

    with suppress(OSError):
        click.echo(f"pawl: {plain(text)}", err=True)


class _Lines:
    """Progress where stderr is no terminal: a line an item."""

    def finished(self, result: Result, batch: Batch) -> None:
        """Print the item's line."""
        from pawl.render.batch import result_text

        with suppress(OSError):
            click.echo(result_text(result, batch.done, len(batch.items)), err=True)

    def look(self, batch: Batch) -> None:
        """Say nothing: a line an item is enough."""

    def say(self, text: str) -> None:
        """Print a line."""
        _say(text)


class _Bar:
    """Progress on a terminal: one bar, drawn by us alone, for no thread may run beside."""

    def __init__(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self.bar = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[told]}"),
            TimeElapsedColumn(),
            TextColumn("ETA"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            auto_refresh=False,
        )
        self._task = self.bar.add_task("batch", total=total, told="")

    def finished(self, result: Result, batch: Batch) -> None:
        """Print the lines of items that did not succeed; the bar counts the others."""
        if result.outcome.value != "succeeded":
            from pawl.render.batch import result_text

            self._print(result_text(result, batch.done, len(batch.items)))
        self.look(batch)

    def look(self, batch: Batch) -> None:
        """Draw the bar as the batch stands."""
        from pawl.render.batch import cost_text
        from pawl.runs.record import Outcome

        account = batch.account
        bad = batch.done - batch.outcomes[Outcome.SUCCEEDED]
        told = (
            f"{bad} not succeeded,"
            f" {len(batch.running)} running, {cost_text(account.spent, account.unknown)}"
        )
        with suppress(OSError):  # The terminal may be gone; its hang-up is heard as a signal.
            self.bar.update(self._task, completed=batch.done, told=told)
            self.bar.refresh()

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        from pawl.render.escaping import plain

        self._print(f"pawl: {plain(text)}")

    def _print(self, text: str) -> None:
        with suppress(OSError):
            self.bar.console.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _progress(total: int) -> Iterator[Progress]:
    if not sys.stderr.isatty():
        yield _Lines()
        return
    shown = _Bar(total)
    with shown.bar:
        yield shown
