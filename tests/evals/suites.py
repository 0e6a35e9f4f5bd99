"""Made suites: cases of the gate in one line each, and whole suites drawn at random."""

import random
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from pawl.evals.counts import CaseClass, CaseCounts, Tally
from pawl.evals.gate import Decision, decide
from pawl.evals.gate_policy import GatePolicy, shipped_policy

TODAY = date(2026, 11, 21)
POLICY = shipped_policy()


def case(
    name: str,
    trials: tuple[int, int] = (3, 3),
    baseline: tuple[int, int] = (20, 20),
    kind: CaseClass = CaseClass.BEHAVIOUR,
    **more: Any,
) -> CaseCounts:
    """Return one case; passes and trials as pairs."""
    return CaseCounts(id=name, kind=kind, baseline=Tally(*baseline), trials=Tally(*trials), **more)


def guard(name: str, trials: tuple[int, int] = (3, 3), **more: Any) -> CaseCounts:
    """Return a guard, which needs no baseline."""
    return case(name, trials, (0, 0), CaseClass.GUARD, **more)


def asked(cases: Sequence[CaseCounts], policy: GatePolicy = POLICY, **more: Any) -> Decision:
    """Return the gate's decision of today."""
    return decide(cases, policy, today=TODAY, seed=1, **more)


def rates_of(cases: int) -> list[float]:
    """Return rates as suites have them: most always pass, some mostly, some now and then."""
    return (
        [1.0] * round(0.6 * cases) + [0.95] * round(0.2 * cases) + [0.8, 0.6] * round(0.1 * cases)
    )


def look(
    before: Sequence[float], now: Sequence[float], policy: GatePolicy, chance: random.Random
) -> Decision:
    """Return the decision on a suite of these rates after both stages, reruns as asked for."""
    first = [
        case(
            f"case-{n:03}",
            (_passes(rate, policy.k, chance), policy.k),
            (_passes(before[n], policy.pool, chance), policy.pool),
        )
        for n, rate in enumerate(now)
    ]
    decision = asked(first, policy)
    wanted = {each.id: each.wanted for each in decision.cases}
    second = [
        msgspec.structs.replace(
            each,
            trials=Tally(
                each.trials.passes + _passes(now[n], wanted[each.id], chance),
                each.trials.n + wanted[each.id],
            ),
        )
        for n, each in enumerate(first)
    ]
    return asked(second, policy)


def _passes(rate: float, trials: int, chance: random.Random) -> int:
    return sum(chance.random() < rate for _ in range(trials))
