"""Explain an assessment: dimension, level, criterion, need, evidence, each with its reasons.

The tree stands in the model's own order, so the same assessment is always explained in the same
bytes. Nothing is judged here: every verdict is the assessment's, and every record is shown as it
was sealed.
"""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Literal

import msgspec

from pawl.base.errors import BadValue
from pawl.base.times import seconds_between
from pawl.maturity.evidence import Record
from pawl.maturity.gaps import PASSES
from pawl.maturity.model import Criterion, Descriptor, Level, Model
from pawl.maturity.verdict import (
    Assessment,
    CriterionResult,
    DimensionResult,
    Hit,
    ModelResult,
    NeedResult,
    Verdict,
)

MAX_RECORDS = 5
"""Records shown for one need; a count tells of the rest."""
_NEAR = 5
"""Names that an error suggests."""
_DAY_SECONDS = 86_400


class EvidenceNode(msgspec.Struct, frozen=True, kw_only=True):
    """One record. `cited` marks the one that decides the need; the others were looked at too.

    `ledger_entry` is the number of the entry that binds the batch it came with, where known.
    """

    record: Record
    age_days: float
    cited: bool
    ledger_entry: int | None = None


class NeedNode(msgspec.Struct, frozen=True, kw_only=True):
    """One need with its thresholds filled in, and its probe's records, newest first."""

    result: NeedResult
    evidence: tuple[EvidenceNode, ...]
    more_records: int = 0


class CriterionNode(msgspec.Struct, frozen=True, kw_only=True):
    """One criterion: how it stands, what else it asks for, and the source's words it proves.

    `hits` are the integrity hits that removed credit, each with its innocent explanation.
    """

    result: CriterionResult
    indicator: str
    risk: int
    min_kinds: int
    min_assurance: str
    hold_for: str | None
    descriptors: tuple[Descriptor, ...]
    hits: tuple[Hit, ...]
    needs: tuple[NeedNode, ...]


class LevelNode(msgspec.Struct, frozen=True, kw_only=True):
    """One level of a dimension. `stands` is None where it has no criteria and is passed through."""

    ordinal: int
    id: str
    name: str
    risk: str
    stands: bool | None
    counts: dict[str, int]
    criteria: tuple[CriterionNode, ...]


