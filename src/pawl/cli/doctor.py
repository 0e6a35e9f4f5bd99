"""`pawl doctor`: what would keep Pawl from working here."""

import click

from pawl.cli.exits import Exit


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.doctor/1 object.")
@click.pass_obj
def command(data: str | None, as_json: bool) -> int:
    """Check this machine: data folder, agents, transcripts, price table.

    Exits 0 when nothing of medium severity or above is wrong, 1 when something is, and 3 when a
    check could not be made.
    """
    from pawl import app
    from pawl.app.doctor import doctor
    from pawl.base.finding import Outcome, Severity
    from pawl.render.findings import findings_text

    findings = doctor(app.data_folder(data))
    if as_json:
        import msgspec

        told = {"schema": "pawl.doctor/1", "findings": findings}
        click.echo(msgspec.json.encode(told).decode())
    else:
        click.echo(findings_text(findings), nl=False)
    weighty = [f for f in findings if f.severity not in (Severity.INFO, Severity.LOW)]
    if any(finding.outcome is Outcome.FAIL for finding in weighty):
        return Exit.NO
    if any(finding.outcome is Outcome.CANNOT_TELL for finding in weighty):
        return Exit.CANNOT_TELL
    return Exit.YES
