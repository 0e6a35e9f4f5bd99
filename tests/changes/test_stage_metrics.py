"""What is said of a stage: surely worse fails, surely not worse passes, the rest holds."""

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.changes.made_changes import at

from pawl.base.errors import BadFile
from pawl.changes.plan import AbortRule, Experiment
from pawl.changes.stage_metrics import (
    Side,
    Sides,
    judge_stage,
    load_metrics,
    newcombe,
    not_measured,
    stage_metrics,
)
from pawl.changes.verdict import Verdict

TERMS = stage_metrics()
EXPERIMENT = Experiment(
    hypothesis="Shorter answers cost less.",
    metric="cost-per-request",
    exposure_max=0.1,
    abort_when=(AbortRule(metric="error-rate", above=0.2, min_events=50),),
    ends_at=at(48),
)


def side(requests: int = 500, failed: int = 5, **other: int) -> Side:
    """Return a side with requests that cost a cent and take a second, give or take a half."""
    ok = requests - failed
    fields = {
        "sessions": requests // 5,
        "requests": requests,
        "failed_requests": failed,
        "calls": requests,
        "failed_calls": requests // 50,
        "priced": ok,
        "cost": ok * 100,
        "cost_squares": ok * 12_500,
        "timed": ok,
        "took": ok * 1000,
        "took_squares": ok * 1_250_000,
    }
    return Side(**{**fields, **other})


def sides(stage: Side, base: Side | None = None, concurrent: bool = True) -> Sides:
    """Return a stage beside a base of five thousand requests."""
    return Sides(stage=stage, base=base or side(5000, 50), concurrent=concurrent)


def test_a_stage_as_good_as_the_base_passes() -> None:
    """Enough requests that are surely not worse by the margin are a pass."""
    said = judge_stage(sides(side()), TERMS)
    assert said.verdict is Verdict.PASS
    assert said.events == 500
    assert {each.metric: each.verdict for each in said.metrics} == {
        "error-rate": Verdict.PASS,
        "tool-failure-rate": Verdict.PASS,
        "refusal-rate": Verdict.PASS,
        "cost-per-request": Verdict.PASS,
        "latency": Verdict.PASS,
    }


@pytest.mark.parametrize(
    ("stage", "metric"),
    [
        (side(500, 100), "error-rate"),
        (side(500, failed_calls=150), "tool-failure-rate"),
        (side(500, refused_requests=100), "refusal-rate"),
        (side(500, cost=495 * 300, cost_squares=495 * 100_000), "cost-per-request"),
        (side(500, took=495 * 3000, took_squares=495 * 10_000_000), "latency"),
    ],
)
def test_a_stage_that_is_surely_worse_fails_by_name(stage: Side, metric: str) -> None:
    """One metric is enough, and the reason tells it with both values."""
    said = judge_stage(sides(stage), TERMS)
    assert said.verdict is Verdict.FAIL
    assert said.reason.startswith(f"{metric}: ")
    assert [each.metric for each in said.metrics if each.verdict is Verdict.FAIL] == [metric]


@pytest.mark.parametrize(
    "stage", [Side(), side(20, 0), side(40, 2), Side(calls=500), Side(requests=29)], ids=repr
)
def test_too_little_is_no_pass(stage: Side) -> None:
    """Few requests, or none of what must be there, hold the stage whatever else looks well."""
    assert judge_stage(sides(stage), TERMS).verdict is Verdict.INCONCLUSIVE


def test_a_stage_in_which_everything_fails_never_passes() -> None:
    """All requests in error are a fail, with a base and without, and a failed look is an error."""
    broken = Side(sessions=40, requests=200, failed_requests=200)
    assert judge_stage(sides(broken), TERMS).verdict is Verdict.FAIL
    assert judge_stage(sides(broken, Side()), TERMS).verdict is Verdict.FAIL
    assert not_measured("the store is away").verdict is Verdict.ERROR


def test_without_a_base_only_what_is_plainly_good_passes() -> None:
    """A share stands alone below its own limit; what can only be compared holds."""
    alone = side(500, 0, priced=0, cost=0, timed=0, took=0)
    assert judge_stage(sides(alone, Side()), TERMS).verdict is Verdict.PASS
    assert judge_stage(sides(side(500, 45), Side()), TERMS).verdict is Verdict.INCONCLUSIVE
    assert judge_stage(sides(side(500, 0), Side()), TERMS).verdict is Verdict.INCONCLUSIVE