class DimensionNode(msgspec.Struct, frozen=True, kw_only=True):
    """One dimension of one model with its levels, lowest first."""

    model: str
    version: str
    complete: bool
    id: str
    name: str
    measured: int
    firm: int | None
    confirmed: int | None
    confirmed_until: str | None
    confirmed_lapsed: bool
    capped: str | None
    levels: tuple[LevelNode, ...]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked about, and the trees that answer: one a dimension of a model."""

    schema: Literal["pawl.explain/1"] = "pawl.explain/1"
    subject: str
    as_of: str
    asked: str
    dimensions: tuple[DimensionNode, ...]


class _Scope(msgspec.Struct, frozen=True):
    """What one address reaches in one model; None for all of it."""

    model: str
    dimensions: frozenset[str]
    level: int | None = None
    criterion: str | None = None


def explain(
    assessment: Assessment, models: Sequence[Model], records: Iterable[Record], address: str
) -> Explanation:
    """Explain a dimension (`code`, `eng.code`), a level (`eng.L3`, `eng.code.L3`) or a criterion.

    A dimension without its model is explained in every model that has one of that name, a model's
    id explains all of it, and an old id of a criterion finds the one that replaced it. `records`
    are all that were judged, `models` the definitions that judged. Raises BadValue for a name
    that nothing has, listing near ones.
    """
    wanted = address.strip()
    known = _addresses(models)
    folded = {name.casefold(): name for name in known}
    scopes = known.get(wanted) or known.get(folded.get(wanted.casefold(), ""))
    if scopes is None:
        raise _unknown(address, known)
    by_probe: dict[str, list[Record]] = {}
    for record in records:
        if record.subject == assessment.subject and record.observed_at <= assessment.as_of:
            by_probe.setdefault(record.probe, []).append(record)
    for found in by_probe.values():
        found.sort(key=lambda each: (each.observed_at, each.id), reverse=True)
    by_id = {model.id: model for model in models}
    results = {result.model: result for result in assessment.models}
    dimensions = [
        _dimension(results[scope.model], dimension, by_id[scope.model], scope, by_probe, assessment)
        for scope in scopes
        if scope.model in results
        for dimension in results[scope.model].dimensions
        if dimension.id in scope.dimensions
    ]
    return Explanation(
        subject=assessment.subject,
        as_of=assessment.as_of,
        asked=wanted,
        dimensions=tuple(dimensions),
    )


def _addresses(models: Sequence[Model]) -> dict[str, list[_Scope]]:
    """Return what every name that can be asked about reaches."""
    found: dict[str, list[_Scope]] = {}

    def add(name: str, scope: _Scope) -> None:
        reached = found.setdefault(name, [])
        if scope not in reached:
            reached.append(scope)

    for model in models:
        every = frozenset(each.id for each in model.dimensions)
        add(model.id, _Scope(model.id, every))
        for dimension in model.dimensions:
            only = frozenset([dimension.id])
            add(dimension.id, _Scope(model.id, only))
            add(f"{model.id}.{dimension.id}", _Scope(model.id, only))
            for level in model.levels:
                short = level.id.removeprefix(f"{model.id}.")
                scope = _Scope(model.id, only, level.ordinal)
                add(f"{model.id}.{dimension.id}.{short}", scope)
        for level in model.levels:
            add(level.id, _Scope(model.id, every, level.ordinal))
        for criterion in model.criteria:
            scope = _Scope(
                model.id, frozenset([criterion.dimension]), criterion.level, criterion.id
            )
            for name in (criterion.id, *criterion.replaces):
                add(name, scope)
    return found


def _unknown(address: str, known: Mapping[str, list[_Scope]]) -> BadValue:
    near = get_close_matches(address[:200], list(known), n=_NEAR, cutoff=0.4)
    last = address.rpartition(".")[2]
    if len(last) > 2:
        near += [name for name in known if last in name]
    shown = list(dict.fromkeys(near))[:_NEAR] or sorted(known, key=len)[:_NEAR]
    return BadValue(
        f"{address[:200]!r} is no model, dimension, level or criterion.",
        place="explain",
        hint=f"Near ones: {', '.join(shown)}." if shown else "No model was assessed.",
    )


def _dimension(
    result: ModelResult,
    dimension: DimensionResult,
    model: Model,
    scope: _Scope,
    by_probe: Mapping[str, list[Record]],
    assessment: Assessment,
) -> DimensionNode:
    levels = sorted(model.levels, key=lambda each: each.ordinal)
    return DimensionNode(
        model=model.id,
        version=model.version,
        complete=result.complete,
        id=dimension.id,
        name=dimension.name,
        measured=dimension.measured,
        firm=dimension.firm,
        confirmed=dimension.confirmed,
        confirmed_until=dimension.confirmed_until,
        confirmed_lapsed=dimension.confirmed_lapsed,
        capped=dimension.capped,
        levels=tuple(
            _level(level, dimension, model, scope, by_probe, assessment)
            for level in levels
            if scope.level in (None, level.ordinal)
        ),
    )


def _level(
    level: Level,
    dimension: DimensionResult,
    model: Model,
    scope: _Scope,
    by_probe: Mapping[str, list[Record]],
    assessment: Assessment,
) -> LevelNode:
    here = [each for each in dimension.criteria if each.level == level.ordinal]
    verdicts = [each.verdict for each in here]
    definitions = {each.id: each for each in model.criteria}
    return LevelNode(
        ordinal=level.ordinal,
        id=level.id,
        name=level.name,
        risk=level.risk,
        stands=_stands(here, model) if here else None,
        counts={each.value: verdicts.count(each) for each in Verdict if each in verdicts},
        criteria=tuple(
            _criterion(each, definitions[each.id], model, by_probe, assessment)
            for each in here
            if scope.criterion in (None, each.id)
        ),
    )


def _stands(criteria: Sequence[CriterionResult], model: Model) -> bool:
    """Say whether a level's own criteria hold, whatever the levels below it do."""
    met = sum(each.verdict is Verdict.MET for each in criteria)
    applicable = sum(each.verdict is not Verdict.NOT_APPLICABLE for each in criteria)
    enough = met >= 1 and met >= model.met_share * applicable
    return enough and all(each.verdict in PASSES for each in criteria)


def _criterion(
    result: CriterionResult,
    definition: Criterion,
    model: Model,
    by_probe: Mapping[str, list[Record]],
    assessment: Assessment,
) -> CriterionNode:
    probes = {need.probe for need in result.needs}
    return CriterionNode(
        result=result,
        indicator=definition.indicator,
        risk=definition.risk,
        min_kinds=definition.min_kinds,
        min_assurance=definition.min_assurance.value,
        hold_for=definition.hold_for,
        descriptors=tuple(each for each in model.descriptors if each.id in definition.descriptors),
        hits=tuple(
            hit
            for hit in assessment.hits
            if hit.detector in result.hits
            and (not hit.probes or probes.intersection(hit.probes))
            and (not hit.criteria or result.id in hit.criteria)
        ),
        needs=tuple(
            _need(need, by_probe.get(need.probe, []), assessment.as_of) for need in result.needs
        ),
    )


def _need(result: NeedResult, records: Sequence[Record], now: str) -> NeedNode:
    # The one that decides is shown first and always; the rest stand newest first.
    cited = [each for each in records if each.id == result.evidence]
    others = [each for each in records if each.id != result.evidence]
    shown = [*cited, *others][:MAX_RECORDS]
    return NeedNode(
        result=result,
        evidence=tuple(
            EvidenceNode(
                record=each,
                age_days=seconds_between(each.observed_at, now) / _DAY_SECONDS,
                cited=each.id == result.evidence,
            )
            for each in shown
        ),
        more_records=len(records) - len(shown),
    )
