"""Judge one case: does it pass, did it regress, or can nobody tell yet, and what to run next.

A guard has no rate: one violation regresses, and no later trial can take it back. A behaviour
case is looked at in two stages, so that a failure by chance costs a few reruns and no alarm. A
capability case is told of and stops nothing.
"""

from datetime import date
from enum import StrEnum

import msgspec

from pawl.evals.counts import CaseClass, CaseCounts, Plan, Tally
from pawl.evals.detectable import detectable_drop, is_suspect
from pawl.evals.gate_policy import GatePolicy
from pawl.evals.statistics import fisher_drop, never_seen_bound, pass_at_k, pass_hat_k, wilson


class CaseVerdict(StrEnum):
    """What is said of one case."""

    PASS = "pass"
    REGRESS = "regress"
    INCONCLUSIVE = "inconclusive"
    STALE = "stale"
    NO_BASELINE = "no-baseline"
    QUARANTINED = "quarantined"
    TRACKED = "tracked"


class CaseDecision(msgspec.Struct, frozen=True, kw_only=True):
    """One case's verdict with every number it rests on; what cannot be told is None.

    `pass_1` is the chance that one trial passes, enclosed by `low` and `high`; `pass_at_k` and
    `pass_hat_k` are the chances that at least one and that all of `k` do. `p` is Fisher's,
    `p_adjusted` the same after Holm, present once the case has its confirming trials.
    `detectable_drop` is the least fall that would have been found, `violation_bound` the highest
    rate of violations that a clean guard still allows. `wanted` is how many trials to run next.
    """

    id: str
    kind: CaseClass = msgspec.field(name="class")
    cluster: str
    verdict: CaseVerdict
    reason: str
    trials: Tally
    baseline: Tally
    infra: int
    skipped: int
    stale: bool
    k: int
    pass_1: float | None = None
    low: float | None = None
    high: float | None = None
    pass_at_k: float | None = None
    pass_hat_k: float | None = None
    baseline_pass_1: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    detectable_drop: float | None = None
    violation_bound: float | None = None
    wanted: int = 0


class Said(msgspec.Struct, frozen=True):
    """A verdict, why, and how many trials to run next."""

    verdict: CaseVerdict
    reason: str
    wanted: int = 0


def told(number: float | None) -> float | None:
    """Return a number with six significant digits, so that every machine tells the same one."""
    return None if number is None else float(f"{number:.6g}")


def plan_of(case: CaseCounts, policy: GatePolicy) -> Plan:
    """Return the trials planned for a case."""
    return case.plan or policy.plan


def set_aside(case: CaseCounts, today: date) -> bool:
    """Say whether a quarantine holds; its last day is part of it."""
    return case.quarantine is not None and today <= case.quarantine.expires


def is_tested(case: CaseCounts, today: date) -> bool:
    """Say whether a case's rate can be compared with its baseline: the tests are over these."""
    comparable = bool(case.baseline.n and case.trials.n) and not case.stale
    return case.kind is CaseClass.BEHAVIOUR and comparable and not set_aside(case, today)


def raw_p(case: CaseCounts) -> float:
    """Return Fisher's one-sided p-value that a case's rate fell."""
    before, now = case.baseline, case.trials
    return fisher_drop(before.passes, before.n, now.passes, now.n)


