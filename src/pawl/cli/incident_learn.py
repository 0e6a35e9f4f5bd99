"""`pawl incident learn`: lessons become eval cases, gates and owned actions."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.cli.exits import Exit
from pawl.cli.incident_answers import INCIDENT, moment, opened, tell_refusal

if TYPE_CHECKING:
    from pawl.services.incident_terms import Learnt

MAX_FILE = 16 * 1024 * 1024


@click.command()
@INCIDENT
@click.option(
    "--file",
    "file",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="An IncidentLearning as JSON; - is standard input.",
)
@click.option(
    "--record",
    "records",
    multiple=True,
    metavar="PATH",
    help="A trial record of the incident in the tree, for cases whose run is not linked.",
)
@click.option("--due", default="", metavar="TIME", help="When the actions are due, such as 14d.")
@click.option("--branch", metavar="NAME", help="Commit the files to this new branch.")
@click.option("--dry-run", is_flag=True, help="Try every step and do none.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.learnt/1 object.")
@click.pass_obj
def learn(
    data: str | None,
    /,
    identity: str,
    file: Path,
    records: tuple[str, ...],
    due: str,
    branch: str | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Apply what an incident teaches, in this clone of the repository.

    Cases go to .pawl/evals and are refused unless they fail on the incident's own record, gates go
    to .pawl/gates.yaml and are refused where they would loosen it, and actions are opened. All of
    it is tried before anything is written; done again, only what is left is done. The files are
    left in the working tree, or committed to --branch, and are one change to open and review.
    """
    from pawl.app.incident_learning import TreeLearning, begin_branch, commit_learning
    from pawl.incidents.event import Refusal
    from pawl.incidents.learning import load_learning
    from pawl.render.incident_learning_json import LearntTold, told_json
    from pawl.render.incident_learning_text import learnt_text

    lesson = load_learning(_text(file), place=str(file))
    due_at = moment(due, "--due", ahead=True) if due else ""
    found = opened(data)
    place = Path.cwd()
    files = TreeLearning(found.folder, place)
    tried = found.desk.learn(
        identity, lesson, found.by, files=files, records=records, due_at=due_at, dry_run=True
    )
    if isinstance(tried, Refusal):
        return tell_refusal(tried, told_json(LearntTold(refusal=tried)) if as_json else "")
    told, commit = tried, ""
    if not dry_run:
        if branch is not None:
            begin_branch(place, branch)
        done = found.desk.learn(
            identity, lesson, found.by, files=files, records=records, due_at=due_at
        )
        if isinstance(done, Refusal):
            return tell_refusal(done, told_json(LearntTold(refusal=done)) if as_json else "")
        told = done
        commit = commit_learning(place, told, branch) if branch is not None and told.files else ""
    then = () if dry_run else _next(place, told, branch)
    if as_json:
        click.echo(told_json(LearntTold(learnt=told, next=then, commit=commit)))
    else:
        click.echo(learnt_text(told, then, dry_run=dry_run), nl=False)
    return Exit.YES


def _next(place: Path, told: Learnt, branch: str | None) -> tuple[str, ...]:
    """Return the commands that make one reviewed change of the files."""
    from pawl.app.incident_learning import protected_branch
    from pawl.base.errors import PawlError

    if not told.closes:
        return ()
    try:
        base = protected_branch(place)
    except PawlError:
        base = "main"
    title = shlex.quote(f"Learn from {told.incident}")
    closes = " ".join(f"--closes {each}" for each in told.closes)
    range_ = shlex.quote(f"{base}..{branch or 'HEAD'}")
    change = f"pawl change new --from-diff {range_} --title {title} {closes}"
    by_hand = () if branch else ("commit the files above to a branch of their own, then",)
    link = f"pawl incident attach {told.incident} change:ID"
    return (*by_hand, change, f"{link}, with the id that it prints")


def _text(file: Path) -> str:
    from pawl.app.change_commands import read_text
    from pawl.base.errors import BadFile

    if str(file) != "-":
        return read_text(file)
    with click.open_file("-", encoding="utf-8") as stream:
        text: str = stream.read(MAX_FILE + 1)
    if len(text) > MAX_FILE:
        raise BadFile(f"larger than {MAX_FILE:,} characters.", place="-")
    return text
