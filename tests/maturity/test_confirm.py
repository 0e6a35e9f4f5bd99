"""Confirmed levels move only by an assessment, a step at a time, and end."""

from typing import Any

import msgspec
import pytest
from tests.maturity.judged import NOW, NUMBERS, SUBJECT, ago, criterion, model

from pawl.base.errors import CannotTell
from pawl.maturity.confirm import (
    AssessmentKind,
    Confirmed,
    Measured,
    Trigger,
    below_since,
    confirm,
    current,
    require_publishable,
)
from pawl.maturity.model import Model
from pawl.maturity.verdict import DimensionResult

QUARTER = Trigger(cause="quarter", ref="2026-Q4", at=ago(1))
INCIDENT = Trigger(cause="incident", ref="INC-7", at=ago(1), dimensions=("one",))
ELSEWHERE = Trigger(cause="incident", ref="INC-8", at=ago(1), dimensions=("two",))
SCALING = Trigger(cause="scale-request", ref="SR-1", at=ago(1))
ENG = model(criterion(level=2), criterion("d", level=3), criterion("e", level=4))


def measured(level: int, firm: int | None = None) -> DimensionResult:
    """Return a dimension measured at a level."""
    return DimensionResult(
        id="one",
        name="one",
        measured=level,
        level_id="",
        level_name="",
        risk="",
        criteria=(),
        firm=level if firm is None else firm,
    )


def held(level: int, days: float = 30, **told: Any) -> Confirmed:
    """Return a level confirmed so many days ago, for 92 days."""
    said: dict[str, Any] = {
        "subject": SUBJECT,
        "model": "eng",
        "dimension": "one",
        "level": level,
        "change": "kept",
        "reason": "",
        "kind": AssessmentKind.FORMAL,
        "assessment": f"a-{days}",
        "at": ago(days),
        "until": ago(days - 92),
        **told,
    }
    return Confirmed(**said)


def decided(
    found: DimensionResult, trigger: Trigger = QUARTER, *history: Confirmed, **told: Any
) -> Confirmed:
    """Return what an assessment today confirms."""
    said: dict[str, Any] = {"model": ENG, **told}
    return confirm(
        found,
        said.pop("model"),
        trigger,
        subject=SUBJECT,
        assessment="a-now",
        now=NOW,
        numbers=NUMBERS,
        history=history,
        **said,
    )


def falling(*days: float, level: int = 1) -> list[Measured]:
    """Return measurements below, so many days ago."""
    return [Measured(at=ago(day), level=level) for day in days]


def test_each_trigger_opens_its_kind() -> None:
    """The quarter a formal one, an incident a focused one, a request to scale a mandatory one."""
    kinds = [trigger.kind for trigger in (QUARTER, INCIDENT, SCALING)]
    assert kinds == [AssessmentKind.FORMAL, AssessmentKind.FOCUSED, AssessmentKind.MANDATORY]


@pytest.mark.parametrize(
    ("before", "level", "trigger", "after", "change"),
    [
        (None, 4, QUARTER, 2, "first"),
        (None, 1, QUARTER, 1, "first"),
        (None, 4, INCIDENT, 1, "first"),
        (2, 4, QUARTER, 3, "raised"),
        (2, 4, SCALING, 3, "raised"),
        (2, 4, INCIDENT, 2, "kept"),
        (3, 3, QUARTER, 3, "kept"),
        (3, 1, INCIDENT, 1, "lowered"),
        (3, 1, ELSEWHERE, 3, "kept"),
        (3, 1, QUARTER, 3, "kept"),
    ],
)
def test_moves(before: int | None, level: int, trigger: Trigger, after: int, change: str) -> None:
    """A step up by a formal or mandatory one; an incident keeps, or lowers at once."""
    history = () if before is None else (held(before),)
    found = decided(measured(level), trigger, *history)
    assert (found.level, found.change) == (after, change)


def test_a_model_without_a_step_may_rise_at_once() -> None:
    """`max_step` of none lets the evidence speak; two lets it rise by two."""
    free = msgspec.structs.replace(ENG, max_step=None)
    assert decided(measured(4), QUARTER, held(1), model=free).level == 4
    two = msgspec.structs.replace(ENG, max_step=2)
    assert decided(measured(4), QUARTER, held(1), model=two).level == 3


def test_where_the_lowest_level_asks_for_proof_everybody_begins_below_it() -> None:
    """The first step leads onto the lowest level, not past it."""
    asked = model(criterion(level=1), criterion("d", level=2))
    assert decided(measured(2), QUARTER, model=asked).level == 1
    assert decided(measured(0), QUARTER, model=asked).level == 0


