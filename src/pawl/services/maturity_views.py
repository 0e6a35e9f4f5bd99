"""What the maturity pages show: view models, and how they follow from an assessment. No text."""

from collections.abc import Mapping, Sequence

import msgspec

from pawl.maturity.explain import DimensionNode
from pawl.maturity.gaps import PASSES, next_rated
from pawl.maturity.model import Level, Model
from pawl.maturity.roadmap import Goal, Roadmap
from pawl.maturity.verdict import (
    Assessment,
    CriterionResult,
    DimensionResult,
    Hit,
    ModelResult,
    Verdict,
)
from pawl.maturity.why_not import WhyNot


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """One level as a column says it; `risk` in the source's words, where it states one."""

    ordinal: int
    name: str
    risk: str = ""
    description: str = ""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One level of one dimension.

    `state`: `held` below the measured level, `here` at it, `next` what is worked for, `later`
    beyond, `none` without criteria. `ages` are days: of the oldest evidence that counts.
    """

    ordinal: int
    state: str
    met: int
    of: int
    counts: Mapping[str, int]
    oldest_days: float | None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One dimension. `fresh_until` is when the first evidence that holds its level ends."""

    result: DimensionResult
    cells: tuple[Cell, ...]
    weakest: bool
    oldest_days: float | None
    fresh_until: str | None

    @property
    def below_confirmed(self) -> bool:
        """Whether the evidence proves less today than was confirmed."""
        result = self.result
        return result.confirmed is not None and result.measured < result.confirmed


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """One model: a row a dimension, a column a level. `weakest` are the lowest rows."""

    result: ModelResult
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]

    @property
    def weakest(self) -> tuple[Row, ...]:
        """The rows of the lowest level; none where no level is published."""
        return tuple(row for row in self.rows if row.weakest) if self.result.complete else ()

    @property
    def fallen(self) -> tuple[Row, ...]:
        """The rows whose evidence proves less than was confirmed."""
        return tuple(row for row in self.rows if row.below_confirmed)


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Which subject a page is about, and which others there are."""

    subject: str
    subjects: tuple[str, ...]
    assessment: Assessment
    digest: str


class SubjectView(msgspec.Struct, frozen=True, kw_only=True):
    """Where one subject stands on every model."""

    shown: Shown
    grids: tuple[Grid, ...]


class DimensionView(msgspec.Struct, frozen=True, kw_only=True):
    """One dimension explained, and what keeps its next level away."""

    shown: Shown
    grid: Grid
    row: Row
    node: DimensionNode
    why_not: WhyNot


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Work on one goal in one week, in person-days; `place` is the goal's place in the order."""

    place: int
    goal: Goal
    days: float
    done: bool


class WeekView(msgspec.Struct, frozen=True, kw_only=True):
    """One week of the plan."""

    number: int
    starts: str
    ends: str
    items: tuple[Item, ...]
    proves: tuple[Item, ...]
    spare_days: float


class RoadmapView(msgspec.Struct, frozen=True, kw_only=True):
    """What is missing, in order, and by weeks. `model` is an id, or `all`."""

    shown: Shown
    model: str
    models: tuple[ModelResult, ...]
    roadmap: Roadmap
    weeks: tuple[WeekView, ...]


class TrendRow(msgspec.Struct, frozen=True, kw_only=True):
    """One assessment: measured and confirmed levels, and by how much each moved since the last."""

    as_of: str
    digest: str
    measured: tuple[int | None, ...]
    confirmed: tuple[int | None, ...]
    moved: tuple[int, ...]


class TrendView(msgspec.Struct, frozen=True, kw_only=True):
    """How the levels of one model moved. `dimensions` are ids and names, in the rows' order."""

    shown: Shown
    model: ModelResult
    models: tuple[ModelResult, ...]
    dimensions: tuple[tuple[str, str], ...]
    heads: tuple[Head, ...]
    rows: tuple[TrendRow, ...]


class Exempt(msgspec.Struct, frozen=True, kw_only=True):
    """A criterion that is set aside for a time. `counts`: its dimension's level rests on it."""

    model: ModelResult
    dimension: DimensionResult
    criterion: CriterionResult
    days_left: float | None
    counts: bool


class ExemptionsView(msgspec.Struct, frozen=True, kw_only=True):
    """The register as the assessment judged it. `refused` are ids with the reason."""

    shown: Shown
    live: tuple[Exempt, ...]
    expired: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


