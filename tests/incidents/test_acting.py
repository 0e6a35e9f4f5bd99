"""An action from its opening until somebody else has verified it, and what it holds up."""

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.incidents.made_incidents import NOW, PEOPLE, action, at, events

from pawl.changes.conditions.incident_actions_are_done import CONDITION
from pawl.changes.facts import Facts
from pawl.changes.manifest import Risk
from pawl.changes.verdict import Verdict
from pawl.incidents.acting import (
    COMMANDS,
    TABLE,
    Begin,
    ClaimDone,
    Command,
    Move,
    SendBack,
    Verify,
    WontDo,
    decide,
    open_actions,
    opened,
)
from pawl.incidents.action import DONE, Action, Proof, State, Work, is_overdue
from pawl.incidents.event import Refusal, after, made

PROOF = Proof(place="evals/cache.yaml", digest="a" * 64)
SHOWN = msgspec.structs.replace(PROOF, fails_on_bad=True, passes_on_fixed=True)
SAMPLES: dict[type[Command], Command] = {
    Begin: Begin(by="github:2"),
    ClaimDone: ClaimDone(by="github:2"),
    SendBack: SendBack(by="github:1", reason="It still grows."),
    Verify: Verify(by="github:1", proof=PROOF, people=PEOPLE),
    WontDo: WontDo(by="github:3", reason="The cache is gone.", people=PEOPLE),
    Move: Move(by="github:3", reason="She is ill.", people=PEOPLE, due_at=at(30 * 86_400)),
}
LEADS_TO: dict[tuple[State, type[Command]], State] = {
    (State.OPEN, Begin): State.IN_PROGRESS,
    (State.OPEN, ClaimDone): State.CLAIMED,
    (State.IN_PROGRESS, ClaimDone): State.CLAIMED,
    (State.CLAIMED, SendBack): State.IN_PROGRESS,
    (State.CLAIMED, Verify): State.VERIFIED,
    **{(s, WontDo): State.WONT_DO for s in (State.OPEN, State.IN_PROGRESS, State.CLAIMED)},
    **{(s, Move): s for s in (State.OPEN, State.IN_PROGRESS, State.CLAIMED)},
}


def code(answer: Any) -> str:
    """Return the code of a refusal."""
    assert isinstance(answer, Refusal)
    return answer.code


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_every_pair_does_what_stands_here(state: State, kind: type[Command]) -> None:
    """Each command in each state leads where this table says, or is refused."""
    start = action(state=state)
    answer = decide(start, SAMPLES[kind], at(60))
    wanted = LEADS_TO.get((state, kind))
    if wanted is None:
        assert code(answer) == "not-now"
        return
    (event,) = events(answer)
    assert after(start, event).state is wanted


def test_the_table_is_that_table() -> None:
    """No pair is in the code that does not stand here."""
    assert set(TABLE) == set(LEADS_TO)


@pytest.mark.parametrize(
    ("owner", "claimed_by", "by"),
    [
        ("leo", "github:2", "github:2"),
        ("leo", "github:1", "github:1"),
        ("coder", "github:90", "github:1"),
        ("leo", "github:2", "github:90"),
    ],
)
def test_nobody_verifies_their_own_work(owner: str, claimed_by: str, by: str) -> None:
    """Not the owner, not who claimed it, not the human behind an agent, and no agent."""
    claimed = action(state=State.CLAIMED, owner=owner, claimed_by=claimed_by)
    answer = decide(claimed, Verify(by=by, proof=SHOWN, people=PEOPLE), at(60))
    assert code(answer) in ("own-work", "no-human")


def test_a_case_is_verified_by_failing_and_passing() -> None:
    """Evidence names a place and a digest; a case was seen to fail on what was bad, and to pass."""
    case = action(state=State.CLAIMED, work=Work.EVAL_CASE)
    half = msgspec.structs.replace(SHOWN, fails_on_bad=None)
    for proof in (PROOF, half, msgspec.structs.replace(SHOWN, digest=" ")):
        answer = decide(case, Verify(by="github:1", proof=proof, people=PEOPLE), at(60))
        assert code(answer) == "no-proof"
    (event,) = events(decide(case, Verify(by="github:1", proof=SHOWN, people=PEOPLE), at(60)))
    assert after(case, event).verified_by == "ann"


def test_only_who_answers_gives_up_or_moves() -> None:
    """It takes a reason, and a role; the date that was promised first stays on record."""
    assert code(decide(action(), WontDo(by="github:3", reason=" ", people=PEOPLE), NOW)) == (
        "no-reason"
    )
    stranger = WontDo(by="github:1", reason="No time.", people=PEOPLE)
    assert code(decide(action(), stranger, NOW)) == "not-accountable"
    (event,) = events(decide(action(), SAMPLES[Move], NOW))
    moved = after(action(), event)
    assert (moved.due_at, moved.first_due_at) == (at(30 * 86_400), at(7 * 86_400))


def test_an_action_is_opened_whole() -> None:
    """Without an owner, a date or a title it is refused, with each of them named."""
    answer = opened(action(owner=" ", title="", due_at=""), NOW, by="x:1")
    assert isinstance(answer, Refusal)
    assert len(answer.reasons) == 3
    (event,) = events(opened(action(), NOW, by="x:1"))
    assert made(event, Action) == action()


@given(
    st.sampled_from(State),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from((-1, 0, 1)),
)
def test_what_blocks_blocks_its_component_but_not_its_fix(
    state: State, blocker: bool, touches: bool, fixes: bool, high: bool, late: int
) -> None:
    """I28: an open blocker of a component that changes, of high risk or overdue, unless closed."""
    one = action(state=state, blocker=blocker)
    now = at(late, one.due_at)
    found = open_actions((one,))
    question: Any = SimpleNamespace(
        facts=Facts(actions=found),
        change=SimpleNamespace(manifest=SimpleNamespace(closes=(one.id,) if fixes else ())),
        risk=SimpleNamespace(risk=Risk.HIGH if high else Risk.LOW),
        components=("code/cache" if touches else "code/other",),
        now=now,
    )
    said = CONDITION.judge(question, None).verdict is Verdict.FAIL
    assert said == (blocker and state not in DONE and touches and not fixes and (high or late >= 0))
    assert is_overdue(one, now) == (state not in DONE and late >= 0)
