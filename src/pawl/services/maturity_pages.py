"""The use cases behind the maturity pages: questions in, view models out.

Levels are shown as they were judged; nothing is judged anew, averaged or converted here. What
explains and plans takes the very models that judged, which are kept with each assessment.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from pawl.base.errors import BadValue, CannotTell
from pawl.base.times import seconds_between
from pawl.maturity.ceremony_terms import Ceremony
from pawl.maturity.confirm import Confirmed
from pawl.maturity.evidence import Record
from pawl.maturity.explain import Explanation, explain
from pawl.maturity.inputs import Inputs
from pawl.maturity.ledgered import with_entries
from pawl.maturity.roadmap import Roadmap, roadmap
from pawl.maturity.verdict import Assessment, ModelResult
from pawl.maturity.why_not import why_not
from pawl.services.assessment_desk import AssessmentDesk, Ceremonies, Evidence, PointLike
from pawl.services.ceremony_view import CeremonyView, ceremony_view
from pawl.services.difference_view import DifferenceView, difference_view
from pawl.services.maturity_rules import Rules
from pawl.services.maturity_views import (
    DimensionView,
    ExemptionsView,
    FleetRow,
    FleetView,
    Grid,
    IntegrityView,
    Item,
    OnePageView,
    RoadmapView,
    Shown,
    SubjectView,
    TrendRow,
    TrendView,
    WeekView,
    exempt_of,
    grid_of,
)

FLEET_PAGE = 50
"""Subjects on one page of the fleet."""
CAPACITY = 5.0
"""Person-days a week that a plan assumes when nobody says: one person."""
GOALS_ON_A_PAGE = 5
_DAY_S = 86_400


class Kept(Evidence, Protocol):
    """The evidence that pages ask for, besides what the desk asks."""

    def subjects(self) -> tuple[str, ...]:
        """Return every subject there is evidence about, sorted."""

    def ledger_entries(self, subject: str) -> dict[str, int]:
        """Return the number of the ledger entry that binds each record, by record id."""


class MaturityPages:
    """What each page shows; `now` is the clock. A subject of None is the first there is."""

    def __init__(
        self, evidence: Kept, ceremonies: Ceremonies, rules: Rules, now: Callable[[], str]
    ) -> None:
        self._evidence = evidence
        self._ceremonies = ceremonies
        self._now = now
        self.rules = rules
        self.desk = AssessmentDesk(evidence, ceremonies, rules)

    @property
    def now(self) -> str:
        """The canonical instant it is."""
        return self._now()

    def subjects(self) -> tuple[str, ...]:
        """Return every assessed subject, sorted."""
        return self._evidence.subjects()

    def shown(self, subject: str | None, digest: str | None = None) -> Shown | None:
        """Return a subject with its newest assessment, or the one of a digest; None: no such."""
        subjects = self._evidence.subjects()
        wanted = subject if subject is not None else next(iter(subjects), None)
        if wanted is None:
            return None
        points = self._evidence.trend(wanted)
        name = digest or (points[-1].digest if points else None)
        made = None if name is None else self._evidence.assessment(wanted, name)
        if made is None or name is None:
            return None
        return Shown(subject=wanted, subjects=subjects, assessment=made, digest=name)

    def subject(self, shown: Shown) -> SubjectView:
        """Return where a subject stands on every model."""
        grids = tuple(self._grid(each) for each in shown.assessment.models)
        return SubjectView(shown=shown, grids=grids)

    def dimension(self, shown: Shown, model: str, dimension: str) -> DimensionView | None:
        """Return one dimension explained, or None where it was not assessed."""
        result = self._result(shown, model)
        if result is None or dimension not in {each.id for each in result.dimensions}:
            return None
        grid = self._grid(result)
        row = next(each for each in grid.rows if each.result.id == dimension)
        inputs = self._inputs(shown)
        judge = next(each for each in inputs.models if each.id == model)
        address = f"{model}.{dimension}"
        tree = self._explained(shown, inputs, address)
        missing = why_not(
            row.result, judge, now=shown.assessment.as_of, remedies=self.rules.remedies
        )
        return DimensionView(
            shown=shown, grid=grid, row=row, node=tree.dimensions[0], why_not=missing
        )

    def explanation(self, shown: Shown, address: str) -> Explanation:
        """Explain a dimension, level or criterion; raises BadValue for a name nothing has."""
        return self._explained(shown, self._inputs(shown), address)

    def record(self, shown: Shown, identity: str) -> Record | None:
        """Return one record of a subject, or None."""
        return next((each for each in self._inputs(shown).records if each.id == identity), None)

    def roadmap(
        self, shown: Shown, model: str | None = None, capacity: float = CAPACITY
    ) -> RoadmapView:
        """Return the goals of one model, or of all where `model` is `all`, and their weeks."""
        models = shown.assessment.models
        wanted = model or models[0].model
        if wanted != "all" and wanted not in {each.model for each in models}:
            names = ", ".join(["all", *(each.model for each in models)])
            raise BadValue(
                f"{wanted!r} was not assessed.", place="model", hint=f"Choose from {names}."
            )
        chosen = tuple(each for each in models if wanted in ("all", each.model))
        plan = self._plan(shown, chosen, capacity)
        return RoadmapView(
            shown=shown, model=wanted, models=models, roadmap=plan, weeks=_weeks(plan)
        )

    def trend(self, shown: Shown, model: str | None = None) -> TrendView:
        """Return how the levels of one model moved."""
        models = shown.assessment.models
        result = self._result(shown, model or models[0].model)
        if result is None:
            names = ", ".join(each.model for each in models)
            raise BadValue(
                f"{model!r} was not assessed.", place="model", hint=f"Choose from {names}."
            )
        ids = tuple(each.id for each in result.dimensions)
        confirmed = self._ceremonies.confirmed(shown.subject)
        rows = _trend(self._evidence.trend(shown.subject), result.model, ids, confirmed)
        return TrendView(
            shown=shown,
            model=result,
            models=models,
            dimensions=tuple((each.id, each.name) for each in result.dimensions),
            heads=self._grid(result).heads,
            rows=rows,
        )

    def difference(
        self, shown: Shown, before: str | None = None, after: str | None = None
    ) -> DifferenceView:
        """Return what changed between two assessments; without names between the last two."""
        points = self._evidence.trend(shown.subject)
        return difference_view(
            shown, points, lambda digest: self._inputs(shown, digest), before, after
        )

    def exemptions(self, shown: Shown) -> ExemptionsView:
        """Return the register as the newest assessment judged it."""
        refused = [entry.partition(": ") for entry in shown.assessment.exemptions_refused]
        return ExemptionsView(
            shown=shown,
            live=exempt_of(shown.assessment, self._days_left(shown.assessment)),
            expired=shown.assessment.exemptions_expired,
            refused=tuple((name, reason) for name, _, reason in refused),
        )

    def integrity(self, shown: Shown) -> IntegrityView:
        """Return what the detectors noticed, those that removed credit first."""
        order = ("excluded", "contested", "provisional", "note")
        hits = sorted(shown.assessment.hits, key=lambda hit: order.index(hit.action))
        return IntegrityView(shown=shown, hits=tuple(hits))

    def fleet(self, page: int) -> FleetView:
        """Return a page of all subjects with their newest levels."""
        subjects = self._evidence.subjects()
        pages = max(1, -(-len(subjects) // FLEET_PAGE))
        page = min(page, pages)
        now = self._now()
        rows = []
        for subject in subjects[(page - 1) * FLEET_PAGE : page * FLEET_PAGE]:
            made = self._evidence.assessment(subject)
            if made is not None:
                rows.append(_fleet_row(made, now))
        names = {result.model: result.name for row in rows for result in row.models.values()}
        order = [name for name in self.rules.models if name in names]
        columns = [*order, *(name for name in names if name not in order)]
        return FleetView(
            rows=tuple(rows),
            total=len(subjects),
            page=page,
            pages=pages,
            models=tuple((name, names[name]) for name in columns),
        )

    def one_page(self, shown: Shown) -> OnePageView:
        """Return what fits on one printed page about the first model."""
        first, *others = shown.assessment.models
        grid = self._grid(first)
        points = self._evidence.trend(shown.subject)
        before = points[-2] if len(points) > 1 else None
        old = (before.levels.get(first.model) or {}) if before is not None else {}
        plan = self._plan(shown, (first,), CAPACITY)
        return OnePageView(
            shown=shown,
            grid=grid,
            others=tuple(self._grid(each) for each in others),
            moved=tuple(
                (each.name, old[each.id], each.measured)
                for each in first.dimensions
                if each.id in old and old[each.id] != each.measured
            ),
            since=None if before is None else before.as_of,
            goals=plan.goals[:GOALS_ON_A_PAGE],
            exempt=exempt_of(shown.assessment, self._days_left(shown.assessment)),
        )

    def ceremonies(self, subject: str | None) -> tuple[Ceremony, ...]:
        """Return the assessments that people held or hold, newest first."""
        return self._ceremonies.of(subject)

    def ceremony(self, identity: str) -> CeremonyView | None:
        """Return one of them with what can be done next, or None."""
        held = self._ceremonies.get(identity)
        if held is None:
            return None
        model = self.rules.models.get(held.model)
        return ceremony_view(held, model, self._ceremonies.confirmed(held.subject))

    def _explained(self, shown: Shown, inputs: Inputs, address: str) -> Explanation:
        tree = explain(shown.assessment, inputs.models, inputs.records, address)
        return with_entries(tree, self._evidence.ledger_entries(shown.subject))

    def _inputs(self, shown: Shown, digest: str | None = None) -> Inputs:
        inputs = self._evidence.inputs(shown.subject, digest or shown.digest)
        if inputs is None:
            raise CannotTell(
                f"What the assessment of {shown.subject} was made of is not in the records.",
                place=(digest or shown.digest)[:12],
                hint="See pawl ledger verify.",
            )
        return inputs

    def _plan(self, shown: Shown, models: tuple[ModelResult, ...], capacity: float) -> Roadmap:
        part = msgspec.structs.replace(shown.assessment, models=models)
        judges = self._inputs(shown).models
        return roadmap(part, judges, remedies=self.rules.remedies, capacity=capacity)

    def _grid(self, result: ModelResult) -> Grid:
        return grid_of(result, self.rules.models.get(result.model))

    def _days_left(self, assessment: Assessment) -> Mapping[str, float]:
        now = self._now()
        ends = {
            each.exemption_ends
            for model in assessment.models
            for dimension in model.dimensions
            for each in dimension.criteria
            if each.exemption_ends is not None
        }
        return {end: seconds_between(now, end) / _DAY_S for end in ends}

    @staticmethod
    def _result(shown: Shown, model: str) -> ModelResult | None:
        return next((each for each in shown.assessment.models if each.model == model), None)


def _weeks(plan: Roadmap) -> tuple[WeekView, ...]:
    places = {goal.id: (place, goal) for place, goal in enumerate(plan.goals, start=1)}

    def item(name: str, days: float, done: bool) -> Item:
        place, goal = places[name]
        return Item(place=place, goal=goal, days=days, done=done)

    return tuple(
        WeekView(
            number=week.number,
            starts=week.starts,
            ends=week.ends,
            items=tuple(item(each.goal, each.days, each.done) for each in week.work),
            proves=tuple(item(name, 0.0, True) for name in week.proves),
            spare_days=week.spare_days,
        )
        for week in plan.weeks
    )


def _trend(
    points: Sequence[PointLike],
    model: str,
    dimensions: tuple[str, ...],
    confirmed: Sequence[Confirmed],
) -> tuple[TrendRow, ...]:
    rows = []
    before: dict[str, int] = {}
    for point in points:
        levels = point.levels.get(model) or {}
        standing: dict[str, int] = {}
        for each in confirmed:
            if each.model == model and each.at <= point.as_of:
                standing[each.dimension] = each.level
        rows.append(
            TrendRow(
                as_of=point.as_of,
                digest=point.digest,
                measured=tuple(levels.get(name) for name in dimensions),
                confirmed=tuple(standing.get(name) for name in dimensions),
                moved=tuple(
                    levels[name] - before[name] if name in levels and name in before else 0
                    for name in dimensions
                ),
            )
        )
        before = {**before, **levels}
    return tuple(rows)


def _fleet_row(made: Assessment, now: str) -> FleetRow:
    return FleetRow(
        subject=made.subject,
        as_of=made.as_of,
        age_days=max(0.0, seconds_between(made.as_of, now) / _DAY_S),
        models={each.model: each for each in made.models},
        hits=len(made.hits),
    )
