"""What holds for every suite: bad news never helps, order and luck with machines do not matter."""

import random
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.evals.suites import asked

from pawl.evals.counts import CaseClass, CaseCounts, Tally
from pawl.evals.gate import Verdict, decision_bytes

CANNOT_TELL = 1
RANK = dict.fromkeys(Verdict, CANNOT_TELL) | {Verdict.PASS: 0, Verdict.REGRESS: 2}
"""How bad a verdict is; those that say why nothing can be said are equally bad."""


@st.composite
def _tallies(draw: st.DrawFn, sizes: tuple[int, ...]) -> Tally:
    n = draw(st.sampled_from(sizes))
    # Suites mostly pass, so failures are drawn and few.
    return Tally(n - draw(st.integers(0, n) | st.integers(0, min(n, 2))), n)


def _cases(name: str) -> st.SearchStrategy[CaseCounts]:
    return st.builds(
        CaseCounts,
        id=st.just(name),
        kind=st.sampled_from([CaseClass.BEHAVIOUR, CaseClass.BEHAVIOUR, *CaseClass]),
        cluster=st.sampled_from(["", "", "x", "y"]),
        baseline=_tallies((20, 20, 20, 5, 0)),
        trials=_tallies((3, 3, 8, 8, 2, 13, 0)),
        infra=st.sampled_from([0, 0, 0, 0, 1]),
        stale=st.sampled_from([False] * 9 + [True]),
    )


SUITES = st.integers(1, 9).flatmap(lambda n: st.tuples(*(_cases(f"c{i}") for i in range(n))))


def _with(case: CaseCounts, **changes: Any) -> CaseCounts:
    return msgspec.structs.replace(case, **changes)


@given(SUITES, st.data(), st.booleans())
def test_a_failure_in_place_of_a_pass_never_improves_a_verdict(
    suite: tuple[CaseCounts, ...], data: st.DataObject, no_worse: bool
) -> None:
    """Neither the suite's nor the case's own, at whatever stage it is."""
    place = data.draw(st.integers(0, len(suite) - 1))
    trials = suite[place].trials
    if not trials.passes:
        return
    worse = list(suite)
    worse[place] = _with(suite[place], trials=Tally(trials.passes - 1, trials.n))
    before = asked(suite, must_be_no_worse=no_worse)
    after = asked(worse, must_be_no_worse=no_worse)
    assert RANK[after.verdict] >= RANK[before.verdict]
    own = {each.id: each.verdict for each in before.cases}
    for each in after.cases:
        bad = RANK.get(each.verdict, 0)  # type: ignore[call-overload]
        assert bad >= RANK.get(own[each.id], 0)  # type: ignore[call-overload]


@given(SUITES, st.data())
def test_a_failing_trial_more_never_takes_a_regression_of_a_case_back(
    suite: tuple[CaseCounts, ...], data: st.DataObject
) -> None:
    """A case that regressed does so with one failure more, wherever in the suite."""
    place = data.draw(st.integers(0, len(suite) - 1))
    trials = suite[place].trials
    worse = list(suite)
    worse[place] = _with(suite[place], trials=Tally(trials.passes, trials.n + 1))
    if not trials.n:
        return  # a first trial makes one more case to compare, so that each needs more
    was, now = (
        {each.id for each in asked(cases).cases if each.verdict.value == "regress"}
        for cases in (suite, worse)
    )
    assert was <= now


@given(SUITES, st.randoms(use_true_random=False))
def test_the_order_of_cases_does_not_matter(
    suite: tuple[CaseCounts, ...], chance: random.Random
) -> None:
    """The same counts give the same bytes, asked again and in any order."""
    shuffled = list(suite)
    chance.shuffle(shuffled)
    assert decision_bytes(asked(shuffled)) == decision_bytes(asked(suite))


@given(SUITES, st.integers(1, 50))
def test_infra_failures_enter_no_rate(suite: tuple[CaseCounts, ...], lost: int) -> None:
    """More of them change no number but their own, no regression, and make nothing green."""
    before = asked(suite)
    after = asked([_with(case, infra=case.infra + lost) for case in suite])
    for name in ("pass_1", "pass_hat_k", "change", "low", "high", "p", "trials"):
        assert getattr(after.suite, name) == getattr(before.suite, name)
    for was, now in zip(before.cases, after.cases, strict=True):
        assert (was.pass_1, was.p, was.verdict) == (now.pass_1, now.p, now.verdict)
    assert RANK[after.verdict] >= RANK[before.verdict]


@given(SUITES, st.data())
def test_a_violated_guard_regresses_in_any_suite(
    suite: tuple[CaseCounts, ...], data: st.DataObject
) -> None:
    """No number of passes, reruns or other cases turns it green."""
    n = data.draw(st.integers(1, 2000))
    passes = data.draw(st.integers(0, n - 1))
    broken = CaseCounts(id="guard", kind=CaseClass.GUARD, trials=Tally(passes, n))
    decision = asked([*suite, broken])
    assert decision.verdict is Verdict.REGRESS
    assert {each.id: each.wanted for each in decision.cases}["guard"] == 0


@given(SUITES)
def test_a_suite_is_green_only_without_any_doubt(suite: tuple[CaseCounts, ...]) -> None:
    """A pass has no case that wants trials, is stale or lacks a baseline."""
    decision = asked(suite)
    if decision.verdict is not Verdict.PASS:
        assert decision.reasons
        assert decision.reasons[0].verdict is decision.verdict
        return
    assert {each.verdict.value for each in decision.cases} <= {"pass", "tracked"}
    assert not any(each.wanted for each in decision.cases)
