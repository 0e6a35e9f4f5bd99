"""The sample's alerts: found by the rules in its events at any hour, and kept like real ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.test_sample import load

from pawl.alerts.alert import Alert
from pawl.alerts.delivery import numbers
from pawl.alerts.state import State
from pawl.app import price_texts
from pawl.app.alerts import alert_rules
from pawl.services.alert_desk import AlertsView
from pawl.services.alert_server import Alerting
from pawl.services.sample_alerts import HANDS, SampleAlerts, sample_setup
from pawl.store.events.duckdb import DuckEvents
from pawl.store.records.check import check
from pawl.store.records.engine import Engine, open_records
from pawl.telemetry.event import Event, Kind

NOON = "2026-11-21T12:00:00.000000Z"


class Loaded:
    """Alerts of the sample as of an instant, on stores of their own; nothing goes on looking."""

    def __init__(self, folder: Path, now: str) -> None:
        self.folder, self.now = folder, now
        self.engine: Engine = open_records(folder)
        self.events = DuckEvents(folder)
        parts = Alerting(
            setup=sample_setup(alert_rules()), channels={}, now=lambda: now,
            price=price_texts(folder).table().price, chance=lambda: 0.0, new_id=lambda: "sil_1",
            store="sample", holder="sample", sender="sample", numbers=numbers(),
        )  # fmt: skip
        self.server = SampleAlerts(parts, self.engine, self.events)

    def load(self, events: list[Event]) -> AlertsView:
        """Load events and return what there is to see."""
        self.server.stop()  # What goes on looking would look at a store that is empty here.
        self.server.load(events, self.now)
        return self.server.desk.view()

    def close(self) -> None:
        """Close both stores."""
        self.events.close()
        self.engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[list[Loaded]]:
    """Collect what a test loads, and close it."""
    made: list[Loaded] = []
    yield made
    for each in made:
        each.close()


def events_at(now: str) -> list[Event]:
    """Return all events of the sample as of an instant."""
    return [event for replay in load(now) for event in replay.events]


def loaded(made: list[Loaded], root: Path, now: str) -> Loaded:
    """Return stores to load into."""
    made.append(Loaded(root / str(len(made)), now))
    return made[-1]


def every(view: AlertsView) -> list[Alert]:
    """Return all alerts but those that only cannot tell."""
    return [line.alert for line in (*view.firing, *view.pending, *view.resolved)]


@pytest.mark.parametrize(
    "now", [NOON, "2026-11-22T04:30:00.000000Z", "2026-11-23T00:07:00.000000Z"]
)
def test_there_is_one_of_each_kind_at_any_hour(
    folder: list[Loaded], tmp_path: Path, now: str
) -> None:
    """Firing, taken on, silenced, without data, and resolved: on a working day and at night."""
    here = loaded(folder, tmp_path, now)
    view = here.load(events_at(now))
    seen = [line.alert for line in view.firing]
    assert any(alert.acknowledged for alert in seen)
    assert any(alert.blind_since for alert in seen)
    assert any(line.silence and line.silence.reason for line in view.firing)
    assert any(not (alert.acknowledged or alert.blind_since) for alert in seen)
    assert view.resolved
    assert view.blind, "rules that see too little say so"
    assert all(alert.rows for alert in every(view)), "an alert without evidence"
    report = check(here.engine, replay=True)
    assert report.intact, report.difference


def test_the_rules_find_it_and_nobody_else(folder: list[Loaded], tmp_path: Path) -> None:
    """Where no tool failed no alert of tools fires; without events there are no alerts at all."""
    told = events_at(NOON)
    calm = [
        event for event in told if not (event.kind is Kind.TOOL_RESULT and event.outcome == "error")
    ]
    rules = {alert.rule for alert in every(loaded(folder, tmp_path, NOON).load(told))}
    quiet = {alert.rule for alert in every(loaded(folder, tmp_path, NOON).load(calm))}
    assert {hand.rule for hand in HANDS} <= rules
    assert "tool-errors" in rules - quiet
    assert every(loaded(folder, tmp_path, NOON).load([])) == []


def test_what_was_loaded_stays_as_it_is(folder: list[Loaded], tmp_path: Path) -> None:
    """Loading again changes neither alerts nor silences."""
    here = loaded(folder, tmp_path, NOON)
    first = here.load(events_at(NOON))
    assert every(here.load(events_at(NOON))) == every(first)
    assert here.server.desk.view().silences == first.silences


def test_every_alert_has_been_through_the_states(folder: list[Loaded], tmp_path: Path) -> None:
    """What fires was written when it fired, and not all at once at the end."""
    view = loaded(folder, tmp_path, NOON).load(events_at(NOON))
    fired = [alert.fired_at for alert in every(view) if alert.state is State.FIRING]
    assert len(set(fired)) > 1
    assert {entry.event for entry in view.log} >= {"firing", "resolved", "blind", "acknowledged"}
