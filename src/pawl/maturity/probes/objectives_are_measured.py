"""The numbers behind service level objectives arrive, all the time, and move.

Claims: each objective has a measured series with at least 95 % of its points in its window.

Looks at: the series of objectives that Pawl's own stores measured and that operations exported,
and the objectives declared in the tree: one that is declared and has no series is not measured.

Fooled by: a constant series (a query that always answers the same measures nothing; a service
that was truly perfect looks alike, and proves itself by a finer indicator), more points than
there can be (a series counted twice is not trusted), a target of 0 or 100 %.

Yes: at least one objective is measured. No: none is. Cannot tell: nobody exported objectives, and
Pawl was given none to measure.
"""

from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.objectives import Objectives
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Objective
from pawl.maturity.looking.operated import recorded
from pawl.maturity.probe import Answer, Probe, Remedy, no, yes

POINTS_SHARE = 0.95
"""Share of the expected points that makes a series complete, as the definition says."""


def _judge(facts: Facts) -> Answer:
    own = () if isinstance(facts.practice, Absent) else facts.practice.objectives or ()
    # A series spans its own window, so that the export's beginning does not matter.
    told = recorded(facts, lambda told: told.objectives, "objectives", 0)
    if isinstance(told, Answer):
        if not own:
            return told
        told = ()
    series = _both(told, own)
    ours = bool(own) and (not told or any(map(_is_measured, own)))
    kind = Kind.TELEMETRY if ours else Kind.INCIDENT
    missing = _declared(facts) - {each.name for each in series}
    count = len(series) + len(missing)
    measured = sum(1 for each in series if _is_measured(each))
    constant = sum(1 for each in series if each.distinct_values <= 1)
    reason = f"{measured} of {count} objectives have a complete series"
    reason += f"; {constant} series never move" if constant else ""
    answer = {
        "values": {"measured": Share(measured, count)},
        "inputs": sorted((each.service, each.name, each.points) for each in series),
    }
    if not measured:
        return no(f"{reason}.", kind, **answer)
    return yes(f"{reason}.", Depth.RUNS, kind, **answer)


def _both(told: tuple[Objective, ...], own: tuple[Objective, ...]) -> tuple[Objective, ...]:
    """Return all series; of one that both tell of, ours counts only where theirs is no measure."""
    measured = {(each.service, each.name) for each in told if _is_measured(each)}
    ours = [each for each in own if (each.service, each.name) not in measured]
    better = {(each.service, each.name) for each in ours}
    return (*(each for each in told if (each.service, each.name) not in better), *ours)


def _declared(facts: Facts) -> set[str]:
    """Return the names of the objectives that the tree declares."""
    if isinstance(facts.tree, Absent):
        return set()
    files = facts.tree.read("objectives", Objectives)
    return {each.name for _, file in files for each in file.objectives if each.name}


def _is_measured(series: Objective) -> bool:
    if series.expected_points <= 0 or not 0 < series.target < 1:
        return False
    share = series.points / series.expected_points
    return POINTS_SHARE <= share <= 2 - POINTS_SHARE and series.distinct_values > 1


PROBE = Probe(
    claim="Service level objectives are measured",
    area="reliability",
    version=2,
    kinds=(Kind.INCIDENT, Kind.TELEMETRY, Kind.TREE),
    depth=Depth.RUNS,
    values={"measured": "share of the objectives whose series is complete and moves"},
    remedy=Remedy(
        "Record the indicator of each objective and alert when points are missing; what agents do, "
        "Pawl measures: name the file in `alerts.objectives`.",
        1.5,
    ),
    judge=_judge,
)
