"""A script of a skill waits for somebody to type.

Bad: `read -p "Continue? " answer` or `input("Name: ")`. An agent runs it where nobody types: it
hangs until its time is up, or reads an end of file and goes on with an empty answer.

Instead: take arguments, and ask only at a terminal (`[ -t 0 ]`, `sys.stdin.isatty()`) or without an
option such as `--yes`.
"""

import ast
from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex
from pawl.parsing.ci.commands import program
from pawl.parsing.shell_status import simples
from pawl.parsing.shell_tree import parse
from pawl.parsing.shell_words import Unreadable
from pawl.parsing.syntax_tree import walk

_ASKS_FIRST = (
    "isatty", "-t 0", "-t 1", "/dev/tty", "PS1", "--non-interactive", "--no-interactive",
    "noninteractive", "--yes", "--force", "--no-input", "--no-prompt", "--assume-yes", "--batch",
)  # fmt: skip
"""Signs that a script looks for somebody first, or can be told that nobody is there."""
_CALLS = regex(r"(?<![\w.])(?:input|getpass|getpass\.getpass)\(")
_PROMPTS = regex(r"-[a-zA-Z]{0,8}p.{0,200}")
MAX_TREE = 200_000
"""Characters of a Python script that is parsed."""


def _check(assets: Assets) -> Iterator[Hit]:
    for script in assets.scripts:
        text = assets.text(script.path)
        if text is None or any(sign in text for sign in _ASKS_FIRST):
            continue
        found = _python(text) if script.path.endswith(".py") else _shell(text)
        for line, what in found:
            yield Hit(
                path=script.path,
                line=line,
                message=f"`{what}` waits for somebody to type, and an agent does not.",
                subject=what,
            )


def _shell(text: str) -> Iterator[tuple[int, str]]:
    if "read" not in text:
        return
    try:
        commands = list(simples(parse(text)))
    except Unreadable:
        return
    for simple in commands:
        words = [word.text for word in simple.words]
        if words and program(words[0]) == "read":
            timed = any(word.startswith("-t") for word in words)
            if not timed and any(_PROMPTS.fullmatch(word) for word in words[1:]):
                yield simple.line, "read -p"


def _python(text: str) -> Iterator[tuple[int, str]]:
    if len(text) > MAX_TREE or _CALLS.search(text) is None:
        return
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    own = {
        node.name for node in walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    lines = {}
    for node in walk(tree):
        if isinstance(node, ast.Call):
            name = _called(node.func)
            if name in ("input", "getpass.getpass", "getpass") and name not in own:
                lines[node.lineno] = f"{name}()"
    yield from sorted(lines.items())


def _called(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return ""


RULE = Rule(
    title="A script of a skill waits for somebody to type",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SKILL}),
    check=_check,
    source="https://agentskills.io/skill-creation/using-scripts",
    as_of="2026-11-21",
    hint="Take arguments, and ask only at a terminal.",
)
