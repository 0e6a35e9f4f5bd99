"""Rollouts by themselves: out by stages, back on a fail, and never on what nobody measured."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.changes.made_changes import at
from tests.services.made_desk import ANN, DEPLOYER, LIA, change, refused
from tests.services.made_rollouts import BAD, FEW, GOOD, Rolling, planned

from pawl.base.errors import Unavailable
from pawl.base.times import seconds_between
from pawl.changes.change import Change, Refusal, State
from pawl.changes.executing import Errand, Progress
from pawl.changes.manifest import part_digest
from pawl.changes.parts import Part, Prompt
from pawl.changes.plan import AbortRule, Experiment, Rollback, Rollout, Stage
from pawl.changes.verdict import Verdict
from pawl.store.records.check import check
from pawl.store.records.engine import open_records


@pytest.fixture
def rolling(tmp_path: Path) -> Iterator[Rolling]:
    """A desk on records of its own; in the end they are what a replay of the ledger makes."""
    engine = open_records(tmp_path)
    yield Rolling(engine)
    report = check(engine, replay=True)
    engine.dispose()
    assert report.intact, report.difference


def now(rolling: Rolling, known: Change) -> Change:
    """Return a change as it is now."""
    return rolling.desk.get(known.id)


def test_a_good_change_goes_out_by_its_stages(rolling: Rolling) -> None:
    """Each stage is called, read back, measured beside the base or before it, and held."""
    known = rolling.made.started(planned())
    rolling.tick()
    assert rolling.place.there == dict(known.manifest.parts)
    assert now(rolling, known).stage == 0, "it holds for ten minutes"
    rolling.tick(hours=1)
    assert now(rolling, known).stage == 1
    rolling.tick()
    rolling.tick(hours=1)
    live = now(rolling, known)
    assert live.state is State.LIVE
    assert [(o.kind, o.stage, o.exposure) for o in rolling.place.calls] == [
        (Errand.START, "canary", 0.1),
        (Errand.ADVANCE, "all", 1.0),
    ]
    sequences = [order.sequence for order in rolling.place.calls]
    assert sequences == sorted(set(sequences))
    concurrent, before = rolling.seer.asked[0], rolling.seer.asked[-1]
    assert concurrent[0] == concurrent[1]
    assert before[1][1] == live.started_at
    assert seconds_between(*before[1]) >= 86_400
    shown = rolling.desk.live("prompt/support")
    assert shown is not None
    assert shown.change == known.id
    assert {each.verdict.verdict for each in rolling.records.verdicts(known.id)} == {Verdict.PASS}


def test_a_regression_goes_back_by_itself_and_is_quarantined(rolling: Rolling) -> None:
    """It is taken back in the tick that sees it; from the failing verdict on the time runs."""
    again = rolling.made.approved(planned(title="The same once more"))
    known = rolling.made.started(planned())
    rolling.tick()
    rolling.seer.sides = BAD
    rolling.tick(hours=1)
    back = now(rolling, known)
    assert back.state is State.ROLLED_BACK
    assert rolling.place.there == dict(known.manifest.base)
    assert rolling.place.kinds == [Errand.START, Errand.ROLLBACK]
    (failed,) = [
        each.verdict
        for each in rolling.records.verdicts(known.id)
        if each.verdict.verdict is Verdict.FAIL
    ]
    assert back.trigger_at == failed.at
    assert "error-rate: 75.0%" in back.why
    key = f"prompt/support@{part_digest(known.manifest.parts['prompt/support'])}"
    assert key in rolling.desk.registry().quarantine
    rolling.made.proved(again)
    why = refused(rolling.desk.start(again.id, DEPLOYER), "blocked")
    assert any("rolled back" in each for each in why.reasons), "a new approval is asked for"


@pytest.mark.parametrize(
    ("sides", "said"),
    [(Unavailable("the store is away"), Verdict.ERROR), (FEW, Verdict.INCONCLUSIVE)],
    ids=["error", "few"],
)
def test_an_analysis_that_only_errs_is_never_a_pass(
    rolling: Rolling, sides: object, said: Verdict
) -> None:
    """However long it lasts: no measurement, or too little of one, holds the stage."""
    known = rolling.made.started(planned())
    rolling.seer.sides = sides
    for _ in range(20):
        rolling.tick(hours=1)
    held = now(rolling, known)
    assert (held.state, held.stage) == (State.ROLLING_OUT, 0)
    (judged,) = rolling.records.verdicts(known.id)
    assert judged.verdict.verdict is said, "the same again is not put on record again"
    rolling.seer.sides = GOOD
    rolling.tick()
    assert now(rolling, known).stage == 1


def test_a_pass_of_before_does_not_outlive_its_measure(rolling: Rolling) -> None:
    """What passed early and cannot be measured any more does not go on."""
    known = rolling.made.started(planned())
    rolling.tick()
    assert rolling.records.verdicts(known.id)[-1].verdict.verdict is Verdict.PASS
    rolling.seer.sides = Unavailable("the store is away")
    rolling.tick(hours=1)
    assert now(rolling, known).stage == 0


def test_without_leave_to_go_back_somebody_is_asked(rolling: Rolling) -> None:
    """A plan that forbids it makes a fail a question, and the answer is a person's."""
    known = rolling.made.started(planned(automatic=False))
    rolling.tick()
    rolling.seer.sides = BAD
    for _ in range(3):
        assert rolling.tick(hours=1).asks == (known.id,)
    assert now(rolling, known).state is State.ROLLING_OUT
    assert len(rolling.records.verdicts(known.id)) == 2
    change(rolling.desk.roll_back(known.id, "It is worse.", ANN))
    rolling.tick()
    assert now(rolling, known).state is State.ROLLED_BACK


