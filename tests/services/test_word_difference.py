"""A difference of texts reads from one to the other, word by word, whatever the texts are."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.services.word_difference import MAX_LINES, word_difference

TEXTS = st.lists(st.sampled_from(["a", "be kind", "brief.", "", "x y z"]), max_size=12).map(
    "\n".join
)


def told(before: str, after: str) -> list[tuple[str, str]]:
    """Return the pieces as pairs."""
    return [(piece.kind, piece.text) for piece in word_difference(before, after)]


@given(TEXTS | st.text(max_size=40), TEXTS | st.text(max_size=40))
def test_nothing_of_either_text_is_lost(before: str, after: str) -> None:
    """What stays and goes is the text before; what stays and comes, the one after."""
    pieces = word_difference(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "in") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "out") == after


def test_one_word_is_told_in_its_sentence() -> None:
    """Only the word that differs goes out and comes in."""
    assert told("Be kind and brief.\n", "Be kind and exact.\n") == [
        ("same", "Be kind and "),
        ("out", "brief"),
        ("in", "exact"),
        ("same", ".\n"),
    ]


def test_two_sentences_without_a_word_in_common_stay_whole() -> None:
    """Shreds would be harder to read."""
    assert told("Pay the seller on Friday.", "Payouts are paused until then.") == [
        ("out", "Pay the seller on Friday."),
        ("in", "Payouts are paused until then."),
    ]


def test_what_is_far_from_a_difference_is_folded() -> None:
    """Three lines stay in sight on each side."""
    lines = [f"line {number}\n" for number in range(40)]
    pieces = word_difference("".join(lines), "".join([*lines[:20], "new\n", *lines[20:]]))
    assert [piece.kind for piece in pieces] == ["folded", "same", "in", "same", "folded"]
    assert pieces[0].lines == 17


def test_the_same_text_is_one_piece() -> None:
    """Nothing is folded where nothing differs."""
    assert told("a\n" * 50, "a\n" * 50) == [("same", "a\n" * 50)]


def test_beyond_the_bounds_nothing_is_matched() -> None:
    """It is told as replaced, lines as well as words."""
    before, after = "a b\n" * (MAX_LINES + 5), "b a\n" * (MAX_LINES + 5)
    assert [kind for kind, _ in told(before, after)] == ["out", "in"]
    assert told("a " * 50_000, "a " * 50_001) == [("out", "a " * 50_000), ("in", "a " * 50_001)]
