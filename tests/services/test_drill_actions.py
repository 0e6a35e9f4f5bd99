"""Gaps of a drill as actions: owned by whoever holds the role, opened once, blocking nothing."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.incidents.test_drill_run import RUNS
from tests.services.made_desk import Clock

from pawl.base.errors import CannotTell
from pawl.incidents.acting import open_actions
from pawl.incidents.action import State
from pawl.incidents.drill_run import State as RunState
from pawl.incidents.people import People
from pawl.services.change_terms import By
from pawl.services.drill_actions import action_of_gap
from pawl.services.drill_incidents import MadeFirm
from pawl.services.incidents import IncidentDesk
from pawl.store.records.check import check
from pawl.store.records.engine import Engine, open_records
from pawl.store.records.incidents import IncidentRecords

BY = By(identity="session:ada", source="session", assurance="authenticated")
RUN = RUNS[RunState.FINISHED]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Records of the test's own."""
    opened = open_records(tmp_path / "data")
    yield opened
    opened.dispose()


def test_a_gap_becomes_an_action_of_whoever_holds_the_role(engine: Engine) -> None:
    """Once, with the run as its source; the desk of incidents shows it and sees it through."""
    records, clock = IncidentRecords(engine), Clock()
    gap = RUN.gaps[0]
    first = action_of_gap(records, MadeFirm(), RUN, gap, BY, clock)
    assert action_of_gap(records, MadeFirm(), RUN, gap, BY, clock) == first
    desk = IncidentDesk(records, MadeFirm(), now=clock, new_id=lambda prefix: f"{prefix}_1")
    (action,) = desk.actions()
    assert (action.id, action.incident, action.owner) == (first, RUN.id, "ada")
    assert action.due_at == gap.due_at
    assert open_actions([action]) == ()
    claimed = desk.claim_action(first, BY)
    assert getattr(claimed, "state", None) is State.CLAIMED
    assert check(engine, replay=True).difference is None


def test_a_role_that_nobody_holds_opens_nothing(engine: Engine) -> None:
    """An action without an owner would be done by nobody."""
    records = IncidentRecords(engine)
    gap = msgspec.structs.replace(RUN.gaps[0], owner="wizard")
    assert action_of_gap(records, MadeFirm(), RUN, gap, BY, Clock()) == ""
    with records.reading() as book:
        assert book.actions() == ()


def test_a_roster_that_cannot_be_read_is_told(engine: Engine) -> None:
    """Whoever runs the drill leaves the gap in the report then."""

    class Unreadable(MadeFirm):
        def people(self, scope: str) -> People:
            raise CannotTell("the roster cannot be read.")

    with pytest.raises(CannotTell):
        action_of_gap(IncidentRecords(engine), Unreadable(), RUN, RUN.gaps[0], BY, Clock())
