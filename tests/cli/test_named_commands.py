"""Commands that messages and hints name: each exists, and can be typed as it stands."""

import re
from pathlib import Path

import click
import pytest

from pawl.cli.main import pawl

SOURCE = Path(__file__).parents[2] / "src/pawl"
NAMED = re.compile(r"`pawl ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)*)")
AWAITED: set[str] = set()
"""Groups that a probe names which says itself that it awaits them."""


def unknown(words: str) -> str:
    """Return the first word that no command has, or nothing."""
    group: click.Command = pawl
    for word in words.split():
        if not isinstance(group, click.Group):
            return ""  # What follows are its arguments.
        context = click.Context(group)
        found = group.get_command(context, word)
        if found is None:
            return word
        group = found
    return ""


def test_every_command_that_a_message_names_exists() -> None:
    """In all our sources: what stands as `pawl …` can be typed."""
    named = {
        (words, path.name)
        for path in (*SOURCE.rglob("*.py"), *SOURCE.rglob("*.yaml"))
        for words in NAMED.findall(re.sub(r'"\s*\n\s*f?"', "", path.read_text()))
    }
    assert len(named) > 50
    lacking = {each for each in named if unknown(each[0])}
    assert {each for each in lacking if unknown(each[0]) not in AWAITED} == set()
    assert {unknown(words) for words, _ in lacking} == AWAITED, "what came is no longer awaited"


@pytest.mark.parametrize(
    ("words", "word"),
    [
        ("rehearse run rollback", "rehearse"),
        ("change drill prompt", ""),
        ("change drills", "drills"),
    ],
)
def test_what_is_none_is_found(words: str, word: str) -> None:
    """A command that does not exist is, one level down too; arguments of one that does are not."""
    assert unknown(words) == word
