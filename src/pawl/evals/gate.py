"""Decide whether a suite still behaves: pass, regress, or why that cannot be said.

Two tests look for different things. Each case is screened against its pooled baseline, reruns
confirm a suspect, and what is left is compared after Holm, which finds a case that broke. A
sign-flip test over all cases finds a small drop that many share. Whatever is unknown (too few
trials, infra failures, records of other assets, no baseline) is said and never green.

Pure: counts, policy, day and seed in, one decision out; the same input gives the same bytes, in
whatever order the cases come.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from itertools import pairwise
from math import lcm

import msgspec

from pawl.base.canonical import canonical_json
from pawl.base.errors import BadValue
from pawl.evals.case_verdict import (
    CaseDecision,
    CaseVerdict,
    is_tested,
    judge_case,
    plan_of,
    raw_p,
    set_aside,
    told,
)
from pawl.evals.counts import CaseClass, CaseCounts
from pawl.evals.detectable import cluster_of, detectable_mean_drop, mean_interval
from pawl.evals.gate_policy import GatePolicy
from pawl.evals.sign_flip import Method, SignFlip, sign_flip_drop
from pawl.evals.statistics import holm

CASES_MOST = 10_000
"""Cases of one suite; the drawn test keeps a byte for eight of them and each draw."""


class QuarantinedGuard(BadValue):
    """Somebody set a guard aside, which nobody may."""

    code = "quarantined-guard"


class Verdict(StrEnum):
    """What is said of a suite, from the best to the worst."""

    PASS = "pass"
    INCONCLUSIVE = "inconclusive"
    NO_BASELINE = "no-baseline"
    STALE = "stale"
    REGRESS = "regress"


class Reason(msgspec.Struct, frozen=True):
    """One ground of a verdict; `case` is empty where it is about the suite."""

    verdict: Verdict
    case: str
    text: str


class SuiteNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """What the suite's verdict rests on; what cannot be told is None.

    Rates are means over the compared cases. `change` is theirs since the baseline, enclosed by
    `low` and `high`. `p_least` is the least p-value that so many clusters could give.
    """

    cases: int
    compared: int
    clusters: int
    trials: int
    baseline_trials: int
    pass_1: float | None
    pass_hat_k: float | None
    baseline_pass_1: float | None
    change: float | None
    low: float | None
    high: float | None
    p: float | None
    p_least: float | None
    method: Method | None
    detectable_drop: float | None
    infra: int
    infra_share: float | None
    skipped: int


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The gate's answer, with everything that is needed to repeat it beside the counts."""

    schema: str = "pawl.eval-gate/1"
    verdict: Verdict
    reasons: tuple[Reason, ...]
    suite: SuiteNumbers
    cases: tuple[CaseDecision, ...]
    policy_version: str
    policy_digest: str
    today: date
    seed: int
    must_be_no_worse: bool


def decide(
    cases: Iterable[CaseCounts],
    policy: GatePolicy,
    *,
    today: date,
    seed: int,
    must_be_no_worse: bool = False,
) -> Decision:
    """Return the verdict on a suite; raises BadValue for a suite that cannot be judged.

    `must_be_no_worse` is for a change of model or tool: finding no drop is not enough there, the
    interval must exclude one of the policy's margin. A case's `wanted` says what to run next;
    with those trials added to its counts the gate is asked again.
    """
    given = sorted(cases, key=lambda case: case.id)
    _refuse(given)
    tested = [case for case in given if is_tested(case, today)]
    # Until its confirming trials are in, a case is not tested: it counts, as one that holds.
    whole = {case.id for case in tested if case.trials.n >= plan_of(case, policy).whole}
    adjusted = holm([raw_p(case) if case.id in whole else 1.0 for case in tested])
    final = {case.id: p for case, p in zip(tested, adjusted, strict=True) if case.id in whole}
    level = policy.case_alpha / max(1, len(tested))
    judged = tuple(
        judge_case(case, policy, today, p_adjusted=final.get(case.id), level=level)
        for case in given
    )
    flip = _flip(tested, seed, policy) if tested else None
    suite = _numbers(given, tested, judged, flip, policy, today)
    reasons = [*_case_reasons(judged, policy), *_suite_reasons(suite, policy, must_be_no_worse)]
    order = list(Verdict)
    # From the worst on; within one verdict the suite's reasons, then cases by id.
    reasons.sort(key=lambda reason: (-order.index(reason.verdict), reason.case, reason.text))
    return Decision(
        verdict=reasons[0].verdict if reasons else Verdict.PASS,
        reasons=tuple(reasons),
        suite=suite,
        cases=judged,
        policy_version=policy.version,
        policy_digest=policy.digest,
        today=today,
        seed=seed,
        must_be_no_worse=must_be_no_worse,
    )


def decision_bytes(decision: Decision) -> bytes:
    """Return a decision as canonical JSON, the bytes an approval may bind to."""
    return canonical_json(msgspec.to_builtins(decision))


