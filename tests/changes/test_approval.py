"""Answers: bound to content, base, policy and person, and stale with a reason otherwise."""

from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.changes.made_changes import NOW, POLICY, POLICY_DIGEST, ROSTER, answer, at, manifest

from pawl.changes.approval import (
    Approval,
    Ballot,
    Said,
    Source,
    Stale,
    judge_answer,
    judge_answers,
    no_of,
    yes_of,
)
from pawl.changes.manifest import manifest_digest, parts_digest
from pawl.governance.roster import behind, by_identity

PLAN = manifest()
KNOWN = by_identity(ROSTER)


def ballot(*authors: str, **other: Any) -> Ballot:
    fields: dict[str, Any] = {
        "change": "chg-1",
        "digest": manifest_digest(PLAN),
        "base_digest": parts_digest(PLAN.base),
        "policy_digest": POLICY_DIGEST,
        "now": NOW,
        "high_risk": True,
        "authors": behind(authors or ("github:1",), KNOWN),
        "known": KNOWN,
        "terms": POLICY.terms,
    }
    return Ballot(**{**fields, **other})


def test_an_approval_of_exactly_this_counts() -> None:
    """Same content, base and policy, by a human who did not write it, read from the code host."""
    found = judge_answer(answer(PLAN), ballot())
    assert (found.state, found.person, found.counts) == (Stale.COUNTS, "leo", True)


@pytest.mark.parametrize(
    ("fields", "asked", "state"),
    [
        ({"change": "chg-2"}, {}, Stale.OTHER_CHANGE),
        ({"digest": "e" * 64}, {}, Stale.EDITED),
        ({}, {"digest": "e" * 64}, Stale.EDITED),
        ({}, {"base_digest": "e" * 64}, Stale.BASE_MOVED),
        ({}, {"policy_digest": "e" * 64}, Stale.POLICY_CHANGED),
        ({"revoked_at": at(-0.5)}, {}, Stale.REVOKED),
        ({"recorded_at": at(-72)}, {}, Stale.EXPIRED),
        ({"recorded_at": at(-72)}, {"high_risk": False}, Stale.COUNTS),
        ({"recorded_at": at(-336)}, {"high_risk": False}, Stale.EXPIRED),
        ({"recorded_at": at(1)}, {}, Stale.NOT_YET),
        ({}, {"rolled_back_at": at(-0.5)}, Stale.ROLLED_BACK),
        ({}, {"rolled_back_at": at(-2)}, Stale.COUNTS),
        ({"identity": "github:999"}, {}, Stale.UNKNOWN_PERSON),
        ({"identity": "github:90"}, {}, Stale.NOT_HUMAN),
        ({"identity": "token:deployer", "source": Source.SESSION}, {}, Stale.NOT_HUMAN),
        ({"identity": "git:leo@example.com"}, {}, Stale.WEAK_SOURCE),
        ({"identity": "ssh:SHA256:leo"}, {}, Stale.WEAK_SOURCE),
        ({"identity": "ssh:SHA256:leo", "source": Source.SSH_SIGNATURE}, {}, Stale.COUNTS),
        ({"source": Source.SESSION}, {}, Stale.WEAK_SOURCE),
        ({"source": Source.SESSION}, {"high_risk": False}, Stale.COUNTS),
        ({"source": Source.SESSION, "said": Said.REJECT}, {}, Stale.COUNTS),
        ({"recorded_at": at(-900), "said": Said.REJECT}, {}, Stale.COUNTS),
    ],
)
def test_what_does_not_count_says_why(
    fields: dict[str, Any], asked: dict[str, Any], state: Stale
) -> None:
    """Each way in which an answer is not one to what is asked now has a name and a sentence."""
    found = judge_answer(answer(PLAN, **fields), ballot(**asked))
    assert found.state is state
    assert bool(found.reason) is (state is not Stale.COUNTS)


def test_whoever_left_has_not_approved() -> None:
    """A person who has left since answers for nothing any more."""
    gone = msgspec.structs.replace(KNOWN["github:2"], active_to=NOW)
    found = judge_answer(answer(PLAN), ballot(known={**KNOWN, "github:2": gone}))
    assert found.state is Stale.LEFT


