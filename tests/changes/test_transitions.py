"""What each command does in each state, and every reason why it does not."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.changes.made_changes import (
    NOW,
    POLICY,
    POLICY_DIGEST,
    answer,
    at,
    facts,
    in_state,
    manifest,
    opened,
    snapshot,
    told,
)

from pawl.changes.approval import Approval, Said
from pawl.changes.change import OUT, Answer, Change, Happened, Happening, Refusal, State, after
from pawl.changes.commands import (
    COMMANDS,
    Advance,
    Command,
    ConfirmRollback,
    Edit,
    FailRollback,
    Finish,
    GiveAnswer,
    Judge,
    Reject,
    RevokeAnswer,
    RollBack,
    Start,
    Submit,
    Tick,
    Withdraw,
)
from pawl.changes.manifest import manifest_digest, parts_digest
from pawl.changes.opening import found_unmanaged, open_change
from pawl.changes.plan import Rollout, Stage
from pawl.changes.rollout import StageVerdict
from pawl.changes.transitions import TABLE, decide
from pawl.changes.verdict import Verdict

PLAN = manifest()
OTHER = manifest("Be brief.")
BY = "github:1"


def verdict(stage: int, said: Verdict = Verdict.PASS, hours: float = -0.5) -> StageVerdict:
    return StageVerdict(
        id=f"v{stage}",
        stage=stage,
        digest=manifest_digest(PLAN),
        verdict=said,
        at=at(hours),
        events=100,
        reason="Measured.",
    )


def sample(kind: type[Command], change: Change) -> Command:
    """Return a command of a kind that this change would take if its state allowed it."""
    moments = {Judge: "approve", Start: "start"}
    made: dict[type[Command], Any] = {
        Edit: lambda: Edit(by=BY, manifest=OTHER),
        Submit: lambda: Submit(by=BY),
        GiveAnswer: lambda: GiveAnswer(
            answer=answer(PLAN, "github:5", 7),
            base_digest=parts_digest(PLAN.base),
            policy_digest=POLICY_DIGEST,
        ),
        RevokeAnswer: lambda: RevokeAnswer(by="github:2", answer="ans-1"),
        Reject: lambda: Reject(by="github:2", reason="It is rude."),
        Withdraw: lambda: Withdraw(by=BY, reason="Not needed."),
        Tick: lambda: Tick(by="pawl", approval_hours=0.5),
        Advance: lambda: Advance(by=BY, verdicts=(verdict(0),)),
        Finish: lambda: Finish(by=BY, verdicts=(verdict(1),), read_back=parts_digest(PLAN.parts)),
        RollBack: lambda: RollBack(by=BY, reason="Complaints.", trigger_at=at(-0.1)),
        ConfirmRollback: lambda: ConfirmRollback(by=BY, read_back=parts_digest(PLAN.base)),
        FailRollback: lambda: FailRollback(by=BY, reason="Unreachable."),
    }
    for judged in (Judge, Start):
        made[judged] = lambda judged=judged: judged(
            by=BY, snapshot=snapshot(change, moment=moments[judged])
        )
    command: Command = made[kind]()
    return command


LEADS_TO: dict[tuple[State, type[Command]], State] = {
    (State.DRAFT, Edit): State.DRAFT,
    (State.IN_REVIEW, Edit): State.DRAFT,
    (State.APPROVED, Edit): State.DRAFT,
    (State.EXPIRED, Edit): State.DRAFT,
    (State.DRAFT, Submit): State.IN_REVIEW,
    (State.EXPIRED, Submit): State.IN_REVIEW,
    (State.ROLLED_BACK, Submit): State.IN_REVIEW,
    (State.IN_REVIEW, GiveAnswer): State.IN_REVIEW,
    (State.APPROVED, GiveAnswer): State.APPROVED,
    (State.IN_REVIEW, RevokeAnswer): State.IN_REVIEW,
    (State.APPROVED, RevokeAnswer): State.APPROVED,
    (State.ROLLING_OUT, RevokeAnswer): State.ROLLING_OUT,
    (State.LIVE, RevokeAnswer): State.LIVE,
    (State.IN_REVIEW, Judge): State.APPROVED,
    (State.IN_REVIEW, Reject): State.REJECTED,
    (State.DRAFT, Withdraw): State.WITHDRAWN,
    (State.IN_REVIEW, Withdraw): State.WITHDRAWN,
    (State.APPROVED, Withdraw): State.WITHDRAWN,
    (State.EXPIRED, Withdraw): State.WITHDRAWN,
    (State.APPROVED, Tick): State.EXPIRED,
    (State.ROLLING_BACK, Tick): State.ROLLBACK_FAILED,
    (State.APPROVED, Start): State.ROLLING_OUT,
    (State.ROLLING_OUT, Advance): State.ROLLING_OUT,
    (State.ROLLING_OUT, Finish): State.LIVE,
    (State.ROLLING_OUT, RollBack): State.ROLLING_BACK,
    (State.LIVE, RollBack): State.ROLLING_BACK,
    (State.ROLLBACK_FAILED, RollBack): State.ROLLING_BACK,
    (State.UNMANAGED, RollBack): State.ROLLING_BACK,
    (State.ROLLING_BACK, ConfirmRollback): State.ROLLED_BACK,
    (State.ROLLING_BACK, FailRollback): State.ROLLBACK_FAILED,
}
"""Written down a second time, by hand: the table of the code must be this one."""


def standing(state: State, kind: type[Command]) -> Change:
    """Return a change in a state in which nothing but the state can be in a command's way."""
    change = in_state(state, answers=(answer(PLAN),))
    if kind is Finish and state is State.ROLLING_OUT:
        return msgspec.structs.replace(change, stage=1)
    if kind is Tick and state is State.ROLLING_BACK:
        return msgspec.structs.replace(change, rollback_at=at(-1), changed_at=at(-1))
    return change


