"""How alike two texts are."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.parsing.likeness import SKETCH, likeness, sketch

WORDS = [f"word{number}" for number in range(500)]


def test_the_estimate_is_near_the_share_that_is_common() -> None:
    """Texts sharing half of their triples look half alike, within the error of the sketch."""
    half = WORDS[:250] + [f"other{number}" for number in range(250)]
    # 248 triples in common of 748 in both together.
    assert abs(likeness(sketch(WORDS), sketch(half)) - 248 / 748) < 0.2
    assert likeness(sketch(WORDS), sketch(WORDS)) == 1.0
    assert likeness(sketch(WORDS), sketch(list(reversed(WORDS)))) < 0.05


def test_texts_too_short_to_compare_are_like_nothing() -> None:
    """Two words are no triple, and nothing is not alike to nothing."""
    assert likeness(sketch(["a", "b"]), sketch(["a", "b"])) == 0.0


@given(st.lists(st.sampled_from(WORDS[:30]), max_size=80), st.lists(st.sampled_from(WORDS[:30])))
def test_likeness_is_a_symmetric_share(one: list[str], other: list[str]) -> None:
    """It lies between 0 and 1, and the order of two texts does not matter."""
    first, second = sketch(one), sketch(other)
    assert 0 <= likeness(first, second) <= 1
    assert likeness(first, second) == likeness(second, first)
    assert len(first) <= SKETCH
