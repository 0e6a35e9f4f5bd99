"""What a rollout does next: hold, advance, finish, go back, or ask somebody.

Stages have verdicts from telemetry against the base. Only a verdict on this stage and content,
given after the stage began, counts. A failing one goes back; no verdict, or an inconclusive one,
holds: waiting is never a pass.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from pawl.base.intervals import wilson
from pawl.base.times import parse_time, seconds_between
from pawl.changes.change import Change
from pawl.changes.plan import Experiment
from pawl.changes.verdict import Verdict


class Move(StrEnum):
    """What to do with a rollout."""

    HOLD = "hold"
    ADVANCE = "advance"
    FINISH = "finish"
    ROLL_BACK = "roll-back"
    END = "end"
    """An experiment has run its time: it goes back, and nothing was wrong with it."""
    ASK = "ask"
    """It failed and must not go back by itself: a person decides."""


class StageVerdict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What telemetry says of a stage of the content with a digest; `events` is on how many."""

    id: str
    stage: int
    digest: str
    verdict: Verdict
    at: str
    events: int
    reason: str = ""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """The next move, why, and the verdict it rests on where one does."""

    move: Move
    why: str
    verdict: str = ""


class Reading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A metric of an experiment as measured; None where nobody could."""

    value: float | None
    events: int


def next_step(change: Change, verdicts: Iterable[StageVerdict], now: str) -> Step:
    """Return what to do next with a change that is rolling out."""
    plan = change.manifest.rollout
    stage = plan.stages[change.stage]
    since = change.stage_at or change.changed_at
    own = sorted(
        (
            each
            for each in verdicts
            if each.stage == change.stage
            and each.digest == change.digest
            and since <= each.at <= now
        ),
        key=lambda each: (each.at, each.id),
    )
    failed = next((each for each in own if each.verdict is Verdict.FAIL), None)
    if failed is not None:
        move = Move.ROLL_BACK if plan.automatic_rollback else Move.ASK
        return Step(move=move, why=f"{stage.name} failed. {failed.reason}", verdict=failed.id)
    experiment = change.manifest.experiment
    if experiment is not None and parse_time(now) >= parse_time(experiment.ends_at):
        return Step(move=Move.END, why=f"The experiment ended on {experiment.ends_at[:16]}.")
    held = seconds_between(since, now)
    if held < stage.hold_s:
        return Step(move=Move.HOLD, why=f"{stage.name} holds for {stage.hold_s - held:.0f} s more.")
    good = [
        each for each in own if each.verdict is Verdict.PASS and each.events >= stage.min_events
    ]
    if not good:
        return Step(move=Move.HOLD, why=_why_not(own, stage.min_events))
    if change.stage < len(plan.stages) - 1:
        following = plan.stages[change.stage + 1].name
        return Step(
            move=Move.ADVANCE, why=f"{stage.name} passed; {following} is next.", verdict=good[-1].id
        )
    if experiment is not None:
        return Step(move=Move.HOLD, why="An experiment stays at its last stage until it ends.")
    return Step(move=Move.FINISH, why=f"{stage.name}, the last stage, passed.", verdict=good[-1].id)


def judge_experiment(
    experiment: Experiment, readings: Mapping[str, Reading]
) -> tuple[Verdict, str]:
    """Return whether a rule aborts an experiment: FAIL aborts, no data is inconclusive."""
    unknown = []
    for rule in experiment.abort_when:
        reading = readings.get(rule.metric)
        if reading is None or reading.value is None or reading.events < rule.min_events:
            unknown.append(rule.metric)
            continue
        if rule.above is not None and not reading.value <= rule.above:
            return Verdict.FAIL, f"{rule.metric} is {reading.value:g}; {rule.above:g} is the most."
        if rule.below is not None and not reading.value >= rule.below:
            return Verdict.FAIL, f"{rule.metric} is {reading.value:g}; {rule.below:g} is the least."
    if unknown:
        return Verdict.INCONCLUSIVE, f"Too little is known of {', '.join(sorted(set(unknown)))}."
    return Verdict.PASS, "No rule aborts it."


def is_mismatched(seen: int, of: int, exposure: float, z: float) -> bool:
    """Say whether an experiment's group is not the share of requests that it should be.

    Then something other than chance decides who is in it, and no metric of it can be believed.
    True where the expected share lies outside of Wilson's interval at `z`.
    """
    if of <= 0:
        return False
    low, high = wilson(seen, of, z)
    return not low <= exposure <= high


def _why_not(own: list[StageVerdict], least: int) -> str:
    if not own:
        return "No verdict on this stage is there yet."
    if any(each.verdict is Verdict.PASS for each in own):
        return f"It rests on too little data; {least} events are asked for."
    return f"The newest verdict is {own[-1].verdict}: {own[-1].reason}"
