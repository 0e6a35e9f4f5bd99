"""What each command does in each state, and every reason why it does not."""

from typing import Any

import msgspec
import pytest
from tests.incidents.made_incidents import (
    PEOPLE,
    TERMS,
    action,
    at,
    declared,
    events,
    in_state,
    paging,
    published,
    told,
)

from pawl.base import typed
from pawl.governance.priority import Domain
from pawl.incidents.action import State as ActionState
from pawl.incidents.commands import (
    COMMANDS,
    Accept,
    Attach,
    BeginPostmortem,
    Claim,
    Close,
    Command,
    ConfirmRepeat,
    Decline,
    DismissRepeat,
    Join,
    Leave,
    Merge,
    Mitigate,
    Note,
    Offer,
    PublishPostmortem,
    Reclassify,
    Reopen,
    Resolve,
    TakeOver,
    Tick,
    Update,
)
from pawl.incidents.emergency import as_emergency
from pawl.incidents.event import Happened, Refusal, after
from pawl.incidents.incident import Happening, Incident, LinkKind, Milestone, State
from pawl.incidents.transitions import TABLE, decide

BY = "github:1"


def earlier() -> Incident:
    """Return an incident that was resolved before inc-1 was declared."""
    old = declared("inc-0", at(-86_400))
    return told(
        old,
        (Accept(by="github:2", people=PEOPLE), -86_300),
        (Mitigate(by=BY), -86_000),
        (Resolve(by=BY), -85_000),
    )


def sample(kind: type[Command]) -> Command:
    """Return a command of a kind that inc-1 would take if its state allowed it."""
    made: dict[type[Command], Any] = {
        Accept: lambda: Accept(by="github:2", people=PEOPLE),
        Offer: lambda: Offer(by="github:2", to="github:4", people=PEOPLE),
        TakeOver: lambda: TakeOver(by="github:3", reason="He sleeps.", people=PEOPLE),
        Join: lambda: Join(by="github:1", people=PEOPLE),
        Leave: lambda: Leave(by="github:1", people=PEOPLE),
        Note: lambda: Note(by=BY, text="Restarted it."),
        Update: lambda: Update(by=BY, facts="Down.", impact="All.", status="Looking.", terms=TERMS),
        Attach: lambda: Attach(by=BY, kind=LinkKind.CHANGE, id="chg-1", suspected=True),
        Reclassify: lambda: Reclassify(by=BY, reason="Data leaked.", domain=Domain.SECURITY),
        Claim: lambda: Claim(by=BY, milestone=Milestone.STARTED, at=at(-500)),
        Mitigate: lambda: Mitigate(by=BY),
        Resolve: lambda: Resolve(by=BY, at=at(80), mitigated_at=at(70)),
        BeginPostmortem: lambda: BeginPostmortem(by=BY),
        PublishPostmortem: lambda: PublishPostmortem(by=BY, postmortem=published()),
        Close: lambda: Close(by=BY, actions=(), terms=TERMS, postmortem=published()),
        Reopen: lambda: Reopen(by=BY, reason="It is back.", paging=paging(at(5000), 2)),
        Decline: lambda: Decline(by=BY, reason="A test."),
        Merge: lambda: Merge(by=BY, target=declared("inc-2")),
        ConfirmRepeat: lambda: ConfirmRepeat(by=BY, earlier=earlier(), people=PEOPLE),
        DismissRepeat: lambda: DismissRepeat(by=BY, earlier="inc-9", people=PEOPLE),
        Tick: lambda: Tick(by="pawl"),
    }
    command: Command = made[kind]()
    return command