def test_an_experiment_is_aborted_by_its_rules_or_by_who_is_in_it() -> None:
    """Beyond a declared limit, or with another share of sessions than declared, it fails."""
    fair = sides(side(500, 5), side(4500, 45))
    assert judge_stage(fair, TERMS, EXPERIMENT, 0.1).verdict is Verdict.PASS
    skewed = sides(side(1500, 15), side(4500, 45))
    said = judge_stage(skewed, TERMS, EXPERIMENT, 0.1)
    assert said.verdict is Verdict.FAIL
    assert "300 of 1,200 sessions" in said.reason
    before = msgspec.structs.replace(skewed, concurrent=False)
    assert judge_stage(before, TERMS, EXPERIMENT, 0.1).verdict is Verdict.PASS
    strict = msgspec.structs.replace(
        EXPERIMENT, abort_when=(AbortRule(metric="error-rate", above=0.001),)
    )
    assert judge_stage(fair, TERMS, strict, 0.1).verdict is Verdict.FAIL
    unknown = msgspec.structs.replace(
        EXPERIMENT, abort_when=(AbortRule(metric="happiness", below=0.5),)
    )
    assert judge_stage(fair, TERMS, unknown, 0.1).verdict is Verdict.INCONCLUSIVE


COUNTS = st.integers(0, 3000)


@given(requests=COUNTS, more=COUNTS, failed=COUNTS, base=COUNTS)
def test_more_failures_never_help(requests: int, more: int, failed: int, base: int) -> None:
    """Turning good requests into failures never makes a pass, or unmakes a fail."""
    failed = min(failed, requests)
    worse = min(failed + more, requests)
    other = side(base, base // 100)
    order = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)

    def said(count: int) -> int:
        stage = Side(sessions=1, requests=requests, failed_requests=count)
        return order.index(judge_stage(sides(stage, other), TERMS).verdict)

    assert said(worse) <= said(failed)


@given(hits=COUNTS, of=COUNTS, base_hits=COUNTS, base_of=COUNTS)
def test_the_interval_holds_the_difference(
    hits: int, of: int, base_hits: int, base_of: int
) -> None:
    """Whatever the counts, it is within -1 and 1 and the difference seen is in it."""
    of, base_of = of + 1, base_of + 1
    hits, base_hits = min(hits, of), min(base_hits, base_of)
    low, high = newcombe(hits, of, base_hits, base_of, TERMS.z_fail)
    assert -1 - 1e-9 <= low <= hits / of - base_hits / base_of <= high <= 1 + 1e-9


def test_the_interval_is_newcombe_s() -> None:
    """The example of his paper, method 10: 56 of 70 against 48 of 80, at 95 %."""
    low, high = newcombe(56, 70, 48, 80, 1.959963984540054)
    assert round(low, 4) == 0.0524
    assert round(high, 4) == 0.3339


def test_two_hundred_looks_at_equal_rates_seldom_go_back() -> None:
    """A stage that is no worse is not taken back for having been looked at often."""
    chance = random.Random(6)
    back = 0
    for _ in range(150):
        counts = [0, 0]
        for look in range(1, 201):
            counts = [c + sum(chance.random() < 0.05 for _ in range(5)) for c in counts]
            stage = Side(requests=look * 5, failed_requests=counts[0])
            base = Side(requests=look * 5, failed_requests=counts[1])
            if judge_stage(sides(stage, base), TERMS).verdict is Verdict.FAIL:
                back += 1
                break
    assert back <= 1


def test_metrics_that_cannot_be_are_refused() -> None:
    """A count that nobody counts, a mean without squares, a number without a source."""
    good = msgspec.to_builtins(TERMS)
    bad = [
        {**good, "metrics": [{**good["metrics"][0], "counts": ["smiles", "requests"]}]},
        {**good, "metrics": [{**good["metrics"][0], "kind": "mean"}]},
        {**good, "sources": {}},
        {**good, "metrics": [{**good["metrics"][0], "must": False}]},
    ]
    for each in bad:
        with pytest.raises(BadFile):
            load_metrics(msgspec.json.encode(each).decode(), place="p")
