"""Set several sets of trials against one another, pair by pair: what differs, and how surely.

Both sides are judged by the same cases. Only cases with trials on both sides are compared, and
their differences are paired. Tests look in both directions, as neither side is the one before.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import ceil, lcm
from typing import Literal

import msgspec

from pawl.evals.case import Case
from pawl.evals.case_verdict import told
from pawl.evals.counts import CaseCounts, Tally
from pawl.evals.detectable import cluster_of, mean_interval
from pawl.evals.gate_policy import GatePolicy
from pawl.evals.grade import Mark
from pawl.evals.lines import Seen
from pawl.evals.sign_flip import sign_flip_drop
from pawl.evals.statistics import fisher_drop, holm, wilson


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One set of trials by its name: records by the id of their case."""

    name: str
    seen: Mapping[str, tuple[Seen, ...]]


class SideNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """One side over all compared cases; what cannot be told is None.

    `cost_micros` is micro-USD of the trials whose cost is known, `per_pass_micros` of those per
    trial that passed, and None where any cost is unknown. Walls are milliseconds a trial.
    """

    name: str
    passes: int
    n: int
    infra: int
    cannot_tell: int
    cost_micros: int
    unpriced: int
    per_pass_micros: int | None
    wall_p50_ms: int | None
    wall_p95_ms: int | None


class CaseDifference(msgspec.Struct, frozen=True, kw_only=True):
    """One case: both rates with Wilson's intervals, and the second less the first.

    `low` and `high` enclose the difference. `p` is Fisher's, two-sided; `p_adjusted` after Holm
    over the cases.
    """

    case: str
    first: Tally
    second: Tally
    first_interval: tuple[float, float]
    second_interval: tuple[float, float]
    difference: float
    low: float
    high: float
    p: float
    p_adjusted: float


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two sides. `difference` is of the mean rates, the second less the first.

    `p` is of the sign-flip test, two-sided; `p_adjusted` after Holm over the pairs. All are None
    where no case has trials on both sides. `only_first` and `only_second` are left out.
    """

    first: SideNumbers
    second: SideNumbers
    cases: tuple[CaseDifference, ...]
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    p_adjusted: float | None
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `pawl eval compare`, as `pawl.eval-comparison/1` documents it."""

    schema: Literal["pawl.eval-comparison/1"] = "pawl.eval-comparison/1"
    pairs: tuple[Pair, ...]
    alpha: float
    confidence: float
    policy_digest: str

    @property
    def exit_code(self) -> int:
        """0 no pair differs surely, 1 one does, 3 a pair has no case in common."""
        if any(pair.p is None for pair in self.pairs):
            return 3
        sure = any(p is not None and p <= self.alpha for p in self._all_p())
        return 1 if sure else 0

    def _all_p(self) -> list[float | None]:
        return [pair.p_adjusted for pair in self.pairs] + [
            case.p_adjusted for pair in self.pairs for case in pair.cases
        ]


def compare(
    sides: Sequence[Side], cases: Mapping[str, Case], policy: GatePolicy, *, seed: int = 1
) -> Comparison:
    """Return every pair of sides compared; the same records give the same numbers."""
    pairs = [_pair(first, second, cases, policy, seed) for first, second in combinations(sides, 2)]
    known = [pair.p for pair in pairs if pair.p is not None]
    adjusted = iter(holm(known))
    return Comparison(
        pairs=tuple(
            msgspec.structs.replace(
                pair, p_adjusted=None if pair.p is None else told(next(adjusted))
            )
            for pair in pairs
        ),
        alpha=policy.case_alpha,
        confidence=policy.confidence,
        policy_digest=policy.digest,
    )


