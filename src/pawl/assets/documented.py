"""Commands that a page tells an agent to run: in fenced shell code, and in inline code."""

from collections.abc import Iterator, Sequence

import msgspec

from pawl.assets.pages import Page
from pawl.parsing.ci.commands import Nested, program, unwrap
from pawl.parsing.phrases import commands_in
from pawl.parsing.prose import split_page
from pawl.parsing.shell_status import simples
from pawl.parsing.shell_tree import parse
from pawl.parsing.shell_words import Unreadable

MAX_SAID = 400


class Said(msgspec.Struct, frozen=True):
    """One command: its words, and the 1-based line of the page that says it."""

    words: tuple[str, ...]
    line: int


def said_in(page: Page) -> tuple[Said, ...]:
    """Return the commands of a page in the order of lines; what no shell would run is left out."""
    split = split_page(page.text, "markdown")
    found: list[Said] = []
    for mention in commands_in(split.blocks, split.prose):
        found.extend(Said(words, mention.line) for words in words_of(mention.text))
        if len(found) > MAX_SAID:
            break
    return tuple(found[:MAX_SAID])


def words_of(script: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of every simple command of a script; nothing where it is none."""
    try:
        commands = list(simples(parse(script)))
    except Unreadable:
        return
    for simple in commands:
        if simple.words:
            yield tuple(word.text for word in simple.words)


def bare(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command that a command runs, without wrappers and with its program's plain name.

    A command handed to another shell as text is none here.
    """
    inner = unwrap(words)
    if isinstance(inner, Nested) or not inner:
        return ()
    return (program(inner[0]), *inner[1:])


def begins(words: Sequence[str], known: Sequence[str]) -> str | None:
    """Return which of some commands a command's plain words begin with, or None.

    A known command is its first words with blanks between; options before and within are passed
    over unless the known command names them.
    """
    if not words:
        return None
    first = words[0]
    for each in known:
        wanted = each.split(" ")
        if wanted[0] != first:
            continue
        plain = [word for word in words if not word.startswith("-") or word in wanted]
        if plain[: len(wanted)] == wanted:
            return each
    return None
