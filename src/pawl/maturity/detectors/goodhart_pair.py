"""A figure got better while the figure that it may be bought with got worse.

Notices, for the outcome pairs that criteria name, a figure that improved and a partner that
worsened over the same time: coverage and failing changes, deployments and their failures, time to
repair and incidents opened again, alerts and incidents that users report first, the cost of a run
and evals passed, changes by agents and reverts, the time to review and comments per line.

Computed in bins of two weeks that both have enough of: the second half's mean against the
first's, both by a tenth or more, and a Mann-Kendall trend (`pawl.maturity.trend`) on each side
that agrees. Figures come from earlier records, from incidents, alerts, reviews and commits, from
the costs of supervised runs, and from eval runs and test reports of eval cases; a pair without
six common bins is not judged.

Innocent: the mix of services shifted. Remedy: look at each service by itself first. Removes: the
credit of the improved figure is provisional in the criteria that name the pair.
"""

from collections import defaultdict
from collections.abc import Callable

import msgspec

from pawl.maturity.detector import Detector, Look
from pawl.maturity.evidence import Share
from pawl.maturity.facts import Absent
from pawl.maturity.facts.host import ChangeRequest
from pawl.maturity.facts.operations import Incident
from pawl.maturity.looking.identities import is_agent
from pawl.maturity.looking.noticing import Voice
from pawl.maturity.looking.recent import days_between
from pawl.maturity.trend import change, mann_kendall
from pawl.maturity.verdict import Hit

_VOICE = Voice(
    "G04",
    "The mix of services or of changes shifted in that time.",
    "Look at each service by itself; where both trends remain, mend the partner first.",
)
Points = list[tuple[str, float]]


class Side(msgspec.Struct, frozen=True):
    """One figure of a pair. `up` says that more is better; `total` that bins are summed."""

    name: str
    up: bool
    points: Callable[[Look], Points]
    total: bool = False


class Pair(msgspec.Struct, frozen=True):
    """A figure, the partner that guards it, and the probes that report the figure."""

    better: Side
    worse: Side
    probes: tuple[str, ...]


def look(look: Look) -> list[Hit]:
    """Return one hit for each pair that was bought."""
    hits = []
    for name, pair in PAIRS.items():
        found = _bought(look, pair)
        if found is None:
            continue
        better, worse, points = found
        hits.append(
            _VOICE.hit(
                f"{name}: {pair.better.name} improved by {_percent(better)} while "
                f"{pair.worse.name} worsened by {_percent(worse)}, over {points} common points.",
                "medium",
                "provisional",
                probes=pair.probes,
                criteria=look.pairs.get(name, ()),
            )
        )
    return hits


def _bought(look: Look, pair: Pair) -> tuple[float, float, int] | None:
    ours, theirs = _bins(look, pair.better), _bins(look, pair.worse)
    common = sorted(ours.keys() & theirs.keys())
    if len(common) < look.numbers["points_min"]:
        return None
    better = _gain(look, pair.better, [ours[each] for each in common], 1)
    worse = _gain(look, pair.worse, [theirs[each] for each in common], -1)
    if better is None or worse is None:
        return None
    if better < look.numbers["better_over"] or worse < look.numbers["worse_over"]:
        return None
    return better, worse, len(common)


def _gain(look: Look, side: Side, values: list[float], sign: int) -> float | None:
    """Return by how much a side moved in a direction, or None where no trend bears it out."""
    wanted = sign if side.up else -sign
    trend = mann_kendall(values)
    if trend.direction != wanted or trend.p > look.numbers["p_max"]:
        return None
    return wanted * change(values)