def test_the_table_is_the_one_that_was_agreed() -> None:
    """No pair of state and command is allowed that does not stand above, and none is missing."""
    assert set(TABLE) == set(LEADS_TO)


@pytest.mark.parametrize("state", State)
def test_every_command_does_what_the_table_says(state: State) -> None:
    """In its states a command leads where it should; in any other it is refused and says so."""
    for kind in COMMANDS:
        change = standing(state, kind)
        found = decide(change, sample(kind, change), NOW)
        wanted = LEADS_TO.get((state, kind))
        if wanted is None:
            assert isinstance(found, Refusal), kind
            assert (found.code, str(state) in found.reasons[0]) == ("not-now", True), kind
            continue
        assert not isinstance(found, Refusal), (kind, found)
        (event,) = found
        result = after(change, event)
        assert result.state is wanted, kind
        assert (result.version, result.changed_at) == (change.version + 1, NOW)


def taken(answer: Answer) -> tuple[Happened, ...]:
    assert not isinstance(answer, Refusal), answer
    return answer


def refused(answer: Answer) -> Refusal:
    assert isinstance(answer, Refusal), answer
    return answer


def start(change: Change, **other: Any) -> Answer:
    return decide(change, Start(by=BY, snapshot=snapshot(change, **other)), NOW)


def test_a_whole_life_goes_as_the_plan_says() -> None:
    """Opened, submitted, answered, approved, started, advanced, live, and back again."""
    change = after(None, open_change("chg-1", PLAN, ("git:ann@example.com",), at(-2), by=BY))
    steps: list[tuple[Any, State]] = [
        (lambda c: Submit(by=BY), State.IN_REVIEW),
        (
            lambda c: GiveAnswer(
                answer=answer(PLAN),
                base_digest=parts_digest(PLAN.base),
                policy_digest=POLICY_DIGEST,
            ),
            State.IN_REVIEW,
        ),
        (lambda c: Judge(by=BY, snapshot=snapshot(c, moment="approve")), State.APPROVED),
        (lambda c: Start(by=BY, snapshot=snapshot(c)), State.ROLLING_OUT),
    ]
    for make, state in steps:
        change = told(change, *taken(decide(change, make(change), NOW)))
        assert change.state is state
    assert (change.stage, change.approved_by, len(change.decision)) == (0, ("leo",), 64)
    assert "evals-1" in change.evidence
    passed = (verdict(0, hours=0.5), verdict(1, hours=1.5))
    change = told(change, *taken(decide(change, Advance(by=BY, verdicts=passed), at(1))))
    read = parts_digest(PLAN.parts)
    finish = Finish(by=BY, verdicts=passed, read_back=read)
    change = told(change, *taken(decide(change, finish, at(2))))
    assert (change.state, change.live_at) == (State.LIVE, at(2))
    back = RollBack(by="github:4", reason="Complaints.", trigger_at=at(2.5))
    change = told(change, *taken(decide(change, back, at(3))))
    assert (change.trigger_at, change.rollback_at) == (at(2.5), at(3))
    gone = ConfirmRollback(by=BY, read_back=parts_digest(PLAN.base))
    change = told(change, *taken(decide(change, gone, at(4))))
    assert (change.state, change.ended_at) == (State.ROLLED_BACK, at(4))


