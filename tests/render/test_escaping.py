"""Escaping: hostile text shows as itself and never as markup, a link or a mention."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from tests.render.hostile import hostile

from pawl.render.escaping import (
    cut,
    html_text,
    markdown_code,
    markdown_text,
    percent_encoded,
    plain,
    wrapped,
)


class Shown(HTMLParser):
    """Collects text and counts tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags += 1

    def handle_data(self, data: str) -> None:
        self.text += data


@given(hostile)
def test_plain_text_is_one_printable_line(text: str) -> None:
    """No control character, no line break, no reordering mark is left, and nothing else goes."""
    shown = plain(text)
    assert shown.isprintable()
    assert len(shown) == len(text)


@given(hostile)
def test_html_shows_exactly_the_plain_text(text: str) -> None:
    """A parser finds no tag and reads the plain text back."""
    parser = Shown()
    parser.feed(f"<p>{html_text(text)}</p>")
    parser.close()
    assert (parser.text, parser.tags) == (plain(text), 1)
    assert '"' not in html_text(text)
    assert "'" not in html_text(text)


@given(hostile)
def test_markdown_text_has_no_live_markup(text: str) -> None:
    """Each special character is escaped, so pipes, tags, links and mentions stay words."""
    shown = markdown_text(text)
    assert shown.isprintable()
    live = shown.replace("\\\\", "")
    for special in "|<>`*_[]":
        assert live.count(special) == live.count(f"\\{special}")
    assert "@" not in shown
    assert "://" not in shown
    assert "www." not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("- item", "\\- item"),
        ("1. one", "1\\. one"),
        ("0.5 days", "0.5 days"),
        ("a | b", "a \\| b"),
        ("R&D", "R&amp;D"),
        ("@team", "&#64;&#8203;team"),
        ("https://x.example", "https&#58;//x.example"),
        ("two\nlines", "two lines"),
    ],
)
def test_markdown_examples(text: str, shown: str) -> None:
    """What begins a list is escaped, and ordinary figures are left readable."""
    assert markdown_text(text) == shown


@given(hostile)
def test_a_code_span_ends_where_it_should(text: str) -> None:
    """There is no backtick inside, and no pipe that a table would see."""
    shown = markdown_code(text)
    assert shown == "" or (shown[0] == shown[-1] == "`" and "`" not in shown[1:-1])
    assert "|" not in re.sub(r"\\.", "", shown)


@given(hostile)
def test_a_path_becomes_a_relative_reference(text: str) -> None:
    """Only unreserved characters, slashes and percent codes are left."""
    shown = percent_encoded(text)
    assert shown.isascii()
    assert all(each.isalnum() or each in "-._~/%" for each in shown)


@given(hostile)
def test_wrapped_lines_keep_every_word(text: str) -> None:
    """Wrapping loses no word, and only one word alone may be wider than a line."""
    lines = list(wrapped(text, 2, 4))
    assert " ".join(lines).split() == plain(text).split()
    assert all(len(line) <= 100 or len(line.split()) == 1 for line in lines)


def test_cut_text_says_that_it_was_cut() -> None:
    """A text that does not fit ends in an ellipsis and is no longer than asked."""
    assert cut("abcdef", 4) == "abc…"
    assert cut("abcd", 4) == "abcd"
