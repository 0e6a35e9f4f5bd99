"""What is missing for a level: each criterion that blocks it, with the work that would mend it.

Effort is what the probe declares for a clear no. Where nothing bad was seen (unknown, stale,
contested, error) that effort is the most it can cost: looking may show that all is well.
"""

from collections.abc import Iterable, Mapping

import msgspec

from pawl.base.durations import parse_duration
from pawl.base.finding import Place
from pawl.base.times import seconds_between
from pawl.maturity.model import Criterion, Model
from pawl.maturity.probe import Remedy
from pawl.maturity.verdict import BLAMELESS, CriterionResult, DimensionResult, NeedResult, Verdict

PASSES = frozenset({Verdict.MET, Verdict.NOT_APPLICABLE, Verdict.EXEMPT})
"""Verdicts that do not keep a level away."""
_DONE = frozenset({Verdict.MET, Verdict.NOT_APPLICABLE})
_DAY_SECONDS = 86_400


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What one probe asks to be done for one criterion.

    `days` is the declared effort in person-days, None where the probe declares none. With
    `at_most` nothing bad was seen: looking comes first and may be all there is to do.
    """

    probe: str
    need: str
    verdict: Verdict
    reason: str
    remedy: str
    days: float | None
    at_most: bool
    places: tuple[Place, ...] = ()


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """One criterion that keeps a level away.

    `waits_days` is how long it must still be seen to hold once its work is done. `risk` from 1
    to 5 is the model's estimate of the harm that meeting it removes.
    """

    model: str
    dimension: str
    criterion: str
    level: int
    statement: str
    verdict: Verdict
    reason: str
    risk: int
    indicator: str
    works: tuple[Work, ...]
    waits_days: float = 0.0

    @property
    def blameless(self) -> bool:
        """Whether it blocks although nothing bad was seen."""
        return self.verdict in BLAMELESS


def gaps_of(
    results: Iterable[CriterionResult], model: Model, now: str, remedies: Mapping[str, Remedy]
) -> tuple[Gap, ...]:
    """Return these criteria as gaps, in their order; `remedies` are by probe id."""
    definitions = {criterion.id: criterion for criterion in model.criteria}
    return tuple(_gap(each, definitions[each.id], model, now, remedies) for each in results)


def next_rated(dimension: DimensionResult) -> int | None:
    """Return the next level above the measured one that has criteria, or None at the top."""
    above = {each.level for each in dimension.criteria if each.level > dimension.measured}
    return min(above, default=None)


def _gap(
    result: CriterionResult,
    criterion: Criterion,
    model: Model,
    now: str,
    remedies: Mapping[str, Remedy],
) -> Gap:
    return Gap(
        model=model.id,
        dimension=criterion.dimension,
        criterion=result.id,
        level=result.level,
        statement=result.statement,
        verdict=result.verdict,
        reason=result.reason,
        risk=criterion.risk,
        indicator=criterion.indicator,
        works=_works(result, criterion, remedies),
        waits_days=_waits(result, criterion, now),
    )


def _works(
    result: CriterionResult, criterion: Criterion, remedies: Mapping[str, Remedy]
) -> tuple[Work, ...]:
    found = {
        need.probe: _work(need, remedies.get(need.probe))
        for need in result.needs
        if need.verdict not in _DONE
    }
    judged = {need.name for need in result.needs}
    for name, wanted in sorted(criterion.needs.items()):
        if name in judged or wanted.probe in found:
            continue
        # Whether the criterion applies is not known, so its needs were not looked at either.
        remedy = remedies.get(wanted.probe)
        found[wanted.probe] = Work(
            probe=wanted.probe,
            need=name,
            verdict=Verdict.UNKNOWN,
            reason="It was not asked: whether the criterion applies is not known.",
            remedy="" if remedy is None else remedy.text,
            days=None if remedy is None else remedy.days,
            at_most=True,
        )
    return tuple(found.values())


def _work(need: NeedResult, remedy: Remedy | None) -> Work:
    return Work(
        probe=need.probe,
        need=need.name,
        verdict=need.verdict,
        reason=need.reason,
        remedy="" if remedy is None else remedy.text,
        days=None if remedy is None else remedy.days,
        at_most=need.verdict in BLAMELESS,
        places=need.places,
    )


def _waits(result: CriterionResult, criterion: Criterion, now: str) -> float:
    """Return the days for which a criterion must still be seen to hold."""
    if criterion.hold_for is None:
        return 0.0
    asked = parse_duration(criterion.hold_for, place=criterion.id) / _DAY_SECONDS
    if result.held_since is None:
        return asked
    return max(0.0, asked - seconds_between(result.held_since, now) / _DAY_SECONDS)
