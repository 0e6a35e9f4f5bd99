"""The report on structural failures: what repeats, what goes out unapproved, what gets worse.

It is the source's detection procedure for a "team with tools but no structure", its four
anti-patterns and its seven checklist questions ("Operational maturity model and roadmap"), each
answered yes, no or cannot tell from what is on record, with the numbers and where they come from.
Nobody is asked, so nobody can answer for themselves. None in the evidence is what could not be
looked at; it never counts as good or bad.
"""

from collections import defaultdict
from typing import Literal

import msgspec

from pawl.changes.metrics import Figures, Rate, Times
from pawl.incidents.metrics import ActionFigures, IncidentFigures
from pawl.incidents.structural_answers import anti_patterns, checklist, symptoms
from pawl.incidents.structural_seen import (
    Answer,
    Cause,
    Evidence,
    Terms,
    Trend,
    counted,
    shipped_structural,
)


class StructuralReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole report. `symptoms` are the source's three; a yes is bad there and in anti-patterns.

    In the `checklist` a yes is good.
    """

    schema: Literal["pawl.structural-report/1"] = "pawl.structural-report/1"
    since: str
    until: str
    terms: str
    causes: tuple[Cause, ...]
    missing_approvals: Rate | None
    trends: tuple[Trend, ...]
    action_completion: tuple[ActionFigures, ...]
    symptoms: tuple[Answer, ...]
    anti_patterns: tuple[Answer, ...]
    checklist: tuple[Answer, ...]


def structural_report(seen: Evidence) -> StructuralReport:
    """Return the report of a window; the same evidence gives the same report."""
    terms = shipped_structural()
    causes = repeated(seen, terms)
    trends = (
        time_trend("time-to-resolve", _pair(seen.before), _pair(seen.figures), terms),
        time_trend("rollback-time", _back(seen.changes_before), _back(seen.changes), terms),
        share_trend("repeats", seen.before.repeats, seen.figures.repeats, terms),
    )
    return StructuralReport(
        since=seen.since,
        until=seen.until,
        terms=f"{terms.version} ({terms.as_of})",
        causes=causes,
        missing_approvals=seen.changes.missing_approvals if seen.changes else None,
        trends=trends,
        action_completion=seen.quarters,
        symptoms=symptoms(seen, causes, trends),
        anti_patterns=anti_patterns(seen),
        checklist=checklist(seen, terms),
    )


def repeated(seen: Evidence, terms: Terms) -> tuple[Cause, ...]:
    """Return the causes that came more than once, the commonest first.

    Two incidents are of one cause if their postmortems name it, or a human confirmed a repeat.
    """
    own = {each.id: each for each in counted(seen)}
    groups: dict[str, set[str]] = defaultdict(set)
    for each in own.values():
        if each.root_cause_key:
            groups[each.root_cause_key].add(each.id)
    for debt in seen.debts:
        members = {each for each in debt.incidents if each in own}
        if members:
            groups[debt.root_cause_key] |= members
    holding = {debt.root_cause_key: debt.id for debt in seen.debts if debt.incidents}
    found = [
        Cause(
            root_cause_key=key,
            incidents=tuple(sorted(members)),
            components=tuple(sorted({part for each in members for part in own[each].components})),
            debt=holding.get(key, ""),
        )
        for key, members in groups.items()
        if len(members) >= terms.repeats_least
    ]
    return tuple(sorted(found, key=lambda each: (-len(each.incidents), each.root_cause_key)))


def time_trend(id: str, before: Times | None, now: Times | None, terms: Terms) -> Trend:
    """Return how the median of a time moved; of too few on either side nobody can tell."""
    was, is_ = (before.median_s if before else None), (now.median_s if now else None)
    counts = [each.ended + each.running if each else 0 for each in (before, now)]
    direction: Literal["up", "down", "same", "cannot-tell"] = "cannot-tell"
    if was is not None and is_ is not None and min(counts) >= terms.trend_least:
        direction = "same"
        if abs(is_ - was) > terms.trend_share * was:
            direction = "up" if is_ > was else "down"
    return Trend(
        id=id, before=was, now=is_, of_before=counts[0], of_now=counts[1], direction=direction
    )


def share_trend(id: str, before: Rate, now: Rate, terms: Terms) -> Trend:
    """Return how a share moved: up or down where the interval of now leaves out what it was."""
    direction: Literal["up", "down", "same", "cannot-tell"] = "cannot-tell"
    if (
        before.value is not None
        and now.low is not None
        and now.high is not None
        and min(before.denominator, now.denominator) >= terms.trend_least
    ):
        direction = "same"
        if before.value < now.low:
            direction = "up"
        elif before.value > now.high:
            direction = "down"
    return Trend(
        id=id,
        before=before.value,
        now=now.value,
        of_before=before.denominator,
        of_now=now.denominator,
        direction=direction,
    )


def _pair(found: IncidentFigures) -> Times | None:
    return next((each.times for each in found.pairs if each.id == "time-to-resolve"), None)


def _back(found: Figures | None) -> Times | None:
    return found.rollback_time if found else None
