"""`pawl eval`: cases for agents, the records of their trials, and the gate over them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.cli import eval_new, eval_trials
from pawl.cli.exits import Exit

if TYPE_CHECKING:
    from pawl.evals.suite_result import SuiteResult

_PATH = click.option(
    "--path",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    help="A folder of the repository; this one by default.",
)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def command() -> None:
    """Whether agents still behave: cases, records of trials, and the gate over them.

    Cases and records are below `.pawl/evals` of the repository. Grading runs nothing, asks no
    model and no network.
    """


@command.command("list")
@_PATH
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.eval-list/1 object.")
@click.pass_obj
def list_(data: str | None, path: Path, as_json: bool) -> int:
    """List the cases: what they cover, what is recorded, what is stale, what was blessed.

    Exits 3 when there is none.
    """
    from pawl import app
    from pawl.app.evals import evals
    from pawl.evals.answers import Cases
    from pawl.render.eval_sets_text import list_text
    from pawl.services.evals import listed

    with evals(app.data_folder(data), path) as found:
        told = Cases(cases=tuple(map(listed, found.look())))
    _tell(told, list_text(told.cases), as_json)
    return Exit.YES if told.cases else Exit.CANNOT_TELL


@command.command("grade")
@click.argument("cases", metavar="[CASE]...", nargs=-1)
@_PATH
@click.option("--diff", "base", metavar="REV", help="Let this revision's policy and pool judge.")
@click.option("--no-worse", is_flag=True, help="Ask for proof that nothing fell, not only no drop.")
@click.option("--record", is_flag=True, help="Append the verdict to the ledger.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.eval/1 object.")
@click.option("--junit", metavar="FILE", type=_FILE, help="Write JUnit XML there.")
@click.option("--markdown", metavar="FILE", type=_FILE, help="Write Markdown there.")
@click.pass_obj
def grade(
    data: str | None,
    cases: tuple[str, ...],
    path: Path,
    base: str | None,
    no_worse: bool,
    record: bool,
    as_json: bool,
    junit: Path | None,
    markdown: Path | None,
) -> int:
    """Grade the stored records again and give the gate's verdict. Nothing is run.

    CASE is an id or a file of cases; all of them by default. With --diff the gate's policy, the
    quarantine and the baselines are those of a revision, and what was recorded there counts even
    where the change removed it. Exits 0 when it passes, 1 when it regressed, and 3 when that
    cannot be said: stale, no baseline, too few trials, altered records, or nothing to grade.
    """
    from pawl import app
    from pawl.app.evals import evals, record_verdict

    folder = app.data_folder(data)
    with evals(folder, path, base=base) as found:
        result = found.grade(cases, must_be_no_worse=no_worse)
        if record:
            record_verdict(folder, path, found, result, live=False)
    tell_result(result, as_json=as_json, junit=junit, markdown=markdown)
    return result.exit_code


@command.command("bless")
@click.argument("cases", metavar="[CASE]...", nargs=-1)
@click.option("--reason", required=True, metavar="TEXT", help="Why this is how it should behave.")
@_PATH
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.eval-blessing/1 object.")
@click.pass_obj
def bless(data: str | None, cases: tuple[str, ...], reason: str, path: Path, as_json: bool) -> int:
    """Take the fresh records of these cases, or of all, for how they behave from now on.

    Writes `.pawl/evals/baselines.json`, to be committed, and an entry of the ledger that binds its
    digest and says who did it. Exits 1 when anything asked for could not be blessed.
    """
    from pawl import app
    from pawl.app.evals import bless as wired
    from pawl.render.eval_sets_text import blessing_text

    told = wired(app.data_folder(data), path, cases, reason)
    _tell(told, blessing_text(told), as_json)
    return Exit.NO if told.refused or not told.blessed else Exit.YES


@command.command("compare")
@click.argument("sets", metavar="SET SET...", nargs=-1, required=True)
@click.option("--case", "cases", metavar="CASE", multiple=True, help="Only this case.")
@_PATH
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.eval-comparison/1 object.")
@click.pass_obj
def compare(
    data: str | None, sets: tuple[str, ...], cases: tuple[str, ...], path: Path, as_json: bool
) -> int:
    """Set sets of trials against one another: rates, intervals, p, cost, wall time.

    A SET is words joined by `+` (product, version, model or sandbox), `baseline`, `now`, or @REV
    for what was fresh in a revision, also as @REV:WORDS. Exits 0 when no difference is shown, 1
    when one is, and 3 when two sets have no case in common.
    """
    from pawl import app
    from pawl.app.evals import compare as wired
    from pawl.render.eval_sets_text import comparison_text

    found = wired(app.data_folder(data), path, sets, cases)
    _tell(found, comparison_text(found), as_json)
    return found.exit_code


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--owner", required=True, metavar="NAME", help="Who answers for the cases.")
@click.option("--to", "name", metavar="NAME", help="The suite's name; the file's by default.")
@_PATH
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.eval-import/1 object.")
def import_(file: Path, owner: str, name: str | None, path: Path, as_json: bool) -> int:
    """Make a suite of a promptfoo YAML file, or of a skill's evals.json.

    Writes `.pawl/evals/NAME.yaml` and names all that was left out: imported cases are weaker than
    they were, and are to be reviewed. Exits 1 when anything was left, 3 when no case was made.
    """
    from pawl.app.eval_import import import_file
    from pawl.render.eval_sets_text import import_text

    told = import_file(file, path, owner=owner, name=name)
    _tell(told, import_text(told), as_json)
    if not told.cases:
        return Exit.CANNOT_TELL
    return Exit.NO if told.left else Exit.YES


def tell_result(
    result: SuiteResult, *, as_json: bool, junit: Path | None, markdown: Path | None
) -> None:
    """Print a result, and write the files that were asked for."""
    from pawl.render.eval_junit import eval_junit
    from pawl.render.eval_markdown import eval_markdown
    from pawl.render.eval_text import eval_text

    for file, text in ((junit, eval_junit), (markdown, eval_markdown)):
        if file is not None:
            _write(file, text(result))
    _tell(result, eval_text(result), as_json)


def _write(file: Path, text: str) -> None:
    from pawl.base.errors import CannotTell

    try:
        file.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise CannotTell(f"cannot be written: {error.strerror}.", place=str(file)) from error


def _tell(value: object, text: str, as_json: bool) -> None:
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(value))
    else:
        click.echo(text, nl=False)


eval_new.register(command)
eval_trials.register(command, tell_result)
