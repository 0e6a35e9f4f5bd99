"""What a rollout does next: a fail goes back, a doubt holds, and waiting is no pass."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.changes.conditions.test_conditions import TRIAL, trial
from tests.changes.made_changes import NOW, at, in_state, manifest

from pawl.changes.change import Change, Happening, State, after
from pawl.changes.commands import RollBack
from pawl.changes.manifest import manifest_digest
from pawl.changes.plan import AbortRule, Rollout, Stage
from pawl.changes.rollout import (
    Move,
    Reading,
    StageVerdict,
    is_mismatched,
    judge_experiment,
    next_step,
)
from pawl.changes.transitions import decide
from pawl.changes.verdict import Verdict

PLAN = manifest()


def rolling(stage: int = 0, **other: Any) -> Change:
    """Return a change whose stage began an hour ago and holds for ten minutes."""
    return in_state(State.ROLLING_OUT, **{"stage": stage, **other})


def verdict(**other: Any) -> StageVerdict:
    fields: dict[str, Any] = {
        "id": "v1",
        "stage": 0,
        "digest": manifest_digest(PLAN),
        "verdict": Verdict.PASS,
        "at": at(-0.5),
        "events": 100,
        "reason": "Errors doubled.",
    }
    return StageVerdict(**{**fields, **other})


def move(*verdicts: StageVerdict, stage: int = 0, **other: Any) -> Move:
    return next_step(rolling(stage, **other), verdicts, NOW).move


def test_a_pass_goes_on_and_the_last_one_finishes() -> None:
    """Each stage leads to the next, the last one to live."""
    assert move(verdict()) is Move.ADVANCE
    assert move(verdict(stage=1), stage=1) is Move.FINISH


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"verdict": Verdict.INCONCLUSIVE}, "inconclusive"),
        ({"verdict": Verdict.ERROR}, "error"),
        ({"verdict": Verdict.NOT_APPLICABLE}, "not-applicable"),
        ({"events": 19}, "too little data"),
        ({"stage": 1}, "No verdict"),
        ({"digest": "e" * 64}, "No verdict"),
        ({"at": at(-2)}, "No verdict"),
        ({"at": at(1)}, "No verdict"),
    ],
)
def test_whatever_is_no_pass_on_this_stage_holds(fields: dict[str, Any], words: str) -> None:
    """A doubt, too little data, another stage or content, or another time is no pass."""
    step = next_step(rolling(), [verdict(**fields)], NOW)
    assert (step.move, words in step.why) == (Move.HOLD, True), step


def test_a_stage_holds_for_its_time() -> None:
    """A pass in the first minute does not shorten the stage."""
    early = rolling(stage_at=at(-0.1))
    assert next_step(early, [verdict(at=at(-0.05))], NOW).move is Move.HOLD


def test_a_fail_goes_back_at_once_or_asks() -> None:
    """It does not wait for the stage's time, and by itself only where the plan lets it."""
    failed = verdict(verdict=Verdict.FAIL, events=0, at=at(-0.05))
    early = rolling(stage_at=at(-0.1))
    step = next_step(early, [failed, verdict(id="v2", at=at(-0.01))], NOW)
    assert (step.move, step.verdict) == (Move.ROLL_BACK, "v1")
    assert "Errors doubled." in step.why
    stages = PLAN.rollout.stages
    plan = manifest(rollout=Rollout(stages=stages, automatic_rollback=False))
    asked = in_state(State.ROLLING_OUT, plan)
    assert next_step(asked, [verdict(verdict=Verdict.FAIL, digest=manifest_digest(plan))], NOW
                     ).move is Move.ASK  # fmt: skip


VERDICTS = st.lists(
    st.builds(
        verdict,
        id=st.sampled_from(["v1", "v2", "v3"]),
        verdict=st.sampled_from(Verdict),
        stage=st.integers(0, 1),
        events=st.sampled_from([0, 20, 100]),
        at=st.sampled_from([at(-2), at(-0.9), at(-0.1), at(1)]),
    ),
    max_size=6,
)


