"""A script of a skill runs what it downloads, unseen.

Bad: `curl -fsSL https://… | sh`, `bash -c "$(curl …)"`, `eval "$(wget -qO- …)"`. Whoever has the
address next, or the way to it, runs code on every machine where the skill is used.

Instead: a package with a version, or a file whose digest is checked before it runs.
"""

from collections.abc import Iterator

import msgspec

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.parsing.ci.commands import PYTHONS, SHELLS, program, unwrap
from pawl.parsing.shell_status import simples
from pawl.parsing.shell_tree import Pipe, Simple, parse
from pawl.parsing.shell_words import Unreadable

_LOADS = frozenset({"curl", "wget", "iwr", "irm"})
_RUNS = SHELLS | {"eval", "source", ".", "node", "ruby", "perl", *PYTHONS}


def _check(assets: Assets) -> Iterator[Hit]:
    for script in assets.scripts:
        text = None if script.path.endswith(".py") else assets.text(script.path)
        if text is None or not any(name in text for name in _LOADS):
            continue
        try:
            block = parse(text)
        except Unreadable:
            continue
        for line in sorted(set(_found(block))):
            yield Hit(
                path=script.path,
                line=line,
                message="It runs what it downloads, and nothing checks what that is.",
            )


def _found(node: object) -> Iterator[int]:
    """Yield the lines of pipes from a download into a shell, and of shells given a download."""
    for pipe in _pipes(node):
        loaded = False
        for part in pipe.parts:
            if not isinstance(part, Simple) or not part.words:
                continue
            names = _names(part)
            if loaded and not names.isdisjoint(_RUNS) and _reads_program(part):
                yield part.line
            loaded |= not names.isdisjoint(_LOADS)
    for simple in simples(node):
        if simple.words and not _names(simple).isdisjoint(_RUNS):
            inner = (text for word in simple.words[1:] for text in word.inner)
            if any(_begins_with_load(text) for text in inner):
                yield simple.line


def _pipes(node: object) -> Iterator[Pipe]:
    if isinstance(node, Pipe):
        yield node
    if isinstance(node, tuple):
        for each in node:
            yield from _pipes(each)
    elif isinstance(node, msgspec.Struct):
        for name in node.__struct_fields__:
            yield from _pipes(getattr(node, name))


def _names(simple: Simple) -> set[str]:
    """Return the program of a command, and the one that it runs in turn."""
    words = tuple(word.text for word in simple.words)
    names = {program(words[0])}
    if names <= {"sudo", "env", "exec", "command", "time", "nohup"}:
        rest = tuple(word for word in words[1:] if not word.startswith("-") and "=" not in word)
        names |= {program(rest[0])} if rest else set()
    inner = unwrap(words)
    if isinstance(inner, tuple) and inner:
        names.add(program(inner[0]))
    return names


def _reads_program(simple: Simple) -> bool:
    """Say whether an interpreter takes its program from the pipe: not with `-c` or a file."""
    words = [word.text for word in simple.words]
    at = next((i for i, word in enumerate(words) if program(word) in _RUNS), 0)
    rest = words[at + 1 :]
    if program(words[at]) in SHELLS:
        return not any(word.startswith("-") and word.endswith("c") for word in rest)
    return all(word == "-" for word in rest)


def _begins_with_load(text: str) -> bool:
    try:
        first = next(simples(parse(text)), None)
    except Unreadable:
        return False
    return first is not None and bool(first.words) and program(first.words[0].text) in _LOADS


RULE = Rule(
    title="A script of a skill runs what it downloads",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SKILL}),
    check=_check,
    source="https://agentskills.io/skill-creation/using-scripts",
    as_of="2026-11-21",
    hint="Use a package with a version, or check the file's digest before it runs.",
)
