"""What an incident teaches is put in place once, however often and however far it is tried."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.incidents.made_incidents import NOW, PEOPLE

from pawl.base.errors import BadFile
from pawl.incidents.event import Refusal
from pawl.incidents.learning import (
    IncidentLearning,
    NoChange,
    Step,
    StepKind,
    load_learning,
    remaining,
    steps,
)

# The source's type, with values of the kind that it names.
SOURCE = json.dumps(
    {
        "incidentId": "INC-2026-031",
        "rootCause": "policy guard skipped on retry",
        "newEvalCases": ["retry keeps the guard", "guard sees tool output"],
        "gateUpdates": ["require policy-checks-pass"],
        "owner": "leo",
    }
)


def planned(learning: IncidentLearning) -> tuple[Step, ...]:
    """Return the steps of a learning that is whole."""
    found = steps(learning, people=PEOPLE, now=NOW)
    assert not isinstance(found, Refusal), found
    return found


def test_the_sources_own_form_loads_unchanged() -> None:
    """Its five fields are all there is; cases come first, then gates, then the owned action."""
    found = planned(load_learning(SOURCE, place="learning.json"))
    assert [each.kind for each in found] == [
        StepKind.EVAL_CASE,
        StepKind.EVAL_CASE,
        StepKind.GATE_UPDATE,
        StepKind.ACTION,
    ]
    assert found[-1].content == "Postmortem actions for INC-2026-031"
    assert {each.owner for each in found} == {"leo"}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", SOURCE.replace("owner", "Owner"), SOURCE.replace('"leo"', "3"), b"\xff"]
)
def test_another_form_is_refused(text: str | bytes) -> None:
    """Unknown, missing and wrongly typed fields are told."""
    with pytest.raises(BadFile):
        load_learning(text, place="learning.json")


TEXTS = st.lists(st.text(min_size=1, max_size=8).filter(str.strip), min_size=1, max_size=5)


@given(TEXTS, TEXTS, st.lists(st.integers(0, 12), max_size=4))
def test_applying_twice_is_applying_once(
    cases: list[str], gates: list[str], deaths: list[int]
) -> None:
    """I27: killed anywhere, any number of times, and then applied twice, it is all there once."""
    learning = IncidentLearning(
        incidentId="inc-1",
        rootCause="x",
        newEvalCases=tuple(cases),
        gateUpdates=tuple(gates),
        owner="leo",
    )
    done: dict[str, Step] = {}
    kept: list[tuple[StepKind, str]] = []
    for count in (*deaths, 1000, 1000):
        for step in remaining(planned(learning), done)[:count]:
            kept.append((step.kind, step.content))
            done[step.key] = step
    assert len(kept) == len(set(kept)) == len(planned(learning))
    assert {text for kind, text in kept if kind is StepKind.EVAL_CASE} == {
        each.replace("\r\n", "\n").strip() for each in cases
    }


def test_keys_tell_incidents_kinds_and_contents_apart() -> None:
    """The same text as case and as gate, or of another incident, is another step."""
    one = IncidentLearning(
        incidentId="inc-1", rootCause="x", newEvalCases=("a", " a\n"), gateUpdates=("a",), owner="l"
    )
    other = IncidentLearning(
        incidentId="inc-2", rootCause="x", newEvalCases=("a",), gateUpdates=("b",), owner="l"
    )
    keys = [each.key for each in (*planned(one), *planned(other))]
    assert len(planned(one)) == 3
    assert len(set(keys)) == len(keys)


def test_an_empty_learning_needs_a_signed_reason() -> None:
    """Without one it is refused; with one only the action is left to do."""
    empty = IncidentLearning(
        incidentId="inc-1", rootCause="x", newEvalCases=(), gateUpdates=(), owner="leo"
    )
    assert isinstance(steps(empty, people=PEOPLE, now=NOW), Refusal)
    signed = NoChange(reason="The provider's.", signed_by="github:3", signed_at=NOW)
    found = steps(empty, people=PEOPLE, now=NOW, no_change=signed)
    assert not isinstance(found, Refusal)
    assert [each.kind for each in found] == [StepKind.ACTION]


def test_a_learning_that_names_nobody_is_refused() -> None:
    """Every empty field is told at once."""
    bare = IncidentLearning(
        incidentId="", rootCause=" ", newEvalCases=(" ",), gateUpdates=(), owner=""
    )
    answer = steps(bare, people=PEOPLE, now=NOW)
    assert isinstance(answer, Refusal)
    assert len(answer.reasons) == 4
