"""A promptfoo configuration becomes cases, and what does not is named with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evals.trials import Given, trial

from pawl.base.errors import BadFile
from pawl.base.finding import Outcome
from pawl.evals.assertion import graders, read_assertions
from pawl.evals.counts import CaseClass
from pawl.evals.grade import Mark, graded_assertions, judged
from pawl.evals.importers.imported import Imported, Origin
from pawl.evals.importers.promptfoo import import_promptfoo

ORIGIN = Origin(added="2026-11-21", owner="platform")
CONFIG = """\
description: a suite
providers: [openai:gpt-5]
prompts:
  - "Summarise {{ text }}"
  - file://prompt.txt
defaultTest:
  assert:
    - {type: latency, threshold: 3000}
tests:
  - description: Says it short
    vars: {text: a long story}
    threshold: 0.5
    assert:
      - {type: contains, value: story}
      - {type: not-contains, value: "{{text}}"}
      - {type: icontains, value: STORY, weight: 2}
      - {type: contains-all, value: [a, b]}
      - {type: equals, value: "a story"}
      - {type: regex, value: "sto.y"}
      - {type: not-regex, value: "novel"}
      - {type: regex, value: "(?=x)"}
      - {type: is-json}
      - {type: is-json, value: {type: object}}
      - {type: is-json, value: file://s.json}
      - {type: cost, threshold: 0.02}
      - {type: cost}
      - {type: javascript, value: "output.length < 9"}
      - {type: not-python, value: "x"}
      - {type: llm-rubric, value: is nice}
      - {type: not-is-json}
      - {value: x}
  - vars: {text: [a, b]}
    assert: [{type: contains, value: x}]
  - vars: {text: a}
    assert: [{type: javascript, value: x}]
  - text
"""


def imported(text: str = CONFIG) -> Imported:
    """Return what a file becomes."""
    return import_promptfoo(text, place="p.yaml", origin=ORIGIN)


def test_what_can_be_graded_is_carried_over() -> None:
    """Each supported assertion becomes one of ours, the shared ones first; negation is kept."""
    found = imported()
    assert [case.id for case in found.cases] == ["says-it-short"]
    case = found.cases[0]
    assert case.case_class is CaseClass.BEHAVIOUR
    assert case.run.prompt == "Summarise a long story"
    assert case.provenance.source == "p.yaml:10"
    assert [each.grader for each in read_assertions(case)] == [
        "max", "contains", "not-contains", "contains", "contains", "equals", "regex", "regex",
        "json-schema", "json-schema", "max",
    ]  # fmt: skip
    assert case.asserts[0]["max"] == {"wall_s": 3.0}
    assert case.asserts[2]["not_contains"] == "a long story"
    assert "and not a8 and" in case.pass_when


def test_what_cannot_is_named_with_its_place() -> None:
    """Code, judges, other files, weights: each is told of with its line and the reason."""
    told = {(left.place, left.what): left.why for left in imported().left}
    assert told == {
        ("p.yaml:2", "providers"): "agents are named when a suite is run",
        ("p.yaml:5", "prompt"): "it is in another file",
        ("p.yaml:12", "threshold"): "nothing here stands for it",
        ("p.yaml:16", "weight"): "an assertion holds or it does not",
        ("p.yaml:21", "regex"): "regex: '(?=x)' is no pattern that can be searched for in linear"
        " time. Use no lookaround and no back references, and close every bracket..",
        ("p.yaml:24", "is-json"): "its schema is in another file",
        ("p.yaml:26", "cost"): "it has no threshold",
        ("p.yaml:27", "javascript"): "javascript would run code of the file",
        ("p.yaml:28", "not-python"): "python would run code of the file",
        ("p.yaml:29", "llm-rubric"): "no grader stands for llm-rubric",
        ("p.yaml:30", "not-is-json"): "no grader stands for not-is-json",
        ("p.yaml:31", "assertion"): "it has no type",
        ("p.yaml:32", "test"): "the variable text is no single text in this file",
        ("p.yaml:34", "test"): "none of its own assertions was carried over",
        ("p.yaml:35", "javascript"): "javascript would run code of the file",
        ("p.yaml:36", "test"): "not a mapping in this file",
    }


def test_shared_assertions_are_enough_where_a_test_has_none() -> None:
    """A test that only has shared assertions is a case with those."""
    found = imported(
        "prompts: [hi]\ndefaultTest: {assert: [{type: contains, value: a}]}\n"
        "tests: [{description: x}, {assert: [{type: python, value: a}]}]\n"
    )
    assert [case.id for case in found.cases] == ["x"]


def test_an_imported_case_grades() -> None:
    """A record that does as promptfoo asked passes, and one that does not fails."""
    case = imported(
        "prompts: [hi]\ntests:\n  - assert:\n"
        "      - {type: contains, value: a}\n      - {type: not-regex, value: 'b+'}\n"
    ).cases[0]
    for final, mark in (("a", Mark.PASS), ("ab", Mark.FAIL), ("c", Mark.FAIL)):
        record = trial(Given(final=final))
        assert judged(case, record, graded_assertions(case, record))[0] is mark
    assert graders()["contains"].grade(record, read_assertions(case)[0].arguments).outcome is (
        Outcome.FAIL
    )


def test_templates_that_do_more_are_left() -> None:
    """A template with logic or filters is not guessed at."""
    for prompt in ("{% if a %}x{% endif %}", "{{ a | upper }}", "{{ missing }}"):
        found = imported(
            f"prompts: ['{prompt}']\ntests:\n  - vars: {{a: b}}\n"
            "    assert: [{type: contains, value: a}]\n"
        )
        assert not found.cases
        assert found.left[-1].what == "test"


@pytest.mark.parametrize("text", ["[]", "prompts: [a]", "tests: 1", "tests: ["])
def test_what_is_no_configuration_is_refused(text: str) -> None:
    """A file without tests is refused by name."""
    with pytest.raises(BadFile, match=r"p\.yaml"):
        imported(text)


@given(st.data())
def test_importing_is_total(data: st.DataObject) -> None:
    """A file with pieces cut out becomes cases that can be graded, or is refused by name."""
    start = data.draw(st.integers(0, len(CONFIG)))
    end = data.draw(st.integers(start, min(len(CONFIG), start + 80)))
    try:
        found = imported(CONFIG[:start] + CONFIG[end:])
    except BadFile:
        return
    for case in found.cases:
        assert read_assertions(case)
