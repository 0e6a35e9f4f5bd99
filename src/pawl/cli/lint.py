"""`pawl lint`: what is wrong with the files that steer agents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pawl.cli.printing import output_options

if TYPE_CHECKING:
    from pawl.app.linting import Linting
    from pawl.assets.lint import Linted

FORMATS = ("text", "json", "sarif", "junit", "github")
LEVELS = ("info", "low", "medium", "high", "critical")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--diff", "base", metavar="REV", help="Tell only of what is new since this revision.")
@click.option(
    "--fail-at", type=click.Choice(LEVELS), help="The mildest severity that fails; high by default."
)
@click.option("--fix", "wants_fix", is_flag=True, help="Mend what can be mended safely.")
@click.option("--unsafe-fixes", is_flag=True, help="Mend what may change what somebody relies on.")
@click.option("--write-baseline", is_flag=True, help="Take all that is found for known.")
@click.option("--show-all", is_flag=True, help="Show what is known or allowed as well.")
@click.option(
    "--merge",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take in the findings of another tool's SARIF file as well.",
)
@click.option(
    "--with",
    "tools",
    metavar="TOOLS",
    help="Run these too, offline: zizmor,actionlint, auto (those installed) or none.",
)
@click.option("--rules", "wants_rules", is_flag=True, help="List the rules and end.")
@output_options(FORMATS, "pawl.lint/1")
def command(
    paths: tuple[Path, ...],
    base: str | None,
    fail_at: str | None,
    wants_fix: bool,
    unsafe_fixes: bool,
    write_baseline: bool,
    show_all: bool,
    merge: tuple[Path, ...],
    tools: str | None,
    wants_rules: bool,
    output_format: str,
    as_json: bool,
    output: Path | None,
) -> int:
    """What is wrong with the files that steer agents.

    Those are instructions, skills, agents, settings, hooks, tool servers and workflows. Looks at
    the repository that holds PATHS (here by default), as it is in the working tree. Nothing of it
    is run or fetched. With --diff the settings, the baseline and the waivers of that revision
    judge. Exits 0 when nothing new is found at or above the threshold, 1 when something is, and 3
    when nothing, or not everything, could be looked at.
    """
    if wants_rules:
        return _list_rules()
    from pawl.app.linting import Linting

    linting = Linting(paths)
    linted = linting.lint(base=base, fail_at=fail_at, merge=merge, tools=tools)
    if wants_fix or unsafe_fixes:
        mended = linting.fix(linted, unsafe=unsafe_fixes)
        click.echo(f"{len(mended)} mended.", err=True)
        if mended:
            linting = Linting(paths)
            linted = linting.lint(base=base, fail_at=fail_at, merge=merge, tools=tools)
    if write_baseline:
        click.echo(f"Written: {linting.write_baseline(linted)}", err=True)
        linted = linting.lint(base=base, fail_at=fail_at, merge=merge, tools=tools)
    told = _told(linting, linted, "json" if as_json else output_format, show_all)
    if output is None:
        click.echo(told, nl=False)
    else:
        output.write_text(told, encoding="utf-8")
    return linted.exit_code


def _told(linting: Linting, linted: Linted, form: str, show_all: bool) -> str:
    from pawl.render.lint_outputs import lint_annotations, lint_json, lint_junit
    from pawl.render.lint_sarif import lint_sarif
    from pawl.render.lint_text import lint_text

    if form == "text":
        return lint_text(linted, hidden=show_all)
    if form == "github":
        return lint_annotations(linted)
    if form == "junit":
        return lint_junit(linted)
    import msgspec

    value = lint_json(linted) if form == "json" else lint_sarif(linted, linting.rules)
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def _list_rules() -> int:
    from pawl.app.linting import lint_rules

    for name, rule in sorted(lint_rules().items()):
        note = " (an opinion, off)" if rule.opinion else ""
        click.echo(f"{name:40} {rule.severity.value:9} {rule.title}.{note}")
    return 0