def test_a_level_falls_after_two_weeks_below_it() -> None:
    """Thirteen days keep, fourteen lower, and a recovery in between starts anew."""
    asked = (measured(1), QUARTER, held(3))
    assert decided(*asked, series=falling(0, 6, 13)).level == 3
    assert decided(*asked, series=falling(0, 6, 14)).level == 1
    recovered = [*falling(0, 13, 20), Measured(at=ago(15), level=3)]
    assert decided(*asked, series=recovered).level == 3
    kept = decided(*asked, series=falling(0, 6, 13))
    assert kept.reason == "Kept for now: below it for 13 days; it falls after 14d."


def test_measurements_of_the_future_do_not_count() -> None:
    """Since when it is below is told by what was measured until now."""
    assert below_since(falling(-1, 2, 5), 3, NOW) == ago(5)
    assert below_since([], 3, NOW) is None


def test_what_is_provisional_neither_raises_nor_lowers() -> None:
    """A level that rests on a sprint is not confirmed, and not taken away for it."""
    assert decided(measured(4, firm=2), QUARTER, held(2)).level == 2
    kept = decided(measured(3, firm=2), QUARTER, held(3))
    assert (kept.level, kept.change) == (3, "kept")
    assert kept.reason == "Kept; what is provisional confirms nothing."


def test_what_is_confirmed_is_valid_for_a_quarter() -> None:
    """92 days, or less where the model says so; never more."""
    assert decided(measured(2)).until == ago(-92)
    brief = msgspec.structs.replace(ENG, validity="30d")
    assert decided(measured(2), model=brief).until == ago(-30)
    long = msgspec.structs.replace(ENG, validity="365d")
    assert decided(measured(2), model=long).until == ago(-92)


def test_validity_ends() -> None:
    """After a quarter the level is shown as ended."""
    found = current([held(3, 91)], ENG, "one", NOW, NUMBERS)
    assert found is not None
    assert not found.lapsed
    ended = current([held(3, 92)], ENG, "one", NOW, NUMBERS)
    assert ended is not None
    assert (ended.level, ended.lapsed) == (3, True)
    assert current([], ENG, "one", NOW, NUMBERS) is None


def rechecked(fourth: str = "90d", fifth: str = "45d") -> Model:
    """Return the model with levels that fall back without a re-check."""
    intervals = {4: fourth, 5: fifth}
    levels = tuple(
        msgspec.structs.replace(level, recheck=intervals.get(level.ordinal)) for level in ENG.levels
    )
    return msgspec.structs.replace(ENG, levels=levels)


@pytest.mark.parametrize(
    ("level", "days", "counts", "lapsed"),
    [
        (5, 44, 5, False),
        (5, 45, 4, True),
        (5, 90, 3, True),
        (4, 89, 4, False),
        (4, 90, 3, True),
        (3, 91, 3, False),
    ],
)
def test_a_level_lapses_without_its_recheck(
    level: int, days: float, counts: int, lapsed: bool
) -> None:
    """It counts as the highest one below it that still stands."""
    found = current([held(level, days)], rechecked(), "one", NOW, NUMBERS)
    assert found is not None
    assert (found.level, found.lapsed) == (counts, lapsed)


def test_a_level_that_stands_is_not_pulled_down_by_one_below_it() -> None:
    """Proving level 5 again proves level 4; only falling back onto it asks for its own re-check."""
    asked = rechecked(fourth="20d", fifth="60d")
    found = [current([held(5, days)], asked, "one", NOW, NUMBERS) for days in (30, 61)]
    assert [each.level for each in found if each is not None] == [5, 3]


def test_a_lapsed_level_is_won_back_a_step_at_a_time() -> None:
    """The next assessment starts from what still counted."""
    found = decided(measured(5), QUARTER, held(5, 90), model=rechecked())
    assert (found.level, found.change) == (4, "raised")


def test_the_newest_of_the_history_counts_up_to_now() -> None:
    """Order does not matter, and what is confirmed later is not known yet."""
    history = [held(3, 20), held(2, 60), held(5, -5)]
    found = current(history, ENG, "one", NOW, NUMBERS)
    assert found is not None
    assert found.level == 3


def test_an_incomplete_assessment_confirms_nothing() -> None:
    """Without a published level there is nothing to confirm."""
    require_publishable(True, "eng")
    with pytest.raises(CannotTell, match="incomplete"):
        require_publishable(False, "eng")
