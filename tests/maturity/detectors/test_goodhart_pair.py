"""A figure that was bought with its partner is provisional."""

from typing import Any

import pytest
from tests.maturity.detectors.looking import ago, hits, look, one, record

from pawl.maturity.detector import Look
from pawl.maturity.evidence import Record, Share

CODE = "G04"
UP = [40, 45, 52, 58, 65, 72]
DOWN = UP[::-1]


def _point(probe: str, days: float, values: dict[str, Any]) -> Record:
    return record(probe, days=days, **values)


def _coverage(covered: list[int], failed: list[int]) -> Look:
    def series(probe: str, name: str, values: list[int]) -> list[Record]:
        return [
            _point(probe, 14 * (len(values) - 1 - at), {name: Share(value, 100)})
            for at, value in enumerate(values)
        ]

    ours = series("changed-lines-are-covered", "covered", covered)
    theirs = series("changes-rarely-fail", "failed", failed)
    return look(
        ours[-1],
        theirs[-1],
        past=(*ours[:-1], *theirs[:-1]),
        pairs={"coverage-escaped-defects": ("eng.code.L3.covered",)},
    )


def _incidents(minutes: list[int], reopened: list[int], each: int = 3) -> Look:
    incidents = [
        {
            "id": f"{at}-{number}",
            "severity": 3,
            "opened_at": ago(14 * (len(minutes) - 1 - at) + 0.5 + number / 10),
            "mitigated_at": ago(14 * (len(minutes) - 1 - at) + 0.5 + number / 10 - m / 1440),
            "reopened": int(number < again),
        }
        for at, (m, again) in enumerate(zip(minutes, reopened, strict=True))
        for number in range(each)
    ]
    return look(
        sections={"operations": {"source": "o", "complete_since": ago(365), "incidents": incidents}}
    )


def _handed(each: int) -> Look:
    days = [70 - 14 * at + number for at in range(6) for number in range(each)]
    return look(
        series={
            "cost-per-run": tuple((ago(day), 9.0 - (70 - day) // 14) for day in days),
            "eval-pass": tuple((ago(day), 0.9 - ((70 - day) // 14) / 10) for day in days),
        }
    )


def test_coverage_that_rises_with_failures_is_provisional() -> None:
    """The criterion that names the pair loses credit for the figure."""
    hit = one(CODE, _coverage(UP, UP))
    assert hit.action == "provisional"
    assert hit.criteria == ("eng.code.L3.covered",)
    assert hit.probes == ("changed-lines-are-covered",)


@pytest.mark.parametrize(("covered", "failed"), [(UP, DOWN), (DOWN, UP), (DOWN, DOWN)])
def test_other_directions_are_honest(covered: list[int], failed: list[int]) -> None:
    """Better with better, worse with worse, and worse alone buy nothing."""
    assert hits(CODE, _coverage(covered, failed)) == []


def test_noise_is_no_trend() -> None:
    """A partner that goes up and down is not bought."""
    assert hits(CODE, _coverage(UP, [5, 20, 3, 22, 4, 21])) == []


def test_repair_that_gets_quicker_by_closing_early_is_noticed() -> None:
    """Minutes fall while incidents are opened again."""
    assert (
        "time to repair"
        in one(CODE, _incidents([90, 80, 70, 60, 50, 40], [0, 0, 1, 1, 2, 3])).indicator
    )


def test_handed_series_are_judged() -> None:
    """The cost of a run against evals passed comes from outside of the facts."""
    assert one(CODE, _handed(3)).probes == ("cost-alerts-are-acted-on", "dashboards-are-fed")
    assert hits(CODE, _handed(2)) == [], "two runs in two weeks are an anecdote"


def test_reviews_that_get_quicker_and_silent_are_noticed() -> None:
    """Hours to review fall with the comments for the size of a change."""
    changes = [
        {
            "number": at * 3 + number,
            "author": "ada",
            "opened_at": ago(14 * (5 - at) + 4 + number / 10),
            "merged_at": ago(14 * (5 - at) + 4 + number / 10 - (50 - 8 * at) / 24),
            "additions": 100,
            "comments": 12 - 2 * at,
        }
        for at in range(6)
        for number in range(3)
    ]
    host = {
        "product": "github",
        "repository": "o/r",
        "exported_at": ago(0),
        "complete_since": ago(365),
        "default_branch": "main",
        "changes": changes,
    }
    assert "comments per 100 lines" in one(CODE, look(sections={"host": host})).indicator


DECIDES = {
    "points_min": (7, lambda: _coverage(UP, UP)),
    "better_over": (0.9, lambda: _coverage(UP, UP)),
    "worse_over": (0.9, lambda: _coverage(UP, UP)),
    "p_max": (0.001, lambda: _coverage(UP, UP)),
    "bin_days": (100, lambda: _coverage(UP, UP)),
    "bin_min": (4, lambda: _incidents([90, 80, 70, 60, 50, 40], [0, 0, 1, 1, 2, 3])),
}
