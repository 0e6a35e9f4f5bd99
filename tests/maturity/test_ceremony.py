"""An assessment as people hold it: every pair of state and command, and what closing asks."""

from typing import Any

import msgspec
import pytest
from tests.maturity.judged import NOW, NUMBERS, SUBJECT, ago, assessed, record
from tests.maturity.test_assess import ladder, proved
from tests.maturity.test_stagnation import closed as summarised

from pawl.base.finding import Outcome
from pawl.maturity.ceremony import TABLE, after, decide, open_ceremony, summary
from pawl.maturity.ceremony_terms import (
    COMMANDS,
    MAX_ENTRIES,
    MAX_TEXT,
    Abandon,
    Action,
    AgreeFindings,
    AttachEvidence,
    Ceremony,
    Close,
    Command,
    Gap,
    NoteGap,
    NoteStrength,
    PlanAction,
    Refusal,
    SetTarget,
    State,
    Strength,
)
from pawl.maturity.confirm import Trigger
from pawl.maturity.verdict import ModelResult

ENG = msgspec.structs.replace(ladder(2, 3, 4), digest="d" * 64)
QUARTER = Trigger(cause="quarter", ref="2026-Q4", at=ago(1))


def result(*levels: int) -> ModelResult:
    """Return what is measured with these levels proved."""
    return assessed(ENG, *proved(*levels), *((record("l4", Outcome.FAIL),))).models[0]


ATTACH = AttachEvidence(result=result(2, 3), assessment="e" * 64)
STRENGTH = NoteStrength(strength=Strength(dimension="one", text="Tests run.", criterion="l2"))
GAP = NoteGap(gap=Gap(id="l4", dimension="one", text="Nothing stops a red build."))
AGREE = AgreeFindings()
PLAN = PlanAction(
    action=Action(
        id="act-1",
        gap="l4",
        text="Block red builds.",
        owner="platform",
        due="2026-12-31",
        indicator="red-builds-block",
    )
)
TARGET = SetTarget(dimension="one", level=3)
CLOSE = Close(model=ENG, numbers=NUMBERS)
ABANDON = Abandon(reason="The team was split.")
SAMPLES: dict[type[Command], Command] = {
    type(each): each for each in (ATTACH, STRENGTH, GAP, AGREE, PLAN, TARGET, CLOSE, ABANDON)
}


def opened() -> Ceremony:
    """Return a ceremony that a quarter opened."""
    ceremony = open_ceremony("cer-1", SUBJECT, ENG, QUARTER, ago(1))
    assert isinstance(ceremony, Ceremony)
    return ceremony


def told(ceremony: Ceremony, *commands: Command) -> Ceremony:
    """Return the ceremony after commands that must all be taken."""
    for command in commands:
        events = decide(ceremony, command, NOW)
        assert not isinstance(events, Refusal), events
        for event in events:
            ceremony = after(ceremony, event)
    return ceremony


IN_EVIDENCE = (ATTACH, STRENGTH, GAP)
IN_ACTIONS = (*IN_EVIDENCE, AGREE, PLAN, TARGET)
STATES: dict[State, tuple[Command, ...]] = {
    State.DRAFT: (),
    State.EVIDENCE: (ATTACH,),
    State.ACTIONS: IN_ACTIONS,
    State.CLOSED: (*IN_ACTIONS, CLOSE),
    State.ABANDONED: (ABANDON,),
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", COMMANDS)
def test_every_pair_of_state_and_command(state: State, kind: type[Command]) -> None:
    """A pair in the table is handled; any other is refused, and says when it can be done."""
    ceremony = told(opened(), *STATES[state])
    assert ceremony.state is state
    answer = decide(ceremony, SAMPLES[kind], NOW)
    refused_as_such = isinstance(answer, Refusal) and answer.code == "not-now"
    assert refused_as_such is ((state, kind) not in TABLE)
    if isinstance(answer, Refusal) and refused_as_such:
        assert "It can be done while it is" in answer.hint


def test_every_command_can_be_done_somewhere() -> None:
    """No command is there that no state takes, and nothing leaves the two ends."""
    assert {kind for _, kind in TABLE} == set(COMMANDS)
    assert not {State.CLOSED, State.ABANDONED} & {state for state, _ in TABLE}


def test_a_whole_assessment() -> None:
    """From its trigger to the confirmed level, with what it leaves for the next one."""
    ceremony = told(opened(), *IN_ACTIONS, CLOSE)
    assert ceremony.state is State.CLOSED
    assert [(each.dimension, each.level) for each in ceremony.confirmed] == [("one", 2)]
    assert summary(ceremony).levels == {"one": 2}
    assert summary(ceremony).gaps == {"l4": "one"}


def test_a_ceremony_survives_storage() -> None:
    """Written and read as JSON it is the same aggregate."""
    ceremony = told(opened(), *IN_ACTIONS, CLOSE)
    assert msgspec.json.decode(msgspec.json.encode(ceremony), type=Ceremony) == ceremony


def code(*commands: Command) -> str:
    """Return the code with which the last command is refused."""
    *before, last = commands
    answer = decide(told(opened(), *before), last, NOW)
    assert isinstance(answer, Refusal), answer
    return answer.code


def changed(command: Any, **fields: Any) -> Any:
    """Return a command whose only field is changed."""
    (name,) = command.__struct_fields__
    inner = msgspec.structs.replace(getattr(command, name), **fields)
    return type(command)(**{name: inner})


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ((ATTACH, AGREE), "no-findings"),
        ((ATTACH, STRENGTH, AGREE), "no-findings"),
        ((ATTACH, GAP, AGREE), "no-findings"),
        ((*IN_EVIDENCE, AGREE, CLOSE), "gap-without-action"),
        ((*IN_EVIDENCE, AGREE, PLAN, CLOSE), "no-target"),
        ((*IN_ACTIONS, SetTarget(dimension="one", level=4), CLOSE), "target-too-far"),
        ((*IN_ACTIONS, SetTarget(dimension="one", level=9), CLOSE), "target-too-far"),
    ],
)
def test_it_cannot_close_without_findings_actions_and_target(
    commands: tuple[Command, ...], expected: str
) -> None:
    """Strengths, gaps, work for each gap, a target at most one step up."""
    assert code(*commands) == expected


