"""Digests, intervals, clocks and hidden letters read as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from pawl.changes.metrics import rate
from pawl.server.change_formatting import coming, digest, interval, lasting, revealed


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, "\N{EN DASH}"),
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 m"),
        (90, "1 m 30 s"),
        (3_600, "1 h"),
        (86_399, "23 h 59 m"),
        (86_400, "1 d"),
        (90_000, "1 d 1 h"),
    ],
)
def test_spans_have_two_units_at_most(seconds: float | None, told: str) -> None:
    """What is nothing of the smaller unit is left out."""
    assert lasting(seconds) == told


def test_what_comes_and_what_is_over_are_told_apart() -> None:
    """Ahead is in, behind is ago."""
    assert (coming(60), coming(-60)) == ("in 1 m", "1 m ago")


def test_an_interval_of_nothing_is_none() -> None:
    """A share of nothing has none, and one of something has both ends."""
    assert interval(rate(0, 0)) == "\N{EN DASH}"
    assert interval(rate(4, 5)) == "38\N{EN DASH}96 %"


def test_a_digest_is_short_and_can_be_copied_whole() -> None:
    """Twelve letters to see, all of it in the title, and none where there is none."""
    assert digest("ab" * 32) == (f'<code class="digest" title="{"ab" * 32}">abababababab</code>')
    assert digest("") == "\N{EN DASH}"
    assert "<img" not in digest("<img src=x>")


@pytest.mark.parametrize(
    "letter",
    ["\u202e", "\u2066", "\u200b", "\u00ad", "\ufeff", "\x00", "\x1b", "\r", "\u2028", "\u3164",
     "\ufe0f", "\U000e0041", "\u00a0", "\u2800"],
)  # fmt: skip
def test_letters_that_cannot_be_seen_are_named(letter: str) -> None:
    """Each stands there by its number, and its neighbours as they are."""
    told = revealed(f"a{letter}b")
    assert f"U+{ord(letter):04X}" in told
    assert letter not in told
    assert told.startswith("a")
    assert told.endswith("b")


@given(st.text(max_size=30))
def test_no_text_becomes_markup(text: str) -> None:
    """Whatever it is, only our own mark is an element in it."""
    told = revealed(text)
    assert isinstance(told, Markup)
    bare = str(told).replace('<b class="hid" title="', "").replace("</b>", "")
    assert bare.count("<") == 0


@pytest.mark.parametrize("text", ["plain", "two\nlines\tand a tab", "Grüße, 世界", "a < b & c"])
def test_what_can_be_seen_stays(text: str) -> None:
    """Nothing is named in a text that hides nothing."""
    assert "hid" not in revealed(text)
    assert revealed(text).unescape() == text
