"""Why not the next level, and the cheapest way to a level.

A level asks for every criterion at and below it, so what is missing is one set, not a choice; only
where too few are met beside those that are exempt is there something to choose. What was seen to
fail stands apart from what nobody could look at: the second blocks too, and blames nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import ceil

import msgspec

from pawl.base.errors import BadValue
from pawl.maturity.gaps import PASSES, Gap, Work, gaps_of, next_rated
from pawl.maturity.model import Model
from pawl.maturity.probe import Remedy
from pawl.maturity.verdict import CriterionResult, DimensionResult, Verdict

MAX_SETS = 5_000
"""Ways to choose that are compared one by one; beyond, the cheapest criteria are taken singly."""


class WhyNot(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps one level away in one dimension.

    Meeting every gap of `unmet` and `blameless`, and `choose` of the exempt ones in `among`,
    reaches the level; leaving any out does not. `capped` says why a level is held down although
    its criteria hold. `reachable` is false where nothing of the level can be met at all.
    `provisional` are criteria that count today and confirm nothing.
    """

    model: str
    dimension: str
    name: str
    measured: int
    level: int | None
    level_id: str = ""
    unmet: tuple[Gap, ...] = ()
    blameless: tuple[Gap, ...] = ()
    choose: int = 0
    among: tuple[Gap, ...] = ()
    capped: str = ""
    reachable: bool = True
    provisional: tuple[str, ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of work of a path: one probe, with all criteria that it serves.

    `level` is the lowest that waits for it. `days` counts once, however many it serves.
    """

    probe: str
    remedy: str
    days: float | None
    at_most: bool
    level: int
    risk: int
    serves: tuple[str, ...]
    waits_days: float = 0.0


class Path(msgspec.Struct, frozen=True, kw_only=True):
    """The cheapest way to a level by declared effort, in the order to walk it.

    `days_at_least` is the effort for what was seen to fail, `days_at_most` all of it, both in
    person-days; `uncounted` are probes that declare no effort. `waits_days` is the longest time
    that something must be seen to hold afterwards. `waiting` need only that time.
    """

    model: str
    dimension: str
    measured: int
    target: int
    reachable: bool
    steps: tuple[Step, ...]
    days_at_least: float
    days_at_most: float
    waits_days: float
    waiting: tuple[str, ...] = ()
    ended_exemptions: tuple[str, ...] = ()
    """Exempt criteria that this path meets, because too few are met beside them."""
    uncounted: tuple[str, ...] = ()


def why_not(
    dimension: DimensionResult,
    model: Model,
    *,
    now: str,
    remedies: Mapping[str, Remedy],
    level: int | None = None,
) -> WhyNot:
    """Return what keeps a level away: by default the next one that has criteria.

    The gaps are those of that level alone. `remedies` are by probe id, `now` is when it was
    assessed. Raises BadValue for a level that the model does not have.
    """
    wanted = next_rated(dimension) if level is None else _known(model, level)
    provisional = tuple(each.id for each in dimension.criteria if each.provisional)
    if wanted is None:
        return WhyNot(
            model=model.id,
            dimension=dimension.id,
            name=dimension.name,
            measured=dimension.measured,
            level=None,
            provisional=provisional,
        )
    criteria = [each for each in dimension.criteria if each.level == wanted]
    blocking, choose, exempt = _missing(criteria, model)
    capped = dimension.capped or ""
    if capped and wanted == next_rated(dimension):
        # At least one exemption of this level must give way; how many is the cap's own reason.
        choose = max(choose, min(1, len(exempt)))
    found = gaps_of(blocking, model, now, remedies)
    return WhyNot(
        model=model.id,
        dimension=dimension.id,
        name=dimension.name,
        measured=dimension.measured,
        level=wanted,
        level_id=model.level(wanted).id,
        unmet=tuple(each for each in found if not each.blameless),
        blameless=tuple(each for each in found if each.blameless),
        choose=min(choose, len(exempt)),
        among=gaps_of(exempt, model, now, remedies) if choose else (),
        capped=capped,
        reachable=choose <= len(exempt),
        provisional=provisional,
    )


def cheapest_path(
    dimension: DimensionResult,
    model: Model,
    target: int,
    *,
    now: str,
    remedies: Mapping[str, Remedy],
) -> Path:
    """Return the work of least declared effort that reaches a level of a dimension, in order.

    Each probe counts once even if it serves several criteria. Lower levels come first, since
    higher ones stand on them; within one, what must be seen to hold longest, then what removes
    most risk per day. Raises BadValue for a level that the model does not have.
    """
    _known(model, target)
    gaps: list[Gap] = []
    open_sets: list[tuple[int, tuple[Gap, ...]]] = []
    reachable = True
    for ordinal in sorted({each.level for each in dimension.criteria}):
        if not dimension.measured < ordinal <= target:
            continue
        missing = why_not(dimension, model, now=now, remedies=remedies, level=ordinal)
        reachable = reachable and missing.reachable
        gaps += [*missing.unmet, *missing.blameless]
        if missing.choose:
            open_sets.append((missing.choose, missing.among))
    ended: list[Gap] = []
    for count, among in open_sets:
        ended += _cheapest(count, among, paid=_probes([*gaps, *ended]))
    chosen = [*gaps, *ended]
    steps = _steps(chosen)
    known = [each for each in steps if each.days is not None]
    return Path(
        model=model.id,
        dimension=dimension.id,
        measured=dimension.measured,
        target=target,
        reachable=reachable,
        steps=tuple(steps),
        days_at_least=sum(each.days or 0.0 for each in known if not each.at_most),
        days_at_most=sum(each.days or 0.0 for each in known),
        waits_days=max((each.waits_days for each in chosen), default=0.0),
        waiting=tuple(each.criterion for each in chosen if not each.works),
        ended_exemptions=tuple(each.criterion for each in ended),
        uncounted=tuple(each.probe for each in steps if each.days is None),
    )


def _missing(
    criteria: Sequence[CriterionResult], model: Model
) -> tuple[list[CriterionResult], int, list[CriterionResult]]:
    """Return what blocks, how many exempt ones must be met beside that, and the exempt ones."""
    blocking = [each for each in criteria if each.verdict not in PASSES]
    exempt = [each for each in criteria if each.verdict is Verdict.EXEMPT]
    met = sum(each.verdict is Verdict.MET for each in criteria) + len(blocking)
    applicable = sum(each.verdict is not Verdict.NOT_APPLICABLE for each in criteria)
    enough = max(1, ceil(model.met_share * applicable))
    return blocking, max(0, enough - met), exempt


def _known(model: Model, level: int) -> int:
    known = sorted(each.ordinal for each in model.levels)
    if level not in known:
        raise BadValue(
            f"{model.id} has no level {level}.",
            place="level",
            hint=f"Take one of: {', '.join(map(str, known))}.",
        )
    return level


def _probes(gaps: Iterable[Gap]) -> frozenset[str]:
    return frozenset(work.probe for gap in gaps for work in gap.works)


def _cheapest(count: int, among: Sequence[Gap], paid: frozenset[str]) -> list[Gap]:
    """Return so many gaps whose further probes together declare the least effort."""
    ways = 1
    for taken in range(count):
        ways = ways * (len(among) - taken) // (taken + 1)
    if ways <= MAX_SETS:
        best = min(
            combinations(among, count),
            key=lambda some: (_effort(some, paid), [each.criterion for each in some]),
        )
        return list(best)
    found: list[Gap] = []
    for _ in range(count):
        left = [each for each in among if each not in found]
        now_paid = paid | _probes(found)
        found.append(min(left, key=lambda each: (_effort((each,), now_paid), each.criterion)))
    return found


def _effort(gaps: Sequence[Gap], paid: frozenset[str]) -> tuple[int, float]:
    """Return the effort of probes that are not paid for; undeclared effort counts as most."""
    days = {work.probe: work.days for gap in gaps for work in gap.works if work.probe not in paid}
    undeclared = sum(each is None for each in days.values())
    return undeclared, sum(each or 0.0 for each in days.values())


def _steps(gaps: Sequence[Gap]) -> list[Step]:
    by_probe: dict[str, list[tuple[Gap, Work]]] = {}
    for gap in gaps:
        for work in gap.works:
            by_probe.setdefault(work.probe, []).append((gap, work))
    steps = [
        Step(
            probe=probe,
            remedy=pairs[0][1].remedy,
            days=pairs[0][1].days,
            # Seen to fail anywhere, the effort is certain.
            at_most=all(work.at_most for _, work in pairs),
            level=min(gap.level for gap, _ in pairs),
            risk=sum(gap.risk for gap, _ in pairs),
            serves=tuple(dict.fromkeys(gap.criterion for gap, _ in pairs)),
            waits_days=max(gap.waits_days for gap, _ in pairs),
        )
        for probe, pairs in by_probe.items()
    ]
    return sorted(steps, key=_walk_order)


def _walk_order(step: Step) -> tuple[int, float, float, str]:
    days = float("inf") if step.days is None else step.days
    per_day = step.risk / days if days else float("inf")
    return step.level, -step.waits_days, -per_day, step.probe
