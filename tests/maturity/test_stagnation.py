"""Standing still calls for an intervention."""

import pytest
from tests.maturity.judged import NUMBERS, criterion, model

from pawl.maturity.confirm import AssessmentKind
from pawl.maturity.stagnation import Intervention, Summary, interventions

ENG = model(criterion(), criterion("d", dimension="two"))


def closed(
    number: int,
    levels: dict[str, int],
    gaps: dict[str, str],
    kind: AssessmentKind = AssessmentKind.FORMAL,
) -> Summary:
    """Return the assessment of a quarter."""
    return Summary(
        assessment=f"a{number}",
        subject="repo:example",
        model="eng",
        kind=kind,
        closed_at=f"2026-{3 * number:02}-01T00:00:00.000000Z",
        levels=levels,
        gaps=gaps,
    )


def raised(*row: Summary) -> tuple[Intervention, ...]:
    """Return what the newest calls for."""
    return interventions(row, ENG, NUMBERS.stagnation)


FLAT = {"one": 2, "two": 2}
GAP = {"c": "one"}


def test_the_same_gap_in_two_flat_formal_assessments() -> None:
    """A gap that stays while its dimension does not rise is raised, with both assessments."""
    found = raised(closed(1, FLAT, GAP), closed(2, FLAT, GAP))
    assert [(each.cause, each.gap, each.assessments) for each in found] == [
        ("same-gap", "c", ("a1", "a2"))
    ]


@pytest.mark.parametrize(
    "row",
    [
        (closed(1, FLAT, GAP),),
        (closed(1, FLAT, GAP), closed(2, FLAT, {"d": "two"})),
        (closed(1, FLAT, GAP), closed(2, {"one": 3, "two": 2}, GAP)),
        (closed(1, FLAT, GAP), closed(2, FLAT, GAP, AssessmentKind.FOCUSED)),
        (closed(1, FLAT, GAP, AssessmentKind.FOCUSED), closed(2, FLAT, GAP)),
        (),
    ],
)
def test_nothing_is_raised_without_repetition(row: tuple[Summary, ...]) -> None:
    """One assessment, another gap, a rise, or one that was not formal: nothing."""
    assert raised(*row) == ()


def test_a_step_of_another_dimension_does_not_excuse_a_gap_that_stays() -> None:
    """Flat is asked of the dimension of the gap."""
    found = raised(closed(1, FLAT, GAP), closed(2, {"one": 2, "two": 3}, GAP))
    assert [each.cause for each in found] == ["same-gap"]


def test_no_step_in_three() -> None:
    """Three formal assessments without any dimension rising call for leadership."""
    gaps = ({"a": "one"}, {"b": "one"}, {"c": "one"})
    row = [closed(number, FLAT, gap) for number, gap in enumerate(gaps, 1)]
    assert [each.cause for each in raised(*row)] == ["no-step"]
    assert raised(*row[:2]) == ()
    risen = closed(3, {"one": 2, "two": 3}, gaps[2])
    assert raised(row[0], row[1], risen) == ()


def test_at_the_top_there_is_no_step_to_miss() -> None:
    """Keeping the highest level everywhere is no stagnation."""
    top = {"one": 5, "two": 5}
    row = [closed(number, top, {f"g{number}": "one"}) for number in (1, 2, 3)]
    assert raised(*row) == ()


def test_the_order_of_the_history_does_not_matter() -> None:
    """It is sorted by the time of closing."""
    row = [closed(1, FLAT, GAP), closed(2, {"one": 3, "two": 2}, {}), closed(3, FLAT, GAP)]
    assert raised(*row) == raised(*reversed(row)) == ()
