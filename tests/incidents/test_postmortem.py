"""When a postmortem is needed, what it needs, and how it says what went wrong."""

import msgspec
import pytest
from tests.incidents.made_incidents import (
    CAUSE,
    NOW,
    PEOPLE,
    TERMS,
    action,
    content,
    declared,
    events,
)

from pawl.governance.priority import Domain
from pawl.incidents.blameless import blaming
from pawl.incidents.event import Refusal, after
from pawl.incidents.learning import IncidentLearning, NoChange
from pawl.incidents.postmortem import (
    COMMANDS,
    TABLE,
    AskReview,
    Command,
    Content,
    Postmortem,
    Publish,
    Revise,
    SendBack,
    State,
    decide,
    required,
)
from pawl.incidents.root_cause import root_cause_key

DRAFT = Postmortem(id="pm-1", incident="inc-1", owner="leo", changed_at=NOW, content=content())
SAMPLES: dict[type[Command], Command] = {
    Revise: Revise(by="github:1", content=content(summary="Anew.")),
    AskReview: AskReview(by="github:1"),
    SendBack: SendBack(by="github:1", reason="Why was it not seen?"),
    Publish: Publish(by="github:1", actions=(action(),), people=PEOPLE),
}
LEADS_TO: dict[tuple[State, type[Command]], State] = {
    (State.DRAFT, Revise): State.DRAFT,
    (State.IN_REVIEW, Revise): State.DRAFT,
    (State.DRAFT, AskReview): State.IN_REVIEW,
    (State.IN_REVIEW, SendBack): State.DRAFT,
    (State.IN_REVIEW, Publish): State.PUBLISHED,
}


def in_review(text: Content, owner: str = "leo") -> Postmortem:
    """Return a postmortem that others read."""
    return msgspec.structs.replace(DRAFT, content=text, owner=owner, state=State.IN_REVIEW)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_every_pair_does_what_stands_here(state: State, kind: type[Command]) -> None:
    """Each command in each state leads where this table says, or is refused."""
    start = msgspec.structs.replace(DRAFT, state=state)
    answer = decide(start, SAMPLES[kind], NOW)
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


def test_publishing_tells_everything_that_is_missing() -> None:
    """An empty one without owner lacks four texts, an owner, a cause and something learned."""
    answer = decide(in_review(Content(), owner=" "), SAMPLES[Publish], NOW)
    assert isinstance(answer, Refusal)
    assert len(answer.reasons) == 7


def test_publishing_keeps_the_key_of_the_cause() -> None:
    """The same cause in other spelling has the same key, another control another."""
    (event,) = events(decide(in_review(content()), SAMPLES[Publish], NOW))
    assert after(DRAFT, event).root_cause_key == root_cause_key(CAUSE)
    spelled = msgspec.structs.replace(CAUSE, missing_control=" Load_Test")
    assert root_cause_key(spelled) == root_cause_key(CAUSE)
    other = msgspec.structs.replace(CAUSE, missing_control="alert")
    assert root_cause_key(other) != root_cause_key(CAUSE)


@pytest.mark.parametrize(
    ("signed_by", "reason", "signed_at", "good"),
    [
        ("github:3", "It was the provider's.", NOW, True),
        ("github:3", " ", NOW, False),
        ("github:2", "It was the provider's.", NOW, False),
        ("github:90", "It was the provider's.", NOW, False),
        ("github:3", "It was the provider's.", "2026-12-01T00:00:00.000000Z", False),
    ],
)
def test_changing_nothing_takes_a_signed_reason(
    signed_by: str, reason: str, signed_at: str, good: bool
) -> None:
    """It is signed by a human who is not the owner, not in the future, and says why."""
    empty = IncidentLearning(
        incidentId="inc-1", rootCause="x", newEvalCases=(), gateUpdates=(), owner="leo"
    )
    signed = NoChange(reason=reason, signed_by=signed_by, signed_at=signed_at)
    text = content(learning=empty, no_change=signed)
    answer = decide(in_review(text), SAMPLES[Publish], NOW)
    assert isinstance(answer, tuple) is good
    unsigned = decide(in_review(content(learning=empty)), SAMPLES[Publish], NOW)
    assert isinstance(unsigned, Refusal)


def test_an_action_without_an_owner_stops_it() -> None:
    """Every action of this incident has an owner and a date; others' do not matter."""
    bare = Publish(by="x:1", actions=(action(owner=""),), people=PEOPLE)
    assert isinstance(decide(in_review(content()), bare, NOW), Refusal)
    other = Publish(by="x:1", actions=(action(owner="", incident="inc-2"),), people=PEOPLE)
    assert isinstance(decide(in_review(content()), other, NOW), tuple)


def test_who_needs_a_postmortem() -> None:
    """The worst two severities, security and safety, repeats, and what used a fifth of a budget."""
    small = declared(severity=3)
    assert required(small, TERMS, None) == ()
    assert required(small, TERMS, 0.2) == ()
    assert len(required(small, TERMS, 0.21)) == 1
    assert len(required(declared(severity=2), TERMS, None)) == 1
    assert len(required(declared(severity=4, domains=(Domain.SAFETY,)), TERMS, None)) == 1
    again = msgspec.structs.replace(small, repeats=("inc-0",))
    assert len(required(again, TERMS, None)) == 1


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("It was Ann's fault.", "fault"),
        ("This was the fault of the developer.", "fault"),
        ("The reviewer was careless.", "careless"),
        ("He should have checked the limits.", "should-have"),
        ("The on-call engineer failed to look.", "failed-to"),
        ("Leo forgot to set the flag.", "failed-to"),
        ("We blame the intern.", "blame"),
        ("The cause is human error.", "human-error"),
        ("Ann\N{RIGHT SINGLE QUOTATION MARK}s mistake cost an hour.", "fault"),
    ],
)
def test_blame_is_found(text: str, rule: str) -> None:
    """A sentence that puts it on a person is found, with what to write instead."""
    found = blaming(content(what_happened=f"The cache filled. {text}"), ("ann", "leo"))
    assert [(each.field, each.rule) for each in found] == [("what_happened", rule)]
    assert found[0].hint


@pytest.mark.parametrize(
    "text",
    [
        "Ann turned the flag on at 12:03, as the runbook says.",
        "The load test should have covered the cache.",
        "The alert failed to fire.",
        "A default that is careless about memory let the cache grow.",
        "The service forgot its session after a restart.",
        "Git blame shows the change.",
        "The reviewer saw a diff without the limits; nothing showed them.",
        "Segmentation fault in the cache.",
    ],
)
def test_plain_telling_is_no_blame(text: str) -> None:
    """Who did what, and which control failed, may be said by name."""
    assert blaming(content(what_happened=text), ("ann", "leo")) == ()
