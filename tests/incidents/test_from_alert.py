"""What an alert says when it declares an incident."""

import msgspec
from tests.alerts.made_alerts import an_alert

from pawl.incidents.from_alert import said_of
from pawl.incidents.incident import Link, LinkKind


def test_an_alert_of_a_run_links_the_run() -> None:
    """Whoever learns from the incident has the record of what went wrong without searching it."""
    alert = msgspec.structs.replace(an_alert(), scope=(("project", "shop"), ("run", "run_1")))
    assert said_of(alert, 2).links == (
        Link(kind=LinkKind.ALERT, id=alert.id),
        Link(kind=LinkKind.RUN, id="run_1"),
    )
    assert len(said_of(an_alert(), 2).links) == 1


def test_a_second_run_that_fails_so_is_no_second_event() -> None:
    """Ten runs that are stopped make one incident and not ten: a run is when, and not where."""
    one = msgspec.structs.replace(an_alert(), scope=(("project", "shop"), ("run", "run_1")))
    other = msgspec.structs.replace(one, scope=(("project", "shop"), ("run", "run_2")))
    session = msgspec.structs.replace(one, scope=(("project", "shop"), ("session", "s1")))
    elsewhere = msgspec.structs.replace(one, scope=(("project", "search"), ("run", "run_3")))
    assert said_of(one, 2).key == said_of(other, 2).key == said_of(session, 2).key
    assert said_of(one, 2).key != said_of(elsewhere, 2).key
