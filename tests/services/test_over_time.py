"""What detectors compare with: figures, silent stretches, and commits that must still be there."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.maturity.told import AS_OF, facts

from pawl.base.times import format_time, parse_time
from pawl.services.over_time import (
    MAX_POINTS,
    Work,
    committed_at,
    gaps_of,
    seen_before,
    series_of,
    silent,
)

SUITE = "suite: answers\ncases:\n- {id: greets, prompt: Hi., expect: {equals: Hello.}}\n"
BEGAN = "2026-01-01T00:00:00.000000Z"


def day(number: float) -> str:
    """Return a canonical time so many days after the beginning."""
    return format_time(parse_time(BEGAN) + timedelta(days=number))


def work(start: float, end: float | None = None) -> Work:
    """Return work from one day to another, or of an hour."""
    return Work(start=day(start), end=day(start + 1 / 24 if end is None else end))


def test_days_of_work_without_telemetry_are_gaps() -> None:
    """Silent days that follow each other are one stretch, until telemetry arrives."""
    told = [work(2.5), work(4.5), work(8.5)]
    assert silent(told, [day(6)[:10]], BEGAN, AS_OF) == (
        (day(2), day(5)),
        (day(8), day(9)),
    )


def test_work_that_was_heard_of_leaves_no_gap() -> None:
    """Not where telemetry arrived on any of its days, nor before telemetry began at all."""
    assert silent([work(2.9, 3.1)], [day(3)[:10]], BEGAN, AS_OF) == ()
    assert silent([work(2.5)], [], day(3), AS_OF) == ()
    assert silent([], [day(3)[:10]], BEGAN, AS_OF) == ()
    assert silent([work(2.5)], [], BEGAN, day(2.6)) == ((day(2), day(2.6)),)


@given(
    st.lists(st.tuples(st.floats(0, 60), st.floats(0, 3)), max_size=12),
    st.sets(st.integers(0, 64), max_size=20),
)
def test_gaps_stand_apart_and_hold_no_telemetry(
    told: list[tuple[float, float]], heard: set[int]
) -> None:
    """Whatever the work and the telemetry, gaps are ordered, disjoint and silent."""
    found = silent(
        [work(start, start + length) for start, length in told],
        [day(each)[:10] for each in heard],
        BEGAN,
        AS_OF,
    )
    assert all(start < end for start, end in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))
    assert not any(start <= day(each) < end for start, end in found for each in heard)


def test_evals_are_told_by_runs_and_by_reports_of_their_cases() -> None:
    """A decided run is a yes or a no, a report a share of its cases; other tests do not count."""
    case = {"name": "answers.greets", "status": "passed"}
    found = series_of(
        facts(
            {"evals/answers/promptfooconfig.yaml": SUITE},
            practice={
                "complete_since": BEGAN,
                "eval_runs": [
                    {"id": "r1", "at": day(3), "subject": "answers", "verdict": "PASS"},
                    {"id": "r2", "at": day(1), "subject": "answers", "verdict": "FAIL"},
                    {"id": "r3", "at": day(1), "subject": "answers", "verdict": "ERROR"},
                ],
                "run_costs": [(day(2), 7)],
            },
            reports={
                "tests": [
                    {
                        "source": "a.xml",
                        "digest": "a",
                        "at": day(2),
                        "cases": [case, case | {"status": "failed"}, {**case, "name": "shop.buys"}],
                    },
                    {"source": "b.xml", "digest": "b", "at": None, "cases": [case]},
                    {
                        "source": "c.xml",
                        "digest": "c",
                        "at": day(4),
                        "cases": [case | {"status": "skipped"}, {**case, "name": "other.greets"}],
                    },
                ]
            },
        )
    )
    assert found == {
        "cost-per-run": ((day(2), 7.0),),
        "eval-pass": ((day(1), 0.0), (day(2), 0.5), (day(3), 1.0)),
    }


def test_series_are_bounded_to_the_newest() -> None:
    """However many runs there were, the newest points are what a trend needs."""
    costs = [(day(each / 100), each) for each in range(MAX_POINTS + 5)]
    points = series_of(facts(practice={"complete_since": BEGAN, "run_costs": costs}))
    assert points["cost-per-run"][0][1] == 5.0
    assert len(points["cost-per-run"]) == MAX_POINTS


def test_where_nothing_was_looked_at_nothing_is_compared() -> None:
    """Absent sections give no figure, no gap and no commit."""
    assert (series_of(facts()), gaps_of(facts())) == ({}, ())
    assert seen_before(facts(), {"c1": BEGAN}) == ()
    assert committed_at(facts(), "c1") is None


def test_only_commits_that_must_be_there_are_looked_for() -> None:
    """Not those from before the history's beginning, nor as new as its newest or newer."""
    commit = {
        "id": "c9",
        "parents": [],
        "author": "a",
        "committer": "a",
        "authored_at": day(9),
        "committed_at": day(9),
        "subject": "Change",
    }
    told = facts(history={"commits": [commit], "complete_since": day(3)})
    seen = {"old": day(2), "c3": day(3), "c8": day(8), "same": day(9), "new": day(10)}
    assert seen_before(told, seen) == ("c3", "c8")
    assert committed_at(told, "c9") == day(9)