def judge_case(
    case: CaseCounts, policy: GatePolicy, today: date, *, p_adjusted: float | None, level: float
) -> CaseDecision:
    """Return one case's decision.

    `p_adjusted` is None before the confirming trials are in; `level` is what a single case's
    p-value must reach among all cases tested.
    """
    plan, now, before = plan_of(case, policy), case.trials, case.baseline
    compared = is_tested(case, today)
    drop = None
    if case.kind is CaseClass.BEHAVIOUR and before.n:
        drop = detectable_drop(
            before, plan, screening_p=policy.screening_p, level=level, power=policy.power
        )
    if case.kind is CaseClass.CAPABILITY:
        said = Said(CaseVerdict.TRACKED, "a capability is tracked and stops nothing")
    elif case.kind is CaseClass.GUARD:
        said = _judge_guard(case, plan, policy)
    else:
        said = _judge_behaviour(case, plan, policy, today, p_adjusted, drop)
    interval = wilson(now.passes, now.n, policy.confidence) if now.n else (None, None)
    clean = case.kind is CaseClass.GUARD and now.passes == now.n
    return CaseDecision(
        id=case.id,
        kind=case.kind,
        cluster=case.cluster,
        verdict=said.verdict,
        reason=said.reason,
        trials=now,
        baseline=before,
        infra=case.infra,
        skipped=case.skipped,
        stale=case.stale,
        k=plan.k,
        pass_1=told(now.passes / now.n) if now.n else None,
        low=told(interval[0]),
        high=told(interval[1]),
        pass_at_k=told(pass_at_k(now.passes, now.n, plan.k)),
        pass_hat_k=told(pass_hat_k(now.passes, now.n, plan.k)),
        baseline_pass_1=told(before.passes / before.n) if before.n else None,
        p=told(raw_p(case)) if compared else None,
        p_adjusted=told(p_adjusted) if compared else None,
        detectable_drop=told(drop),
        violation_bound=told(never_seen_bound(now.n, policy.confidence)) if clean else None,
        wanted=said.wanted,
    )


def _judge_guard(case: CaseCounts, plan: Plan, policy: GatePolicy) -> Said:
    now = case.trials
    if case.stale:
        return Said(CaseVerdict.STALE, _STALE)
    if now.passes < now.n:
        text = f"the guard was violated in {now.n - now.passes} of {now.n} trials"
        return Said(CaseVerdict.REGRESS, f"{text}; no further trial takes that back")
    if now.n < plan.k:
        return _too_few(case, plan)
    bound = never_seen_bound(now.n, policy.confidence)
    text = f"no violation in {now.n} trials, which still allows {bound:.1%} of runs"
    return Said(CaseVerdict.PASS, f"{text} at {policy.confidence:.0%} confidence")


def _judge_behaviour(
    case: CaseCounts,
    plan: Plan,
    policy: GatePolicy,
    today: date,
    p_adjusted: float | None,
    drop: float | None,
) -> Said:
    if case.quarantine is not None and set_aside(case, today):
        held = case.quarantine
        why = f": {held.reason}" if held.reason else ""
        text = f"set aside by {held.owner} until {held.expires.isoformat()}{why}"
        return Said(CaseVerdict.QUARANTINED, text)
    if case.stale:
        return Said(CaseVerdict.STALE, _STALE)
    if not case.baseline.n:
        return Said(CaseVerdict.NO_BASELINE, "no blessed baseline to compare with")
    if case.trials.n < plan.k:
        return _too_few(case, plan)
    before, now = case.baseline, case.trials
    counts = f"{now.passes} of {now.n} after {before.passes} of {before.n}"
    lapsed = "" if case.quarantine is None else "; its quarantine has ended"
    if p_adjusted is not None and p_adjusted <= policy.case_alpha:
        text = f"{counts}: p {raw_p(case):.2g}, among all cases {p_adjusted:.2g}"
        return Said(CaseVerdict.REGRESS, text + lapsed)
    if drop is None and before.n < plan.pool and before.passes:
        text = f"a baseline of {before.n} trials is too small to show any drop"
        return Said(CaseVerdict.INCONCLUSIVE, f"{text}; {plan.pool} are planned{lapsed}")
    if not is_suspect(before, now, policy.screening_p):
        return Said(CaseVerdict.PASS, counts + lapsed)
    if now.n < plan.whole:
        text = f"{counts} is suspect, p {raw_p(case):.2g}; to be confirmed"
        return Said(CaseVerdict.INCONCLUSIVE, text + lapsed, plan.whole - now.n)
    return Said(CaseVerdict.PASS, f"{counts} was suspect and is not confirmed{lapsed}")


_STALE = "its records are of other assets than these"


def _too_few(case: CaseCounts, plan: Plan) -> Said:
    lost = f"; {case.infra} were lost to infra, {case.skipped} skipped"
    text = f"{case.trials.n} of {plan.k} trials{lost if case.infra or case.skipped else ''}"
    return Said(CaseVerdict.INCONCLUSIVE, text, plan.k - case.trials.n)