def test_keeping_the_level_is_a_target_as_well() -> None:
    """One step up is the most, not the least."""
    keep = SetTarget(dimension="one", level=2)
    assert told(opened(), *IN_ACTIONS, keep, CLOSE).state is State.CLOSED


def test_closing_takes_the_model_that_judged() -> None:
    """Another version of the model cannot confirm what it did not judge."""
    other = msgspec.structs.replace(ENG, digest="f" * 64)
    assert code(*IN_ACTIONS, Close(model=other, numbers=NUMBERS)) == "other-model"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"owner": " "}, "not-owned"),
        ({"indicator": ""}, "not-owned"),
        ({"due": "soon"}, "not-dated"),
        ({"due": "2026-11-21"}, "not-dated"),
        ({"due": "20261231"}, "not-dated"),
        ({"gap": "other"}, "unknown-gap"),
        ({"text": ""}, "bad-text"),
        ({"text": "x" * (MAX_TEXT + 1)}, "bad-text"),
        ({"id": ""}, "taken"),
    ],
)
def test_an_action_is_owned_dated_and_about_a_gap(fields: dict[str, Any], expected: str) -> None:
    """Who, until when, for which gap, and what will show that it worked."""
    assert code(*IN_EVIDENCE, AGREE, changed(PLAN, **fields)) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (changed(STRENGTH, criterion="l4"), "not-met"),
        (changed(STRENGTH, dimension="none"), "unknown-dimension"),
        (changed(STRENGTH, text=" "), "bad-text"),
        (changed(GAP, id="l2"), "met"),
        (changed(GAP, id=" "), "taken"),
        (changed(GAP, dimension="none"), "unknown-dimension"),
    ],
)
def test_findings_agree_with_the_evidence(command: Command, expected: str) -> None:
    """What is not met is no strength, what is met no gap."""
    assert code(ATTACH, command) == expected


def test_nothing_stands_twice() -> None:
    """A gap or an action of the same name is refused, and so is an endless list."""
    assert code(ATTACH, GAP, GAP) == "taken"
    assert code(*IN_EVIDENCE, AGREE, PLAN, PLAN) == "taken"
    assert code(ATTACH, *[STRENGTH] * (MAX_ENTRIES + 1)) == "too-many"


def test_only_a_complete_result_of_the_same_model_is_evidence() -> None:
    """A probe in error, or another model's result, confirms nothing here."""
    whole = ATTACH.result
    partly = AttachEvidence(result=msgspec.structs.replace(whole, complete=False), assessment="e")
    assert code(partly) == "incomplete"
    other = AttachEvidence(result=msgspec.structs.replace(whole, model="ops"), assessment="e")
    assert code(other) == "other-model"


def test_new_evidence_takes_back_the_findings_it_contradicts() -> None:
    """A strength that no longer holds goes; one that rests on no criterion stays."""
    culture = NoteStrength(strength=Strength(dimension="one", text="People ask early."))
    gap = changed(GAP, id="l3")
    first = AttachEvidence(result=result(2), assessment="a")
    nothing = AttachEvidence(result=result(3), assessment="b")
    ceremony = told(opened(), first, STRENGTH, culture, gap, GAP, nothing)
    assert [each.text for each in ceremony.strengths] == ["People ask early."]
    assert [each.id for each in ceremony.gaps] == ["l4"]


def test_a_second_flat_assessment_with_the_same_gap_raises_an_intervention() -> None:
    """Closing it records that leadership must look."""
    before = summarised(1, {"one": 2}, {"l4": "one"})
    history = told(opened(), *IN_ACTIONS, CLOSE).confirmed
    flat = AttachEvidence(result=result(2), assessment="e")
    close = Close(model=ENG, numbers=NUMBERS, history=history, past=(before,))
    ceremony = told(opened(), flat, STRENGTH, GAP, AGREE, PLAN, TARGET, close)
    assert [each.cause for each in ceremony.interventions] == ["same-gap"]


def test_an_assessment_is_opened_by_a_trigger_and_one_at_a_time() -> None:
    """Without a trigger, beside another one, or about an unknown dimension it does not open."""
    nameless = Trigger(cause="quarter", ref=" ", at=NOW)
    strange = Trigger(cause="incident", ref="INC-1", at=NOW, dimensions=("none",))
    refused = [
        open_ceremony("c", SUBJECT, ENG, nameless, NOW),
        open_ceremony("c", SUBJECT, ENG, QUARTER, NOW, running="cer-0"),
        open_ceremony("c", SUBJECT, ENG, strange, NOW),
    ]
    codes = [each.code for each in refused if isinstance(each, Refusal)]
    assert codes == ["no-trigger", "one-at-a-time", "unknown-dimension"]


def test_giving_up_needs_a_reason_and_confirms_nothing() -> None:
    """An abandoned assessment keeps its reason."""
    assert code(Abandon(reason=" ")) == "no-reason"
    ceremony = told(opened(), ATTACH, ABANDON)
    assert (ceremony.state, ceremony.confirmed) == (State.ABANDONED, ())
    assert ceremony.abandoned_because == "The team was split."
