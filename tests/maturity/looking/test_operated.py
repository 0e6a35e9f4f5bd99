"""What operation recorded, and when it cannot be told."""

from tests.maturity.told import facts

from pawl.base.finding import Outcome
from pawl.maturity.facts.operations import Drill
from pawl.maturity.looking.operated import recorded
from pawl.maturity.probe import Answer


def _drills(operations: object | None, days: float) -> tuple[Drill, ...] | Answer:
    told = facts() if operations is None else facts(operations=operations)
    return recorded(told, lambda found: found.drills, "drills", days)


def test_an_export_that_reaches_back_far_enough_is_used() -> None:
    """What is complete since the window's first day is told, even if it is nothing."""
    export = {"source": "x", "complete_since": "2026-10-22T00:00:00.000000Z", "drills": []}
    assert _drills(export, 30) == ()


def test_what_was_not_exported_cannot_be_told() -> None:
    """No export, no such kind and an export that begins a day late each say so."""
    late = {"source": "x", "complete_since": "2026-10-23T00:00:00.000000Z", "drills": []}
    kindless = {"source": "x", "complete_since": "2026-01-01T00:00:00.000000Z"}
    for operations, reason in (
        (None, "No operations was given."),
        (kindless, "drills"),
        (late, "2026-10-23"),
    ):
        answer = _drills(operations, 30)
        assert isinstance(answer, Answer)
        assert answer.outcome is Outcome.CANNOT_TELL
        assert reason in answer.reason
