"""`pawl oncall`: who is on call, and calendars that say so."""

from __future__ import annotations

from pathlib import Path

import click

from pawl.cli.exits import Exit

_BRANCH = click.option(
    "--branch", metavar="NAME", help="The protected branch; as configured by default."
)
_AT = click.option("--at", metavar="TIME", help="An instant such as 2026-12-24; now by default.")


@click.group()
def command() -> None:
    """Who is on call, for how long, when nobody is, and calendars of it."""


@command.command()
@_AT
@click.option("--days", default=14, show_default=True, help="How many days to look ahead.")
@_BRANCH
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.oncall-show/1 object.")
def show(at: str | None, days: int, branch: str | None, as_json: bool) -> int:
    """Show who is on call for what, the next hand-overs, and times in which nobody is.

    It is the schedule of the protected branch that counts. Exit status: 0 somebody is reached now,
    1 a page would reach nobody, 3 there is no schedule to read.
    """
    import msgspec

    from pawl.app.oncall import on_call_here
    from pawl.render.oncall_text import oncall_text

    found = on_call_here(Path.cwd(), _instant(at), days, branch=branch)
    if as_json:
        told = {
            "schema": "pawl.oncall-show/1",
            **msgspec.to_builtins(found),
            "reached": found.reached,
        }
        click.echo(msgspec.json.encode(told).decode())
    else:
        click.echo(oncall_text(found), nl=False)
    return Exit.YES if found.reached else Exit.NO


@command.command()
@_AT
@click.option("--days", default=90, show_default=True, help="How many days to look ahead.")
@click.option("--rotation", metavar="NAME", default="", help="This one alone.")
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write there instead of to stdout.",
)
@_BRANCH
def ics(at: str | None, days: int, rotation: str, output: Path | None, branch: str | None) -> int:
    """Print the shifts to come as an iCalendar file."""
    from pawl.app.oncall import shifts_calendar

    content = shifts_calendar(Path.cwd(), _instant(at), days, rotation=rotation, branch=branch)
    if output is None:
        click.echo(content, nl=False)
    else:
        output.write_bytes(content)
    return Exit.YES


@command.command("import")
@click.argument("calendar", metavar="FILE.ics", type=click.Path(path_type=Path))
@click.option(
    "--rotation", metavar="NAME", default="", help="Whose calendar it is; the first one by default."
)
@click.option(
    "--map", "names", metavar="NAME=PERSON", multiple=True,
    help='What the calendar calls somebody, such as "Ann Lee=ann"; repeatable.',
)  # fmt: skip
@click.option("--days", default=90, show_default=True, help="How many days to look ahead.")
@click.option("--write", is_flag=True, help="Write .pawl/oncall.yaml instead of showing a diff.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.oncall-import/1 object.")
def import_(
    calendar: Path, rotation: str, names: tuple[str, ...], days: int, write: bool, as_json: bool
) -> int:
    """Bring who is on call out of a calendar into .pawl/oncall.yaml.

    Only what differs from the rotation becomes an override; comments stay. Nothing counts before
    it is committed on the protected branch.
    """
    import msgspec

    from pawl.app import now
    from pawl.app.oncall_calendar import import_calendar, write_schedule

    found = import_calendar(
        Path.cwd(), calendar, now(), days, rotation=rotation, names=_pairs(names)
    )
    differs = found.after != found.before
    if write and differs:
        write_schedule(Path.cwd(), found.after)
    if as_json:
        told = {
            "schema": "pawl.oncall-import/1",
            **msgspec.to_builtins(found),
            "written": write and differs,
        }
        click.echo(msgspec.json.encode(told).decode())
        return Exit.YES
    for doubt in found.doubts:
        click.echo(f"pawl: {doubt}", err=True)
    if not differs:
        click.echo(f"{found.rotation} is as the calendar says: {found.entries} entries.", err=True)
    elif write:
        added = f"{found.overrides} overrides" + (" and a rotation" if found.new_rotation else "")
        click.echo(f"{found.path}: {added} added; commit it.", err=True)
    else:
        click.echo(_diff(found.before, found.after), nl=False)
    return Exit.YES


def _diff(before: str, after: str) -> str:
    from difflib import unified_diff

    from pawl.app.oncall import FILE

    lines = unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), FILE, FILE
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, person = text.rpartition("=")
        if not equals or not name.strip() or not person.strip():
            raise click.BadParameter(f"{text!r} is not NAME=PERSON.", param_hint="--map")
        found[name.strip()] = person.strip()
    return found


def _instant(text: str | None) -> str:
    from pawl.app import now
    from pawl.base.times import format_time, parse_time

    return now() if text is None else format_time(parse_time(text))
