"""The sample's changes are on record like any other: a server that starts again has all of them."""

from pathlib import Path

from tests.server.fakes import NOW

from pawl.changes.change import State
from pawl.changes.verdict import Verdict
from pawl.services.sample_changes import INCIDENT
from pawl.services.serving_changes import SampleChanges
from pawl.services.serving_incidents import SampleStanding
from pawl.store.records.check import check
from pawl.store.records.engine import open_records
from pawl.store.records.rollouts import RolloutRecords


def test_an_action_of_an_incident_holds_one_change_up_and_not_its_fix(tmp_path: Path) -> None:
    """The sample's incidents block a change of their component, once; the fix may start."""
    engine = open_records(tmp_path)
    changed = SampleChanges(engine, lambda: NOW)
    incidents = SampleStanding(engine, changed.desk, lambda: NOW)
    for _ in range(2):
        changed.load()
        incidents.load()
        changed.load_held()
    assert changed.desk is not None
    assert incidents.desk is not None
    titles = {each.manifest.title: each for each in changed.desk.list(limit=100)}
    assert len(titles) == len(changed.desk.list(limit=100))
    held = titles["Payouts are tried again after 5 seconds"]
    mending = titles["All retries of payouts go through one place"]
    assert (held.state, mending.state) == (State.IN_REVIEW, State.APPROVED)
    assert incidents.desk.get(INCIDENT).repeats == ("INC-1987",)
    report = check(engine, replay=True)
    engine.dispose()
    assert report.intact, report.difference


def test_the_verdicts_on_stages_are_on_record(tmp_path: Path) -> None:
    """What one server told the next one shows, and all of it follows from the ledger."""
    engine = open_records(tmp_path)
    SampleChanges(engine, lambda: NOW).load()
    later = SampleChanges(engine, lambda: NOW)
    later.load()
    assert later.desk is not None
    assert later.pages is not None
    said = []
    for change in later.desk.list(limit=100):
        kept = RolloutRecords(engine).verdicts(change.id)
        view = later.pages.one(change.id, None)
        shown = [verdict for line in view.stages for verdict in line.verdicts]
        assert sorted(each.verdict.id for each in kept) == sorted(each.id for each in shown)
        assert all(each.judgement.sides is not None for each in kept)
        said += [each.verdict.verdict for each in kept]
    assert (Verdict.FAIL in said, said.count(Verdict.PASS) > 3) == (True, True)
    report = check(engine, replay=True)
    engine.dispose()
    assert report.intact, report.difference
