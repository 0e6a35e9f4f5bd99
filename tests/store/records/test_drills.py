"""Runs of drills in the records: kept with their entries, made again of them, on both engines."""

from collections.abc import Callable

import pytest
from tests.incidents.test_drill import DRILL
from tests.incidents.test_drill_run import BAD, BY, LATER, NOW

from pawl.governance.ledger import Actor
from pawl.incidents.drill import Drill, Measured, Outcome
from pawl.incidents.drill_run import (
    Abort,
    Command,
    DrillRun,
    Finish,
    Note,
    OpenedAction,
    Start,
    State,
    decide,
    plan,
)
from pawl.incidents.event import Refusal
from pawl.store.records.changes import ChangedMeanwhile
from pawl.store.records.check import check
from pawl.store.records.connection import Engine
from pawl.store.records.drills import DrillRecords
from pawl.store.records.engine import writing
from pawl.store.records.forgetting import forget

ACTOR = Actor(person=BY, source="git-config", assurance="declared")


def kept(
    records: DrillRecords,
    *commands: Command,
    id: str = "drl_1",
    drill: Drill = DRILL,
    now: str = NOW,
) -> DrillRun:
    """Keep a run with what happens to it."""
    run = records.record(None, plan(id, drill, now, by=BY), ACTOR)
    for command in commands:
        run = told(records, run, command)
    return run


def told(records: DrillRecords, run: DrillRun, command: Command) -> DrillRun:
    """Tell a run a command."""
    events = decide(run, command, LATER)
    assert not isinstance(events, Refusal)
    return records.record(run, events, ACTOR)


def finish() -> Finish:
    """Return an end with a whole number among the measures, which the ledger writes shorter."""
    measured = {"lost": Measured(value=31.0), "after_return_s": Measured(value=0.25)}
    return Finish(by=BY, measured=measured, notes=(Note(after_s=1.0, text="ü"),))


def test_what_is_kept_is_what_was_told(engine: Engine) -> None:
    """Found by its id, by the beginning of it, by its drill and by its time."""
    records = DrillRecords(engine)
    run = kept(records, Start(by=BY), finish())
    other = kept(records, Start(by=BY), id="drl_2", now=LATER)
    assert records.get("drl_1") == run
    assert records.get("drl_") is None
    assert records.get("drl_2") == other
    assert records.get("") is None
    assert [each.id for each in records.newest()] == ["drl_2", "drl_1"]
    assert [each.id for each in records.newest("notifier-down", 1)] == ["drl_2"]
    assert records.newest("another") == ()
    assert [each.id for each in records.window(NOW, LATER)] == ["drl_1"]
    assert [each.id for each in records.going()] == ["drl_2"]


def test_the_table_is_what_the_entries_make_of_it(engine: Engine) -> None:
    """A replay finds no difference, and finds one once somebody alters a row."""
    records = DrillRecords(engine)
    run = kept(records, Start(by=BY), finish())
    told(records, run, OpenedAction(by=BY, expectation="none-lost", action="act_1"))
    kept(records, Start(by=BY), Abort(by=BY, why="Too long.", measured=BAD), id="drl_2")
    kept(records, id="drl_3")
    assert check(engine, replay=True).difference is None
    with writing(engine) as connection:
        connection.execute("UPDATE drill_runs SET verdict = 'met' WHERE id = 'drl_1'")
    found = check(engine, replay=True).difference
    assert found is not None
    assert found.place == "drill_runs drl_1"


def test_two_who_end_a_run_end_it_once(engine: Engine) -> None:
    """Whoever read it before the other wrote is told so, and nothing of theirs is kept."""
    records = DrillRecords(engine)
    run = kept(records, Start(by=BY))
    told(records, run, finish())
    with pytest.raises(ChangedMeanwhile):
        told(records, run, Abort(by=BY, why="Too long."))
    found = records.get(run.id)
    assert found is not None
    assert found.state is State.FINISHED
    assert check(engine, replay=True).difference is None


def test_a_key_finds_the_run_that_it_was_told_of(engine: Engine) -> None:
    """Told twice is one run."""
    records = DrillRecords(engine)
    run = records.record(None, plan("drl_1", DRILL, NOW, by=BY), ACTOR, key="a key")
    assert records.told("a key") == run
    assert records.told("another") is None


def test_a_forgotten_person_is_in_no_run(opened: Callable[[], Engine]) -> None:
    """The run stays, its verdict too, and a replay still agrees."""
    engine = opened()
    records = DrillRecords(engine)
    kept(records, Start(by=BY), finish())
    forget(engine, (BY,), Actor(person="dpo", source="x", assurance="declared"), LATER,
           reason="asked", key="1")  # fmt: skip
    (run,) = records.newest()
    assert run.by == "forgotten"
    assert run.verdict is Outcome.NOT_MET
    assert check(engine, replay=True).difference is None
