"""What telemetry says of a stage: each metric of what it serves against the base, with intervals.

A share fails when it is surely worse than the base by more than its margin, and passes when it is
surely not; in between nobody knows yet, and the stage holds. The interval of a difference of shares
is the hybrid score interval of R. G. Newcombe, "Interval estimation for the difference between
independent proportions", Statistics in Medicine 17 (1998), method 10, made of Wilson's. Means are
compared as B. L. Welch did in Biometrika 29 (1938), with the normal quantile: there are thirty of
each at least. Metrics of which a stage told too little are left out, but one that must be there:
without it there is no pass, and a measurement that failed is an error and never one.
"""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from math import sqrt
from typing import Literal

import msgspec

from pawl.base.errors import BadFile
from pawl.base.intervals import wilson
from pawl.base.loading import load_yaml
from pawl.changes.plan import Experiment
from pawl.changes.rollout import Reading, is_mismatched, judge_experiment
from pawl.changes.verdict import Verdict, worst


class Side(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one side told: counts, and sums with sums of squares.

    `cost` is in hundreds of micro-USD, up to 100 USD a request; `took` is in ms, up to ten minutes
    a request: one that hangs for a day must not decide alone.
    """

    sessions: int = 0
    requests: int = 0
    failed_requests: int = 0
    refused_requests: int = 0
    calls: int = 0
    failed_calls: int = 0
    priced: int = 0
    cost: int = 0
    cost_squares: int = 0
    timed: int = 0
    took: int = 0
    took_squares: int = 0


class Sides(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stage and what it is compared with. `concurrent` where both were served at one time."""

    stage: Side
    base: Side
    concurrent: bool


class Metric(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One metric. `counts` name the fields of a side: what is bad, or adds up, and of how many.

    `margin` is how much worse than the base is put up with. `alone` is the most that a share may
    surely be where there is no base; a mean says nothing without one.
    """

    id: str
    kind: Literal["share", "mean"]
    counts: tuple[str, str]
    margin: float
    alone: float | None = None
    must: bool = False
    unit: str = ""
    scale: float = 1.0
    says: str


class StageMetrics(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All metrics with their numbers, each with a source; see `stage_metrics.yaml`."""

    schema: Literal["pawl.stage-metrics/1"]
    version: str
    as_of: str
    z_fail: float
    z_pass: float
    z_mismatch: float
    min_events: int
    base_before_s: float
    metrics: tuple[Metric, ...]
    sources: dict[str, str]


class Measured(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One metric of a stage: its value and the base's, None where there is none, and what of it."""

    metric: str
    verdict: Verdict
    value: float | None
    base: float | None
    events: int
    base_events: int
    reason: str


class Judgement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of a stage, and all that it rests on. `events` are requests of the stage."""

    schema: Literal["pawl.stage-judgement/1"] = "pawl.stage-judgement/1"
    verdict: Verdict
    reason: str
    events: int
    metrics: tuple[Measured, ...] = ()
    sides: Sides | None = None
    terms: str = ""


@cache
def stage_metrics() -> StageMetrics:
    """Return the metrics that come with Pawl."""
    text = files("pawl.changes").joinpath("stage_metrics.yaml").read_text(encoding="utf-8")
    return load_metrics(text, place="stage_metrics.yaml")


def load_metrics(text: str, *, place: str) -> StageMetrics:
    """Return metrics from YAML; raises BadFile for one that nobody could measure or account for."""
    found = load_yaml(text, StageMetrics, place=place)
    numbers = ("z_fail", "z_pass", "z_mismatch", "min_events", "base_before_s")
    for name in (*numbers, *(metric.id for metric in found.metrics)):
        if not found.sources.get(name, "").strip():
            raise BadFile(f"{name} has no source.", place=f"{place}: sources", hint="Say why.")
    for metric in found.metrics:
        for count in metric.counts:
            if count not in Side.__struct_fields__:
                raise BadFile(f"{count!r} is counted nowhere.", place=f"{place}: {metric.id}")
        if metric.kind == "mean" and f"{metric.counts[0]}_squares" not in Side.__struct_fields__:
            raise BadFile(f"{metric.counts[0]} has no mean.", place=f"{place}: {metric.id}")
    if not any(metric.must for metric in found.metrics):
        raise BadFile("no metric must be there.", place=place, hint="Else nothing is a pass.")
    return found


def judge_stage(
    sides: Sides, terms: StageMetrics, experiment: Experiment | None = None, exposure: float = 1.0
) -> Judgement:
    """Return what a stage's telemetry says of it. `exposure` is the share it is to reach."""
    measured = tuple(_measured(metric, sides, terms) for metric in terms.metrics)
    verdict, reason = _whole(measured, terms)
    if experiment is not None:
        for other, why in _of_experiment(measured, sides, terms, experiment, exposure):
            if worst((verdict, other)) is not verdict:
                verdict, reason = other, why
    return Judgement(
        verdict=verdict,
        reason=reason,
        events=sides.stage.requests,
        metrics=measured,
        sides=sides,
        terms=terms.version,
    )


def not_measured(why: str) -> Judgement:
    """Return what is said of a stage that could not be looked at: an error, whatever was before."""
    return Judgement(verdict=Verdict.ERROR, reason=f"It cannot be measured: {why}", events=0)


def readings(measured: Iterable[Measured]) -> dict[str, Reading]:
    """Return the metrics of a stage as an experiment's rules ask for them."""
    return {each.metric: Reading(value=each.value, events=each.events) for each in measured}


def _whole(measured: tuple[Measured, ...], terms: StageMetrics) -> tuple[Verdict, str]:
    verdict = worst(each.verdict for each in measured)
    musts = {metric.id for metric in terms.metrics if metric.must}
    lacking = [each for each in measured if each.metric in musts and each.events < terms.min_events]
    if verdict is Verdict.PASS and not lacking:
        return verdict, "No metric is worse than the base."
    if verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE):
        return Verdict.INCONCLUSIVE, lacking[0].reason if lacking else "Nothing was measured."
    return verdict, " ".join(each.reason for each in measured if each.verdict is verdict)


def _of_experiment(
    measured: tuple[Measured, ...],
    sides: Sides,
    terms: StageMetrics,
    experiment: Experiment,
    exposure: float,
) -> Iterable[tuple[Verdict, str]]:
    yield judge_experiment(experiment, readings(measured))
    seen, of = sides.stage.sessions, sides.stage.sessions + sides.base.sessions
    if sides.concurrent and is_mismatched(seen, of, exposure, terms.z_mismatch):
        yield (
            Verdict.FAIL,
            f"{seen:,} of {of:,} sessions are in it where {exposure:.0%} should be: something"
            " other than chance decides, and no metric of it can be believed.",
        )


def _measured(metric: Metric, sides: Sides, terms: StageMetrics) -> Measured:
    bad, of = (getattr(sides.stage, name) for name in metric.counts)
    base_bad, base_of = (getattr(sides.base, name) for name in metric.counts)
    value = bad / of * metric.scale if of else None
    base = base_bad / base_of * metric.scale if base_of else None
    if of < terms.min_events:
        verdict = Verdict.INCONCLUSIVE if metric.must else Verdict.NOT_APPLICABLE
        said = f"{metric.id}: {of:,} of the {terms.min_events} events it takes."
    else:
        if base_of >= terms.min_events:
            low, high = _difference(metric, sides, terms)
        elif metric.alone is None:
            low, high = 0.0, float("inf")
        else:
            # There is nothing to compare with: only what is plainly good passes.
            low = wilson(bad, of, terms.z_fail)[0] - metric.alone
            high = wilson(bad, of, terms.z_pass)[1] - metric.alone
        verdict = _verdict(low, high)
        said = _sentence(metric, value, base if base_of >= terms.min_events else None, verdict)
    return Measured(
        metric=metric.id,
        verdict=verdict,
        value=value,
        base=base,
        events=of,
        base_events=base_of,
        reason=said,
    )


def _verdict(low: float, high: float) -> Verdict:
    if low > 0:
        return Verdict.FAIL
    return Verdict.PASS if high <= 0 else Verdict.INCONCLUSIVE


def _difference(metric: Metric, sides: Sides, terms: StageMetrics) -> tuple[float, float]:
    """Return how much worse than the margin it is: surely at least, and surely at most."""
    find = _share_difference if metric.kind == "share" else _mean_difference
    return find(metric, sides, terms.z_fail)[0], find(metric, sides, terms.z_pass)[1]


def _share_difference(metric: Metric, sides: Sides, z: float) -> tuple[float, float]:
    (bad, of), (base_bad, base_of) = (
        tuple(getattr(side, name) for name in metric.counts) for side in (sides.stage, sides.base)
    )
    low, high = newcombe(bad, of, base_bad, base_of, z)
    return low - metric.margin, high - metric.margin


def newcombe(hits: int, of: int, base_hits: int, base_of: int, z: float) -> tuple[float, float]:
    """Return the interval of the difference of two shares, from -1 to 1; neither is of none."""
    share, base = hits / of, base_hits / base_of
    low, high = wilson(hits, of, z)
    base_low, base_high = wilson(base_hits, base_of, z)
    difference = share - base
    return (
        difference - sqrt((share - low) ** 2 + (base_high - base) ** 2),
        difference + sqrt((high - share) ** 2 + (base - base_low) ** 2),
    )


def _mean_difference(metric: Metric, sides: Sides, z: float) -> tuple[float, float]:
    name, of = metric.counts
    mean, spread = _mean(sides.stage, name, of)
    base, base_spread = _mean(sides.base, name, of)
    more = 1 + metric.margin
    half = z * sqrt(spread + more * more * base_spread)
    return mean - more * base - half, mean - more * base + half


def _mean(side: Side, name: str, of: str) -> tuple[float, float]:
    """Return a mean, and the variance of it."""
    count, total = getattr(side, of), getattr(side, name)
    squares = getattr(side, f"{name}_squares")
    # In whole numbers: of large and nearly equal values nothing is left of a float's difference.
    variance = max(0, count * squares - total * total) / (count * (count - 1))
    return total / count, variance / count


def _sentence(metric: Metric, value: float | None, base: float | None, verdict: Verdict) -> str:
    told, was = _told(metric, value), _told(metric, base)
    if metric.kind == "share":
        said = (
            f"{told} {metric.says}, {was} of the base"
            if base is not None
            else (f"{told} {metric.says}, and there is no base to compare with")
        )
    else:
        said = f"{metric.says} {told}, of the base {was}"
    if verdict is Verdict.INCONCLUSIVE:
        return f"{metric.id}: {said}; that does not say yet."
    return f"{metric.id}: {said}."


def _told(metric: Metric, value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{value:.1%}" if metric.kind == "share" else f"{value:.4g} {metric.unit}"
