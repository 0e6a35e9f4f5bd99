"""PowerShell text into commands: quotes, comments, pipes, blocks; never an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.parsing.powershell_words import MAX_SCRIPT, commands_in


def told(text: str) -> list[tuple[str, ...]]:
    return [tuple(word.text for word in each.words) for each in commands_in(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("claude -p 'it''s' --max-turns 3", [("claude", "-p", "it's", "--max-turns", "3")]),
        ('claude -p "say `"hi`" $x"', [("claude", "-p", 'say "hi" $x')]),
        ("claude `\n  -p x", [("claude", "-p", "x")]),
        ("claude `\r\n  -p x", [("claude", "-p", "x")]),
        ("# claude -p x\nnpm ci", [("npm", "ci")]),
        ("<# claude -p x\n#> npm ci", [("npm", "ci")]),
        ("git diff | claude -p x", [("git", "diff"), ("claude", "-p", "x")]),
        ("a; b && c || d", [("a",), ("b",), ("c",), ("d",)]),
        ("if ($x) { claude -p x }", [("if",), ("claude", "-p", "x")]),
        ('& "C:\\Program Files\\claude.exe" -p x', [("C:\\Program Files\\claude.exe", "-p", "x")]),
        ('"claude -p x"', []),
        ("$x.Count", []),
        ("claude -p @'\nline | one\n'@ --verbose", [("claude", "-p", "line | one", "--verbose")]),
        ('claude -p @"\na\nb\n"@', [("claude", "-p", "a\nb")]),
        ("echo 'unclosed | claude -p x", [("echo", "unclosed | claude -p x")]),
        ("echo a#b", [("echo", "a#b")]),
    ],
)
def test_words(text: str, words: list[tuple[str, ...]]) -> None:
    """What PowerShell would call is called so, and what it only says is not."""
    assert told(text) == words


def test_an_assignment_keeps_its_name_and_line() -> None:
    """The variable that takes the output is known, and where the command stands."""
    first, second = commands_in("npm ci\n\n$out = claude -p x | Out-String")[1:]
    assert (first.assigned, first.line, first.words[0].text) == ("out", 3, "claude")
    assert first.pipe == second.pipe


@given(st.text(alphabet="claude -p'\"`@#<>|&;{}()$\n\r=x\\", max_size=60))
def test_anything_is_read(text: str) -> None:
    """No text fails, and every line is one of the text."""
    for each in commands_in(text):
        assert each.words
        assert 1 <= each.line <= text.count("\n") + 1


def test_giants_are_not_read() -> None:
    """A text beyond the bound has no commands."""
    assert commands_in("a\n" * MAX_SCRIPT) == ()
    assert len(commands_in("a\n" * 40_000)) == 10_000
