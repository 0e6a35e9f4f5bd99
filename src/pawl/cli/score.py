"""`pawl score`: one number that orders investments, with its breakdown."""

from __future__ import annotations

from pathlib import Path

import click

from pawl.cli.exits import Exit


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("--quality-gate-coverage", type=float, metavar="SHARE", help="From 0 to 1.")
@click.option("--rollback-mttr-min", type=float, metavar="MINUTES", help="Time to roll back.")
@click.option("--policy-audit-pass-rate", type=float, metavar="SHARE", help="From 0 to 1.")
@click.option("--incident-repeat-rate", type=float, metavar="SHARE", help="From 0 to 1.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.score/1 object.")
@click.pass_obj
def command(
    data: str | None,
    path: Path,
    quality_gate_coverage: float | None,
    rollback_mttr_min: float | None,
    policy_audit_pass_rate: float | None,
    incident_repeat_rate: float | None,
    as_json: bool,
) -> int:
    """Operational maturity as one number, to order investments.

    Figures given as flags are declared: they are printed as such, and never reach a gate or a
    level. What is not given is computed from the evidence recorded about the repository at PATH,
    as far as it tells; without all four there is no total but a range.

    Exit status: 0 there is a total, 3 a figure is not known.
    """
    from pawl import app
    from pawl.app.maturity import score

    typed = {
        "quality-gate-coverage": quality_gate_coverage,
        "rollback-mttr-min": rollback_mttr_min,
        "policy-audit-pass-rate": policy_audit_pass_rate,
        "incident-repeat-rate": incident_repeat_rate,
    }
    given = {name: value for name, value in typed.items() if value is not None}
    told = score(app.data_folder(data), path, given)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(told).decode())
    else:
        from pawl.render.score_text import score_text

        click.echo(score_text(told), nl=False)
    return Exit.CANNOT_TELL if told.total is None else Exit.YES
