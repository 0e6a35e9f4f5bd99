"""`pawl eval new`: a case out of a run that went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


def register(group: click.Group) -> None:
    """Add the command to `pawl eval`."""
    group.add_command(new)


@click.command("new")
@click.option("--from-run", "run_id", required=True, metavar="ID", help="The run; or `last`.")
@click.option("--owner", required=True, metavar="TEAM", help="Who answers for the case.")
@click.option("--id", "case_id", default="", metavar="ID", help="The case's id; else the run's.")
@click.option("--incident", metavar="ID", help="The incident that the run was part of.")
@click.option("--covers", multiple=True, metavar="ASSET", help="An asset it tests, skills/release.")
@click.option("--prompt", default="", metavar="TEXT", help="What was asked, where none was kept.")
@click.option(
    "--assert",
    "asserts",
    multiple=True,
    metavar="YAML",
    help="What should have held, such as 'tool_not_called: Bash'; suggested if not said.",
)
@click.option("--dry-run", is_flag=True, help="Print the case and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.eval-draft/1 object.")
@click.pass_obj
def new(
    data: str | None, /, asserts: tuple[str, ...], dry_run: bool, as_json: bool, **said: Any
) -> int:
    """Draft a case from a recorded run, and prove that it fails there.

    The draft says what must not happen again. What a right answer looks like is for people to
    add: until then the case is not fit to use, and `pawl eval grade` says so.

    Exits 3 when nothing in the run fails: then say with --assert what was wrong.
    """
    from pawl import app
    from pawl.app.drafting import draft_case, keep_draft
    from pawl.base.yaml_text import parse_yaml
    from pawl.evals.suggesting import read_asked

    asked = tuple(read_asked(text, parse_yaml(text, place="--assert")) for text in asserts)
    drafted = draft_case(app.data_folder(data), asserts=asked, **said)
    path = None if dry_run else keep_draft(drafted, Path.cwd())
    if as_json:
        import msgspec

        from pawl.render.eval_draft import draft_object

        click.echo(msgspec.json.encode(draft_object(drafted, path)))
        return 0
    from pawl.render.eval_draft import draft_text

    click.echo(drafted.draft.text, nl=False)
    click.echo(draft_text(drafted, path), err=True, nl=False)
    return 0