LED = (State.COMMANDED, State.MITIGATED)
ONGOING = (State.DECLARED, *LED)
TRUE = tuple(each for each in State if each not in (State.DECLINED, State.MERGED))
LIVING = tuple(each for each in TRUE if each is not State.CLOSED)
LEADS_TO: dict[tuple[State, type[Command]], State] = {
    (State.DECLARED, Accept): State.COMMANDED,
    **{(state, Accept): state for state in LED},
    **{(state, kind): state for state in LED for kind in (Offer, TakeOver)},
    **{(state, kind): state for state in ONGOING for kind in (Join, Leave, Reclassify)},
    **{(state, kind): state for state in State for kind in (Note, Tick)},
    **{(state, kind): state for state in LIVING for kind in (Update, Claim)},
    **{(state, kind): state for state in TRUE for kind in (Attach, ConfirmRepeat, DismissRepeat)},
    (State.COMMANDED, Mitigate): State.MITIGATED,
    (State.COMMANDED, Resolve): State.RESOLVED,
    (State.MITIGATED, Resolve): State.RESOLVED,
    (State.RESOLVED, BeginPostmortem): State.POSTMORTEM,
    (State.POSTMORTEM, PublishPostmortem): State.ACTIONS_OPEN,
    (State.RESOLVED, Close): State.CLOSED,
    (State.ACTIONS_OPEN, Close): State.CLOSED,
    **{
        (state, Reopen): State.DECLARED
        for state in (State.RESOLVED, State.POSTMORTEM, State.ACTIONS_OPEN)
    },
    (State.DECLARED, Decline): State.DECLINED,
    (State.COMMANDED, Decline): State.DECLINED,
    **{(state, Merge): State.MERGED for state in ONGOING},
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_every_pair_does_what_stands_here(state: State, kind: type[Command]) -> None:
    """Each command in each state leads where this table says, or is refused and says where not."""
    incident = in_state(state)
    if kind is Resolve and state is State.MITIGATED:
        answer = decide(incident, Resolve(by=BY), at(5000))
    else:
        answer = decide(incident, sample(kind), at(5000))
    wanted = LEADS_TO.get((state, kind))
    if wanted is None:
        assert isinstance(answer, Refusal)
        assert answer.code == "not-now"
        return
    found = incident
    for each in events(answer):
        found = after(found, typed.decode(msgspec.json.encode(each), type=Happened))
    assert found.state is wanted
    assert found.version == incident.version + len(events(answer))


def test_the_table_is_that_table() -> None:
    """No pair is in the code that does not stand here."""
    assert set(TABLE) == set(LEADS_TO)


def test_an_agent_cannot_accept() -> None:
    """Whoever is no human, has left or is unknown does not become the commander."""
    for by, code in (
        ("github:90", "no-human"),
        ("github:5", "not-active"),
        ("x:1", "unknown-person"),
    ):
        answer = decide(declared(), Accept(by=by, people=PEOPLE), at(10))
        assert isinstance(answer, Refusal)
        assert answer.code == code


def test_command_is_handed_over_in_two_events() -> None:
    """Whoever commands goes on until the other one accepts, and then no longer."""
    led = in_state(State.COMMANDED)
    offered = told(led, (Offer(by="github:2", to="github:4", people=PEOPLE), 100))
    assert offered.commander == "leo"
    new = told(offered, (Accept(by="github:4", people=PEOPLE), 200))
    assert new.commander == "pia"
    assert [(each.person, each.until) for each in new.commanders] == [
        ("leo", at(200)),
        ("pia", None),
    ]


def test_nobody_takes_command_that_was_not_offered() -> None:
    """A second acceptor is refused; only who answers for it takes over, with a reason."""
    led = in_state(State.COMMANDED)
    second = decide(led, Accept(by="github:4", people=PEOPLE), at(61))
    assert isinstance(second, Refusal)
    assert second.code == "not-offered"
    stranger = decide(led, TakeOver(by="github:4", reason="Mine.", people=PEOPLE), at(61))
    assert isinstance(stranger, Refusal)
    taken = decide(led, TakeOver(by="github:3", reason="He sleeps.", people=PEOPLE), at(61))
    assert [each.type for each in events(taken)] == [Happening.OFFERED, Happening.ACCEPTED]


def test_whoever_commands_does_not_fix() -> None:
    """A responder who takes command is none any more, and a commander cannot become one."""
    joined = told(declared(), (Join(by="github:2", people=PEOPLE), 10))
    led = told(joined, (Accept(by="github:2", people=PEOPLE), 20))
    assert led.responders == ()
    assert isinstance(decide(led, Join(by="github:2", people=PEOPLE), at(30)), Refusal)


def test_mitigated_is_skipped_only_with_both_times() -> None:
    """Resolving what was never called mitigated takes both times, in their order."""
    led = in_state(State.COMMANDED)
    for command in (
        Resolve(by=BY),
        Resolve(by=BY, at=at(80)),
        Resolve(by=BY, at=at(80), mitigated_at=at(90)),
        Resolve(by=BY, at=at(9999), mitigated_at=at(70)),
        Resolve(by=BY, at="yesterday", mitigated_at=at(70)),
    ):
        assert isinstance(decide(led, command, at(100)), Refusal)


def test_closing_tells_every_reason_at_once() -> None:
    """An unpublished postmortem and each unfinished action stand in the answer."""
    resolved = in_state(State.RESOLVED)
    answer = decide(resolved, Close(by=BY, actions=(action(),), terms=TERMS), at(5000))
    assert isinstance(answer, Refusal)
    assert len(answer.reasons) == 2
    done = action(state=ActionState.WONT_DO)
    closed = told(
        resolved, (Close(by=BY, actions=(done,), terms=TERMS, postmortem=published()), 5000)
    )
    assert closed.state is State.CLOSED


def test_a_small_incident_closes_without_a_postmortem() -> None:
    """Severity 3 of quality needs none, unless it used up too much of the error budget."""
    small = told(
        declared(severity=3),
        (Accept(by="github:2", people=PEOPLE), 10),
        (Resolve(by=BY, at=at(30), mitigated_at=at(20)), 40),
    )
    assert isinstance(
        decide(small, Close(by=BY, actions=(), terms=TERMS, budget_used=0.3), at(50)), Refusal
    )
    assert told(small, (Close(by=BY, actions=(), terms=TERMS), 50)).state is State.CLOSED


def test_a_clock_that_goes_back_changes_no_order() -> None:
    """What is told earlier than the last event happens at the time of that."""
    led = in_state(State.COMMANDED)
    (event,) = events(decide(led, Mitigate(by=BY), at(-3600)))
    assert event.at == led.changed_at


def test_the_same_key_is_not_opened_twice_by_reopening() -> None:
    """While another one holds its key, an incident cannot be opened again."""
    back = Reopen(by=BY, reason="Back.", paging=paging(), holder="inc-2")
    answer = decide(in_state(State.RESOLVED), back, at(5000))
    assert isinstance(answer, Refusal)
    assert answer.code == "open-already"


def test_only_what_ended_before_is_repeated() -> None:
    """An ongoing incident, and itself, is no earlier one; both are told what they are."""
    for other in (declared("inc-2"), in_state(State.RESOLVED)):
        answer = decide(
            in_state(State.COMMANDED), ConfirmRepeat(by=BY, earlier=other, people=PEOPLE), at(5000)
        )
        assert isinstance(answer, Refusal)


def test_glass_is_broken_only_while_it_goes_on() -> None:
    """As an emergency it ends when it is resolved, with whoever commanded when."""
    led = as_emergency(in_state(State.COMMANDED))
    assert (led.closed_at, led.commanders[0].person, led.severity) == (None, "leo", 2)
    over = as_emergency(in_state(State.ACTIONS_OPEN))
    assert over.closed_at == at(900)
    assert over.commanders[0].until == at(900)
    noted = told(in_state(State.DECLINED), (Note(by=BY, text="It was a drill."), 9000))
    assert as_emergency(noted).closed_at == at(30)


def test_updates_come_as_often_as_the_severity_asks() -> None:
    """The next update is due by the ladder, and none is once it is resolved."""
    told_of = told(declared(severity=1), (sample(Update), 60))
    assert told_of.next_update_at == at(60 + 15 * 60)
    assert in_state(State.RESOLVED).next_update_at is None


@pytest.mark.parametrize("state", State)
def test_only_what_goes_on_is_merged_into(state: State) -> None:
    """Neither itself, nor what was merged, nor what is over takes another one in."""
    target = msgspec.structs.replace(in_state(state), id="inc-2")
    answer = decide(declared(), Merge(by=BY, target=target), at(30))
    assert isinstance(answer, Refusal) is (state not in ONGOING)
    itself = decide(declared(), Merge(by=BY, target=declared()), at(30))
    assert isinstance(itself, Refusal)