class IntegrityView(msgspec.Struct, frozen=True, kw_only=True):
    """What detectors noticed; those that removed credit come first."""

    shown: Shown
    hits: tuple[Hit, ...]


class FleetRow(msgspec.Struct, frozen=True, kw_only=True):
    """One subject: its newest assessment by model id."""

    subject: str
    as_of: str
    age_days: float
    models: Mapping[str, ModelResult]
    hits: int


class FleetView(msgspec.Struct, frozen=True, kw_only=True):
    """All subjects, a page of them. `models` are ids and names, in the order of the columns."""

    rows: tuple[FleetRow, ...]
    total: int
    page: int
    pages: int
    models: tuple[tuple[str, str], ...]


class OnePageView(msgspec.Struct, frozen=True, kw_only=True):
    """What leadership needs on one page. `moved` are changes since the assessment before."""

    shown: Shown
    grid: Grid
    others: tuple[Grid, ...]
    moved: tuple[tuple[str, int, int], ...]
    since: str | None
    goals: tuple[Goal, ...]
    exempt: tuple[Exempt, ...]


def grid_of(result: ModelResult, model: Model | None) -> Grid:
    """Return a model's grid; `model` gives the levels their names, where it is known."""
    heads = _heads(result, model)
    rows = tuple(
        Row(
            result=each,
            cells=tuple(_cell(each, head.ordinal) for head in heads),
            weakest=each.id in result.weakest,
            oldest_days=_oldest(_below(each)),
            fresh_until=min(
                (
                    need.valid_to
                    for criterion in _below(each)
                    if criterion.verdict is Verdict.MET
                    for need in criterion.needs
                    if need.valid_to is not None
                ),
                default=None,
            ),
        )
        for each in result.dimensions
    )
    return Grid(result=result, heads=heads, rows=rows)


def exempt_of(assessment: Assessment, days_left: Mapping[str, float]) -> tuple[Exempt, ...]:
    """Return what is exempt now; `days_left` is by the time at which an exemption ends."""
    return tuple(
        Exempt(
            model=model,
            dimension=dimension,
            criterion=each,
            days_left=None if each.exemption_ends is None else days_left[each.exemption_ends],
            counts=each.level <= dimension.measured,
        )
        for model in assessment.models
        for dimension in model.dimensions
        for each in dimension.criteria
        if each.verdict is Verdict.EXEMPT
    )


def _heads(result: ModelResult, model: Model | None) -> tuple[Head, ...]:
    if model is not None:
        levels: Sequence[Level] = sorted(model.levels, key=lambda each: each.ordinal)
        return tuple(
            Head(ordinal=each.ordinal, name=each.name, risk=each.risk, description=each.description)
            for each in levels
        )
    known = {each.measured: each.level_name for each in result.dimensions if each.measured}
    ordinals = {each.level for row in result.dimensions for each in row.criteria} | known.keys()
    return tuple(Head(ordinal=each, name=known.get(each, "")) for each in sorted(ordinals))


def _cell(result: DimensionResult, ordinal: int) -> Cell:
    here = [each for each in result.criteria if each.level == ordinal]
    verdicts = [each.verdict.value for each in here if each.verdict not in PASSES]
    following = next_rated(result)
    if ordinal == result.measured:
        state = "here"
    elif ordinal < result.measured:
        state = "held"
    elif not here:
        state = "none"
    else:
        state = "next" if ordinal == following else "later"
    applicable = [each for each in here if each.verdict is not Verdict.NOT_APPLICABLE]
    return Cell(
        ordinal=ordinal,
        state=state,
        met=sum(each.verdict is Verdict.MET for each in here),
        of=len(applicable),
        counts={name: verdicts.count(name) for name in dict.fromkeys(verdicts)},
        oldest_days=_oldest(here),
    )


def _below(result: DimensionResult) -> list[CriterionResult]:
    return [each for each in result.criteria if each.level <= result.measured]


def _oldest(criteria: Sequence[CriterionResult]) -> float | None:
    """Return the age in days of the oldest evidence that meets a criterion among these."""
    return max(
        (
            need.age_days
            for each in criteria
            if each.verdict is Verdict.MET
            for need in each.needs
            if need.age_days is not None
        ),
        default=None,
    )
