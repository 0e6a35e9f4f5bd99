"""Patterns and schemas of a case cost no more than the text they are looked for in."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.evals.assertion import BadAssertion, read_assertion
from pawl.evals.matching import BadPattern, compiled, found, leaves

PIECES = st.sampled_from(
    ["a", "b", "(", ")", "[", "]", "*", "+", "?", "{2}", "|", "^", "$", "\\", "é"]
)


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=20), st.text(max_size=20))
def test_a_pattern_is_searched_for_or_refused(pattern: str, text: str) -> None:
    """Any text is a pattern that can be searched for, or a BadPattern."""
    try:
        compiled(pattern)
    except BadPattern:
        return
    assert found(pattern, text) in (True, False)


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a|a)*b", "(a|aa)+$", "a*a*a*a*a*a*a*a*a*b", "(.*)*x", "^(([a-z])+.)+[A-Z]"],
)
def test_no_pattern_takes_for_ever(pattern: str) -> None:
    """What keeps a backtracking engine busy for years is answered at once, on a long text."""
    assert found(pattern, "a" * 100_000 + "!") is False


@pytest.mark.parametrize("pattern", ["a" * 1001, r"(a)\1", "(?<!a)b", "\ud800"])
def test_what_is_not_linear_is_refused(pattern: str) -> None:
    """Long patterns, back references and lookaround are refused by name."""
    with pytest.raises(BadPattern):
        compiled(pattern)


def test_leaves_are_bounded() -> None:
    """The texts inside a JSON value are found at any depth, a thousand of them at most."""
    assert sorted(leaves('{"a": ["x", {"b": "y"}], "c": 1}')) == ["x", "y"]
    assert len(leaves("[" + ",".join(['"a"'] * 5000) + "]")) == 1000
    assert leaves("[" * 100_000) == []


def test_a_schema_that_doubles_is_refused() -> None:
    """References that double at each of thirty steps are counted, not followed."""
    steps: dict[str, Any] = {
        f"d{at}": {"allOf": [{"$ref": f"#/$defs/d{at + 1}"}] * 2} for at in range(30)
    }
    schema = {"$ref": "#/$defs/d0", "$defs": {**steps, "d30": {"type": "string"}}}
    with pytest.raises(BadAssertion, match="more than 10,000 places"):
        read_assertion({"json_schema": schema}, 0)
