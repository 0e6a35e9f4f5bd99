"""Splitting shell text: what is a word, what is an operator, what is neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.parsing.shell_words import (
    MAX_NESTING,
    MAX_SCRIPT,
    MAX_TOKENS,
    Operator,
    Unreadable,
    Word,
    lex,
)


def _split(text: str) -> list[str]:
    return [token.text for token in lex(text)]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("pytest -q || true", ["pytest", "-q", "||", "true"]),
        ("echo 'a || b' \"c; d\"", ["echo", "a || b", "c; d"]),
        ("pytest \\\n  -q", ["pytest", "-q"]),
        ("a # b || c\nd", ["a", "newline", "d"]),
        ("a#b", ["a#b"]),
        ("make 2>&1 >log </dev/null | tee x", ["make", "|", "tee", "x"]),
        ("a &> log && b", ["a", "&&", "b"]),
        ("cat <<EOF\npytest || true\nEOF\nls", ["cat", "newline", "ls"]),
        ("cat <<-'END'\n\ta $(\n\tEND\nls", ["cat", "newline", "ls"]),
        ("grep x <<< \"$y\"", ["grep", "x"]),
        ("[[ $a =~ ^(x|y)$ && -n z ]] && b",
         ["[[", "$a", "=~", "^", "(", "x", "|", "y", ")", "$", "&", "&", "-n", "z", "]]", "&&",
          "b"]),
        ("((i += 1)) || b", ["((i += 1))", "||", "b"]),
        ("if [ ${{ a.b == 'c' }} ]; then", ["if", "[", "${{ a.b == 'c' }}", "]", ";", "then"]),
        ("x=(a b) y", ["x=(a b)", "y"]),
        ("diff <(a | b) c", ["diff", "<(a | b)", "c"]),
        ("echo \"a\\\"b\" c\\ d", ["echo", 'a"b', "c d"]),
    ],
)  # fmt: skip
def test_a_script_splits_as_a_shell_splits_it(text: str, tokens: list[str]) -> None:
    """Quotes, comments, redirections, heredocs and continuations are read as a shell reads them."""
    assert _split(text) == tokens


def test_a_word_keeps_the_commands_substituted_in_it() -> None:
    """Substitutions are kept apart, with parentheses and quotes inside them."""
    (word,) = lex('"a $(f "$(g)" \')\') b"`h i`')
    assert isinstance(word, Word)
    assert word.inner == ("f \"$(g)\" ')'", "h i")
    assert not word.bare


def test_tokens_know_their_lines() -> None:
    """A token's line counts those inside quotes and heredocs before it."""
    tokens = lex("a 'x\ny'\nb <<E\n1\n2\nE\nc")
    assert [(token.text, token.line) for token in tokens if not isinstance(token, Operator)] == [
        ("a", 1),
        ("x\ny", 1),
        ("b", 3),
        ("c", 7),
    ]


DEEP = "$(" * (MAX_NESTING + 1)
LONG = "x" * (MAX_SCRIPT + 1)
MANY = "x;" * MAX_TOKENS


@pytest.mark.parametrize("text", ["a 'b", 'a "b', "$(a", "${a", "`a", "${{ a }", DEEP, LONG, MANY])
def test_what_is_not_closed_or_too_much_is_refused(text: str) -> None:
    """A script that cannot be followed says so instead of being guessed at."""
    with pytest.raises(Unreadable):
        lex(text)


@given(st.text(alphabet=st.sampled_from(list("ab \n'\"\\$(){}`|&;<>#=[]!-0"))))
def test_no_text_breaks_the_lexer(text: str) -> None:
    """Any text is split or refused."""
    try:
        tokens = lex(text)
    except Unreadable:
        return
    assert all(token.line <= text.count("\n") + 1 for token in tokens)