def test_an_edit_after_the_approval_takes_everything_back() -> None:
    """Edited content is a draft again; what was said of it stays on record and does not count."""
    change = in_state(State.APPROVED)
    edited = told(change, *taken(decide(change, Edit(by="github:3", manifest=OTHER), NOW)))
    assert edited.state is State.DRAFT
    assert edited.answers == change.answers
    assert (edited.approved_at, edited.approved_by, edited.decision) == (None, (), "")
    assert "github:3" in edited.authors
    again = told(edited, *taken(decide(edited, Submit(by=BY), NOW)))
    judged = Judge(by=BY, snapshot=snapshot(again, moment="approve"))
    assert refused(decide(again, judged, NOW)).code == "blocked"


def test_the_same_content_is_no_edit() -> None:
    """Writing down again what stands there changes nothing and takes nothing back."""
    change = in_state(State.APPROVED)
    assert decide(change, Edit(by="github:3", manifest=PLAN), NOW) == ()


def test_an_author_who_is_found_later_counts_from_then_on() -> None:
    """A co-author in a commit that was overlooked is put on record, and their approval is void."""
    change = in_state(State.APPROVED)
    found = Edit(by="github:3", manifest=PLAN, authors=("git:Leo@example.com",))
    known = told(change, *taken(decide(change, found, NOW)))
    assert (known.state, known.digest) == (State.APPROVED, change.digest)
    assert known.authors == (*change.authors, "git:leo@example.com")
    assert "github:3" not in known.authors
    assert refused(start(known)).code == "blocked"
    assert decide(known, found, NOW) == ()


@pytest.mark.parametrize("field", ["digest", "base_digest", "policy_digest", "change"])
def test_an_answer_to_something_else_is_refused_at_once(field: str) -> None:
    """Whoever looked at an older page is told what it is now, and nothing is recorded."""
    said = msgspec.structs.replace(answer(PLAN), **{field: "e" * 64})
    command = GiveAnswer(
        answer=said, base_digest=parts_digest(PLAN.base), policy_digest=POLICY_DIGEST
    )
    found = refused(decide(in_state(State.IN_REVIEW), command, NOW))
    assert found.code == "stale"
    assert manifest_digest(PLAN)[:12] in found.reasons[0]


def test_an_answer_told_twice_is_one() -> None:
    """Recording the same answer again adds nothing."""
    change = in_state(State.IN_REVIEW, answers=(answer(PLAN),))
    command = GiveAnswer(
        answer=answer(PLAN), base_digest=parts_digest(PLAN.base), policy_digest=POLICY_DIGEST
    )
    assert decide(change, command, NOW) == ()


def test_a_revoked_approval_stops_the_start_and_not_what_is_out() -> None:
    """Before the start it voids the approval, afterwards it is only put on record."""
    change = in_state(State.APPROVED)
    revoke = RevokeAnswer(by="github:2", answer="ans-1")
    without = told(change, *taken(decide(change, revoke, NOW)))
    assert refused(start(without)).code == "blocked"
    out = told(change, *taken(start(change)))
    still = told(out, *taken(decide(out, revoke, NOW)))
    assert still.state is State.ROLLING_OUT
    assert still.answers[0].revoked_at == NOW
    assert decide(still, revoke, NOW) == ()
    assert refused(decide(out, RevokeAnswer(by=BY, answer="ans-9"), NOW)).code == "unknown-answer"


