"""An agent's answer is read where it can be, and is unreadable, never empty, where it cannot."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.finding import Severity
from pawl.review.answer import MAX_ANSWER, MAX_SAID, read_answer
from pawl.review.finding import MAX_TITLE, Category

ONE: dict[str, Any] = {
    "category": "security",
    "severity": "high",
    "confidence": 0.8,
    "title": "A hole",
    "file": "app.py",
    "line": 3,
    "last_line": 4,
    "evidence": "eval(x)",
    "suggestion": "Use `ast.literal_eval`.",
}


def told(*findings: Any) -> str:
    return json.dumps({"findings": list(findings)})


@pytest.mark.parametrize(
    "text",
    [
        told(ONE),
        f"Here it is:\n```json\n{told(ONE)}\n```\nThat is all.",
        f"I saw {{braces}} and {{'this': 1}} first. {told(ONE)}",
        f'First {told()} was a draft; now {{"more": "uses {{x", "findings": [{json.dumps(ONE)}]}}',
    ],
)
def test_json_is_found_in_text(text: str) -> None:
    """Bare, fenced, after prose and after a draft: the last object with findings is the answer."""
    answer = read_answer(text)
    assert answer.unreadable == ""
    assert [(each.title, each.line, each.last_line) for each in answer.said] == [("A hole", 3, 4)]


def test_structured_output_comes_first() -> None:
    """Where the agent has an answer of its own form, its prose is not looked at."""
    answer = read_answer("nothing", told(ONE).encode())
    assert len(answer.said) == 1
    assert len(read_answer(told(ONE), b'{"else": 1}').said) == 1
    assert read_answer(None, b'{"else": 1}').unreadable


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "   ",
        "I found no problems!",
        "{}",
        "[]",
        '{"findings": "none"}',
        '{"findings": [',
        '{"findings"',
        "{" * 50_000 + '"findings"',
        '{"a":' * 50_000 + '{"findings": []',
        "x" * (MAX_ANSWER + 1),
        told("a", 1, None),
    ],
)
def test_what_cannot_be_read_is_unreadable(text: str | None) -> None:
    """Prose, torn JSON and other shapes are no answer; they are not "nothing found"."""
    answer = read_answer(text)
    assert answer.said == ()
    assert answer.unreadable


def test_an_empty_list_is_an_answer() -> None:
    """An agent that found nothing says so."""
    answer = read_answer('{"findings": []}')
    assert (answer.said, answer.dropped, answer.unreadable) == ((), (), "")


def test_each_bad_finding_is_dropped_with_its_reason() -> None:
    """One that is malformed does not take the others with it."""
    answer = read_answer(
        told(ONE, ONE | {"confidence": 7}, ONE | {"severity": "dire"}, ONE | {"line": "3"}, 5)
    )
    assert len(answer.said) == 1
    assert [each.title for each in answer.dropped] == ["A hole"] * 3 + [""]
    assert all(each.reason.startswith("not of the form asked for") for each in answer.dropped)


def test_what_is_near_enough_is_taken() -> None:
    """Case, an unknown category, a missing last line and reversed lines are no reason to drop."""
    odd = ONE | {"category": "Performance", "severity": " HIGH ", "side": "New", "last_line": 1}
    del odd["evidence"]
    found = read_answer(told(odd, ONE | {"last_line": None})).said
    assert (found[0].category, found[0].severity) == (Category.OTHER, Severity.HIGH)
    assert (found[0].line, found[0].last_line, found[0].evidence) == (1, 3, "")
    assert found[1].last_line == 3


def test_long_texts_are_cut_and_secrets_are_not_told_on() -> None:
    """An agent that was talked into reading a key does not publish it in a title."""
    key = "ghp_" + "a1B2" * 9
    found = read_answer(told(ONE | {"title": f"Look: {key} " + "x" * 999, "suggestion": key})).said
    assert key not in found[0].title + found[0].suggestion
    assert len(found[0].title) == MAX_TITLE


def test_more_findings_than_anybody_reads_are_counted() -> None:
    """What lies beyond the bound is told of as a number."""
    answer = read_answer(told(*[ONE] * (MAX_SAID + 3)))
    assert len(answer.said) == MAX_SAID
    assert answer.dropped[0].reason.startswith("3 more findings")


@given(st.text(max_size=200), st.recursive(st.none() | st.text(max_size=9), st.lists, max_leaves=5))
def test_nothing_crashes_it(text: str, value: object) -> None:
    """Any text around and any value inside gives an answer or says why not."""
    answer = read_answer(f"{text}{json.dumps({'findings': [value, {**ONE, 'title': value}]})}")
    assert answer.said or answer.unreadable
    read_answer(text)
