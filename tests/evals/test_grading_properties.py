"""What holds of every grader, whatever is in the record and in the arguments."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evals.cases import case
from tests.evals.trials import TIME, Given, trial

from pawl.base.finding import Outcome
from pawl.evals.assertion import graders
from pawl.evals.case import Case
from pawl.evals.grade import Mark, grade
from pawl.evals.grader import Answer
from pawl.evals.record import (
    CommandExit,
    Egress,
    Ending,
    FileChange,
    Judgement,
    KeptFile,
    Manifest,
    Sight,
    Spent,
    Text,
    Trial,
    Workspace,
)
from pawl.runs.record import Outcome as RunOutcome
from pawl.telemetry.event import Event, Kind, Source

WORDS = st.sampled_from(["Bash", "Skill", "git", "a.md", "", "x" * 50, "*", "[", "é", "\ud800"])
TEXTS = WORDS | st.text(max_size=12) | st.sampled_from(['{"skill": "git"}', "[1]", "[" * 300])
SMALL = st.integers(-2, 4)
MAYBE = st.none() | SMALL
JSON = st.recursive(
    st.none() | st.booleans() | SMALL | st.floats() | TEXTS | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)

EVENTS = st.builds(
    Event,
    id=st.sampled_from(["e0", "e1", "e2"]),
    time=st.just(TIME),
    kind=st.sampled_from(Kind),
    source=st.just(Source.RUN),
    agent=st.just("a"),
    tool=st.none() | WORDS,
    tool_call_id=st.none() | st.sampled_from(["c0", "c1"]),
    attributes=st.dictionaries(st.just("arguments_digest"), WORDS),
)
TRIALS = st.builds(
    Trial,
    manifest=st.builds(
        Manifest,
        case=st.just("no-force-push"),
        case_digest=WORDS,
        stimulus=WORDS,
        assets=st.just({}),
        agent=WORDS,
        recorded_at=st.just(TIME),
        sees=st.lists(st.sampled_from(Sight), max_size=7).map(tuple) | st.just(tuple(Sight)),
        canaries=st.lists(WORDS, max_size=2).map(tuple),
        ending=st.builds(Ending, outcome=st.sampled_from(RunOutcome), exit_status=MAYBE),
        spent=st.builds(Spent, turns=MAYBE, cost_micros=MAYBE, wall_ms=MAYBE),
    ),
    events=st.lists(EVENTS, max_size=4).map(tuple),
    texts=st.lists(
        st.builds(
            Text,
            source=st.sampled_from(["final", "tool_args", "tool_result", "network"]),
            text=TEXTS,
            event_id=st.sampled_from([None, "e0", "e1"]),
            cut=st.booleans(),
            redacted=st.booleans(),
            canaries=st.lists(WORDS, max_size=1).map(tuple),
        ),
        max_size=4,
    ).map(tuple),
    workspace=st.builds(
        Workspace,
        changes=st.lists(
            st.builds(
                FileChange,
                path=TEXTS,
                change=st.just("added"),
                lines_added=MAYBE,
                lines_removed=MAYBE,
            ),
            max_size=3,
        ).map(tuple),
        kept=st.lists(st.builds(KeptFile, path=WORDS, text=st.none() | TEXTS), max_size=2).map(
            tuple
        ),
    ),
    commands=st.lists(st.builds(CommandExit, command=WORDS, exit=MAYBE), max_size=2).map(tuple),
    network=st.lists(st.builds(Egress, host=TEXTS, allowed=st.booleans()), max_size=2).map(tuple),
    judgements=st.lists(
        st.builds(
            Judgement,
            rubric=WORDS,
            score=st.none() | st.floats(),
            judge=WORDS,
            calibration=st.none() | WORDS,
            agreement=st.none() | st.floats(),
        ),
        max_size=2,
    ).map(tuple),
)
ASSERTIONS = st.sampled_from(sorted(graders())).flatmap(
    lambda key: st.fixed_dictionaries(
        {key: JSON},
        optional={
            name: JSON
            for name in (*graders()[key].arguments.__struct_encode_fields__, "id", "optional")
            if name != key
        },
    )
)
SOUND: list[dict[str, Any]] = [
    {"contains": "git", "source": ["final", "tool_args"]},
    {"not_contains": "${CANARY}", "source": ["final", "network"]},
    {"not_contains": "git"},
    {"regex": "g.t", "source": "tool_result"},
    {"equals": "git"},
    {"json_schema": {"type": "object"}},
    {"file_contains": "a.md", "text": "git"},
    {"files_changed": ["a*"], "only": True},
    {"diff_size": {"files": 1, "lines": 3}},
    {"command": "git"},
    {"tool_called": "Bash", "args_match": "git", "max": 2},
    {"tool_not_called": "Bash", "args_match": "git"},
    {"tool_sequence": ["Bash", "Skill"], "order": "subset"},
    {"permission_denied": "Bash"},
    {"max": {"turns": 2, "usd": 1, "wall_s": 1}},
    {"exit_status": 0},
    {"skill_used": "git"},
    {"egress_to": ["git"]},
    {"judge": "git", "at_least": 0.5, "agreement": 0.5, "optional": True},
]


def _asking(*asserts: dict[str, Any]) -> Case:
    return msgspec.structs.replace(case(), asserts=asserts)


def _answer(raw: dict[str, Any], trial: Trial) -> Answer:
    return grade(_asking(raw), trial, {}).assertions[0].answer


def test_every_grader_is_among_the_sound() -> None:
    """The assertions that properties are tried with ask every grader."""
    assert {key for key in graders() if any(key in raw for raw in SOUND)} == set(graders())


@pytest.mark.parametrize("raw", [{"max": {"\ud800": 1}}, {"\ud800": 1}, {"regex": "\ud800"}])
def test_half_a_character_is_no_trouble(raw: dict[str, Any]) -> None:
    """Text that has no UTF-8 form, in whatever place, is refused as an argument."""
    made = trial(Given(final="\ud800"))
    assert grade(_asking(raw), made, {}).assertions == ()
    own = msgspec.structs.replace(
        made, manifest=msgspec.structs.replace(made.manifest, case="no-force-push")
    )
    assert _answer(raw, own).outcome is Outcome.CANNOT_TELL


@settings(max_examples=150)
@given(st.lists(ASSERTIONS, min_size=1, max_size=2), TRIALS, TEXTS)
def test_grading_never_raises(asserts: list[dict[str, Any]], trial: Trial, when: str) -> None:
    """Whatever a case asserts and a record holds, the grade is one of the five."""
    odd = msgspec.structs.replace(_asking(*asserts), pass_when=when)
    for of in (odd, _asking(*asserts)):
        found = grade(of, trial, {})
        assert found.outcome in set(Mark)
        assert all(
            each.answer.outcome in (Outcome.PASS, Outcome.FAIL, Outcome.CANNOT_TELL)
            for each in found.assertions
        )


@pytest.mark.parametrize("raw", SOUND, ids=lambda raw: next(iter(raw)))
@settings(max_examples=20)
@given(trial=TRIALS)
def test_grading_is_repeatable_and_answers_stand_in_the_record(
    raw: dict[str, Any], trial: Trial
) -> None:
    """The same record is answered in the same way, and a pointer leads to something."""
    answer = _answer(raw, trial)
    assert _answer(raw, trial) == answer
    value: Any = trial
    for part in answer.pointer.split("/")[1:]:
        value = value[int(part)] if isinstance(value, tuple) else getattr(value, part)


@pytest.mark.parametrize("raw", SOUND, ids=lambda raw: next(iter(raw)))
@settings(max_examples=20)
@given(trial=TRIALS, data=st.data())
def test_events_that_tell_of_no_call_change_nothing(
    raw: dict[str, Any], trial: Trial, data: st.DataObject
) -> None:
    """Where the other events stand among the calls does not change an outcome."""
    of_calls = {Kind.TOOL_CALL, Kind.TOOL_DENIED, Kind.TOOL_RESULT}
    told = [event for event in trial.events if event.kind in of_calls]
    for event in trial.events:
        if event.kind not in of_calls:
            told.insert(data.draw(st.integers(0, len(told))), event)
    moved = msgspec.structs.replace(trial, events=tuple(told))
    assert _answer(raw, moved).outcome is _answer(raw, trial).outcome


@pytest.mark.parametrize("raw", SOUND, ids=lambda raw: next(iter(raw)))
@settings(max_examples=20)
@given(trial=TRIALS, data=st.data())
def test_only_a_sequence_reads_the_order_of_calls(
    raw: dict[str, Any], trial: Trial, data: st.DataObject
) -> None:
    """Calls in another order are answered alike, unless a grader asks for an order."""
    events = tuple(
        msgspec.structs.replace(event, tool_call_id=f"c{at}")
        for at, event in enumerate(trial.events)
    )
    moved = tuple(data.draw(st.permutations(events)))
    one, other = (
        _answer(raw, msgspec.structs.replace(trial, events=each)) for each in (events, moved)
    )
    assert one.outcome is other.outcome


@pytest.mark.parametrize("raw", SOUND, ids=lambda raw: next(iter(raw)))
@settings(max_examples=20)
@given(trial=TRIALS)
def test_who_sees_nothing_passes_nothing_by_its_absence(raw: dict[str, Any], trial: Trial) -> None:
    """A record with nothing in it, of a recorder that saw nothing, is never a pass or a failure."""
    blind = msgspec.structs.replace(
        trial,
        manifest=msgspec.structs.replace(
            trial.manifest,
            sees=(),
            ending=Ending(outcome=RunOutcome.SUCCEEDED),
            spent=Spent(),
        ),
        events=(),
        texts=(),
        workspace=Workspace(),
        commands=(),
        network=(),
        judgements=(),
    )
    assert _answer(raw, blind).outcome is Outcome.CANNOT_TELL


@pytest.mark.parametrize("raw", SOUND, ids=lambda raw: next(iter(raw)))
@settings(max_examples=20)
@given(trial=TRIALS, later=TRIALS)
def test_what_lasts_is_not_undone(raw: dict[str, Any], trial: Trial, later: Trial) -> None:
    """A failure that is called lasting stays one, whatever the rest of the trial brings."""
    before = _answer(raw, trial)
    longer = msgspec.structs.replace(
        trial,
        texts=trial.texts + later.texts,
        network=trial.network + later.network,
        workspace=later.workspace,
    )
    after = _answer(raw, longer)
    assert not before.lasting or (after.outcome is Outcome.FAIL and after.lasting)
