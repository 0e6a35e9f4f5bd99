"""A debt is paid by somebody who is known, with a case of its own, after days that were quiet."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.made_incident_desk import (
    CODER,
    PIA,
    STRANGER,
    SUE,
    TYPED,
    MadeIncidents,
    incident,
    made_incidents,
    refused,
)
from tests.services.made_learning import CASE, made_tree

from pawl.app.incident_learning import case_exists, case_is_of
from pawl.incidents.debt import OperationalDebt, State
from pawl.incidents.incident import Incident
from pawl.services.change_terms import By

DAYS = 24.0


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeIncidents]:
    """A desk that finds every case."""
    found = made_incidents(tmp_path / "data")
    found.desk.case_exists = lambda case: True
    yield found
    found.engine.dispose()


def owed(made: MadeIncidents) -> tuple[Incident, OperationalDebt]:
    """Return a repeat and the debt that it is, which has its case."""
    first = made.resolved(components=("code/cache",))
    second = made.resolved(components=("code/cache",))
    made.desk.confirm_repeat(second.id, first.id, SUE)
    (debt,) = made.desk.debts()
    told = made.desk.add_case(debt.id, "cache-limit", PIA)
    assert isinstance(told, OperationalDebt)
    return second, told


@pytest.mark.parametrize(
    ("who", "code"), [(TYPED, "weak-source"), (STRANGER, "weak-source"), (CODER, "no-human")]
)
def test_a_typed_name_and_an_agent_neither_plan_nor_pay(
    made: MadeIncidents, who: By, code: str
) -> None:
    """Releases wait for a plan and for paying, so both take a human who is known."""
    _, debt = owed(made)
    made.clock.wind(hours=91 * DAYS)
    refused(made.desk.plan_debt(debt.id, "leo", "Bound it.", who), code)
    refused(made.desk.pay_debt(debt.id, who), code)
    assert made.desk.debt(debt.id) == debt


def test_what_goes_on_is_not_quiet(made: MadeIncidents) -> None:
    """Opened again, it does not become quiet by lasting; the days count from its new end."""
    second, debt = owed(made)
    made.clock.wind(hours=80 * DAYS)
    incident(made.desk.reopen(second.id, "It is back.", SUE))
    made.clock.wind(hours=11 * DAYS)
    told = refused(made.desk.pay_debt(debt.id, PIA), "not-paid")
    assert second.id in told.reasons[0]
    assert made.desk.weekly_review().debts[0].lacks[-1] == "the end of what goes on"
    incident(made.desk.accept(second.id, SUE))
    incident(made.desk.mitigate(second.id, SUE))
    incident(made.desk.resolve(second.id, SUE))
    refused(made.desk.pay_debt(debt.id, PIA), "not-paid")
    made.clock.wind(hours=89 * DAYS)
    refused(made.desk.pay_debt(debt.id, PIA), "not-paid")
    made.clock.wind(hours=1 * DAYS)
    paid = made.desk.pay_debt(debt.id, PIA)
    assert isinstance(paid, OperationalDebt), paid
    assert paid.state is State.PAID


def test_what_was_merged_is_quiet_when_what_it_was_merged_into_is(made: MadeIncidents) -> None:
    """A repeat that is the same event as another goes on with that one."""
    first = made.resolved()
    again = made.commanded()
    made.desk.confirm_repeat(again.id, first.id, SUE)
    (debt,) = made.desk.debts()
    made.desk.add_case(debt.id, "cache-limit", PIA)
    whole = made.commanded()
    incident(made.desk.merge(again.id, whole.id, SUE))
    made.clock.wind(hours=91 * DAYS)
    told = refused(made.desk.pay_debt(debt.id, PIA), "not-paid")
    assert whole.id in told.reasons[0]


def test_where_no_case_can_be_looked_up_nobody_can_tell(made: MadeIncidents) -> None:
    """Without a repository a case that was named stays a claim, and pays nothing."""
    _, debt = owed(made)
    made.desk.case_exists = None
    refused(made.desk.pay_debt(debt.id, PIA), "not-paid")
    made.clock.wind(hours=91 * DAYS)
    refused(made.desk.pay_debt(debt.id, PIA), "cannot-tell")


def test_a_case_of_something_else_or_set_aside_pays_nothing(
    made: MadeIncidents, tmp_path: Path
) -> None:
    """It comes of one of the debt's incidents, and is not in quarantine."""
    first = made.resolved()
    second = made.resolved()
    made.desk.confirm_repeat(second.id, first.id, SUE)
    (debt,) = made.desk.debts()
    place = made_tree(
        tmp_path / "tree",
        {
            ".pawl/evals/own.yaml": CASE.format(id="own", incident=second.id),
            ".pawl/evals/other.yaml": CASE.format(id="other", incident="inc_other"),
            ".pawl/evals/aside.yaml": CASE.format(id="aside", incident=second.id),
            ".pawl/evals/quarantine.yaml": (
                "- {case: aside, owner: leo, expires: 2026-12-01, reason: flaky}\n"
            ),
        },
    )
    made.desk.case_exists = lambda case: case_exists(place, case)
    made.desk.case_is_of = lambda case, incidents: case_is_of(place, case, incidents)
    refused(made.desk.add_case(debt.id, "none", PIA), "no-such-case")
    refused(made.desk.add_case(debt.id, "aside", PIA), "no-such-case")
    refused(made.desk.add_case(debt.id, "other", PIA), "other-case")
    assert isinstance(made.desk.add_case(debt.id, "own", PIA), OperationalDebt)
    made.clock.wind(hours=91 * DAYS)
    (place / ".pawl/evals/own.yaml").unlink()
    refused(made.desk.pay_debt(debt.id, PIA), "no-such-case")