WAYS = {
    "own commit": "github:2",
    "a second account of theirs": "git:LEO@example.com",
    "their key": "ssh:SHA256:leo",
}


@pytest.mark.parametrize("author", WAYS.values(), ids=list(WAYS))
@pytest.mark.parametrize("approver", ["github:2", "ssh:SHA256:leo"])
def test_nobody_approves_their_own_change_under_any_name(author: str, approver: str) -> None:
    """All identities are one person: who wrote, co-wrote or committed it does not approve it."""
    source = Source.SSH_SIGNATURE if approver.startswith("ssh") else Source.PROVIDER_REVIEW
    said = answer(PLAN, approver, source=source)
    found = judge_answer(said, ballot("github:1", author))
    assert found.state is Stale.AUTHOR


def test_the_sponsor_of_an_agent_does_not_approve_what_it_wrote() -> None:
    """Whoever answers for an agent is an author of its work."""
    found = judge_answer(answer(PLAN, "github:1"), ballot("git:coder@example.com"))
    assert found.state is Stale.AUTHOR


PEOPLE = ("github:2", "ssh:SHA256:leo", "github:5", "github:3", "github:90", "github:1")
ANSWERS = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(Said), st.booleans()), max_size=8
)


def made(drawn: list[tuple[str, Said, bool]]) -> list[Approval]:
    return [
        answer(
            PLAN,
            who,
            number,
            said=said,
            digest=manifest_digest(PLAN) if fits else "e" * 64,
            source=Source.SSH_SIGNATURE if who.startswith("ssh") else Source.PROVIDER_REVIEW,
        )
        for number, (who, said, fits) in enumerate(drawn, start=1)
    ]


@given(ANSWERS, st.randoms(use_true_random=False))
def test_answering_again_never_makes_two_people_of_one(
    drawn: list[tuple[str, Said, bool]], chance: Any
) -> None:
    """However often and under whichever names somebody approves, they are counted once."""
    answers = made(drawn)
    judged = judge_answers(answers, ballot())
    counting = [each.person for each in judged if each.counts]
    assert len(counting) == len(set(counting))
    assert {*counting} <= {"leo", "lia", "sue"}
    assert not yes_of(judged) & no_of(judged)
    doubled = [msgspec.structs.replace(each, id=f"{each.id}-b", seq=each.seq + 100)
               for each in answers]  # fmt: skip
    assert yes_of(judge_answers([*answers, *doubled], ballot())) == yes_of(judged)
    mixed = [*answers]
    chance.shuffle(mixed)
    assert judge_answers(mixed, ballot()) == judged


@given(ANSWERS)
def test_the_newest_answer_of_a_person_is_theirs(drawn: list[tuple[str, Said, bool]]) -> None:
    """A later no takes back an earlier yes, and the other way round."""
    judged = judge_answers(made(drawn), ballot())
    person = {"github:2": "leo", "ssh:SHA256:leo": "leo", "github:5": "lia", "github:3": "sue"}
    newest: dict[str, Said] = {}
    for who, said, fits in drawn:
        if fits and who in person:
            newest[person[who]] = said
    assert yes_of(judged) == {name for name, said in newest.items() if said is Said.APPROVE}
    assert no_of(judged) == {name for name, said in newest.items() if said is Said.REJECT}


@given(st.sampled_from(["digest", "base_digest", "policy_digest", "change"]), ANSWERS)
def test_any_edit_makes_every_answer_stale(name: str, drawn: list[tuple[str, Said, bool]]) -> None:
    """When the content, its base, the policy or the change is another, no answer before counts."""
    judged = judge_answers(made(drawn), ballot(**{name: "f" * 64}))
    assert not any(each.counts for each in judged)
    assert all(each.reason for each in judged)


def test_the_order_of_recording_decides_and_not_of_telling() -> None:
    """Whatever order answers are read in, the one recorded last is the newest."""
    yes = answer(PLAN, seq=1)
    no = answer(PLAN, seq=2, said=Said.REJECT)
    for order in permutations((yes, no)):
        assert no_of(judge_answers(order, ballot())) == {"leo"}