def test_what_cannot_be_brought_out_is_taken_back(rolling: Rolling) -> None:
    """After its tries the start has failed, and what may be half out goes back."""
    known = rolling.made.started(planned())
    rolling.place.stuck = True
    for _ in range(9):
        rolling.tick(hours=0.2)
    assert rolling.place.kinds.count(Errand.START) == 8
    assert now(rolling, known).state is State.ROLLED_BACK
    first, _ = rolling.records.of(known.id)
    assert first.state is Progress.FAILED
    assert first.failure == "Read back as something else: prompt/support."
    assert now(rolling, known).why.startswith("It could not be brought out.")


def test_nothing_goes_out_that_could_not_be_taken_back(rolling: Rolling) -> None:
    """Without an executor for the way back not even the start is called."""
    plan = replace(planned(), rollback=Rollback(executor="webhook"))
    known = rolling.made.started(plan)
    rolling.missing = {"webhook"}
    rolling.tick()
    assert rolling.place.kinds == []
    assert "no executor webhook" in rolling.records.of(known.id)[0].failure
    rolling.missing = set()
    rolling.tick(hours=1)
    assert rolling.place.kinds[0] is Errand.START


def test_an_executor_that_is_away_makes_a_rollback_fail(rolling: Rolling) -> None:
    """It is tried to the cap, then it has failed; a person's next try is one of its own."""
    known = rolling.made.started(planned())
    rolling.tick()
    rolling.seer.sides = BAD
    rolling.place.broken = "It cannot be reached."
    for _ in range(12):
        rolling.tick(hours=0.2)
    failed = now(rolling, known)
    assert failed.state is State.ROLLBACK_FAILED
    assert failed.why == "It cannot be reached."
    assert rolling.place.kinds.count(Errand.ROLLBACK) == 8
    rolling.place.broken = ""
    change(rolling.desk.roll_back(known.id, "Again.", ANN))
    rolling.tick()
    back = now(rolling, known)
    assert back.state is State.ROLLED_BACK
    assert back.trigger_at == failed.trigger_at, "the time it took is counted from the first"


def test_a_failure_for_good_is_not_tried_again(rolling: Rolling) -> None:
    """An executor that says it never will is believed."""
    known = rolling.made.started(planned())
    rolling.tick()
    rolling.seer.sides = BAD
    rolling.place.broken, rolling.place.final = "It never was.", True
    rolling.tick()
    assert now(rolling, known).state is State.ROLLBACK_FAILED
    assert rolling.place.kinds.count(Errand.ROLLBACK) == 1


def test_a_rollback_that_takes_too_long_has_failed(rolling: Rolling) -> None:
    """The manifest says how long; what the executor does later is called no more."""
    known = rolling.made.started(planned())
    rolling.tick()
    change(rolling.desk.roll_back(known.id, "Back.", ANN))
    ticked = rolling.tick(hours=10)
    assert now(rolling, known).state is State.ROLLBACK_FAILED, ticked
    assert rolling.place.kinds == [Errand.START]


