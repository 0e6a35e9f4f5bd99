"""Postmortems from the first draft to the last word, and what a confirmed repeat owes."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.incidents.made_incidents import CAUSE, content
from tests.services.made_incident_desk import (
    ANN,
    LEO,
    PIA,
    SUE,
    TYPED,
    MadeIncidents,
    incident,
    made_incidents,
    refused,
)

from pawl.incidents.debt import OperationalDebt
from pawl.incidents.debt import State as DebtState
from pawl.incidents.drafting import LEFT_OUT
from pawl.incidents.incident import Milestone, State
from pawl.incidents.postmortem import Content, Postmortem
from pawl.incidents.postmortem import State as Paper
from pawl.incidents.root_cause import root_cause_key
from pawl.services.incident_terms import NoSuchIncident
from pawl.store.records.check import check


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeIncidents]:
    """A desk over records of its own."""
    found = made_incidents(tmp_path)
    yield found
    found.engine.dispose()


def paper(told: object) -> Postmortem:
    """Return the postmortem that a command gave."""
    assert isinstance(told, Postmortem), told
    return told


def test_a_postmortem_goes_from_draft_to_published(made: MadeIncidents) -> None:
    """Publishing moves its incident on with the root-cause key, in one go and once."""
    one = made.resolved()
    begun = paper(made.desk.begin_postmortem(one.id, "leo", SUE))
    assert made.desk.begin_postmortem(one.id, "ann", SUE) == begun
    assert made.desk.get(one.id).state is State.POSTMORTEM
    refused(made.desk.publish(one.id, SUE), "not-now")
    paper(made.desk.revise(one.id, content(one.id), LEO, key="k"))
    again = paper(made.desk.revise(begun.id, content(one.id, summary="Other."), LEO, key="k"))
    assert again.content.summary == content().summary
    paper(made.desk.ask_review(one.id, LEO))
    done = paper(made.desk.publish(one.id, SUE))
    assert done.state is Paper.PUBLISHED
    after = made.desk.get(one.id)
    assert (after.state, after.root_cause_key) == (State.ACTIONS_OPEN, root_cause_key(CAUSE))
    assert made.desk.publish(one.id, SUE) == done
    assert check(made.engine, replay=True).difference is None


def test_an_unwhole_postmortem_is_not_published_and_moves_nothing(made: MadeIncidents) -> None:
    """Everything that it lacks is told, and its incident stays where it is."""
    one = made.resolved()
    made.desk.begin_postmortem(one.id, "leo", SUE)
    made.desk.ask_review(one.id, LEO)
    told = refused(made.desk.publish(one.id, SUE), "not-ready")
    assert len(told.reasons) == 6
    assert made.desk.get(one.id).state is State.POSTMORTEM
    sent = paper(made.desk.send_back(one.id, "It says nothing.", SUE))
    assert sent.state is Paper.DRAFT


def test_nobody_begins_one_without_an_owner_or_before_the_end(made: MadeIncidents) -> None:
    """A postmortem has an owner, and its incident is resolved; who asks for none is told so."""
    one = made.commanded()
    refused(made.desk.begin_postmortem(one.id, "leo", SUE), "not-now")
    over = made.resolved()
    refused(made.desk.begin_postmortem(over.id, " ", SUE), "no-owner")
    assert made.desk.postmortem(over.id) is None
    with pytest.raises(NoSuchIncident):
        made.desk.revise(over.id, Content(), SUE)
    with pytest.raises(NoSuchIncident):
        made.desk.postmortem("inc_none")


def test_a_save_over_somebody_elses_is_refused(made: MadeIncidents) -> None:
    """Whoever looked at an older version is told, and what is there stays."""
    one = made.resolved()
    seen = paper(made.desk.begin_postmortem(one.id, "leo", SUE)).version
    paper(made.desk.revise(one.id, Content(summary="Mine."), LEO, seen=seen))
    refused(made.desk.revise(one.id, Content(summary="Theirs."), ANN, seen=seen), "moved")
    held = made.desk.postmortem(one.id)
    assert held is not None
    assert held.content.summary == "Mine."


def test_a_draft_names_nobody_and_blames_nobody(made: MadeIncidents) -> None:
    """People are called by their role; one against them is left out and said to be."""
    one = made.declared(title="Search answers nothing", text="It began with the flag.")
    incident(made.desk.accept(one.id, SUE))
    incident(made.desk.join(one.id, ANN))
    made.desk.note(one.id, "Ann restarted the cache. leo should have tested it! See github:2.", ANN)
    made.desk.update(one.id, "The cache is full.", "8 % of searches fail.", "We empty it.", SUE)
    draft = made.desk.draft(one.id)
    text = msgspec.json.encode(draft).decode()
    assert "Noted by a responder: a person restarted the cache." in draft.what_happened
    assert LEFT_OUT in text
    assert not any(f" {name}" in text.lower() for name in ("ann ", "leo", "github:2", "sue"))
    assert draft.impact == "8 % of searches fail."
    assert draft.failed_control == ""
    assert "Severity 2 (major), quality." in draft.summary
    made.clock.wind(seconds=60)
    made.desk.mitigate(one.id, SUE)
    made.desk.resolve(one.id, SUE)
    made.desk.begin_postmortem(one.id, "leo", SUE)
    made.desk.revise(one.id, Content(summary="Leo forgot to test it."), LEO)
    assert [each.rule for each in made.desk.blame(one.id)] == ["failed-to"]


def test_that_nothing_changes_is_signed_by_another_who_is_known(made: MadeIncidents) -> None:
    """Neither a typed name nor the owner signs, and writing it anew keeps no forged signature."""
    one = made.resolved()
    made.desk.begin_postmortem(one.id, "leo", SUE)
    refused(made.desk.sign_no_change(one.id, "A test.", TYPED), "weak-source")
    refused(made.desk.sign_no_change(one.id, "A test.", LEO), "not-signed")
    refused(made.desk.sign_no_change(one.id, " ", SUE), "not-signed")
    signed = paper(made.desk.sign_no_change(one.id, "It was a planned test.", SUE))
    assert signed.content.no_change is not None
    forged = msgspec.structs.replace(content(one.id), learning=None, no_change=None)
    kept = paper(made.desk.revise(one.id, forged, LEO))
    assert kept.content.no_change == signed.content.no_change
    made.desk.ask_review(one.id, LEO)
    assert paper(made.desk.publish(one.id, SUE)).state is Paper.PUBLISHED


def test_a_confirmed_repeat_owes_one_debt(made: MadeIncidents) -> None:
    """The second of a cause makes a debt, the third is counted in the same one, once."""
    first = made.resolved(components=("code/cache",))
    made.clock.wind(hours=480)
    second = made.resolved()
    refused(made.desk.confirm_repeat(second.id, first.id, TYPED), "weak-source")
    assert made.desk.debts() == ()
    incident(made.desk.confirm_repeat(second.id, first.id, SUE))
    (debt,) = made.desk.debts()
    assert (debt.component, debt.incidents) == ("code/cache", (first.id, second.id))
    incident(made.desk.confirm_repeat(second.id, first.id, SUE))
    made.clock.wind(hours=480)
    third = made.resolved()
    incident(made.desk.confirm_repeat(third.id, second.id, SUE))
    (debt,) = made.desk.debts()
    assert debt.incidents == (first.id, second.id, third.id)
    assert [each.id for each in made.desk.open_debts()] == [debt.id]
    assert check(made.engine, replay=True).difference is None


def test_a_repeat_that_was_none_is_taken_back_with_its_debt(made: MadeIncidents) -> None:
    """It takes a reason and somebody accountable; the debt shrinks, and then never was one."""
    since, until = "2026-01-01T00:00:00.000000Z", "2027-12-01T00:00:00.000000Z"
    first = made.resolved(components=("code/cache",))
    made.clock.wind(hours=480)
    second, third = made.resolved(), made.resolved()
    incident(made.desk.confirm_repeat(second.id, first.id, SUE))
    incident(made.desk.confirm_repeat(third.id, first.id, SUE))
    assert made.desk.figures(since, until).incidents.repeats.numerator == 2
    refused(made.desk.dismiss_repeat(third.id, first.id, SUE), "no-reason")
    refused(made.desk.dismiss_repeat(third.id, first.id, PIA, "No."), "not-accountable")
    refused(made.desk.dismiss_repeat(third.id, first.id, TYPED, "No."), "weak-source")
    assert len(made.desk.debts()[0].incidents) == 3
    incident(made.desk.dismiss_repeat(third.id, first.id, SUE, "A full disk.", key="k"))
    incident(made.desk.dismiss_repeat(third.id, first.id, SUE, "A full disk.", key="k"))
    (debt,) = made.desk.debts()
    assert (debt.incidents, debt.state) == ((first.id, second.id), DebtState.OPEN)
    assert debt.last_seen_at == second.recorded(Milestone.DECLARED)
    incident(made.desk.dismiss_repeat(second.id, first.id, SUE, "Another queue."))
    (debt,) = made.desk.debts()
    assert (debt.incidents, debt.state) == ((), DebtState.WITHDRAWN)
    assert made.desk.open_debts() == ()
    assert made.desk.figures(since, until).incidents.repeats.numerator == 0
    assert made.desk.weekly_review().debts == ()
    assert made.desk.structural_report(since, until).causes == ()
    incident(made.desk.confirm_repeat(second.id, first.id, SUE))
    (debt,) = made.desk.debts((DebtState.OPEN,))
    assert (debt.incidents, debt.plan) == ((first.id, second.id), "")
    assert check(made.engine, replay=True).difference is None


def test_what_another_repeat_holds_stays_in_the_debt(made: MadeIncidents) -> None:
    """Of three that repeat each other, taking one link back takes nobody out."""
    first = made.resolved()
    second, third = made.resolved(), made.resolved()
    for one, other in ((second, first), (third, first), (third, second)):
        incident(made.desk.confirm_repeat(one.id, other.id, SUE))
    incident(made.desk.dismiss_repeat(third.id, first.id, SUE, "A slip."))
    (debt,) = made.desk.debts()
    assert debt.incidents == (first.id, second.id, third.id)


def test_a_debt_is_paid_with_a_case_that_exists_and_ninety_quiet_days(
    made: MadeIncidents,
) -> None:
    """Neither a case of no file nor a day too few pays it; seen again it is open again."""
    cases = {"cache-limit"}
    made.desk.case_exists = cases.__contains__
    first = made.resolved()
    second = made.resolved()
    made.desk.confirm_repeat(second.id, first.id, SUE)
    (debt,) = made.desk.debts()
    refused(made.desk.plan_debt(debt.id, "nobody", "Bound it.", PIA), "unknown-person")
    refused(made.desk.plan_debt(debt.id, "leo", " ", PIA), "no-plan")
    made.desk.plan_debt(debt.id, "leo", "Bound the cache.", PIA)
    refused(made.desk.add_case(debt.id, "none-such", PIA), "no-such-case")
    assert isinstance(made.desk.add_case(debt.id, "cache-limit", PIA), OperationalDebt)
    refused(made.desk.pay_debt(debt.id, PIA), "not-paid")
    made.clock.wind(hours=91 * 24)
    cases.clear()
    refused(made.desk.pay_debt(debt.id, PIA), "no-such-case")
    cases.add("cache-limit")
    paid = made.desk.pay_debt(debt.id[:12], PIA)
    assert isinstance(paid, OperationalDebt)
    assert paid.state is DebtState.PAID
    third = made.resolved()
    made.desk.confirm_repeat(third.id, first.id, SUE)
    (debt,) = made.desk.debts((DebtState.OPEN,))
    assert (debt.id, debt.regression_case) == (paid.id, "")
    with pytest.raises(NoSuchIncident):
        made.desk.debt("debt_none")
