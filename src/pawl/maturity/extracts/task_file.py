"""Makefiles, justfiles and package scripts: what stands behind the target that CI calls.

A gate may hide behind `make test`; a target whose recipe only prints is no gate at all.
"""

from typing import Literal

import msgspec

from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.ci.pipeline import GateCommand
from pawl.parsing.ci.steps import Deeds, judge_script
from pawl.parsing.shell_fate import Shell, fates
from pawl.parsing.shell_words import Unreadable

MAX_TASKS = 300
MAX_LINES = 200
PRINTS = frozenset({"true", ":", "echo", "printf", "exit", "sleep", "pwd", "date", "env"})
Runner = Literal["make", "just", "npm"]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One target. `empty` says that its own recipe runs nothing but prints; `needs` run before it.

    `gates` are the commands of its recipe that check something, with why one cannot fail.
    """

    name: str
    line: int | None = None
    empty: bool = False
    needs: tuple[str, ...] = ()
    gates: tuple[GateCommand, ...] = ()


class TaskFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of targets."""

    runner: Runner
    tasks: tuple[Task, ...] = ()

    def find(self, name: str) -> Task | None:
        """Return the target of a name, or None."""
        return next((task for task in self.tasks if task.name == name), None)


def _runner(path: str) -> Runner | None:
    name = path.rpartition("/")[2]
    if name in ("Makefile", "makefile", "GNUmakefile"):
        return "make"
    if name in ("justfile", "Justfile", ".justfile"):
        return "just"
    return "npm" if name == "package.json" else None


def wants(file: TreeFile) -> bool:
    """Say whether a file holds targets; nested ones are read for workspaces, not deeper."""
    return file.path.count("/") <= 3 and _runner(file.path) is not None


def _judge(name: str, line: int | None, lines: list[str], needs: tuple[str, ...]) -> Task:
    """Return a target from its recipe, of which each line is a shell of its own."""
    deeds = Deeds()
    prints = True
    for at, text in enumerate(lines[:MAX_LINES]):
        stripped = text.strip()
        command = stripped.lstrip("@-+")
        ignored = "`-` ignores its failure" if "-" in stripped[: -len(command) or None] else None
        here = None if line is None else line + 1 + at
        try:
            judge_script(deeds, command, Shell(False, False), here, {}, ignored)
            ran = fates(command, Shell(False, False))
        except (Unreadable, RecursionError):
            prints = False
            continue
        prints = prints and all(each.words[0] in PRINTS for each in ran)
    return Task(
        name=name[:100],
        line=line,
        empty=prints,
        needs=needs,
        gates=tuple(deeds.gates),
    )


def _make_text(text: str) -> str:
    """Return a recipe line with make's variables written as the shell writes them."""
    out, rest = [], text.replace("$$", "\0")
    while "$(" in rest:
        before, _, rest = rest.partition("$(")
        inside, closed, after = rest.partition(")")
        plain = inside.replace("_", "a").isalnum()
        out.append(f"{before}${{{inside}}}" if closed and plain else f"{before}${{make}}")
        rest = after if closed else ""
    return ("".join(out) + rest).replace("\0", "$")


def _makefile(text: str, runner: Runner) -> list[Task]:
    tasks: list[Task] = []
    current: tuple[str, int, tuple[str, ...]] | None = None
    recipe: list[str] = []

    def close() -> None:
        if current is not None and len(tasks) < MAX_TASKS:
            joined = "\n".join(recipe).replace("\\\n", "").split("\n") if recipe else []
            for name in current[0].split():
                tasks.append(_judge(name, current[1], joined, current[2]))

    for number, line in enumerate(text.splitlines(), 1):
        indented = line.startswith("\t") or (runner == "just" and line.startswith("  "))
        if indented and current is not None:
            if not line.strip().startswith("#"):
                recipe.append(_make_text(line) if runner == "make" else line.replace("{{", "${{"))
            continue
        head, colon, tail = line.partition(":")
        is_target = colon and not tail.startswith("=") and "=" not in head and head[:1].strip()
        if line.strip() and not line.startswith("#"):
            close()
            current, recipe = None, []
        if is_target and not head.startswith(("#", ".", "ifeq", "set ", "export ")):
            name = head.split("(")[0] if runner == "make" else head.lstrip("@").split()[0]
            first, semicolon, inline = tail.lstrip(":").partition(";")
            needs = tuple(word for word in first.partition("#")[0].split() if word[0] != "|")
            current, recipe = (name.strip() or head[:50], number, needs[:30]), []
            if semicolon:
                recipe.append(_make_text(inline))
    close()
    return tasks


def _package(text: str) -> list[Task]:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return []
    scripts = value.get("scripts") if isinstance(value, dict) else None
    if not isinstance(scripts, dict):
        return []
    lines = {}
    for number, line in enumerate(text.splitlines(), 1):
        name = line.strip().partition(":")[0].strip().strip('"')
        lines[name] = number
    return [
        _judge(name, lines.get(name), [script], ())
        for name, script in list(scripts.items())[:MAX_TASKS]
        if isinstance(script, str)
    ]


def read(path: str, text: str) -> TaskFile | None:
    """Return the targets of a file, or None when it has none."""
    runner = _runner(path)
    if runner is None:
        return None
    tasks = _package(text) if runner == "npm" else _makefile(text, runner)
    return TaskFile(runner=runner, tasks=tuple(tasks[:MAX_TASKS])) if tasks else None


def _is_at_the_top(path: str) -> bool:
    """The tasks that people and CI call by name; those of subfolders are mostly called by them."""
    return "/" not in path


EXTRACT = Extract(
    version=1,
    kind=TaskFile,
    wants=wants,
    read=read,
    most=300,
    first=_is_at_the_top,
    names=frozenset({"makefile", "gnumakefile", "justfile", ".justfile", "package.json"}),
)