def test_a_no_is_taken_back_only_by_who_gave_it() -> None:
    """Taking back a yes closes and anybody may; taking back a no opens, and only its giver may."""
    no = answer(PLAN, "github:5", 2, said=Said.REJECT)
    change = in_state(State.IN_REVIEW, answers=(answer(PLAN), no))
    found = refused(decide(change, RevokeAnswer(by="github:1", answer="ans-2"), NOW))
    assert found.code == "not-theirs"
    assert taken(decide(change, RevokeAnswer(by="GitHub: 5", answer="ans-2"), NOW))
    assert taken(decide(change, RevokeAnswer(by="github:1", answer="ans-1"), NOW))


def test_losing_the_role_before_the_start_voids_the_approval() -> None:
    """Whoever does not answer for the work any more has not approved it."""
    change = in_state(State.APPROVED)
    roster = snapshot().roster
    gone = msgspec.structs.replace(
        roster,
        grants=tuple(
            msgspec.structs.replace(each, ends=at(-0.1)) if each.person == "leo" else each
            for each in roster.grants
        ),
    )
    assert refused(start(change, roster=gone)).code == "blocked"


def test_the_gate_is_asked_at_the_time_of_the_start() -> None:
    """A decision of a minute ago, of another version or of the approval is no ticket."""
    change = in_state(State.APPROVED)
    for stale in (
        snapshot(change, now=at(-0.01)),
        snapshot(change, moment="approve"),
        snapshot(msgspec.structs.replace(change, version=change.version - 1)),
        snapshot(msgspec.structs.replace(change, answers=())),
    ):
        assert refused(decide(change, Start(by=BY, snapshot=stale), NOW)).code == "stale"


def test_a_policy_without_its_firm_gates_starts_nothing() -> None:
    """A snapshot whose policy lost the approvals is no policy to start by."""
    bare = msgspec.structs.replace(
        POLICY, gates=msgspec.structs.replace(POLICY.gates, gates=POLICY.gates.gates[1:])
    )
    change = in_state(State.APPROVED, answers=())
    found = refused(start(change, policy=bare))
    assert (found.code, found.reasons) == ("cannot-tell", ("approvals is missing.",))


def test_what_cannot_be_told_is_not_a_no_and_not_a_yes() -> None:
    """An unknown base stops the start as something that nobody could tell."""
    change = in_state(State.APPROVED)
    found = refused(start(change, facts=facts(PLAN, base_digest=None)))
    assert (found.code, found.reasons[0][:5]) == ("cannot-tell", "base:")


def test_an_old_approval_of_the_whole_expires() -> None:
    """Approved longer ago than the policy allows it does not start, and time ends it."""
    change = in_state(State.APPROVED, approved_at=at(-72), changed_at=at(-72))
    assert refused(start(change)).code == "expired"
    tick = Tick(by="pawl", approval_hours=72)
    assert taken(decide(change, tick, NOW))[0].type is Happening.EXPIRED
    young = in_state(State.APPROVED)
    assert decide(young, tick, NOW) == ()


def test_a_read_back_that_differs_is_not_live() -> None:
    """What was approved is live only where exactly that was read back."""
    change = in_state(State.ROLLING_OUT, stage=1)
    finish = Finish(by=BY, verdicts=(verdict(1),), read_back=parts_digest(OTHER.parts))
    assert refused(decide(change, finish, NOW)).code == "read-back-differs"
    back = in_state(State.ROLLING_BACK)
    wrong = ConfirmRollback(by=BY, read_back=parts_digest(PLAN.parts))
    assert refused(decide(back, wrong, NOW)).code == "read-back-differs"


def test_a_rollback_that_hangs_has_failed() -> None:
    """After its time it counts as failed; trying again keeps when it was first needed."""
    change = in_state(State.ROLLING_BACK)
    tick = Tick(by="pawl", approval_hours=72)
    assert decide(change, tick, at(599 / 3600)) == ()
    failed = told(change, *taken(decide(change, tick, at(600 / 3600))))
    assert failed.state is State.ROLLBACK_FAILED
    again = RollBack(by=BY, reason="Again.", trigger_at=at(5))
    retried = told(failed, *taken(decide(failed, again, at(5))))
    assert (retried.trigger_at, retried.rollback_at) == (change.trigger_at, at(5))


