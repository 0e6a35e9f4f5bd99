"""How a change is rolled out and back, and what an experiment promises: parts of its manifest."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from pawl.base.times import canonical_time, seconds_between

MAX_STAGES = 50
"""Stages of a rollout, or abort rules of an experiment."""


class Stage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step: which share of the traffic it reaches, for how long at least, on how much data."""

    name: str
    exposure: float
    hold_s: float = 0.0
    min_events: int = 0


class Rollout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The stages in their order. With `automatic_rollback` a failing stage goes back by itself."""

    stages: tuple[Stage, ...]
    executor: Literal["command", "git-revert", "webhook"] = "command"
    automatic_rollback: bool = True


class Rollback(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How what stood before is put back, and after how long an attempt counts as failed."""

    executor: Literal["command", "git-revert", "webhook"] = "git-revert"
    timeout_s: float = 900.0


class AbortRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A metric beyond which an experiment ends at once, on `min_events` of data at least."""

    metric: str
    above: float | None = None
    below: float | None = None
    min_events: int = 1


class Experiment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change made to learn: what is expected, how many it may reach, when it ends."""

    hypothesis: str
    metric: str
    exposure_max: float
    abort_when: tuple[AbortRule, ...]
    ends_at: str


def plan_problems(rollout: Rollout, rollback: Rollback | None) -> Iterator[str]:
    """Yield all that is wrong with how a change is to be rolled out and back."""
    stages = rollout.stages
    if not 1 <= len(stages) <= MAX_STAGES:
        yield f"It has {len(stages)} stages; 1 to {MAX_STAGES} may be."
    if len({each.name for each in stages}) < len(stages):
        yield "Two of its stages have one name."
    reached = 0.0
    for stage in stages:
        if not 0 < stage.exposure <= 1:
            yield f"The stage {stage.name} reaches {stage.exposure:g}, which is no share."
        elif stage.exposure < reached:
            yield f"The stage {stage.name} reaches fewer than the one before."
        reached = max(reached, stage.exposure)
        if not 0 <= stage.hold_s < float("inf") or stage.min_events < 0:
            yield f"The stage {stage.name} holds for less than nothing."
    if rollback is None:
        yield "It does not say how to go back."
    elif not 0 < rollback.timeout_s < float("inf"):
        yield "Going back has no time to be done in."


def experiment_problems(
    experiment: Experiment, rollout: Rollout, now: str, *, exposure_start: float, days_max: float
) -> Iterator[str]:
    """Yield all that is wrong with an experiment. The last two are the policy's own numbers."""
    if not experiment.hypothesis.strip() or not experiment.metric.strip():
        yield "The experiment names no hypothesis, or no metric that would show it."
    if not 1 <= len(experiment.abort_when) <= MAX_STAGES:
        yield "The experiment has no rule that ends it early, or too many."
    for rule in experiment.abort_when:
        if not rule.metric.strip() or (rule.above is None and rule.below is None):
            yield f"The abort rule on {rule.metric or 'nothing'} has no limit."
    if not 0 < experiment.exposure_max <= 1:
        yield f"The experiment may reach {experiment.exposure_max:g}, which is no share."
    if any(stage.exposure > experiment.exposure_max for stage in rollout.stages):
        yield "A stage reaches more than the experiment declares."
    if rollout.stages and rollout.stages[0].exposure > exposure_start:
        first = rollout.stages[0].exposure
        yield f"The experiment starts at {first:g}; {exposure_start:g} is the most."
    try:
        lasts = seconds_between(now, canonical_time(experiment.ends_at))
    except ValueError:
        yield f"The experiment ends at {experiment.ends_at!r}, which is no time."
        return
    if lasts <= 0:
        yield "The experiment has ended before it begins."
    elif lasts > days_max * 86_400:
        yield f"The experiment lasts {lasts / 86_400:.0f} days; {days_max:g} is the most."
