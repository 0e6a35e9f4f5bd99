"""What each routine opens with: where nothing happened, and where nobody can be asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.made_cadence import MONDAY, Made
from tests.services.made_desk import Made as MadeChanges
from tests.services.made_incident_desk import MadeIncidents

from pawl.governance.cadence import shipped_cadence
from pawl.services.cadence_reading import shipped_numbers
from pawl.services.routine_looks import Window
from pawl.store.records.connection import Engine
from pawl.store.records.engine import open_records

WINDOW = Window("2026-03-01T00:00:00.000000Z", MONDAY, MONDAY)
TITLES = {
    "quality_cost_anomaly_check": 2,
    "review_queue_triage": 1,
    "release_gate_review": 3,
    "failed_sample_curation": 1,
    "incident_action_tracking": 4,
    "policy_audit": 3,
    "maturity_score_review": 1,
    "cost_architecture_adjustment": 1,
    "chaos_drill": 2,
    "governance_reset": 3,
    "roadmap_reprioritization": 2,
}
"""How many things each has to look at."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Records of their own."""
    made = open_records(tmp_path)
    yield made
    made.dispose()


def test_every_routine_that_is_shipped_opens_with_numbers() -> None:
    """None opens with its checklist alone."""
    ids = {each.id for each in shipped_cadence().routines}
    assert ids == {name.replace("_", "-") for name in TITLES}
    assert all(shipped_numbers(each) is not None for each in ids)


@pytest.mark.parametrize("stem", TITLES)
def test_where_nothing_happened_it_was_looked(engine: Engine, stem: str) -> None:
    """Every part is there with a title of its own, and says a number, nothing, or why not."""
    changes, incidents = MadeChanges(engine), MadeIncidents(engine)
    made = Made(engine, changes=changes.desk, incidents=incidents.desk)
    numbers = shipped_numbers(stem.replace("_", "-"))
    assert numbers is not None
    parts = numbers.parts(made.desk.look, WINDOW)
    assert len({part.title for part in parts}) == len(parts) == TITLES[stem], parts
    assert not any(part.rows for part in parts if part.output)


@pytest.mark.parametrize(
    "stem", ["incident_action_tracking", "policy_audit", "release_gate_review"]
)
def test_what_nobody_keeps_here_is_not_zero(engine: Engine, stem: str) -> None:
    """Without a desk of what it is about it says so, and shows no number."""
    numbers = shipped_numbers(stem.replace("_", "-"))
    assert numbers is not None
    parts = numbers.parts(Made(engine).desk.look, WINDOW)
    blind = [part for part in parts if part.unknown]
    assert blind
    assert not any(part.figures or part.rows for part in blind)


def test_the_weekly_review_is_what_incidents_leave_to_do(engine: Engine) -> None:
    """An incident that is over and has no postmortem is waiting there; so are its actions."""
    made = MadeIncidents(engine)
    known = made.resolved(severity=1)
    now = made.clock()
    desk = Made(engine, made.clock, incidents=made.desk).desk
    numbers = shipped_numbers("incident-action-tracking")
    assert numbers is not None
    indicators, actions, debts, papers = numbers.parts(desk.look, Window("2026-11-01", now, now))
    assert [row["incident"] for row in papers.rows] == [known.id]
    assert (actions.output, actions.rows, debts.rows) == ("actions", (), ())
    assert {each.name for each in indicators.figures} >= {"Incidents", "Commander in time"}