@given(
    st.sampled_from(sorted(OUT)),
    st.sampled_from(["github:1", "github:90", "nobody:at-all", "token:deployer"]),
    st.text(max_size=10),
)
def test_going_back_is_open_to_everything_that_is_out(state: State, by: str, why: str) -> None:
    """From every state in which something is out a rollback starts, whatever a gate would say."""
    change = in_state(state, answers=())
    (event,) = taken(decide(change, RollBack(by=by, reason=why, trigger_at=NOW), NOW))
    assert after(change, event).state is State.ROLLING_BACK


def test_it_goes_back_by_itself_only_where_the_plan_lets_it() -> None:
    """An automatic rollback against the plan is refused, and a person's is not."""
    stage = Stage(name="all", exposure=1.0)
    plan = manifest(rollout=Rollout(stages=(stage,), automatic_rollback=False))
    change = in_state(State.ROLLING_OUT, plan)
    command = RollBack(by="pawl", reason="Failed.", trigger_at=NOW, automatic=True)
    assert refused(decide(change, command, NOW)).code == "not-automatic"
    assert taken(decide(change, msgspec.structs.replace(command, automatic=False), NOW))


def test_what_is_not_ready_is_told_whole() -> None:
    """A submission lists everything that is missing, and not only the first of it."""
    plan = manifest(title="", rollback=None)
    found = refused(decide(opened(plan), Submit(by=BY), NOW))
    assert (found.code, len(found.reasons)) == ("not-ready", 2)


@pytest.mark.parametrize("kind", [Reject, Withdraw])
def test_an_end_has_a_reason(kind: type[Reject | Withdraw]) -> None:
    """Nothing is rejected or withdrawn without a word."""
    change = in_state(State.IN_REVIEW)
    assert refused(decide(change, kind(by=BY, reason=" "), NOW)).code == "no-reason"


def test_a_clock_that_goes_back_does_not_turn_history_round() -> None:
    """An event is never older than the one before, and a rollback does not wait for the clock."""
    change = in_state(State.LIVE, changed_at=at(3))
    (event,) = taken(decide(change, RollBack(by=BY, reason="", trigger_at=NOW), NOW))
    assert event.at == at(3)


def test_what_was_found_live_counts_as_unapproved_and_can_go_back() -> None:
    """A change that somebody made outside is known as such, with nobody's approval."""
    found = after(None, found_unmanaged("chg-9", PLAN, NOW, by="pawl"))
    assert (found.state, found.approved_by, found.decision) == (State.UNMANAGED, (), "")
    assert taken(decide(found, RollBack(by=BY, reason="", trigger_at=NOW), NOW))


def test_content_that_was_rolled_back_starts_again_only_with_a_new_approval() -> None:
    """The approval from before the rollback is of something that had not failed yet."""
    from pawl.changes.quarantine import quarantine_keys

    times = dict.fromkeys(quarantine_keys(PLAN), at(-0.5))
    world = facts(PLAN, quarantine=times)
    change = in_state(State.APPROVED, approved_at=at(-0.2))
    assert refused(start(change, facts=world)).code == "blocked"
    anew: Approval = answer(PLAN, seq=2, recorded_at=at(-0.3))
    known = msgspec.structs.replace(change, answers=(*change.answers, anew))
    assert taken(start(known, facts=world))


def test_events_are_plain_values() -> None:
    """An event goes through JSON and leads to the very same change."""
    first = open_change("chg-1", PLAN, (), NOW, by=BY)
    change = after(None, first)
    (second,) = taken(decide(change, Edit(by=BY, manifest=OTHER), NOW))
    for event in (first, second):
        again = msgspec.json.decode(msgspec.json.encode(event), type=Happened)
        assert again == event
    assert after(change, second).manifest == OTHER
    with pytest.raises(msgspec.ValidationError):
        after(change, msgspec.structs.replace(first, sets={"id": "chg-2"}))
