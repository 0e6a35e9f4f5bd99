"""Intents and stage verdicts in the records, on both engines."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
from tests.changes.made_changes import NOW, at, in_state

from pawl.changes.change import Change, Happened, Happening, State
from pawl.changes.executing import Errand, Intent, Progress, called, confirmed
from pawl.changes.rollout import StageVerdict
from pawl.changes.stage_metrics import Side, Sides, judge_stage, not_measured, stage_metrics
from pawl.changes.verdict import Verdict
from pawl.governance.ledger import PAWL
from pawl.store.records import rollouts
from pawl.store.records.engine import Engine, reading, writing
from pawl.store.records.rollouts import RolloutRecords, note_intent

CHANGE = in_state(State.ROLLING_OUT, version=5)


def told(engine: Engine, type: Happening, change: Change = CHANGE, when: str = NOW) -> None:
    """Write what follows from an event of a change."""
    happened = Happened(type=type, change=change.id, at=when, by="github:1", sets={})
    with writing(engine) as connection:
        note_intent(connection, change, happened)


def later(version: int, **other: object) -> Change:
    """Return the change some events later."""
    return msgspec.structs.replace(CHANGE, version=version, **other)


def claimed(records: RolloutRecords, id: str, holder: str = "a", when: str = NOW) -> Intent:
    """Return an intent that must be free to be claimed."""
    found = records.claim(id, holder, when, 60)
    assert found is not None
    return found


def test_an_event_that_moves_something_leaves_one_intent(engine: Engine) -> None:
    """The same event seen twice is one intent; one that moves nothing is none."""
    records = RolloutRecords(engine)
    for kind in (Happening.STARTED, Happening.STARTED, Happening.ANSWERED, Happening.LIVE):
        told(engine, kind)
    (intent,) = records.of("chg-1")
    assert (intent.id, intent.kind, intent.state) == ("chg-1.5", Errand.START, Progress.INTENDED)
    assert intent.executor == "command"
    assert [each.id for each in records.due(NOW)] == ["chg-1.5"]
    assert records.due(at(-1)) == ()


def test_a_claim_is_one_s_until_it_runs_out(engine: Engine) -> None:
    """Of many that claim at once one has it, and another only when its time is over."""
    records = RolloutRecords(engine)
    told(engine, Happening.STARTED)
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda n: records.claim("chg-1.5", f"h{n}", NOW, 60), range(8)))
    (mine,) = [each for each in got if each is not None]
    assert mine.attempts == 1
    assert records.claim("chg-1.5", "b", NOW, 60) is None
    again = claimed(records, "chg-1.5", "b", at(1))
    assert again.attempts == 2
    assert not records.settle(called(mine, NOW), mine.claimed_by or ""), "it was another's by then"
    assert records.settle(called(again, at(1)), "b")


def test_what_was_called_is_only_read_again(engine: Engine) -> None:
    """A claim on what was called already counts no attempt; confirmed is the end."""
    records = RolloutRecords(engine)
    told(engine, Happening.STARTED)
    intent = claimed(records, "chg-1.5")
    assert records.settle(called(intent, NOW), "a")
    resumed = claimed(records, "chg-1.5", "b", at(1))
    assert (resumed.state, resumed.attempts) == (Progress.CALLED, 1)
    assert records.settle(confirmed(resumed, at(1)), "b")
    assert records.due(at(9)) == ()
    found = records.newest("chg-1")
    assert found is not None
    assert (found.state, found.read_back, found.claimed_by) == (
        Progress.CONFIRMED,
        intent.wanted,
        None,
    )


def test_a_rollback_waits_for_the_start_that_is_being_called(engine: Engine) -> None:
    """Nothing overtakes a call that is under way; what it brings is then taken back."""
    records = RolloutRecords(engine)
    told(engine, Happening.STARTED)
    start = claimed(records, "chg-1.5")
    told(engine, Happening.ROLLBACK_STARTED, later(6, state=State.ROLLING_BACK))
    assert records.claim("chg-1.6", "b", NOW, 60) is None
    assert not records.settle(called(start, NOW), "a"), "a newer decision stands"
    back = claimed(records, "chg-1.6", "b")
    assert back.kind is Errand.ROLLBACK
    first = records.of("chg-1")[0]
    assert (first.state, first.claimed_by) == (Progress.FAILED, None)
    assert "newer decision" in first.failure


def test_the_claims_of_the_dead_are_free_at_once(engine: Engine) -> None:
    """Whoever is known to be gone holds nothing up, and others keep what they have."""
    records = RolloutRecords(engine)
    told(engine, Happening.STARTED)
    claimed(records, "chg-1.5", "dead")
    records.release_gone(lambda who: who == "other", NOW)
    assert records.claim("chg-1.5", "b", NOW, 60) is None
    records.release_gone(lambda who: who == "dead", NOW)
    assert claimed(records, "chg-1.5", "b").attempts == 2


def test_a_rollback_that_was_given_up_is_called_no_more(engine: Engine) -> None:
    """After its time it counts as failed, and the next try is an intent of its own."""
    records = RolloutRecords(engine)
    told(engine, Happening.ROLLBACK_STARTED, later(6))
    told(engine, Happening.ROLLBACK_FAILED, later(7))
    assert records.due(at(1)) == ()
    told(engine, Happening.ROLLBACK_STARTED, later(8))
    assert [each.id for each in records.due(at(1))] == ["chg-1.8"]


def test_verdicts_are_kept_with_what_they_rest_on(engine: Engine) -> None:
    """A verdict is an entry and a row, once, and judging its sides again says the same."""
    records = RolloutRecords(engine)
    sides = Sides(stage=Side(requests=50), base=Side(requests=50), concurrent=True)
    judgement = judge_stage(sides, stage_metrics())
    verdict = StageVerdict(
        id="v1", stage=0, digest=CHANGE.digest, verdict=judgement.verdict, at=NOW, events=50,
        reason=judgement.reason,
    )  # fmt: skip
    for _ in range(2):
        records.judge("chg-1", verdict, judgement, PAWL)
    (judged,) = records.verdicts("chg-1")
    assert judged == records.last_verdict("chg-1", 0)
    assert judged.verdict == verdict
    assert judged.judgement == judgement
    assert judged.judgement.sides is not None
    assert judge_stage(judged.judgement.sides, stage_metrics()) == judgement
    assert records.last_verdict("chg-1", 1) is None


def test_what_was_changed_by_hand_is_found(engine: Engine) -> None:
    """A verdict or an intent that no entry made, or one that is another, is told."""
    records = RolloutRecords(engine)
    verdict = StageVerdict(
        id="v1", stage=0, digest="d", verdict=Verdict.FAIL, at=NOW, events=9, reason="worse"
    )
    records.judge("chg-1", verdict, not_measured("x"), PAWL)
    with reading(engine) as connection:
        assert rollouts.difference(connection) is None
    with writing(engine) as connection:
        connection.execute("UPDATE stage_verdicts SET verdict = 'pass'")
        found = rollouts.difference(connection)
        assert found is not None
        assert found.place == "stage_verdicts v1"
        connection.execute("UPDATE stage_verdicts SET verdict = 'fail'")
    told(engine, Happening.STARTED)
    with reading(engine) as connection:
        found = rollouts.difference(connection)
    assert found is not None
    assert found.place == "rollout_intents chg-1.5"
