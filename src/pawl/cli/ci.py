"""`pawl ci`: pipelines that put agents into CI in their safe form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

HOSTS = ("github", "gitlab")


@click.group()
def command() -> None:
    """Write pipelines that put agents into CI in their safe form, and watch over them."""


@command.command("generate")
@click.argument("pattern")
@click.option("--host", type=click.Choice(HOSTS), required=True, help="Whose pipelines.")
@click.option("--agent", metavar="ID", help="Which agent: claude-code or codex.")
@click.option("--max-usd", metavar="USD", help="What one run may cost.")
@click.option("--max-usd-per-item", metavar="USD", help="batch: what one item may cost.")
@click.option("--max-turns", type=click.INT, metavar="N", help="Turns that one run may take.")
@click.option("--timeout", metavar="TIME", help="Time that the work may take, such as 10m.")
@click.option("--model", metavar="NAME", help="The model; the agent's own choice if left out.")
@click.option("--branch", metavar="NAME", help="Changes into which branch; main.")
@click.option("--runs-on", metavar="LABELS", help="Labels of runners, parted by commas.")
@click.option("--secret", metavar="NAME", help="The secret that holds the model's key.")
@click.option("--pawl-version", metavar="VERSION", help="Which Pawl is installed; this one.")
@click.option("--image", metavar="NAME@DIGEST", help="GitLab: the image of the jobs.")
@click.option("--items", metavar="FILE", help="batch: the file of items.")
@click.option("--jobs", type=click.INT, metavar="N", help="batch: items at work at once.")
@click.option("--cron", metavar="FIELDS", help="GitHub: when, as five fields of cron.")
@click.option(
    "--out",
    metavar="PATH",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write; where the host looks for it, when left out.",
)
@click.option("--stdout", "to_stdout", is_flag=True, help="Print it and write nothing.")
@click.option("--force", is_flag=True, help="Overwrite what Pawl did not write or was edited.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.ci-generated/1 object.")
def generate(
    pattern: str,
    host: str,
    out: Path | None,
    to_stdout: bool,
    force: bool,
    as_json: bool,
    **said: Any,
) -> int:
    """Write the pipeline of a PATTERN: review, gate, batch or risk-report.

    It is written to .github/workflows/ or .gitlab/ of the repository around here. A file that
    Pawl did not write, or that somebody edited since, stays as it is unless forced.
    """
    from pawl.app.pipelines import made, write
    from pawl.pipelines.options import Options
    from pawl.pipelines.pattern import Host

    if to_stdout and (out is not None or as_json):
        raise click.UsageError("--stdout goes with neither --out nor --json.")
    generated = made(pattern, Host(host), Options(**said))
    if to_stdout:
        click.echo(generated.text, nl=False)
        return 0
    path = write(generated, out, force=force)
    if as_json:
        import msgspec

        told = {"schema": "pawl.ci-generated/1", "pattern": pattern, "host": host}
        click.echo(msgspec.json.encode({**told, "path": str(path)}).decode())
    else:
        click.echo(f"Written: {path}")
    return 0


@command.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.ci-check/1 object.")
def check(paths: tuple[Path, ...], as_json: bool) -> int:
    """Tell whether generated pipelines were edited since, or are of an older template.

    Looks at PATHS, or at all of .github/workflows/ and .gitlab/ that Pawl wrote. Exits 0 when all
    are as Pawl would write them, 1 when one is not, and 3 when there is none.
    """
    from pawl.app.pipelines import check as checked
    from pawl.pipelines.stamp import State

    found = checked(paths)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode({"schema": "pawl.ci-check/1", "files": found}).decode())
    else:
        from pawl.render.escaping import plain

        for each in found:
            click.echo(f"{plain(each.path)}: {_SAID[each.state.value]}")
    return 0 if all(each.state is State.CURRENT for each in found) else 1


_SAID = {
    "current": "as Pawl writes it.",
    "edited": "edited since Pawl wrote it.",
    "outdated": "of an older template. Generate it anew.",
    "edited-and-outdated": "edited since Pawl wrote it, and of an older template.",
    "unknown": "of a pattern that this Pawl does not have.",
    "foreign": "not written by Pawl, or its mark is gone.",
}


@command.command("agent")
@click.argument("agent")
@click.option(
    "--out",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write package.json and package-lock.json.",
)
def agent(agent: str, out: Path) -> int:
    """Write the lock by which `npm ci` installs an AGENT, each package by its hash."""
    from pawl.app.pipelines import write_lock

    for path in write_lock(agent, out):
        click.echo(f"Written: {path}", err=True)
    return 0


@command.command("patterns")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.ci-patterns/1 object.")
def patterns(as_json: bool) -> int:
    """List the patterns: what starts each, what it does, what comes out, who decides."""
    from pawl.app.pipelines import patterns as known

    if as_json:
        import msgspec

        listed = [
            {"pattern": name, **msgspec.to_builtins(about)} for name, about in known().items()
        ]
        told = {"schema": "pawl.ci-patterns/1", "patterns": listed}
        click.echo(msgspec.json.encode(told).decode())
        return 0
    for name, about in sorted(known().items()):
        click.echo(f"{name}: {about.title}")
        click.echo(f"  starts   {about.trigger}\n  does     {about.action}")
        click.echo(f"  leaves   {about.output}\n  decides  {about.decision}")
    return 0
