"""The numbers behind service level objectives arrive, all the time, and move.

Claims: each objective has a measured series with at least 95 % of its points in its window.

Looks at: the exported series of objectives, and the objectives declared in the tree: one that is
declared and not exported is not measured.

Fooled by: a constant series (a query that always answers the same measures nothing; a service
that was truly perfect looks alike, and proves itself by a finer indicator), more points than
there can be (a series counted twice is not trusted), a target of 0 or 100 %.

Yes: at least one objective is measured. No: none is. Cannot tell: no export of objectives.
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
    # A series spans its own window, so that the export's beginning does not matter.
    series = recorded(facts, lambda told: told.objectives, "objectives", 0)
    if isinstance(series, Answer):
        return series
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
        return no(f"{reason}.", Kind.INCIDENT, **answer)
    return yes(f"{reason}.", Depth.RUNS, Kind.INCIDENT, **answer)


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
    version=1,
    kinds=(Kind.INCIDENT, Kind.TREE),
    depth=Depth.RUNS,
    values={"measured": "share of the objectives whose series is complete and moves"},
    remedy=Remedy("Record the indicator of each objective and alert when points are missing.", 1.5),
    judge=_judge,
)
