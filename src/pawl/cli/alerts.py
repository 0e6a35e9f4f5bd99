"""`pawl alerts`: what needs attention, and how the rules that say so behave."""

from __future__ import annotations

import click

from pawl.cli import alert_declare, alerting


@click.group("alerts")
def command() -> None:
    """See what needs attention now, and try the rules on the past."""


alerting.register(command)
command.add_command(alert_declare.declare)


@command.command("rules")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.alert-rules/1 object.")
def rules(as_json: bool) -> int:
    """List the alert rules that are at work here, with their numbers under --json."""
    from pawl.app.alerts import alert_setup
    from pawl.render.alerts_text import rules_text

    setup = alert_setup()
    if as_json:
        import msgspec

        listed = [
            {
                "rule": name,
                "about": rule.about,
                "title": rule.title,
                "response": rule.response,
                "failure_mode": rule.failure_mode or None,
                "thresholds": setup.thresholds[name],
            }
            for name, rule in sorted(setup.rules.items())
        ]
        click.echo(msgspec.json.encode({"schema": "pawl.alert-rules/1", "rules": listed}))
        return 0
    click.echo(rules_text(setup.rules), nl=False)
    return 0


@command.command("test")
@click.argument("names", nargs=-1, metavar="[RULE]...")
@click.option("--record", is_flag=True, help="Keep the result in the ledger, as evidence.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array of pawl.alert-test/1.")
@click.pass_obj
def test(data: str | None, names: tuple[str, ...], record: bool, as_json: bool) -> int:
    """Play the cases that rules bring: those that must set them off, and their quiet twins.

    Without a RULE all are played. Exits 1 when a case goes otherwise than expected.
    """
    from pawl.app.alerts import alert_rules
    from pawl.render.alerts_text import cases_text
    from pawl.services.alert_replay import play_rule

    known = alert_rules()
    reports = [play_rule(name, known) for name in names or sorted(known)]
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(reports))
    else:
        for report in reports:
            cases = [(case.case, case.fired, case.problems) for case in report.cases]
            click.echo(cases_text(report.rule, cases), nl=False)
    if record:
        from pawl.app import data_folder
        from pawl.app.alerts import record_tested

        proved = [each.rule for each in reports if each.passed and each.set_off]
        record_tested(data_folder(data), proved)
    return 0 if all(report.passed for report in reports) else 1


@command.command("replay")
@click.option("--rule", "only", multiple=True, metavar="RULE", help="This rule alone; repeatable.")
@click.option("--since", metavar="WHEN", help="From a day, an instant, or a time ago (7d, 12h).")
@click.option("--until", metavar="WHEN", help="Up to and with a day, or to an instant.")
@click.option(
    "--events", "source", default="store", show_default=True, metavar="FILE|store",
    help="An NDJSON file of events, or all that is stored.",
)  # fmt: skip
@click.option("--tick", default="60s", show_default=True, help="How often the rules look.")
@click.option("--json", "as_json", is_flag=True, help="Print one pawl.alert-replay/1 object.")
@click.pass_obj
def replay(
    data: str | None,
    /,
    only: tuple[str, ...],
    since: str | None,
    until: str | None,
    source: str,
    tick: str,
    as_json: bool,
) -> int:
    """Run the rules over the past: when would each have fired, and when resolved?

    The same events give the same answer, byte for byte. What lies before --since teaches the
    rules what is usual. Exits 3 when there are no events.
    """
    from pathlib import Path

    from pawl import app
    from pawl.app.alerts import alert_price, alert_setup, stored_past
    from pawl.base.durations import parse_duration
    from pawl.render.alerts_text import replay_text
    from pawl.services.alert_replay import events_of_file, replay_events, stored_history
    from pawl.services.cost import window

    folder, now = app.data_folder(data), app.now()
    begin, end = window(since, until, now)
    last = end or now
    setup = alert_setup(only)
    tick_s = max(1.0, parse_duration(tick, place="--tick"))
    price = alert_price(folder)
    if source == "store":
        with stored_past(folder) as past:
            events = stored_history(past, setup, begin, last)
            report = replay_events(
                events, setup, price=price, since=begin, until=last, tick_s=tick_s
            )
    else:
        found = events_of_file(Path(source))
        if end is None and found:
            last = min(now, found[-1].time)
        report = replay_events(found, setup, price=price, since=begin, until=last, tick_s=tick_s)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(report))
    else:
        click.echo(replay_text(report.replayed), nl=False)
    return 0
