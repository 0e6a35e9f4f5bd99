"""The table of budgets says what is known and what is not."""

import msgspec
from tests.alerts.budget_made import USD, account, budget

from pawl.alerts.budget_policy import Known
from pawl.alerts.budget_view import BudgetsView, ObservedAt, lines
from pawl.render.budgets import budgets_text, raised_text

NOW = "2026-11-21T12:00:00.000000Z"


def view(**changes: object) -> BudgetsView:
    """Return one budget with its account changed."""
    known = Known(budget=budget())
    return BudgetsView(at=NOW, budgets=lines([(known, (account(**changes),))], NOW, 80))


def test_a_line_has_every_number() -> None:
    """Spent, reserved, limit, left, and when it renews."""
    told = budgets_text(view(settled_micros=8 * USD, reserved_micros=USD))
    line = told.splitlines()[2].split()
    assert line == ["all", "organisation", "month", "near", "$8.00", "$1.00", "$10.00", "$1.00",
                    "2026-12-01"]  # fmt: skip


def test_what_has_no_price_is_marked_and_explained() -> None:
    """Unknown is neither zero nor left out in silence."""
    told = budgets_text(view(unpriced_requests=3))
    assert "$0.00+?" in told
    assert "has no price and is in no sum" in told


def test_the_delay_of_spend_outside_runs_is_told() -> None:
    """With its instant, or as not known."""
    assert "not known yet" in budgets_text(view())
    seen = msgspec.structs.replace(view(), observed=(ObservedAt(store="x", observed_at=NOW),))
    assert "as of 2026-11-21 12:00:00 UTC" in budgets_text(seen)


def test_without_budgets_it_says_how_to_declare_one() -> None:
    """The text can be pasted."""
    assert "[[budgets]]" in budgets_text(BudgetsView(at=NOW, budgets=()))


def test_names_cannot_play_with_the_terminal() -> None:
    """Whose it is may come from a hostile path."""
    told = budgets_text(view(scope="project", who="a\x1b[31m\nb"))
    assert "\x1b" not in told
    assert len(told.splitlines()) == len(budgets_text(view()).splitlines())


def test_a_raise_names_its_end() -> None:
    """To the minute, in UTC."""
    told = raised_text("all", 12 * USD, "2026-12-01T00:00:00.000000Z")
    assert told == "all is raised to $12.00 until 2026-12-01 00:00 UTC\n"
