"""A command that runs before the model reads anything reaches out, changes things, or runs a text.

Bad: `` !`curl https://…` ``, `` !`rm -rf build` ``, `` !`grep $ARGUMENTS src` `` in a skill or
command. It runs as soon as the page is used, with nobody to look at it, and what was typed behind
the command's name is put into the shell's text as it stands.

Instead: let it only read (`` !`git status --short` ``), and let the model do the rest, where rules
and hooks apply. In a Rust or Dart sample, `!` before a backtick is none of this.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.documented import bare, begins
from pawl.assets.dynamic import Dynamic, dynamic_in
from pawl.assets.judgement import dynamic_commands
from pawl.assets.profiles import is_claude
from pawl.assets.rule import Hit, Rule
from pawl.assets.targets import packages
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex
from pawl.parsing.ci.commands import Nested, program, unwrap
from pawl.parsing.shell_status import simples
from pawl.parsing.shell_tree import Simple, parse
from pawl.parsing.shell_words import Unreadable, Word

MAX_NESTING = 3
_NONE: frozenset[str] = frozenset()
_LOOPBACK = regex(r"(?:https?://)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?:[:/]|$)")
_GIVEN = regex(r"\$(?:ARGUMENTS\b|\{ARGUMENTS\}|[0-9](?![0-9]))")


def _check(assets: Assets) -> Iterator[Hit]:
    for page in (*assets.skills, *assets.commands):
        if not is_claude(page):
            continue
        commands = dynamic_in(page)
        own = packages(assets.whole) if any("npx" in each.text for each in commands) else _NONE
        for command in commands:
            why = _wrong(command, own)
            if why is not None:
                yield Hit(
                    path=page.path,
                    line=command.line,
                    message=f"`{command.text.strip()[:80]}` runs before the model reads it, "
                    f"and {why}.",
                    subject=command.text[:300],
                )


def _wrong(command: Dynamic, own: frozenset[str]) -> str | None:
    try:
        commands = list(_all(command.text, 0))
    except Unreadable:
        return None
    found = (_of_simple(simple, own) for simple in commands)
    return next((why for why in found if why is not None), None)


def _all(text: str, depth: int) -> Iterator[Simple]:
    """Yield the commands of a script and of the substitutions in it."""
    for simple in simples(parse(text)):
        yield simple
        for word in (*simple.words, *(word for _, word in simple.assigns)):
            for inner in word.inner if depth < MAX_NESTING else ():
                yield from _all(inner, depth + 1)


def _of_simple(simple: Simple, own: frozenset[str]) -> str | None:
    words = tuple(word.text for word in simple.words)
    if not words:
        return None
    given = next((word for word in simple.words if _takes(word)), None)
    if given is not None:
        return f"`{given.text[:40]}` is put into it without quotes"
    if program(words[0]) == "npx" and not own.isdisjoint(bare(words)[:1]):
        return None
    why = _program(words)
    if why is None:
        inner = unwrap(words)
        why = _program(inner) if not isinstance(inner, Nested) else None
    return why


def _takes(word: Word) -> bool:
    return word.bare and _GIVEN.search(word.text) is not None


def _program(words: tuple[str, ...]) -> str | None:
    if not words or {"--help", "--version", "--dry-run"} & set(words):
        return None
    known = dynamic_commands()
    name = program(words[0])
    plain = (name, *words[1:])
    options = known.evaluates.get(name)
    if options is not None and (not options or set(options) & set(words[1:])):
        return f"`{name}` runs a text as a program"
    if name in ("npx", "bunx") and {"--no-install", "--no", "--offline"} & set(words):
        return None
    if any(_LOOPBACK.match(word) for word in words):
        return None
    if (found := begins(plain, known.reaches)) is not None:
        return f"`{found}` reaches out of the machine"
    if (found := begins(plain, known.writes)) is not None:
        return f"`{found}` changes things"
    return None


RULE = Rule(
    title="A command that runs by itself reaches out, changes things, or runs a text",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SKILL, Kind.COMMAND}),
    check=_check,
    source="https://code.claude.com/docs/en/skills",
    as_of="2026-11-21",
    hint="Let it only read, and let the model do the rest.",
    products=("claude-code",),
)
