"""Changes that give reason to it declare an incident, each once, whoever looks and how often."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.changes.made_changes import manifest
from tests.services.made_desk import PIA, Clock, Made, change
from tests.services.made_incident_desk import MadeIncidents

from pawl.changes.change import Change
from pawl.governance.priority import Domain
from pawl.incidents.incident import Link, LinkKind, State
from pawl.services.change_incidents import ChangeIncidents
from pawl.services.change_terms import PAWL_ITSELF
from pawl.store.records.changes import ChangeRecords
from pawl.store.records.check import check
from pawl.store.records.engine import open_records


class Both:
    """Changes and incidents on the same records, by one clock."""

    def __init__(self, folder: Path) -> None:
        self.engine = open_records(folder)
        self.clock = Clock()
        self.changes = Made(self.engine, self.clock)
        self.incidents = MadeIncidents(self.engine, self.clock)
        self.looking = ChangeIncidents(
            ChangeRecords(self.engine), self.incidents.desk, now=self.clock
        )

    def failed(self) -> Change:
        """Return a change whose rollback failed."""
        known = self.changes.live()
        change(self.changes.desk.roll_back(known.id, "No.", PIA))
        return change(self.changes.desk.fail_rollback(known.id, "Unreachable.", PIA))


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    """Changes and incidents of a folder."""
    both = Both(tmp_path / "data")
    yield both
    both.engine.dispose()


def test_a_rollback_that_failed_declares_one_incident(both: Both) -> None:
    """With the change as what is suspected, its components and its scope; by Pawl itself."""
    known = both.failed()
    (done,) = both.looking.look()
    assert done.new
    found = done.incident
    assert (found.severity, found.domain) == (2, Domain.SAFETY)
    assert found.links == (Link(kind=LinkKind.CHANGE, id=known.id, suspected=True),)
    assert found.declared_by == PAWL_ITSELF.identity
    assert found.scope == known.manifest.scope
    assert both.looking.look() == ()
    assert check(both.engine, replay=True).difference is None


def test_it_is_not_declared_again_when_it_is_over(both: Both) -> None:
    """Somebody said that it is none; the same state of the same change says nothing new."""
    both.failed()
    (done,) = both.looking.look()
    both.incidents.desk.decline(done.incident.id, "Known.", PIA)
    assert both.incidents.desk.get(done.incident.id).state is State.DECLINED
    assert both.looking.look() == ()


def test_what_went_out_past_all_gates_declares_one(both: Both) -> None:
    """A matter of security until somebody knows better."""
    change(both.changes.desk.found_unmanaged(manifest("Be rude."), PAWL_ITSELF))
    (done,) = both.looking.look()
    assert (done.incident.severity, done.incident.domain) == (3, Domain.SECURITY)
    assert "without having been a change" in done.incident.title


def test_what_is_older_than_a_day_declares_none(both: Both) -> None:
    """Records of an earlier Pawl are not all declared on the first day of this one."""
    both.failed()
    both.clock.wind(hours=25)
    assert both.looking.look() == ()


def test_a_world_that_cannot_be_read_holds_nothing_up(both: Both) -> None:
    """It is declared with doubts."""
    both.failed()
    both.incidents.world.who = OSError("gone")
    (done,) = both.looking.look()
    assert done.doubts
