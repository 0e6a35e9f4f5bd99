"""Configuration as plain values."""

import json

from hypothesis import given
from hypothesis import strategies as st

from pawl.parsing.config_text import jsonc

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


@given(_VALUES)
def test_plain_json_is_read_as_it_is(value: object) -> None:
    """What looks like a comment inside of a string is part of it."""
    assert jsonc(json.dumps(value)) == value


def test_comments_and_trailing_commas_are_allowed() -> None:
    """As editors and agents' products allow them."""
    assert jsonc('{"a": "x // y", /* c */ "b": [1, 2,], // z\n}') == {"a": "x // y", "b": [1, 2]}


def test_a_string_that_never_closes_costs_no_more_than_its_length() -> None:
    """Hostile text of many quotes is refused, and at once: it would take hours otherwise."""
    assert jsonc('{"x": "' + '\\"' * 200_000) is None
    assert jsonc("{" + '"\\\n' * 100_000) is None
