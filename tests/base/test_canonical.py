"""Digests bind to content, not to its spelling."""

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
def test_words_have_the_same_bytes_by_the_short_way(value: object) -> None:
    """Texts, truths and whole numbers under plain names are written exactly as RFC 8785 says."""
    assert canonical_words(value) == canonical_json(value)
