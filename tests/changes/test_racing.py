"""Two approvers and an editor at once: whoever writes on what is no longer there loses cleanly."""

from collections import Counter

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.changes.made_changes import (
    NOW,
    POLICY_DIGEST,
    answer,
    in_state,
    manifest,
    snapshot,
    told,
    with_gates,
)

from pawl.changes.change import Answer, Change, Happened, Happening, Refusal, State
from pawl.changes.commands import Edit, GiveAnswer, Judge
from pawl.changes.manifest import parts_digest
from pawl.changes.transitions import decide

PLAN = manifest()
OTHER = manifest("Be brief.")
TWO = with_gates(approvals={"given": {"quorum": 2}})
APPROVERS = {"leo": ("github:2", 1), "lia": ("github:5", 2)}


def wish(actor: str, change: Change) -> Answer:
    """Return what an actor's command does to the change as they read it."""
    if actor == "editor":
        return decide(change, Edit(by="github:1", manifest=OTHER), NOW)
    if actor == "judge":
        return decide(
            change, Judge(by="pawl", snapshot=snapshot(change, moment="approve", policy=TWO)), NOW
        )
    who, seq = APPROVERS[actor]
    said = answer(PLAN, who, seq, policy_digest=TWO.digest)
    command = GiveAnswer(answer=said, base_digest=parts_digest(PLAN.base), policy_digest=TWO.digest)
    return decide(change, command, NOW)


ACTORS = st.sampled_from(["leo", "lia", "editor", "judge", "judge"])


@settings(max_examples=60)
@given(st.lists(st.tuples(ACTORS, st.booleans()), max_size=25))
def test_the_quorum_is_reached_once_and_never_on_edited_content(
    steps: list[tuple[str, bool]],
) -> None:
    """In any interleaving it is approved once at most between edits, and only by both.

    Each step is an actor who reads and decides, or who writes what they decided; the store takes a
    write only on the version that was read.
    """
    stored = in_state(State.IN_REVIEW, answers=())
    events: list[Happened] = []
    held: dict[str, tuple[Answer, int]] = {}
    for actor, writes in steps:
        if not writes or actor not in held:
            held[actor] = (wish(actor, stored), stored.version)
            continue
        found, version = held.pop(actor)
        if isinstance(found, Refusal) or version != stored.version:
            continue
        for event in found:
            before = stored
            stored = told(stored, event)
            events.append(event)
            if event.type is Happening.APPROVED:
                people = {each.identity for each in before.answers if each.digest == stored.digest}
                assert people == {"github:2", "github:5"}
                assert before.state is State.IN_REVIEW
    counts = Counter(event.type for event in events)
    assert counts[Happening.APPROVED] <= 1
    assert len({each.identity for each in stored.answers}) == len(stored.answers) <= 2
    assert stored.version == 1 + len(events)
    assert TWO.digest != POLICY_DIGEST


def test_both_approvers_are_enough_whoever_is_first() -> None:
    """The other order of the same two answers ends in the same approval."""
    for order in (("leo", "lia"), ("lia", "leo")):
        change = in_state(State.IN_REVIEW, answers=())
        for actor in order:
            assert isinstance(wish("judge", change), Refusal)
            found = wish(actor, change)
            assert not isinstance(found, Refusal)
            change = told(change, *found)
        found = wish("judge", change)
        assert not isinstance(found, Refusal)
        change = told(change, *found)
        assert (change.state, change.approved_by) == (State.APPROVED, ("leo", "lia"))


def test_an_approval_of_what_was_edited_meanwhile_names_what_it_is_now() -> None:
    """Whoever loses against the editor is told the digest that stands there now."""
    change = in_state(State.IN_REVIEW, answers=())
    edited = told(change, *_taken(wish("editor", change)))
    again = msgspec.structs.replace(edited, state=State.IN_REVIEW)
    found = wish("leo", again)
    assert isinstance(found, Refusal)
    assert (found.code, again.digest[:12] in found.reasons[0]) == ("stale", True)


def _taken(answer: Answer) -> tuple[Happened, ...]:
    assert not isinstance(answer, Refusal)
    return answer
