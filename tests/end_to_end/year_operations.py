"""What the year's operation recorded: deployments, incidents, alerts, drills, duties."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256

from tests.end_to_end.year_story import (
    FIRST_WEEK,
    GRAVE,
    LANDED,
    OWNERS,
    WEEKS,
    Happening,
    case_of,
    happenings,
    in_week,
    is_learned,
    moment,
    sha,
)

from pawl.maturity.facts.operations import (
    Action,
    Alert,
    Deploy,
    Drill,
    Incident,
    Objective,
    Operations,
    Restart,
    Routine,
    Shift,
)


def deploys(now: datetime) -> Iterator[Deploy]:
    """Yield each deployment, oldest first: two a week, and a drill's rollback after one."""
    for week in range(FIRST_WEEK + 1, WEEKS + 1):
        pipeline = week >= LANDED["a pipeline deploys"]
        for slot, days in ((0, 2), (1, 4)):
            at = in_week(week, days=days, hours=15)
            if at > now:
                return
            number = 4 * (week - FIRST_WEEK) + days - 1
            named = week >= LANDED["changes are recorded"]
            yield Deploy(
                id=f"dep-{week}-{slot}",
                at=moment(at),
                commit=sha("merge", number),
                actor="pipeline" if pipeline else "person",
                outcome="failed" if slot == 0 and week in GRAVE else "succeeded",
                rework=False,
                change=f"chg-{week}-{slot}" if named else None,
            )
        drilled = _drill_of(week)
        if drilled is not None and drilled <= now:
            yield Deploy(
                id=f"dep-{week}-back",
                at=moment(drilled + timedelta(minutes=9)),
                commit=sha("merge", 4 * (week - FIRST_WEEK) + 1),
                actor="pipeline",
                outcome="succeeded",
                rollback_of=f"dep-{week}-1",
            )


def _drill_of(week: int) -> datetime | None:
    """Return when rolling back is exercised in a week: every eleventh, once it began."""
    first = LANDED["rollbacks are drilled"]
    return in_week(week, days=4, hours=17) if week >= first and (week - first) % 11 == 0 else None


def operations(now: datetime) -> Operations:
    """Return what is exported at a time."""
    alerting = LANDED["alerts and on-call"]
    past = happenings(now)
    return Operations(
        source="operations-export",
        complete_since=moment(in_week(FIRST_WEEK + 1)),
        incidents=tuple(_incident(each, now) for each in past),
        alerts=tuple(
            Alert(
                rule="OrdersFail",
                at=moment(each.at - timedelta(minutes=4)),
                resolved_at=moment(min(now, each.at + timedelta(hours=1))),
                page=True,
                acted=True,
                incident=each.id,
                runbook="docs/runbooks/orders.md",
            )
            for each in past
            if each.week >= alerting
        ),
        deploys=tuple(deploys(now)),
        drills=tuple(_drills(now)),
        objectives=tuple(_objectives(now)),
        shifts=tuple(
            Shift(
                schedule="shop",
                person=OWNERS[week % 3],
                start=moment(in_week(week)),
                end=moment(in_week(week + 1)),
            )
            for week in range(alerting, WEEKS + 1)
            if in_week(week) <= now
        ),
        routines=tuple(
            Routine(
                name="weekly release review",
                due=moment(in_week(week, days=4)),
                done_at=moment(in_week(week, days=4)),
                record_digest=sha256(f"review {week}".encode()).hexdigest(),
            )
            for week in range(LANDED["routines are kept"], WEEKS + 1)
            if in_week(week, days=4) <= now
        ),
        remediations=(),
        signals=(),
        restarts=tuple(
            Restart(service="agent", at=moment(in_week(week, days=3)), by="supervisor")
            for week in range(LANDED["a supervisor restarts"], WEEKS + 1, 4)
            if in_week(week, days=3) <= now
        ),
    )


def _incident(each: Happening, now: datetime) -> Incident:
    """Return an incident as the export tells it at a time: nothing that came later is in it."""
    alerting = each.week >= LANDED["alerts and on-call"]
    mitigated, resolved = each.at + timedelta(hours=1), each.at + timedelta(hours=2)
    closed = each.at + timedelta(days=9)
    done = moment(closed) if closed <= now else None
    named = [each.cited] if each.cited else []
    if is_learned(each, now) and each.lesson:
        named.append(each.lesson)
    action = Action(
        id=f"{each.id}-act",
        owned=True,
        due=moment(each.at + timedelta(days=14))[:10],
        done_at=done,
        evidence=f"acme/shop#{1000 + each.week}" if done else None,
        closed_as="done" if done else None,
    )
    return Incident(
        id=each.id,
        severity=2 if each.grave else 4,
        opened_at=moment(each.at),
        commander_at=moment(each.at + timedelta(minutes=4)),
        commander_acknowledged=alerting,
        mitigated_at=moment(mitigated) if mitigated <= now else None,
        resolved_at=moment(resolved) if resolved <= now else None,
        reported_by_user=not alerting,
        root_cause=each.cause,
        postmortem_at=moment(closed) if each.grave and closed <= now else None,
        runbook="docs/runbooks/orders.md" if alerting else None,
        runbook_cited_at=moment(each.at + timedelta(minutes=6)) if alerting else None,
        actions=(action,),
        eval_cases=tuple(map(case_of, named)),
        caused_by_deploy=f"dep-{each.week}-0" if each.grave else None,
    )


def _drills(now: datetime) -> Iterator[Drill]:
    for week in range(1, WEEKS + 1):
        at = _drill_of(week)
        if at is not None and at <= now:
            yield Drill(
                id=f"drill-{week}",
                kind="rollback",
                at=moment(at),
                succeeded=True,
                minutes=12,
                fault="the smoke test fails",
            )
        burned = in_week(week, days=3, hours=2)
        if week in (14, 35) and burned <= now:
            yield Drill(id=f"burn-{week}", kind="budget-burn", at=moment(burned), succeeded=True)


def _objectives(now: datetime) -> Iterator[Objective]:
    if now >= in_week(LANDED["objectives are measured"], days=6):
        # Four weeks of one point a minute; a few are lost whenever the collector restarts.
        yield Objective(
            service="shop",
            name="orders-answer",
            target=0.995,
            points=40_211,
            expected_points=40_320,
            distinct_values=63,
            budget_left=0.4,
        )
