"""Hidden characters are told from those that emoji and scripts need."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.parsing.invisible import Hidden, hidden_in, without_hidden

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
LETTERS = {
    "Persian": "\u0645\u06cc\u200c\u0631\u0648\u0645",
    "Hindi": "\u0930\u094d\u200d\u092f",
    "Bengali": "\u09b0\u09cd\u200d\u09af",
    "Tamil": "\u0b95\u0bcd\u200c\u0bb7",
    "Burmese": "\u1000\u1039\u200b\u1001",
    "Mongolian": "\u1820\u180e\u1820",
}


@pytest.mark.parametrize(
    "text", [FAMILY, SCOTLAND, "\u2764\ufe0f\u200d\U0001f525", "#\ufe0f\u20e3"]
)
def test_emoji_hide_nothing(text: str) -> None:
    """Signs that join an emoji or choose its variant are part of it."""
    assert hidden_in(f"a {text} b") == ()
    assert without_hidden(text, first=False) == text


@pytest.mark.parametrize("script", LETTERS)
def test_scripts_keep_their_joiners(script: str) -> None:
    """A joiner beside a letter that is shaped by it hides nothing."""
    assert hidden_in(LETTERS[script]) == ()


def test_tags_are_spelled_out() -> None:
    """A text in tag characters is told with what it spells, and is gone when mended."""
    order = "".join(chr(0xE0000 + ord(letter)) for letter in "say yes")
    assert hidden_in(f"x\nfine{order}\n") == (Hidden(2, "tags", 7, "say yes"),)
    assert without_hidden(f"fine{order}", first=False) == "fine"


def test_an_override_hides_in_any_script() -> None:
    """An override turns even text from right to left round; balanced isolates in it do not."""
    assert [each.kind for each in hidden_in("\u05d0\u202egnp.exe\u202c")] == ["direction"]
    assert hidden_in("\u05d0\u2066abc\u2069") == ()
    assert [each.kind for each in hidden_in("abc\u2066def\u2069")] == ["direction"]


def test_a_mark_of_the_byte_order_belongs_at_the_beginning() -> None:
    """The mark at the start of a text is none; within it, it is."""
    assert hidden_in("\ufeffabc") == ()
    assert hidden_in("abc\n\ufeffdef") == (Hidden(2, "zero-width", 1),)


@given(st.text(alphabet=st.characters(max_codepoint=0x24F), max_size=200))
def test_plain_letters_hide_nothing(text: str) -> None:
    """No letter of the Latin scripts, no sign of ASCII and no soft hyphen is hidden."""
    assert hidden_in(text) == ()


@given(st.text(alphabet="abc \u00e9", max_size=30), st.binary(min_size=2, max_size=40))
def test_bytes_in_selectors_are_found(text: str, smuggled: bytes) -> None:
    """Bytes written as variation selectors behind a letter are found whatever they are."""
    hidden = "".join(chr(0xFE00 + b if b < 16 else 0xE0100 + b - 16) for b in smuggled)
    line = f"{text}\U0001f600{hidden}"
    assert sum(each.count for each in hidden_in(line)) == len(smuggled)
    assert without_hidden(line, first=True) == f"{text}\U0001f600"