def _refuse(cases: Sequence[CaseCounts]) -> None:
    if len(cases) > CASES_MOST:
        raise BadValue(f"{len(cases)} cases.", hint=f"Split the suite: {CASES_MOST:,} at most.")
    for before, case in pairwise(cases):
        if before.id == case.id:
            raise BadValue("a case id stands twice.", place=case.id, hint="Rename one of them.")
    for case in cases:
        if case.kind is CaseClass.GUARD and case.quarantine is not None:
            raise QuarantinedGuard(
                "a guard cannot be quarantined.",
                place=case.id,
                hint="Mend what it guards, or remove the guard in a reviewed change.",
            )


def _flip(tested: Sequence[CaseCounts], seed: int, policy: GatePolicy) -> SignFlip:
    """Test the change of the mean rate; differences are brought to one whole denominator."""
    scale = lcm(*(case.trials.n * case.baseline.n for case in tested))
    moved: dict[tuple[str, str], int] = {}
    for case in tested:
        now, before = case.trials, case.baseline
        crossed = now.passes * before.n - before.passes * now.n
        own = crossed * (scale // (now.n * before.n))
        moved[cluster_of(case)] = moved.get(cluster_of(case), 0) + own
    return sign_flip_drop(moved.values(), seed=seed, draws=policy.draws)


def _numbers(
    given: Sequence[CaseCounts],
    tested: Sequence[CaseCounts],
    judged: Sequence[CaseDecision],
    flip: SignFlip | None,
    policy: GatePolicy,
    today: date,
) -> SuiteNumbers:
    compared = {case.id for case in tested}
    told_of = [each for each in judged if each.id in compared]
    steady = [each.pass_hat_k for each in told_of if each.pass_hat_k is not None]
    change = mean_interval(tested, policy.confidence) or (None, None, None)
    gating = [
        case
        for case in given
        if case.kind is not CaseClass.CAPABILITY and not case.stale and not set_aside(case, today)
    ]
    infra = sum(case.infra for case in gating)
    ended = infra + sum(case.trials.n for case in gating)
    return SuiteNumbers(
        cases=len(given),
        compared=len(tested),
        clusters=len({cluster_of(case) for case in tested}),
        trials=sum(case.trials.n for case in tested),
        baseline_trials=sum(case.baseline.n for case in tested),
        pass_1=_mean([case.trials.passes / case.trials.n for case in tested]),
        pass_hat_k=_mean(steady),
        baseline_pass_1=_mean([case.baseline.passes / case.baseline.n for case in tested]),
        change=told(change[0]),
        low=told(change[1]),
        high=told(change[2]),
        p=told(flip.p) if flip else None,
        p_least=told(flip.p_least) if flip else None,
        method=flip.method if flip else None,
        detectable_drop=told(detectable_mean_drop(tested, policy)) if tested else None,
        infra=infra,
        infra_share=told(infra / ended) if ended else None,
        skipped=sum(case.skipped for case in gating),
    )


def _mean(values: Sequence[float]) -> float | None:
    return told(sum(values) / len(values)) if values else None


_OF_SUITE = {
    CaseVerdict.REGRESS: Verdict.REGRESS,
    CaseVerdict.INCONCLUSIVE: Verdict.INCONCLUSIVE,
    CaseVerdict.NO_BASELINE: Verdict.NO_BASELINE,
    CaseVerdict.STALE: Verdict.STALE,
}


def _case_reasons(judged: Sequence[CaseDecision], policy: GatePolicy) -> Iterable[Reason]:
    stale = [each for each in judged if each.verdict is CaseVerdict.STALE]
    # Some stale records may be tolerated, a guard's never: it would be a guard nobody posted.
    too_many = len(stale) > policy.stale_max or any(each.kind is CaseClass.GUARD for each in stale)
    for each in judged:
        if each.verdict in _OF_SUITE and (each.verdict is not CaseVerdict.STALE or too_many):
            yield Reason(_OF_SUITE[each.verdict], each.id, each.reason)
    if not any(each.verdict in (CaseVerdict.PASS, CaseVerdict.REGRESS) for each in judged):
        yield Reason(Verdict.INCONCLUSIVE, "", "no case was decided, so nothing was checked")


def _suite_reasons(
    suite: SuiteNumbers, policy: GatePolicy, must_be_no_worse: bool
) -> Iterable[Reason]:
    if suite.p is not None and suite.p <= policy.suite_alpha:
        text = f"the mean rate of {suite.compared} cases changed by {suite.change:+.1%}"
        yield Reason(Verdict.REGRESS, "", f"{text}: p {suite.p:.2g}")
    if suite.infra_share is not None and suite.infra_share > policy.infra_share_max:
        text = f"{suite.infra} trials, {suite.infra_share:.1%}, were lost to infra"
        yield Reason(Verdict.INCONCLUSIVE, "", f"{text}; {policy.infra_share_max:.1%} may be")
    if must_be_no_worse and (suite.low is None or suite.low <= -policy.margin):
        worst = "unknown" if suite.low is None else f"{suite.low:+.1%}"
        text = f"the change may be as bad as {worst}; it must be shown to be above"
        yield Reason(Verdict.INCONCLUSIVE, "", f"{text} {-policy.margin:.1%}")
