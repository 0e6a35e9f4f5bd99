"""Code, strings and comments told apart, with every offset kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.parsing.lexing import Lines, can_lex, lex, pairs

LANGUAGES = [
    "python", "javascript", "typescript", "go", "java", "kotlin", "scala", "groovy", "rust",
    "ruby", "c", "cpp", "csharp", "swift", "dart", "php", "shell",
]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text", "code", "comments"),
    [
        ("python", "x = '# a'  # b", 'x = "   "     ', ["# b"]),
        ("python", "'''a\n# b'''\ny", "\"   \n     \"\ny", []),
        ("javascript", "f(`a // b`) // c", 'f("      ")     ', ["// c"]),
        ("c", "/* \"a */ x = '\"'; // y", "         x = \" \";     ", ['/* "a */', "// y"]),
        ("rust", "fn f<'a>() { r#\"x\"y\"# }", "fn f<'a>() { \"      \" }", []),
        ("ruby", "=begin\n'\n=end\nx # y", "      \n \n    \nx    ", ["=begin\n'\n=end", "# y"]),
        ("shell", "echo a#b # c", "echo a#b    ", ["# c"]),
    ],
)  # fmt: skip
def test_strings_and_comments_are_blanked(
    language: str, text: str, code: str, comments: list[str]
) -> None:
    """What a string says is gone, what a comment says is handed over, the rest stays in place."""
    lexed = lex(text, language)
    assert [comment for _, comment in lexed.comments] == comments
    assert lexed.code == code


@given(st.sampled_from(LANGUAGES), st.text(alphabet="ab'\"`#/*\\\n =r(){}begind", max_size=80))
def test_every_offset_and_line_is_kept(language: str, text: str) -> None:
    """Whatever the text, lexed code is as long as it and has its lines where they were."""
    assert can_lex(language)
    lexed = lex(text, language)
    assert len(lexed.code) == len(text)
    assert [at for at, sign in enumerate(lexed.code) if sign == "\n"] == [
        at for at, sign in enumerate(text) if sign == "\n"
    ]
    for offset, comment in lexed.comments:
        assert text[offset : offset + len(comment)] == comment


def test_lines_are_found_by_offset() -> None:
    """An offset's line counts from 1."""
    lines = Lines("a\nbc\n")
    assert [lines.at(offset) for offset in (0, 1, 2, 4, 5)] == [1, 1, 2, 2, 3]


def test_brackets_are_paired() -> None:
    """Each bracket knows where its partner ends; one that nothing closes reaches to the end."""
    assert pairs("a{b{c}}d{") == {1: 7, 3: 6, 8: 9}
    assert pairs("}}") == {}
    assert pairs("f(g())", "()") == {1: 6, 3: 5}