def test_what_was_moved_before_the_end_is_not_live(rolling: Rolling) -> None:
    """At the end it is read once more: what is not what was approved goes back."""
    known = rolling.made.started(planned())
    rolling.tick()
    rolling.tick(hours=1)
    rolling.tick()
    rolling.place.there["prompt/support"] = Prompt(text="Somebody else's.")
    rolling.tick(hours=1)
    assert now(rolling, known).state is State.ROLLED_BACK
    assert "approved was" in now(rolling, known).why


def test_a_label_moved_outside_is_found_and_can_be_taken_back(rolling: Rolling) -> None:
    """Drift is on record once, as a release nobody approved, and goes back like any change."""
    known = rolling.made.started(planned())
    for _ in range(4):
        rolling.tick(hours=1)
    assert now(rolling, known).state is State.LIVE
    rolling.place.there["prompt/support"] = Prompt(text="Moved by hand.")
    for _ in range(3):
        assert rolling.tick(hours=1).troubles == ()
    (found,) = rolling.desk.list((State.UNMANAGED,))
    assert found.manifest.base == known.manifest.parts
    assert found.manifest.parts == {"prompt/support": Prompt(text="Moved by hand.")}
    live = rolling.desk.live("prompt/support")
    assert live is not None
    assert not live.managed
    change(rolling.desk.roll_back(found.id, "Nobody approved it.", ANN))
    rolling.tick()
    assert now(rolling, found).state is State.ROLLED_BACK
    assert rolling.place.there == dict(known.manifest.parts)
    rolling.place.there["prompt/support"] = Prompt(text="Moved by hand.")
    rolling.tick()
    assert len(rolling.desk.list((State.UNMANAGED,))) == 1, "the second time is another"


def test_what_is_merged_before_anybody_approved_it_is_drift(rolling: Rolling) -> None:
    """Merging what was approved goes around nothing; merging what is still a draft does."""
    first = rolling.made.started(planned())
    for _ in range(4):
        rolling.tick(hours=1)
    assert now(rolling, first).state is State.LIVE
    following = Prompt(text="Next.")
    plan = planned(parts={"prompt/support": following}, base=dict(first.manifest.parts))
    assert rolling.made.opened(plan).state is State.DRAFT
    rolling.place.there["prompt/support"] = following
    rolling.tick()
    assert len(rolling.desk.list((State.UNMANAGED,))) == 1


def test_an_experiment_ends_when_it_said_and_leaves_no_stain(rolling: Rolling) -> None:
    """Nothing was wrong with it, so its content is not quarantined."""
    plan = planned(
        experiment=Experiment(
            hypothesis="Shorter is cheaper.",
            metric="cost-per-request",
            exposure_max=0.05,
            abort_when=(AbortRule(metric="error-rate", above=0.5),),
            ends_at=at(20),
        )
    )
    stages = (Stage(name="trial", exposure=0.05, hold_s=60, min_events=20),)
    known = rolling.made.started(replace(plan, rollout=Rollout(stages=stages)))
    rolling.seer.sides = (GOOD[0], replace(GOOD[1], sessions=760))
    for _ in range(3):
        rolling.tick(hours=1)
    assert now(rolling, known).state is State.ROLLING_OUT
    rolling.tick(hours=20)
    rolling.tick()
    back = now(rolling, known)
    assert (back.state, back.ended_as_planned) == (State.ROLLED_BACK, True)
    assert not rolling.desk.registry().quarantine


def test_who_is_in_an_experiment_by_other_than_chance_ends_it(rolling: Rolling) -> None:
    """Three times the declared share of sessions aborts it, whatever the metrics say."""
    plan = planned(
        experiment=Experiment(
            hypothesis="Shorter is cheaper.",
            metric="cost-per-request",
            exposure_max=0.05,
            abort_when=(AbortRule(metric="error-rate", above=0.5),),
            ends_at=at(20),
        )
    )
    stages = (Stage(name="trial", exposure=0.05, hold_s=60, min_events=20),)
    known = rolling.made.started(replace(plan, rollout=Rollout(stages=stages)))
    rolling.seer.sides = (replace(GOOD[0], sessions=200), replace(GOOD[1], sessions=400))
    rolling.tick()
    rolling.tick(hours=1)
    assert now(rolling, known).state is State.ROLLED_BACK
    assert "sessions are in it" in now(rolling, known).why


