"""What integrity detectors compare today's facts with: figures, gaps and commits over time.

Only what was recorded counts, and everything here is bounded by what the records and exports are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from pawl.base.times import format_time, parse_time
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.practice import Practice
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.suite_runs import DECIDED, suites_of

if TYPE_CHECKING:
    from pawl.store.records.runs import RunState

MAX_POINTS = 5000
"""Newest points of one series; a trend over two weeks' means needs no more."""
_RAN = frozenset({"passed", "failed", "error"})
Points = tuple[tuple[str, float], ...]


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch in which an agent is known to have asked a model, in canonical times."""

    start: str
    end: str


def worked_until(run: RunState) -> str | None:
    """Return when a run ended that had asked a model; None for any other."""
    asked = run.usage is not None and run.usage.total > 0
    return run.ended_at if asked else None


def series_of(facts: Facts) -> dict[str, Points]:
    """Return the figures over time that only detectors ask for, oldest first.

    `cost-per-run` is in micro-USD, a point a supervised run whose cost is known. `eval-pass` is a
    share from 0 to 1: a point a recorded eval run, and one a test report that tells of cases of
    the tree's suites.
    """
    practice = None if isinstance(facts.practice, Absent) else facts.practice
    costs = () if practice is None else practice.run_costs
    found = {
        "cost-per-run": [(at, float(micros)) for at, micros in costs],
        "eval-pass": [*_decided(practice), *_reported(facts)],
    }
    return {name: tuple(sorted(points)[-MAX_POINTS:]) for name, points in found.items() if points}


def gaps_of(facts: Facts) -> tuple[tuple[str, str], ...]:
    """Return the stretches in which no telemetry arrived although agents worked."""
    return () if isinstance(facts.practice, Absent) else facts.practice.gaps


def silent(
    work: Iterable[Work], days: Iterable[str], since: str, until: str
) -> tuple[tuple[str, str], ...]:
    """Return stretches of whole days in which there was work and no telemetry, oldest first.

    `days` are those on which any telemetry arrived, as `YYYY-MM-DD`. Days between two silent
    ones are silent too unless telemetry arrived on them. Work before `since`, when telemetry
    began, proves nothing, nor does work that reached into a day with telemetry.
    """
    heard = set(days)
    quiet = sorted(
        (each.start[:10], each.end[:10])
        for each in work
        if since <= each.start <= each.end < until
        and not heard.intersection(_days(each.start, each.end))
    )
    stretches: list[tuple[str, str]] = []
    for first, last in quiet:
        if stretches and not heard.intersection(_days(stretches[-1][1], first)):
            stretches[-1] = (stretches[-1][0], max(stretches[-1][1], last))
        else:
            stretches.append((first, last))
    return tuple((_midnight(first), min(_midnight(last, 1), until)) for first, last in stretches)


def seen_before(facts: Facts, seen: Mapping[str, str]) -> tuple[str, ...]:
    """Return the commits seen before that today's history must hold, if nobody rewrote it.

    `seen` are commits of the default branch with the time they were committed. Today's commit
    must be of the default branch too. What is older than the history reaches back, or not older
    than its newest commit (an old version is assessed, or a clone that was not fetched), may be
    absent for good reason.
    """
    history = facts.history
    if isinstance(history, Absent) or not history.commits:
        return ()
    newest = max(commit.committed_at for commit in history.commits)
    return tuple(
        commit for commit, at in sorted(seen.items()) if history.complete_since <= at < newest
    )


def committed_at(facts: Facts, commit: str | None) -> str | None:
    """Return when a commit was made, by its own word, or None where the history has it not."""
    if isinstance(facts.history, Absent):
        return None
    return next((each.committed_at for each in facts.history.commits if each.id == commit), None)


def _decided(practice: Practice | None) -> list[tuple[str, float]]:
    runs = () if practice is None else practice.eval_runs or ()
    return [
        (run.at, float(run.verdict.lower() == "pass"))
        for run in runs
        if run.verdict.lower() in DECIDED
    ]


def _reported(facts: Facts) -> list[tuple[str, float]]:
    """Return the share of eval cases that passed in each test report that tells of any."""
    if isinstance(facts.tree, Absent) or isinstance(facts.reports, Absent):
        return []
    names = _cases(facts.tree)
    found = []
    for report in facts.reports.tests:
        ran = [each for each in report.cases if each.name in names and each.status in _RAN]
        if report.at is not None and ran:
            passed = sum(each.status == "passed" for each in ran)
            found.append((report.at, passed / len(ran)))
    return found


def _cases(tree: Tree) -> set[str]:
    """Return what a report may call the suites' cases: by their suite, or alone if in words."""
    found: set[str] = set()
    for path, suite in suites_of(tree).items():
        for case in suite.ids:
            found |= {f"{suite.name}.{case}", f"{path}.{case}"}
            if not case.isdigit():
                found.add(case)
    return found


def _days(first: str, last: str) -> list[str]:
    """Return the days from one to another, both included, as `YYYY-MM-DD`."""
    start, end = parse_time(first[:10]), parse_time(last[:10])
    return [format_time(start + timedelta(days=n))[:10] for n in range((end - start).days + 1)]


def _midnight(day: str, later: int = 0) -> str:
    return format_time(parse_time(day) + timedelta(days=later))
