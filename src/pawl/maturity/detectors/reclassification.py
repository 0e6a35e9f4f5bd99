"""Incidents or deployments were counted differently after the fact.

Notices severities lowered later than triage takes, incidents closed and opened again, several
incidents of one cause opened within the hour, several deployments of one commit within the hour,
and a count of incidents that falls while the share that users report rises.

Innocent: triage took longer than usual, or a release went out in waves. Remedy: wait a week for
triage, and record waves as one deployment. Removes: the credit of what counts incidents, or
deployments, is provisional.
"""

from collections import defaultdict
from collections.abc import Iterable

from pawl.maturity.detector import Detector, Look
from pawl.maturity.facts import Absent
from pawl.maturity.facts.operations import Deploy, Incident
from pawl.maturity.looking.noticing import Voice
from pawl.maturity.looking.recent import days_between
from pawl.maturity.trend import mann_kendall
from pawl.maturity.verdict import Hit

_VOICE = Voice(
    "G14",
    "Triage took longer than usual, or a release went out in waves.",
    "Settle severities within a week, and record the waves of one release as one deployment.",
)
_INCIDENTS = (
    "postmortems-are-closed",
    "incidents-rarely-repeat",
    "commander-is-quick",
    "alerts-come-first",
    "lessons-return",
)
_DEPLOYS = (
    "deploys-are-frequent",
    "changes-rarely-fail",
    "rework-is-known",
    "deploys-are-automated",
)


def look(look: Look) -> list[Hit]:
    """Return one hit for each way in which things were counted anew."""
    operations = look.facts.operations
    if isinstance(operations, Absent):
        return []
    incidents, deploys = operations.incidents or (), operations.deploys or ()
    said = [
        (_lowered(look, incidents), _INCIDENTS),
        (_reopened(look, incidents), _INCIDENTS),
        (_split_incidents(look, incidents), _INCIDENTS),
        (_fewer_but_louder(look, incidents), _INCIDENTS),
        (_split_deploys(look, deploys), _DEPLOYS),
    ]
    return [
        _VOICE.hit(each, "medium", "provisional", probes=probes)
        for each, probes in said
        if each is not None
    ]


def _many(look: Look, count: int, of: int, least: str) -> bool:
    return bool(count >= look.numbers[least] and count > look.numbers["share_over"] * of)


def _lowered(look: Look, incidents: tuple[Incident, ...]) -> str | None:
    late = sum(
        each.severity_lowered_at is not None
        and days_between(each.opened_at, each.severity_lowered_at) > look.numbers["lag_days"]
        for each in incidents
    )
    if not _many(look, late, len(incidents), "lowered_min"):
        return None
    return f"The severity of {late} of {len(incidents)} incidents was lowered after the fact."


def _reopened(look: Look, incidents: tuple[Incident, ...]) -> str | None:
    again = sum(each.reopened > 0 for each in incidents)
    if not _many(look, again, len(incidents), "reopened_min"):
        return None
    return f"{again} of {len(incidents)} incidents were closed and opened again."


def _split_incidents(look: Look, incidents: tuple[Incident, ...]) -> str | None:
    causes: dict[str, list[str]] = defaultdict(list)
    for each in incidents:
        if each.root_cause:
            causes[each.root_cause].append(each.opened_at)
    most = max((_within(look, times) for times in causes.values()), default=0)
    if most < look.numbers["split_min"]:
        return None
    return f"{most} incidents of one cause were opened within the hour."


def _split_deploys(look: Look, deploys: tuple[Deploy, ...]) -> str | None:
    same: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in deploys:
        if each.commit and each.rollback_of is None and each.outcome != "failed":
            same[each.environment, each.commit].append(each.at)
    most = max((_within(look, times) for times in same.values()), default=0)
    if most < look.numbers["split_min"]:
        return None
    return f"One commit was deployed {most} times to one environment within the hour."


def _within(look: Look, times: Iterable[str]) -> int:
    """Return the most of some times that lie within the minutes of a split."""
    ordered = sorted(times)
    longest: float = look.numbers["split_minutes"]
    return max(
        sum(0 <= days_between(start, each) * 1440 <= longest for each in ordered)
        for start in ordered
    )


def _fewer_but_louder(look: Look, incidents: tuple[Incident, ...]) -> str | None:
    bins: dict[int, list[Incident]] = defaultdict(list)
    for each in incidents:
        age = days_between(each.opened_at, look.facts.as_of)
        bins[-int(age // look.numbers["bin_days"])].append(each)
    if len(bins) < look.numbers["points_min"]:
        return None
    ordered = [bins[at] for at in sorted(bins)]
    counts = mann_kendall([float(len(each)) for each in ordered])
    shares = mann_kendall(
        [sum(one.reported_by_user is True for one in each) / len(each) for each in ordered]
    )
    significant = max(counts.p, shares.p) <= look.numbers["p_max"]
    if not significant or counts.direction >= 0 or shares.direction <= 0:
        return None
    return "Incidents become fewer while the share that users report rises."


DETECTOR = Detector(
    code="G14",
    name="Reclassification",
    what="Incidents or deployments were counted differently after the fact.",
    innocent=_VOICE.innocent,
    remedy=_VOICE.remedy,
    look=look,
)
