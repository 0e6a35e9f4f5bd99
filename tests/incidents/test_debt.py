"""A root cause that was seen again is owed until it has stayed away for long enough."""

import msgspec
import pytest
from tests.incidents.made_incidents import NOW, TERMS, at, events

from pawl.changes.facts import Debt
from pawl.incidents.debt import (
    COMMANDS,
    TABLE,
    AddCase,
    Command,
    MakePlan,
    OperationalDebt,
    Pay,
    Seen,
    State,
    TakeBack,
    debt_id,
    debts_on,
    decide,
    owe,
    quiet_until,
)
from pawl.incidents.event import Refusal, after, made

DAY = 86_400.0


def owed() -> OperationalDebt:
    """Return the debt of a cause that two incidents had."""
    answer = owe("rc:1:a", "code/cache", ("inc-0", "inc-1"), NOW, NOW, by="x:1")
    return made(events(answer)[0], OperationalDebt)


def told(debt: OperationalDebt, *commands: Command, now: str = NOW) -> OperationalDebt:
    """Return a debt after commands."""
    for command in commands:
        for event in events(decide(debt, command, now)):
            debt = after(debt, event)
    return debt


CASE = AddCase(by="x:1", case="retry-keeps-the-guard")
PAY = Pay(by="x:1", terms=TERMS)
SAMPLES: dict[type[Command], Command] = {
    Seen: Seen(by="x:1", incident="inc-2", at=at(100 * DAY)),
    MakePlan: MakePlan(by="x:1", owner="leo", plan="Bound it."),
    AddCase: CASE,
    Pay: PAY,
    TakeBack: TakeBack(by="x:1", reason="No.", incidents=("inc-1",), last_seen_at=NOW),
}
LEADS_TO: dict[tuple[State, type[Command]], State] = {
    (State.OPEN, Seen): State.OPEN,
    (State.PAID, Seen): State.OPEN,
    (State.OPEN, MakePlan): State.OPEN,
    (State.OPEN, AddCase): State.OPEN,
    (State.OPEN, Pay): State.PAID,
    (State.WITHDRAWN, Seen): State.OPEN,
    (State.OPEN, TakeBack): State.WITHDRAWN,
    (State.PAID, TakeBack): State.WITHDRAWN,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_every_pair_does_what_stands_here(state: State, kind: type[Command]) -> None:
    """Each command in each state leads where this table says, or is refused."""
    late = at(91 * DAY)
    start = told(owed(), CASE) if kind is Pay else owed()
    if state is State.PAID:
        start = told(told(owed(), CASE), PAY, now=late)
    if state is State.WITHDRAWN:
        start = told(owed(), SAMPLES[TakeBack])
    answer = decide(start, SAMPLES[kind], late)
    wanted = LEADS_TO.get((state, kind))
    if wanted is None:
        assert isinstance(answer, Refusal)
        assert answer.code == "not-now"
        return
    (event,) = events(answer)
    assert after(start, event).state is wanted


def test_the_table_is_that_table() -> None:
    """No pair is in the code that does not stand here."""
    assert set(TABLE) == set(LEADS_TO)


def test_one_incident_is_no_debt() -> None:
    """It takes two that differ, and a cause."""
    for incidents, key in ((("inc-1", "inc-1"), "rc:1:a"), (("inc-0", "inc-1"), "")):
        assert isinstance(owe(key, "code/cache", incidents, NOW, NOW, by="x:1"), Refusal)
    assert owed().id == debt_id("rc:1:a", "code/cache") != debt_id("rc:1:a", "code/other")


def test_paying_takes_a_case_and_quiet() -> None:
    """Both reasons are told at once; the ninetieth day is enough and an instant before is not."""
    answer = decide(owed(), PAY, at(89 * DAY))
    assert isinstance(answer, Refusal)
    assert len(answer.reasons) == 2
    with_case = told(owed(), CASE)
    assert quiet_until(with_case, TERMS) == at(90 * DAY)
    assert isinstance(decide(with_case, PAY, at(90 * DAY - 1)), Refusal)
    assert told(with_case, PAY, now=at(90 * DAY)).state is State.PAID


def test_being_seen_again_begins_anew() -> None:
    """The days are counted from the last one, and a case that let it through is none."""
    again = told(told(owed(), CASE), SAMPLES[Seen], now=at(100 * DAY))
    assert again.incidents == ("inc-0", "inc-1", "inc-2")
    assert again.regression_case == ""
    assert quiet_until(again, TERMS) == at(190 * DAY)
    assert decide(again, SAMPLES[Seen], at(101 * DAY)) == ()


def test_gates_are_told_of_open_debts() -> None:
    """With whether somebody has a plan; paid ones are not among them."""
    planned = told(owed(), SAMPLES[MakePlan])
    wanted = Debt(id=owed().id, component="code/cache", incidents=("inc-0", "inc-1"), planned=False)
    assert debts_on((owed(),)) == (wanted,)
    assert debts_on((planned,))[0].planned
    assert debts_on((told(told(owed(), CASE), PAY, now=at(91 * DAY)),)) == ()


BACK = TakeBack(by="x:1", reason="Another cause.", incidents=("inc-2",), last_seen_at=NOW)


def test_what_is_taken_back_leaves_the_debt() -> None:
    """The others stay, and its days are counted from the last of them."""
    third = told(owed(), SAMPLES[Seen])
    left = told(third, BACK, now=at(101 * DAY))
    assert (left.incidents, left.last_seen_at, left.state) == (
        ("inc-0", "inc-1"),
        NOW,
        State.OPEN,
    )
    assert decide(left, BACK, at(102 * DAY)) == ()
    silent = decide(third, msgspec.structs.replace(BACK, reason=" "), NOW)
    assert isinstance(silent, Refusal)
    assert silent.code == "no-reason"


def test_a_debt_of_less_than_two_never_was_one() -> None:
    """Gates hear of it no more; seen again it begins anew, with no plan of then."""
    planned = told(owed(), SAMPLES[MakePlan], CASE)
    gone = told(planned, msgspec.structs.replace(BACK, incidents=("inc-0",)))
    assert (gone.state, gone.incidents, gone.owner, gone.plan) == (State.WITHDRAWN, (), "", "")
    assert debts_on((gone,)) == ()
    early = at(-DAY)
    again = told(gone, Seen(by="x:1", incident="inc-7", at=early))
    assert (again.state, again.incidents, again.last_seen_at) == (State.OPEN, ("inc-7",), early)