def _pair(
    first: Side, second: Side, cases: Mapping[str, Case], policy: GatePolicy, seed: int
) -> Pair:
    one, two = _tallies(first), _tallies(second)
    both = sorted(one.keys() & two.keys())
    counts = [
        CaseCounts(
            id=name,
            kind=cases[name].case_class,
            cluster=cases[name].trials.cluster,
            baseline=one[name],
            trials=two[name],
        )
        for name in both
    ]
    raw = [_two_sided(each) for each in counts]
    differences = tuple(
        _difference(each, p, adjusted, policy)
        for each, p, adjusted in zip(counts, raw, holm(raw), strict=True)
    )
    interval = mean_interval(counts, policy.confidence) or (None, None, None)
    p = _flipped(counts, policy, seed) if counts else None
    return Pair(
        first=_numbers(first, both),
        second=_numbers(second, both),
        cases=differences,
        difference=told(interval[0]),
        low=told(interval[1]),
        high=told(interval[2]),
        p=told(p),
        p_adjusted=None,
        only_first=tuple(sorted(one.keys() - two.keys())),
        only_second=tuple(sorted(two.keys() - one.keys())),
    )


def _tallies(side: Side) -> dict[str, Tally]:
    found = {}
    for name, seen in side.seen.items():
        ended = [each for each in seen if each.mark in (Mark.PASS, Mark.FAIL)]
        if ended:
            found[name] = Tally(sum(each.mark is Mark.PASS for each in ended), len(ended))
    return found


def _two_sided(counts: CaseCounts) -> float:
    """Return twice the smaller one-sided p-value, at most 1."""
    one, two = counts.baseline, counts.trials
    down = fisher_drop(one.passes, one.n, two.passes, two.n)
    up = fisher_drop(two.passes, two.n, one.passes, one.n)
    return min(1.0, 2 * min(down, up))


def _difference(
    counts: CaseCounts, p: float, adjusted: float, policy: GatePolicy
) -> CaseDifference:
    interval = mean_interval([counts], policy.confidence)
    assert interval is not None
    one = wilson(counts.baseline.passes, counts.baseline.n, policy.confidence)
    two = wilson(counts.trials.passes, counts.trials.n, policy.confidence)
    return CaseDifference(
        case=counts.id,
        first=counts.baseline,
        second=counts.trials,
        first_interval=(_sure(one[0]), _sure(one[1])),
        second_interval=(_sure(two[0]), _sure(two[1])),
        difference=_sure(interval[0]),
        low=_sure(interval[1]),
        high=_sure(interval[2]),
        p=_sure(p),
        p_adjusted=_sure(adjusted),
    )


def _sure(number: float) -> float:
    found = told(number)
    assert found is not None
    return found


def _flipped(counts: Sequence[CaseCounts], policy: GatePolicy, seed: int) -> float:
    """Return the two-sided p-value of the sign-flip test, clusters flipping as one."""
    scale = lcm(*(case.trials.n * case.baseline.n for case in counts))
    moved: dict[tuple[str, str], int] = {}
    for case in counts:
        now, before = case.trials, case.baseline
        own = (now.passes * before.n - before.passes * now.n) * (scale // (now.n * before.n))
        moved[cluster_of(case)] = moved.get(cluster_of(case), 0) + own
    down = sign_flip_drop(moved.values(), seed=seed, draws=policy.draws).p
    up = sign_flip_drop([-each for each in moved.values()], seed=seed, draws=policy.draws).p
    return min(1.0, 2 * min(down, up))


def _numbers(side: Side, names: Sequence[str]) -> SideNumbers:
    seen = [each for name in names for each in side.seen[name]]
    ended = [each for each in seen if each.mark in (Mark.PASS, Mark.FAIL)]
    passes = sum(each.mark is Mark.PASS for each in ended)
    # What a lost trial cost was spent too.
    costs = [each.manifest.spent.cost_micros for each in seen]
    known = [cost for cost in costs if cost is not None]
    walls = sorted(
        each.manifest.spent.wall_ms for each in ended if each.manifest.spent.wall_ms is not None
    )
    whole = passes > 0 and len(known) == len(costs)
    return SideNumbers(
        name=side.name,
        passes=passes,
        n=len(ended),
        infra=sum(each.mark is Mark.INFRA for each in seen),
        cannot_tell=sum(each.mark is Mark.CANNOT_TELL for each in seen),
        cost_micros=sum(known),
        unpriced=len(costs) - len(known),
        per_pass_micros=round(sum(known) / passes) if whole else None,
        wall_p50_ms=_share(walls, 0.5),
        wall_p95_ms=_share(walls, 0.95),
    )


def _share(ordered: Sequence[int], share: float) -> int | None:
    """Return the least value that so large a share does not exceed (nearest rank)."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None
