"""`pawl alerts declare`: make an incident of an alert by hand."""

from __future__ import annotations

import click

from pawl.cli.exits import Exit


@click.command("declare")
@click.argument("identity", metavar="ALERT-ID")
@click.option(
    "--severity",
    type=click.IntRange(1, 4),
    help="1 is the worst; as the alert's route says, or as is taken when nothing is said.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.alert-declared/1 object.")
@click.pass_obj
def declare(data: str | None, identity: str, severity: int | None, as_json: bool) -> int:
    """Declare the incident that an alert is of, with the alert linked and its text said.

    An incident of the same rule and scope that is open already is told of it once more.
    """
    import msgspec

    from pawl.app import data_folder
    from pawl.app.alert_incidents import declare_alert

    found = declare_alert(data_folder(data), identity, severity)
    if as_json:
        told = {
            "schema": "pawl.alert-declared/1",
            "incident": found.incident.id,
            "severity": found.incident.severity,
            "new": found.new,
            "may_be_back": found.may_be_back,
            "doubts": found.doubts,
        }
        click.echo(msgspec.json.encode(told).decode())
        return Exit.YES
    for doubt in found.doubts:
        click.echo(f"pawl: {doubt}", err=True)
    what = "is declared" if found.new else "was declared already"
    click.echo(f"{found.incident.id} (SEV{found.incident.severity}) {what}.")
    return Exit.YES
