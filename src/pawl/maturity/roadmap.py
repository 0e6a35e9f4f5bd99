"""Turn what is missing into dated goals, ordered by the risk each removes per effort.

A goal is one criterion with the indicator that proves it, an owner who is a role or a team, the
effort that is still to pay, and a day that follows from the date of the assessment and from how
many person-days a week there are. Work on one probe is paid for once, by the goal that comes
first. Higher levels of a dimension wait for the lower ones that they stand on. Nothing is blamed
on anybody, and no goal is anybody's by default.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from math import isfinite
from typing import Literal

import msgspec

from pawl.base.errors import BadValue
from pawl.base.finding import Place
from pawl.base.times import parse_time
from pawl.maturity.gaps import Gap
from pawl.maturity.model import Criterion, Model, Threshold
from pawl.maturity.planning import Spent, Week, spend, week_end, week_start, weeks_of
from pawl.maturity.probe import Remedy
from pawl.maturity.threshold import check_of
from pawl.maturity.verdict import Assessment, DimensionResult
from pawl.maturity.why_not import why_not

UNASSIGNED = "unassigned"
"""The owner of a goal that nobody was named for."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What one probe asks for. `days` is what is still to pay: zero when another goal pays it.

    `shared_with` is that goal. With `at_most` nothing bad was seen, and looking comes first.
    """

    probe: str
    text: str
    why: str
    days: float | None
    at_most: bool
    places: tuple[Place, ...] = ()
    shared_with: str = ""


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """One gap as a goal.

    It is worked on from `starts` to `due` (the last day of the week in which its effort fits) and
    proved from `proved_on`, when it was seen to hold long enough. `wanted` are its thresholds in
    words, `now` says how it stands. `due` is None beyond ten years.
    """

    id: str
    model: str
    dimension: str
    level: int
    statement: str
    verdict: str
    now: str
    indicator: str
    wanted: tuple[str, ...]
    owner: str
    risk: int
    days: float
    at_most: bool
    per_day: float | None
    """Risk removed per person-day; None where no work is left to pay."""
    starts: str | None
    due: str | None
    proved_on: str | None
    waits_days: float
    tasks: tuple[Task, ...]
    uncounted: tuple[str, ...] = ()
    """Probes that declare no effort."""


class Roadmap(msgspec.Struct, frozen=True, kw_only=True):
    """All goals in order, and the plan of the first quarter. `capacity` is in person-days a week.

    `out_of_reach` are dimensions whose next level has nothing that could be met.
    """

    schema: Literal["pawl.roadmap/1"] = "pawl.roadmap/1"
    subject: str
    as_of: str
    capacity: float
    goals: tuple[Goal, ...]
    weeks: tuple[Week, ...]
    days: float
    out_of_reach: tuple[str, ...] = ()


def roadmap(
    assessment: Assessment,
    models: Sequence[Model],
    *,
    remedies: Mapping[str, Remedy],
    capacity: float,
    owners: Mapping[str, str] | None = None,
    targets: Mapping[str, int] | None = None,
) -> Roadmap:
    """Return the goals that lead to the next level of every dimension, and a 90-day plan.

    `capacity` is in person-days a week. `owners` names a role or a team by criterion, dimension
    (`eng.code` or `code`) or model; `targets` a level by `model.dimension`, where it should be
    further than the next. Raises BadValue for a capacity that is not above zero or for names that
    nothing has.
    """
    if not (isfinite(capacity) and capacity > 0):
        raise BadValue(
            f"{capacity} person-days a week is no capacity.",
            place="capacity",
            hint="Give a number above zero, such as 5.",
        )
    by_id = {model.id: model for model in models}
    _refuse_strangers(targets or {}, models)
    gaps: list[Gap] = []
    stuck: list[str] = []
    for result in assessment.models:
        model = by_id[result.model]
        for dimension in result.dimensions:
            found, reachable = _gaps(dimension, model, assessment.as_of, remedies, targets or {})
            gaps += found
            if not reachable:
                stuck.append(f"{model.id}.{dimension.id}")
    ordered = _ordered(gaps)
    plan = spend([_left(tasks) for _, tasks in ordered], capacity)
    start = parse_time(assessment.as_of).date()
    definitions = {each.id: each for model in models for each in model.criteria}
    goals = tuple(
        _goal(gap, tasks, spent, start, definitions[gap.criterion], owners or {})
        for (gap, tasks), spent in zip(ordered, plan, strict=True)
    )
    return Roadmap(
        subject=assessment.subject,
        as_of=assessment.as_of,
        capacity=capacity,
        goals=goals,
        weeks=weeks_of([(goal.id, goal.proved_on) for goal in goals], plan, start, capacity),
        days=sum(goal.days for goal in goals),
        out_of_reach=tuple(stuck),
    )


def _gaps(
    dimension: DimensionResult,
    model: Model,
    now: str,
    remedies: Mapping[str, Remedy],
    targets: Mapping[str, int],
) -> tuple[list[Gap], bool]:
    """Return what is missing up to the target, and whether it can be reached."""
    target = targets.get(f"{model.id}.{dimension.id}")
    rated = sorted({each.level for each in dimension.criteria if each.level > dimension.measured})
    wanted = rated[:1] if target is None else [level for level in rated if level <= target]
    found: list[Gap] = []
    reachable = True
    for level in wanted:
        missing = why_not(dimension, model, now=now, remedies=remedies, level=level)
        found += [*missing.unmet, *missing.blameless]
        if missing.choose:
            # Which exemption gives way is the team's to choose; the riskiest are proposed.
            by_risk = sorted(missing.among, key=lambda each: (-each.risk, each.criterion))
            found += by_risk[: missing.choose]
        reachable = reachable and missing.reachable
    return found, reachable


def _ordered(gaps: Iterable[Gap]) -> list[tuple[Gap, tuple[Task, ...]]]:
    """Return the gaps by risk removed per effort still to pay, lower levels before higher."""
    left = sorted(gaps, key=lambda gap: (gap.level, gap.model, gap.dimension, gap.criterion))
    paid: dict[str, str] = {}
    ordered: list[tuple[Gap, tuple[Task, ...]]] = []
    while left:
        lowest: dict[tuple[str, str], int] = {}
        for gap in left:
            lowest.setdefault((gap.model, gap.dimension), gap.level)
        ready = [gap for gap in left if gap.level == lowest[gap.model, gap.dimension]]
        best = min(ready, key=lambda gap: _rank(gap, paid))
        tasks = tuple(_task(best, place, paid) for place in range(len(best.works)))
        ordered.append((best, tasks))
        for work in best.works:
            paid.setdefault(work.probe, best.criterion)
        left.remove(best)
    return ordered


def _rank(gap: Gap, paid: Mapping[str, str]) -> tuple[int, float, int, int, str, str]:
    """Rank a gap: most risk per person-day first; what declares no effort comes last."""
    open_days = [work.days for work in gap.works if work.probe not in paid]
    undeclared = sum(days is None for days in open_days)
    days = sum(each or 0.0 for each in open_days)
    per_day = gap.risk / days if days > 0 else float("inf")
    return undeclared, -per_day, -gap.risk, gap.level, gap.model, gap.criterion


def _task(gap: Gap, place: int, paid: Mapping[str, str]) -> Task:
    work = gap.works[place]
    payer = paid.get(work.probe, "")
    return Task(
        probe=work.probe,
        text=work.remedy,
        why=work.reason,
        days=0.0 if payer else work.days,
        at_most=work.at_most,
        places=work.places,
        shared_with=payer,
    )


def _left(tasks: Iterable[Task]) -> float:
    return sum(task.days or 0.0 for task in tasks)


def _goal(
    gap: Gap,
    tasks: tuple[Task, ...],
    spent: Spent | None,
    start: date,
    definition: Criterion,
    owners: Mapping[str, str],
) -> Goal:
    days = _left(tasks)
    due = None if spent is None else week_end(start, spent.last)
    begins = None if spent is None else week_start(start, spent.first)
    if due is not None and not tasks:
        # Nothing is to be done: it waits from today on.
        begins, due = start, start
    proved = None if due is None else due + timedelta(days=round(gap.waits_days + 0.499))
    return Goal(
        id=gap.criterion,
        model=gap.model,
        dimension=gap.dimension,
        level=gap.level,
        statement=gap.statement,
        verdict=gap.verdict.value,
        now=gap.reason,
        indicator=gap.indicator or gap.statement,
        wanted=tuple(_wanted(definition)),
        owner=_owner(gap, owners),
        risk=gap.risk,
        days=days,
        at_most=any(task.at_most for task in tasks),
        per_day=gap.risk / days if days > 0 else None,
        starts=None if begins is None else begins.isoformat(),
        due=None if due is None else due.isoformat(),
        proved_on=None if proved is None else proved.isoformat(),
        waits_days=gap.waits_days,
        tasks=tasks,
        uncounted=tuple(task.probe for task in tasks if task.days is None),
    )


def _wanted(definition: Criterion) -> Iterable[str]:
    for _, need in sorted(definition.needs.items()):
        for name, threshold in sorted(need.where.items()):
            yield f"{need.probe}: {name} {_in_words(name, threshold)}"


def _in_words(name: str, threshold: Threshold) -> str:
    return check_of(name, threshold).wanted


def _owner(gap: Gap, owners: Mapping[str, str]) -> str:
    names = (gap.criterion, f"{gap.model}.{gap.dimension}", gap.dimension, gap.model)
    return next((owners[name] for name in names if owners.get(name)), UNASSIGNED)


def _refuse_strangers(targets: Mapping[str, int], models: Sequence[Model]) -> None:
    known = {
        f"{model.id}.{dimension.id}": {level.ordinal for level in model.levels}
        for model in models
        for dimension in model.dimensions
    }
    for name, level in targets.items():
        if level not in known.get(name, set()):
            raise BadValue(
                f"{name} has no level {level}." if name in known else f"{name!r} is no dimension.",
                place="target",
                hint=f"Name one as model.dimension: {', '.join(sorted(known)[:8])}.",
            )
