"""What Pawl's gates, evals and records of changes decided in the year.

Pawl keeps no records of these yet, so that they are told as the facts will tell them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.end_to_end.year_operations import deploys
from tests.end_to_end.year_story import (
    LANDED,
    WEEKS,
    case_of,
    happenings,
    in_week,
    is_learned,
    moment,
)

from pawl.maturity.facts.practice import ChangeDecision, GateDecision


def changes(now: datetime) -> Iterator[ChangeDecision]:
    """Yield each recorded change: the first of a week is risky, and none ships unapproved later."""
    kinds = ("prompt", "policy", "model", "code")
    for each in deploys(now):
        if each.change is None:
            continue
        _, week, slot = each.change.split("-")
        approved = int(week) >= LANDED["one gate decides"]
        yield ChangeDecision(
            id=each.change,
            kind=kinds[(2 * int(week) + int(slot)) % len(kinds)],
            recorded_at=moment(datetime.fromisoformat(each.at) - timedelta(days=1)),
            deployed_at=each.at,
            risk="high" if slot == "0" else "low",
            approved=approved,
            separate_roles=approved,
        )


def gates(now: datetime) -> Iterator[GateDecision]:
    """Yield the decision before each deployment, and of every sixth week one that said no."""
    considers = ("quality", "security", "cost")
    for each in deploys(now):
        if each.change is None or int(each.change.split("-")[1]) < LANDED["one gate decides"]:
            continue
        at = moment(datetime.fromisoformat(each.at) - timedelta(hours=2))
        yield GateDecision(
            id=f"gate-{each.id}", at=at, subject=each.change, verdict="PASS", considers=considers
        )
    for week in range(LANDED["one gate decides"], WEEKS + 1, 6):
        at_no = in_week(week, days=3, hours=1)
        if at_no <= now:
            yield GateDecision(
                id=f"gate-no-{week}",
                at=moment(at_no),
                subject=f"chg-{week}-held",
                verdict="FAIL",
                considers=considers,
            )


def eval_runs(now: datetime) -> Iterator[GateDecision]:
    """Yield each week's run over every case that was there by then."""
    for week in range(LANDED["failures become eval cases"], WEEKS + 1):
        at = in_week(week, days=6, hours=18)
        if at <= now:
            learned = [each for each in happenings(at) if is_learned(each, at)]
            yield GateDecision(
                id=f"eval-{week}",
                at=moment(at),
                subject="answers",
                verdict="PASS",
                considers=tuple(case_of(each.lesson or "") for each in learned),
            )
