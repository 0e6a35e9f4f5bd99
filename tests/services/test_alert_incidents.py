"""Alerts that declare: once for each firing, whoever sees it and whoever dies."""

from typing import Any

import msgspec
import pytest
from tests.alerts.made_alerts import START, alerts, an_alert, later
from tests.services.made_desk import Clock
from tests.services.made_incident_desk import SUE, MadeIncidents, incident
from tests.store.records.conftest import engine, opened, postgres_url  # noqa: F401 - fixtures

from pawl.alerts.alert import Alert, Alerts
from pawl.alerts.policy import Policy, Route
from pawl.alerts.reading import Level
from pawl.alerts.state import State
from pawl.base.errors import Unavailable
from pawl.governance.priority import Domain
from pawl.incidents.from_alert import said_of, severity_of
from pawl.services.alert_incidents import AlertIncidents
from pawl.store.records.alerts import AlertRecords, Decided
from pawl.store.records.connection import Engine
from pawl.store.records.timers import TimerRecords

POLICY = Policy(
    routes=(
        Route(to=(), rules=("error-*",), levels=(Level.CRITICAL,), declare=1, go_on=True),
        Route(to=("team",), rules=("error-rate",), declare=2),
        Route(to=("team",)),
    )
)


class Site:
    """Alerts and incidents on one set of records."""

    def __init__(self, engine: Engine) -> None:  # noqa: F811 - a fixture
        self.engine = engine
        self.clock = Clock(later(0))
        self.made = MadeIncidents(self.engine, self.clock)
        self.records = AlertRecords(self.engine)

    def keep(self, *found: Alert, store: str = "here") -> None:
        """Keep alerts as a look would."""
        self.clock.wind(seconds=10)
        decided = Decided(alerts=alerts(*found, at=self.clock()))

        def decide(before: Alerts, silences: object) -> Decided:
            return decided

        assert self.records.look(store, "me", self.clock(), decide, every_s=1, stale_s=1)

    def declaring(self, desk: Any = None) -> AlertIncidents:
        """Return what a server does that begins now."""
        return AlertIncidents(
            self.records,
            TimerRecords(self.engine),
            desk or self.made.desk,
            POLICY,
            self.clock,
            about={"cost-anomaly": "money"},
            responses={"error-rate": "Look at the calls."},
        )


@pytest.fixture
def site(engine: Engine) -> Site:  # noqa: F811 - a fixture
    """Return records of their own, of each kind."""
    return Site(engine)


def test_a_firing_declares_once_with_all_that_is_known(site: Site) -> None:
    """Two servers that look again and again, and one that was started anew, make one incident."""
    alert = an_alert()
    site.keep(alert)
    first, second = site.declaring(), site.declaring()
    for each in (first, second, first, site.declaring()):
        each.look()
    (known,) = site.made.desk.ongoing()
    assert known.title == "7 % of the calls failed. [error-rate]"
    assert (known.severity, known.domain, known.scope) == (2, Domain.QUALITY, "shop")
    assert [link.id for link in known.links] == [alert.id]
    assert known.declared_by == "pawl"
    assert known.fingerprint.startswith("fp:1:")
    assert len([e for e in site.made.desk.timeline(known.id) if "signal" in e.type]) == 0


def test_firing_again_is_a_signal_and_after_the_end_an_incident(site: Site) -> None:
    """While it is open nothing second is declared; a firing after it was resolved is a new one."""
    declaring = site.declaring()
    site.keep(an_alert())
    declaring.look()
    site.keep(an_alert(fired_at=later(60)))
    declaring.look()
    (known,) = site.made.desk.ongoing()
    types = [each.type for each in site.made.desk.timeline(known.id)]
    assert types.count("incident.signalled") == 1
    incident(site.made.desk.accept(known.id, SUE))
    incident(site.made.desk.mitigate(known.id, SUE))
    incident(site.made.desk.resolve(known.id, SUE))
    declaring.look()
    assert site.made.desk.ongoing() == ()
    site.keep(an_alert(fired_at=later(120)))
    declaring.look()
    assert len(site.made.desk.ongoing()) == 1


def test_the_end_of_an_alert_is_noted_once(site: Site) -> None:
    """On the timeline of the incident that it is linked with, whoever looks."""
    site.keep(an_alert())
    site.declaring().look()
    ended = an_alert(state=State.RESOLVED, fired_at=START, resolved_at=later(30))
    site.keep(ended)
    site.declaring().look()
    site.declaring().look()
    (known,) = site.made.desk.ongoing()
    notes = [each for each in site.made.desk.timeline(known.id) if each.type == "incident.noted"]
    assert len(notes) == 1


def test_what_fired_and_ended_while_nobody_looked_is_declared(site: Site) -> None:
    """A server that died between the alert and the incident loses neither."""
    site.declaring().look()
    site.keep(an_alert(state=State.RESOLVED, fired_at=later(5), resolved_at=later(8)))
    site.declaring().look()
    assert len(site.made.desk.ongoing()) == 1


def test_the_past_before_anybody_asked_declares_nothing(site: Site) -> None:
    """Alerts that had ended when routes first said so are no incidents."""
    site.keep(an_alert(state=State.RESOLVED, fired_at=START, resolved_at=later(8)))
    site.declaring().look()
    assert site.made.desk.ongoing() == ()


def test_a_desk_that_fails_is_tried_again(site: Site) -> None:
    """What could not be declared is not taken for declared."""

    class Failing:
        """A desk whose records are away."""

        def declare(self, *given: object, **named: object) -> None:
            """Raise Unavailable."""
            raise Unavailable("away.")

    site.keep(an_alert())
    declaring = site.declaring(Failing())
    with pytest.raises(Unavailable):
        declaring.look()
    assert not TimerRecords(site.engine).heartbeats().get("alert-incidents")
    site.keep(an_alert(state=State.RESOLVED, fired_at=START, resolved_at=later(20)))
    site.keep(an_alert())
    site.declaring().look()
    assert len(site.made.desk.ongoing()) == 1


@pytest.mark.parametrize(
    ("alert", "severity"),
    [
        (an_alert(), 2),
        (an_alert("cost-anomaly"), None),
        (an_alert("error-budget"), None),
    ],
)
def test_routes_say_how_severe_it_is(alert: Alert, severity: int | None) -> None:
    """The worst of those that take it; a route that does not match says nothing."""
    assert severity_of(alert, POLICY) == severity


def test_what_is_silenced_declares_nothing(site: Site) -> None:
    """Nobody is to be told of it, so nobody is paged for it."""
    site.keep(an_alert(held_back="silenced by ann"))
    site.declaring().look()
    assert site.made.desk.ongoing() == ()


def test_a_warning_and_its_critical_twin_are_one_event() -> None:
    """Their keys are the same, and money is of the domain of cost."""
    one = an_alert()
    other = msgspec.structs.replace(one, level=Level.CRITICAL)
    assert severity_of(other, POLICY) == 1
    assert said_of(one, 2).key == said_of(other, 1).key
    assert said_of(an_alert("cost-anomaly"), 2, "money").domains == (Domain.COST,)
