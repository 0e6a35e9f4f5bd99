"""Conditions: every branch must refuse, one part of a conjunction is enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.assets.conditions import Says, judge

TERMS = {"in": Says.REFUSES, "open": Says.LETS_PASS, "other": Says.FALSE}


def ask(term: str, negated: bool) -> Says:
    """Answer for three made-up terms; behind a `!` each lets pass."""
    return Says.LETS_PASS if negated else TERMS.get(term, Says.LETS_PASS)


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("", Says.LETS_PASS),
        ("in", Says.REFUSES),
        ("${{ in }}", Says.REFUSES),
        ("in && open", Says.REFUSES),
        ("open && in", Says.REFUSES),
        ("in || open", Says.LETS_PASS),
        ("in || other", Says.REFUSES),
        ("other && in", Says.FALSE),
        ("other || other", Says.FALSE),
        ("(in || in) && open", Says.REFUSES),
        ("open && (in || (open && other))", Says.REFUSES),
        ("open && (in || (open && open))", Says.LETS_PASS),
        ("!in", Says.LETS_PASS),
        ("!(open || in)", Says.LETS_PASS),
        ("!!in", Says.REFUSES),
        ("in) || open", Says.REFUSES),
        ("call(a || b) && in", Says.REFUSES),
        ("x == ')||(' && in", Says.REFUSES),
    ],
)
def test_branches_and_parts(condition: str, says: Says) -> None:
    """A choice is as open as its most open branch, a conjunction as its strictest part."""
    assert judge(condition, ask).says is says


def test_the_term_that_decides_is_named() -> None:
    """A verdict names what it rests on."""
    assert judge("open && (in || other)", ask).term == "in"


@given(st.text(alphabet="()!|&'= inopenther", max_size=80))
def test_no_text_is_a_problem(text: str) -> None:
    """Whatever stands there, an answer comes."""
    assert judge(text, ask).says in Says


def test_a_deep_or_a_long_condition_lets_pass() -> None:
    """What cannot be followed keeps nobody out."""
    assert judge("(" * 2000 + "open" + ")" * 2000, ask).says is Says.LETS_PASS
    assert judge("in && " * 2000 + "in", ask).says is Says.LETS_PASS
