"""Digests bind to content, not to its spelling."""

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.canonical import canonical_json, canonical_words, digest, sha256_hex

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), values))
def test_key_order_does_not_matter(value: dict[str, object]) -> None:
    """The same mapping in another order has the same bytes."""
    assert canonical_json(dict(reversed(value.items()))) == canonical_json(value)


def test_known_answers() -> None:
    """RFC 8785 spells numbers and escapes in one way only."""
    assert canonical_json({"b": 1.0, "a": "é\n"}) == '{"a":"é\\n","b":1}'.encode()
    assert digest({}) == sha256_hex(b"{}")


NAMES = st.text(st.characters(max_codepoint=126, min_codepoint=32), max_size=5)
WORDS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
    max_leaves=10,
)


@given(WORDS)
def test_words_have_the_same_bytes_by_the_short_way(value: Any) -> None:
    """Texts, truths and whole numbers under plain names are written exactly as RFC 8785 says."""
    assert canonical_words(value) == rfc8785.dumps(value)


EDGES = (0.1 + 0.2, -0.0, 1e-4, 9.99e-5, 1e15, 1e16, 1e21, 31.0, 5e-324, "\ud800", "\x7f\x1f")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**54), 2**54)
    | st.floats()
    | st.text()
    | st.sampled_from(EDGES)
)


@given(
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_every_value_has_the_bytes_of_the_reference(value: Any) -> None:
    """Whichever way a value goes, its bytes or its error are those of the reference."""
    try:
        wanted = rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        with pytest.raises(type(error)):
            canonical_json(value)
    else:
        assert canonical_json(value) == wanted
