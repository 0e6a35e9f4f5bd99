"""A model made ready for judging many subjects: defaults filled in, durations parsed, in order.

Compile once, judge often: nothing here depends on evidence.
"""

from collections.abc import Mapping

import msgspec

from pawl.base.durations import parse_duration
from pawl.maturity.evidence import Assurance, Depth
from pawl.maturity.model import Criterion, Level, Model, Need
from pawl.maturity.threshold import Check, check_of

MICROS = 1_000_000
"""Microseconds of a second; instants are whole microseconds here, so that they compare exactly."""
ATTESTATION_UP_TO = 2
"""The highest level that somebody's word can carry; the definition of that kind of evidence."""


class CompiledNeed(msgspec.Struct, frozen=True, kw_only=True):
    """One need with the level's defaults filled in. `fresh_us` is in microseconds."""

    name: str
    probe: str
    checks: tuple[Check, ...]
    depth: Depth
    fresh_us: int
    min_assurance: Assurance
    attestation_counts: bool


class CompiledCriterion(msgspec.Struct, frozen=True, kw_only=True):
    """One criterion ready to be judged. Spans are in microseconds."""

    source: Criterion
    needs: tuple[CompiledNeed, ...]
    applies_when: CompiledNeed | None
    hold_us: int | None
    gap_us: int


class CompiledModel(msgspec.Struct, frozen=True, kw_only=True):
    """One model ready to be judged.

    `levels` ascend. `cells` holds the criteria by dimension and ordinal; a cell without criteria
    is not there, and its level is passed through unrated. `probes` are all that it asks.
    """

    model: Model
    levels: tuple[Level, ...]
    cells: Mapping[str, Mapping[int, tuple[CompiledCriterion, ...]]]
    probes: frozenset[str]

    @property
    def base(self) -> int:
        """The ordinal of the lowest level."""
        return self.levels[0].ordinal

    def level(self, ordinal: int) -> Level | None:
        """Return a level, or None below the lowest."""
        return next((each for each in self.levels if each.ordinal == ordinal), None)


def compile_model(model: Model) -> CompiledModel:
    """Return the model ready for judging.

    Raises BadValue for a duration that is none, and KeyError for a criterion of a level that the
    model does not have: loading a model checks both.
    """
    cells: dict[str, dict[int, list[CompiledCriterion]]] = {
        dimension.id: {} for dimension in model.dimensions
    }
    probes: set[str] = set()
    for criterion in model.criteria:
        compiled = _criterion(criterion, model.level(criterion.level))
        cells[criterion.dimension].setdefault(criterion.level, []).append(compiled)
        probes.update(need.probe for need in compiled.needs)
        if compiled.applies_when is not None:
            probes.add(compiled.applies_when.probe)
    return CompiledModel(
        model=model,
        levels=tuple(sorted(model.levels, key=lambda level: level.ordinal)),
        cells={
            dimension: {ordinal: tuple(found) for ordinal, found in sorted(by_level.items())}
            for dimension, by_level in cells.items()
        },
        probes=frozenset(probes),
    )


def _criterion(criterion: Criterion, level: Level) -> CompiledCriterion:
    place = f"criterion {criterion.id}"
    applies = criterion.applies_when
    return CompiledCriterion(
        source=criterion,
        needs=tuple(
            _need(name, need, level, criterion, level.min_depth)
            # By name: the digest of a model does not know the order in its file, so neither may
            # what it judges.
            for name, need in sorted(criterion.needs.items())
        ),
        # Whether a question arises is a fact, not an achievement: that it is there is enough.
        applies_when=None
        if applies is None
        else _need("applies_when", applies, level, criterion, Depth.EXISTS),
        hold_us=None if criterion.hold_for is None else _micros(criterion.hold_for, place),
        gap_us=_micros(criterion.max_gap, place),
    )


def _need(name: str, need: Need, level: Level, criterion: Criterion, depth: Depth) -> CompiledNeed:
    place = f"criterion {criterion.id}, need {name}"
    return CompiledNeed(
        name=name,
        probe=need.probe,
        checks=tuple(check_of(value, threshold) for value, threshold in sorted(need.where.items())),
        depth=need.depth or depth,
        fresh_us=_micros(need.fresh_for or level.fresh_for, place),
        min_assurance=criterion.min_assurance,
        attestation_counts=level.ordinal <= ATTESTATION_UP_TO,
    )


def _micros(duration: str, place: str) -> int:
    return round(parse_duration(duration, place=place) * MICROS)
