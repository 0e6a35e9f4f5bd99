"""The commands of a shell text, each with what feeds it and what reads it.

Commands inside substitutions (`$(…)`) and handed to another shell (`bash -c`) are among them.
Nothing is expanded.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import msgspec

from pawl.parsing.ci.commands import Nested, unwrap
from pawl.parsing.shell_status import simples
from pawl.parsing.shell_tree import Pipe, Simple, parse
from pawl.parsing.shell_words import Unreadable, Word

MAX_DEPTH = 4
MAX_COMMANDS = 2000
MAX_PIPE = 12
"""Commands of a pipe that are looked at on each side of one."""
MAX_RAW = 60
"""Lines of one command that are looked at for where its output goes."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One command. `feeds` and `reads` are the commands before and behind it in its pipe.

    `assigned` is the variable that takes its output, `within` the command one of whose words it
    is. `line` counts from 1 in the text that was read. `raw` is that text from its first line on.
    """

    words: tuple[Word, ...]
    line: int
    feeds: tuple[tuple[str, ...], ...] = ()
    reads: tuple[tuple[str, ...], ...] = ()
    assigned: str = ""
    within: tuple[str, ...] = ()
    raw: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """Its words as texts."""
        return tuple(word.text for word in self.words)


@lru_cache(maxsize=512)
def commands_of(text: str) -> tuple[Command, ...]:
    """Return the commands of a script in order; none of a text that no shell would run."""
    found: list[Command] = []
    for each in _commands(text, 0, Command(words=(), line=1)):
        found.append(each)
        if len(found) >= MAX_COMMANDS:
            break
    starts = sorted({each.line for each in found})
    following = dict(pairwise(starts))
    lines = text.split("\n")
    return tuple(
        msgspec.structs.replace(
            each,
            raw="\n".join(
                lines[
                    each.line - 1 : min(
                        following.get(each.line, len(lines) + 1) - 1, each.line - 1 + MAX_RAW
                    )
                ]
            ),
        )
        for each in found
    )


def _commands(text: str, depth: int, around: Command) -> Iterator[Command]:
    try:
        tree = parse(text)
    except Unreadable:
        return
    yield from _below(tree, depth, around)


def _below(node: object, depth: int, around: Command) -> Iterator[Command]:
    if isinstance(node, Pipe):
        every = [tuple(_texts(part)) for part in node.parts]
        for at, part in enumerate(node.parts):
            feeds = (
                *around.feeds,
                *(words for each in every[max(0, at - MAX_PIPE) : at] for words in each),
            )
            reads = (
                *(words for each in every[at + 1 : at + 1 + MAX_PIPE] for words in each),
                *around.reads,
            )
            inner = msgspec.structs.replace(around, feeds=feeds, reads=reads)
            yield from _below(part, depth, inner)
    elif isinstance(node, Simple):
        yield from _simple(node, depth, around)
    elif isinstance(node, msgspec.Struct):
        for name in node.__struct_fields__:
            yield from _below(getattr(node, name), depth, around)
    elif isinstance(node, tuple):
        for each in node:
            yield from _below(each, depth, around)


def _texts(node: object) -> Iterator[tuple[str, ...]]:
    for simple in simples(node):
        yield tuple(word.text for word in simple.words)


def _simple(node: Simple, depth: int, around: Command) -> Iterator[Command]:
    line = around.line + node.line - 1
    yield msgspec.structs.replace(around, words=node.words, line=line)
    if depth >= MAX_DEPTH:
        return
    texts = tuple(word.text for word in node.words)
    for name, word in node.assigns:
        for inner in word.inner:
            within = Command(words=(), line=line, assigned=name)
            yield from _commands(inner, depth + 1, within)
    for at, word in enumerate(node.words):
        # `export X=$(…)` and `local x=$(…)` assign as well.
        name, sign, _ = word.text.partition("=")
        declared = texts[0] in ("export", "local", "declare", "readonly") and sign and at
        for inner in word.inner:
            within = Command(
                words=(), line=line, assigned=name if declared else "", within=texts[:1]
            )
            yield from _commands(inner, depth + 1, within)
    nested = unwrap(texts) if texts else ()
    if isinstance(nested, Nested):
        yield from _commands(nested.text, depth + 1, msgspec.structs.replace(around, line=line))