def test_a_rollback_told_while_a_start_is_called_comes_after_it(rolling: Rolling) -> None:
    """What the call brings is taken back; nothing of the start is left."""
    known = rolling.made.started(planned())

    def meanwhile(order: object) -> None:
        rolling.place.before = lambda order: None
        change(rolling.desk.roll_back(known.id, "Stop.", ANN))
        assert rolling.another("there").tick().did, "the other process sees it and must wait"
        assert rolling.place.kinds == [Errand.START]

    rolling.place.before = meanwhile
    rolling.tick()
    assert now(rolling, known).state is State.ROLLED_BACK
    assert rolling.place.kinds == [Errand.START, Errand.ROLLBACK]
    assert rolling.place.there == dict(known.manifest.base)


def test_two_processes_call_once(rolling: Rolling) -> None:
    """Whoever ticks second finds the work done or in other hands."""
    rolling.made.started(planned())
    other = rolling.another("there")
    rolling.place.before = lambda order: print(other.tick())
    rolling.tick()
    other.tick()
    assert rolling.place.kinds == [Errand.START]


def test_one_change_s_trouble_is_its_own(rolling: Rolling) -> None:
    """A defect of an executor is noted without what it was told, and others go on."""
    known = rolling.made.started(planned())

    def defect(order: object) -> None:
        raise ZeroDivisionError("a secret")

    rolling.place.before = defect
    rolling.tick()
    (intent,) = rolling.records.of(known.id)
    assert intent.failure == "A defect of Pawl's (ZeroDivisionError)."
    rolling.place.before = lambda order: None
    rolling.tick(hours=1)
    assert rolling.records.of(known.id)[0].state is Progress.CONFIRMED


def test_what_was_never_approved_is_nothing_to_go_back_to(rolling: Rolling) -> None:
    """Whoever says what is live cannot have something else brought out by rolling that back."""
    known = rolling.made.started(planned())
    for _ in range(3):
        rolling.tick()
        rolling.tick(hours=1)
    assert now(rolling, known).state is State.LIVE
    (name,) = known.manifest.parts
    live, evil, kind = known.manifest.parts[name], Prompt(text="Be evil."), Prompt(text="Be kind.")

    def told(parts: dict[str, Part | None], base: dict[str, Part | None]) -> Change | Refusal:
        plan = replace(planned(), parts=parts, base=base, title="Found")
        return rolling.desk.found_unmanaged(plan, LIA)

    refused(told({name: live}, {name: evil}), "not-known")
    refused(told({"model/new": live}, {"model/new": evil}), "not-known")
    refused(told({"model/new": live}, {"model/new": None}), "not-known")
    both: dict[str, Part | None] = {"prompt/other": evil}
    refused(told({name: evil, **both}, {name: live, **both}), "not-known")
    calls = len(rolling.place.calls)
    found = change(told({name: evil}, {name: live}))
    refused(told({name: live}, {name: evil}), "not-known")
    rolling.place.there[name] = evil
    change(rolling.desk.roll_back(found.id, "Never approved.", LIA))
    for _ in range(2):
        rolling.tick(drift=False)
    assert now(rolling, found).state is State.ROLLED_BACK
    assert rolling.place.there[name] == live
    assert len(rolling.place.calls) == calls + 1
    change(told({name: live}, {name: kind}))


def test_what_has_no_stages_goes_back_all_the_same(rolling: Rolling) -> None:
    """Nobody reviewed the plan of what was found, and it holds up neither itself nor others."""
    known = rolling.made.started(planned())
    for _ in range(3):
        rolling.tick()
        rolling.tick(hours=1)
    (name,) = known.manifest.parts
    found = replace(
        planned(), parts={name: Prompt(text="Be evil.")}, base=known.manifest.parts,
        rollout=Rollout(stages=()), rollback=None,
    )  # fmt: skip
    unmanaged = change(rolling.desk.found_unmanaged(found, LIA))
    change(rolling.desk.roll_back(unmanaged.id, "Never approved.", LIA))
    for _ in range(2):
        rolling.tick(drift=False)
    assert now(rolling, unmanaged).state is State.ROLLED_BACK