def _bins(look: Look, side: Side) -> dict[int, float]:
    """Return a side's figure by bins counted back from now."""
    found: dict[int, list[float]] = defaultdict(list)
    for at, value in side.points(look):
        age = days_between(at, look.facts.as_of)
        if age >= 0:
            found[-int(age // look.numbers["bin_days"])].append(value)
    if side.total:
        return {at: sum(values) for at, values in found.items()}
    least = 1 if side.points in _RECORDED else look.numbers["bin_min"]
    return {at: sum(values) / len(values) for at, values in found.items() if len(values) >= least}


def _percent(share: float) -> str:
    return "a rise from nothing" if share == float("inf") else f"{share:.0%}"


def _recorded(probe: str, name: str) -> Callable[[Look], Points]:
    def points(look: Look) -> Points:
        today = look.records.get(probe)
        records = [each for each in look.past if each.probe == probe]
        found: Points = []
        for record in [*records, *([today] if today else [])]:
            value = record.values.get(name)
            number = value.ratio if isinstance(value, Share) else value
            if isinstance(number, int | float) and record.subject == look.facts.subject:
                found.append((record.observed_at, float(number)))
        return found

    _RECORDED.append(points)
    return points


def _handed(name: str) -> Callable[[Look], Points]:
    def points(look: Look) -> Points:
        return list(look.series.get(name, ()))

    return points


_RECORDED: list[Callable[[Look], Points]] = []
"""Figures that are a mean already, so that one of a bin is enough."""


def _repair_minutes(look: Look) -> Points:
    return [
        (each.opened_at, days_between(each.opened_at, end) * 1440)
        for each in _incidents(look)
        if (end := each.mitigated_at or each.resolved_at) is not None
    ]


def _reopened(look: Look) -> Points:
    return [(each.opened_at, float(each.reopened > 0)) for each in _incidents(look)]


def _by_users(look: Look) -> Points:
    return [
        (each.opened_at, float(each.reported_by_user))
        for each in _incidents(look)
        if each.reported_by_user is not None
    ]


def _incidents(look: Look) -> tuple[Incident, ...]:
    operations = look.facts.operations
    return () if isinstance(operations, Absent) else operations.incidents or ()


def _alerts(look: Look) -> Points:
    operations = look.facts.operations
    if isinstance(operations, Absent):
        return []
    return [(each.at, 1.0) for each in operations.alerts or ()]


def _by_agents(look: Look) -> Points:
    return [
        (change.merged_at or "", float(any(map(is_agent, (change.author, *change.co_authors)))))
        for change in _merged(look)
    ]


def _reverts(look: Look) -> Points:
    history = look.facts.history
    if isinstance(history, Absent):
        return []
    return [
        (each.committed_at, float(each.subject.startswith("Revert ")))
        for each in history.commits
        if each.first_parent
    ]


def _review_hours(look: Look) -> Points:
    return [
        (each.merged_at or "", days_between(each.opened_at, each.merged_at or "") * 24)
        for each in _merged(look)
    ]


def _comments(look: Look) -> Points:
    return [
        (
            each.merged_at or "",
            100 * (each.comments + sum(review.comments for review in each.reviews)) / lines,
        )
        for each in _merged(look)
        if (lines := each.additions + each.deletions)
    ]


def _merged(look: Look) -> list[ChangeRequest]:
    host = look.facts.host
    if isinstance(host, Absent):
        return []
    return [each for each in host.changes if each.merged_at is not None and not each.author_bot]


_FAILED = Side("the share of failing changes", False, _recorded("changes-rarely-fail", "failed"))
PAIRS: dict[str, Pair] = {
    "coverage-escaped-defects": Pair(
        Side("coverage", True, _recorded("changed-lines-are-covered", "covered")),
        _FAILED,
        ("changed-lines-are-covered",),
    ),
    "deploys-failures": Pair(
        Side("the rate of deployments", True, _recorded("deploys-are-frequent", "per_week")),
        _FAILED,
        ("deploys-are-frequent",),
    ),
    "mttr-reopened": Pair(
        Side("the time to repair", False, _repair_minutes),
        Side("the share of incidents opened again", False, _reopened),
        ("postmortems-are-closed", "incidents-rarely-repeat", "commander-is-quick"),
    ),
    "alerts-user-reports": Pair(
        Side("the number of alerts", False, _alerts, total=True),
        Side("the share that users report first", False, _by_users),
        ("alerts-are-actionable", "alerts-come-first"),
    ),
    "cost-eval-pass": Pair(
        Side("the cost of a run", False, _handed("cost-per-run")),
        Side("the share of evals passed", True, _handed("eval-pass")),
        ("cost-alerts-are-acted-on", "dashboards-are-fed"),
    ),
    "agent-share-reverts": Pair(
        Side("the share of changes by agents", True, _by_agents),
        Side("the share of reverts", False, _reverts),
        ("reviews-have-effect", "agents-are-used"),
    ),
    "review-time-comments": Pair(
        Side("the time to review", False, _review_hours),
        Side("comments per 100 lines", True, _comments),
        ("reviews-are-independent", "changes-are-small", "reviews-have-effect"),
    ),
}
"""Every pair of `lint.OUTCOME_PAIRS`, with where its figures come from."""

DETECTOR = Detector(
    code="G04",
    name="Goodhart pair",
    what="A figure got better while the figure that it may be bought with got worse.",
    innocent=_VOICE.innocent,
    remedy=_VOICE.remedy,
    look=look,
)
