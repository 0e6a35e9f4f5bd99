"""What is read out of suites that test agents."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.agent_suite import EXTRACT, AgentSuite, read
from pawl.maturity.facts.tree import TreeFile

FILE = "evals/unit/a/promptfooconfig.yaml"


def _read(path: str, text: str) -> AgentSuite:
    found = read(path, text)
    assert found is not None
    return found


def test_suites_tell_cases_level_repeats_and_citations() -> None:
    """Level comes from the file, else from the folder; a citation of nothing is none."""
    found = _read(
        "evals/e2e/ship/promptfooconfig.yaml",
        "suite: ship\nrepeats: 5\ncases:\n"
        "- {id: a, prompt: Go, checks: [{type: rubric, value: says why}], incident: INC-1}\n"
        "- {id: b, prompt: Go, metadata: {incidents: [INC-1, INC-2]}}\n"
        "- {id: c, prompt: Go, incident: ''}\n",
    )
    assert (found.name, found.level, found.repeats) == ("ship", "e2e", 5)
    assert (found.cases, found.graded, found.citing) == (3, 1, 2)
    assert (found.ids, found.cites) == (("a", "b", "c"), ("INC-1", "INC-2"))


def test_promptfoo_and_skills_are_read() -> None:
    """Other formats' cases count the same; a check for all holds for each."""
    found = _read(
        "promptfooconfig.yaml",
        "tests: [{vars: {a: b}}, {vars: {a: c}}]\n"
        "defaultTest: {assert: [{type: llm-rubric, value: says why}]}\n"
        "evaluateOptions: {repeat: 3}\n",
    )
    assert (found.format, found.cases, found.graded, found.repeats) == ("promptfoo", 2, 2, 3)
    text = json.dumps(
        {"skill_name": "release", "evals": [{"id": 1, "prompt": "Go", "expected_output": "a tag"}]}
    )
    found = _read(".claude/skills/release/evals/evals.json", text)
    assert (found.name, found.level, found.graded) == ("release", "integration", 1)


@pytest.mark.parametrize(
    ("check", "telling"),
    [
        ("[{type: contains, value: Security}]", False),
        ("[{contains: Security}]", False),
        ("Security", False),
        ("null", False),
        ("[]", False),
        ("[{type: contains, value: the lock is missing}]", True),
        ("[{type: command, value: pytest}]", True),
        ("names the missing lock", True),
    ],
)
def test_one_word_in_the_answer_is_no_check(check: str, telling: bool) -> None:
    """A check must be able to tell right from wrong."""
    found = _read(
        "evals/a/promptfooconfig.yaml", f"cases: [{{id: a, prompt: Go, checks: {check}}}]\n"
    )
    assert bool(found.graded) is telling


def test_a_single_case_is_a_suite_of_one() -> None:
    """One case a file is usual."""
    assert _read(FILE, "prompt: Go\nexpect: a tag is there\n").cases == 1


def test_files_without_cases_are_none() -> None:
    """Other files in the folder are no suites; a broken one says so."""
    assert read("evals/notes/promptfooconfig.yaml", "owner: pay\n") is None
    assert _read("evals/a/promptfooconfig.yaml", "cases: [\n").problem


def test_it_wants_suites_only() -> None:
    """By path; our own cases are surveyed with their records instead."""
    assert EXTRACT.wants(TreeFile("app/promptfooconfig.yml", 10, "0" * 40))
    assert not EXTRACT.wants(TreeFile(".pawl/evals/promptfooconfig.yml", 10, "0" * 40))
    assert EXTRACT.wants(TreeFile("skills/a/evals.json", 10, "0" * 40))
    assert not EXTRACT.wants(TreeFile("evals/a.yaml", 10, "0" * 40))


@given(
    st.sampled_from(["evals/a/promptfooconfig.yaml", ".pawl/evals/a.json", "promptfooconfig.yaml"]),
    st.text(max_size=300)
    | st.dictionaries(
        st.sampled_from(["cases", "tests", "repeats", "level", "prompt", "expect", "suite"]),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["id", "checks", "incident", "type"]), inner)
            ),
            max_leaves=8,
        ),
    ).map(json.dumps),
)
def test_any_text_is_read(path: str, text: str) -> None:
    """No content raises."""
    read(path, text)