@given(VERDICTS, st.integers(0, 1))
def test_nothing_goes_on_without_a_pass_or_past_a_fail(
    verdicts: list[StageVerdict], stage: int
) -> None:
    """It advances or finishes only on a pass of this stage with data, and with no fail of it."""
    step = next_step(rolling(stage), verdicts, NOW)
    own = [each for each in verdicts if each.stage == stage and at(-1) <= each.at <= NOW]
    if step.move in (Move.ADVANCE, Move.FINISH):
        assert not any(each.verdict is Verdict.FAIL for each in own)
        assert any(each.verdict is Verdict.PASS and each.events >= 20 for each in own)
    if any(each.verdict is Verdict.FAIL for each in own):
        assert step.move is Move.ROLL_BACK
    assert next_step(rolling(stage), [*reversed(verdicts)], NOW).move is step.move


def test_an_experiment_stays_until_its_end_and_then_goes_back() -> None:
    """It never becomes what everybody gets, and its end is no failure."""
    plan = trial(ends_at=at(10))
    digest = manifest_digest(plan)
    change = in_state(State.ROLLING_OUT, plan, stage=1)
    good = verdict(stage=1, digest=digest)
    assert next_step(change, [good], NOW).move is Move.HOLD
    assert next_step(change, [good], at(10)).move is Move.END
    for ended, now in ((True, at(10)), (False, at(10)), (True, at(9))):
        command = RollBack(by="pawl", reason="Its end.", trigger_at=now, ended=ended)
        found = decide(change, command, now)
        assert isinstance(found, tuple)
        assert found[0].type is Happening.ROLLBACK_STARTED
        # Calling a failure an end does not keep its content out of quarantine.
        assert after(change, found[0]).ended_as_planned is (ended and now == at(10))


@pytest.mark.parametrize(
    ("readings", "said"),
    [
        ({"errors": Reading(value=0.05, events=10)}, Verdict.PASS),
        ({"errors": Reading(value=0.1, events=10)}, Verdict.PASS),
        ({"errors": Reading(value=0.11, events=10)}, Verdict.FAIL),
        ({"errors": Reading(value=float("nan"), events=10)}, Verdict.FAIL),
        ({"errors": Reading(value=0.5, events=0)}, Verdict.INCONCLUSIVE),
        ({"errors": Reading(value=None, events=10)}, Verdict.INCONCLUSIVE),
        ({}, Verdict.INCONCLUSIVE),
    ],
)
def test_a_rule_aborts_an_experiment(readings: dict[str, Reading], said: Verdict) -> None:
    """Beyond a limit it ends at once; without data nobody says that all is well."""
    assert judge_experiment(TRIAL, readings)[0] is said


def test_a_limit_from_below_aborts_too() -> None:
    """What should be high and is not ends the experiment as well."""
    import msgspec

    rule = AbortRule(metric="solved", below=0.8)
    low = msgspec.structs.replace(TRIAL, abort_when=(rule,))
    assert judge_experiment(low, {"solved": Reading(value=0.7, events=9)})[0] is Verdict.FAIL
    assert judge_experiment(low, {"solved": Reading(value=0.8, events=9)})[0] is Verdict.PASS


@given(st.integers(0, 2000), st.integers(0, 2000), st.floats(0.01, 0.99))
def test_a_group_of_the_wrong_size_is_seen(seen: int, more: int, exposure: float) -> None:
    """A group far from its share is not believed, one that is its share is, and none is nothing."""
    of = seen + more
    found = is_mismatched(seen, of, exposure, 3.29)
    if of == 0 or abs(seen - exposure * of) < 1:
        assert not found
    if of and abs(seen / of - exposure) > 0.5 and of > 50:
        assert found


def test_the_stage_that_is_last_is_the_plans() -> None:
    """A plan of one stage goes live from it."""
    plan = manifest(rollout=Rollout(stages=(Stage(name="all", exposure=1.0),)))
    change = in_state(State.ROLLING_OUT, plan)
    assert next_step(change, [verdict(digest=manifest_digest(plan))], NOW).move is Move.FINISH
