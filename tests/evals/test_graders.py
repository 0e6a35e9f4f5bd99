"""Every grader on its cases: what passes, what fails, and what the record does not tell.

A case in `tests/evals/graders/cases/<grader>.yaml` has an assertion, a trial in short, and the
answer: its outcome, a part of what is told, and the pointer into the record.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.evals.trials import Given, trial

import pawl.evals.graders
from pawl.base.catalogue import load, names
from pawl.base.finding import Outcome
from pawl.base.loading import load_yaml
from pawl.evals.assertion import BadAssertion, grader_key, graders, read_assertion
from pawl.evals.grader import Grader

CASES = Path(__file__).parent / "graders" / "cases"
GRADERS = names(pawl.evals.graders)


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One assertion on one trial. `actual` must stand in what the answer tells."""

    name: str
    asserted: dict[str, Any]
    trial: Given = Given()
    actual: str = ""
    pointer: str = ""
    lasting: bool = False


class Cases(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cases of one grader, by outcome, and assertions that are refused with what is said."""

    passes: tuple[Case, ...]
    fails: tuple[Case, ...]
    cannot_tell: tuple[Case, ...]
    refused: tuple[tuple[dict[str, Any], str], ...] = ()


def cases(grader: str) -> Cases:
    path = CASES / f"{grader}.yaml"
    return load_yaml(path.read_text(encoding="utf-8"), Cases, place=str(path))


ALL = [
    pytest.param(grader, case, outcome, id=f"{grader}: {outcome}: {case.name}")
    for grader in GRADERS
    for outcome, held in (
        (Outcome.PASS, cases(grader).passes),
        (Outcome.FAIL, cases(grader).fails),
        (Outcome.CANNOT_TELL, cases(grader).cannot_tell),
    )
    for case in held
]
REFUSED = [
    pytest.param(grader, raw, said, id=f"{grader}: {said}")
    for grader in GRADERS
    for raw, said in cases(grader).refused
]


@pytest.mark.parametrize(("grader", "case", "outcome"), ALL)
def test_a_grader_answers_with_what_it_rests_on(grader: str, case: Case, outcome: Outcome) -> None:
    """A grader's answer has the outcome, the words and the pointer that its case states."""
    assertion = read_assertion(case.asserted, 0)
    assert assertion.grader == grader
    record = trial(case.trial)
    answer = graders()[grader.replace("-", "_")].grade(record, assertion.arguments)
    assert answer.outcome is outcome, answer
    assert case.actual in answer.actual
    assert answer.expected
    assert answer.lasting is case.lasting
    if case.pointer:
        assert answer.pointer == case.pointer
    if answer.pointer:
        _resolved(msgspec.to_builtins(record), answer.pointer)


def _resolved(value: Any, pointer: str) -> Any:
    """Follow a pointer; raises where it leads to nothing."""
    for part in pointer.split("/")[1:]:
        value = value[int(part)] if isinstance(value, list | tuple) else value[part]
    return value


@pytest.mark.parametrize(("grader", "raw", "said"), REFUSED)
def test_arguments_that_mean_nothing_are_refused(
    grader: str, raw: dict[str, Any], said: str
) -> None:
    """An assertion whose arguments cannot be graded is refused with the reason."""
    with pytest.raises(BadAssertion, match=said.replace("(", r"\(")):
        read_assertion(raw, 0)


@pytest.mark.parametrize("grader", GRADERS)
def test_a_grader_is_proved_three_ways(grader: str) -> None:
    """A grader has cases that pass, fail and cannot tell, and says when it cannot."""
    held = cases(grader)
    assert held.passes
    assert held.fails
    assert held.cannot_tell
    module = __import__(f"pawl.evals.graders.{grader.replace('-', '_')}", fromlist=["GRADER"])
    assert "\nCannot tell: " in (module.__doc__ or "")
    value = load(pawl.evals.graders, grader, "GRADER", Grader)
    assert value.title[0].isupper()
    assert grader.replace("-", "_") in value.arguments.__struct_encode_fields__


def test_an_assertion_is_always_of_one_grader() -> None:
    """No two graders take each other's key, so the keys of an assertion name one grader."""
    known = graders()
    for key, grader in known.items():
        for other, second in known.items():
            both = other in grader.arguments.__struct_encode_fields__ and (
                key in second.arguments.__struct_encode_fields__
            )
            assert key == other or not both
    assert grader_key({"max": 1, "tool_called": "Bash"}) == "tool_called"
