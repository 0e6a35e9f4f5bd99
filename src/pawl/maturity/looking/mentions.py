"""Say whether what a page names is really there: paths, links and commands.

Only what can be decided from the tree is judged: a relative path, a link into the repository, a
target of make, just or npm, a script named to an interpreter. Everything else (a program, an
address, a placeholder) is left out on both sides.
"""

import posixpath
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.extracts.document import Document
from pawl.maturity.extracts.task_file import TaskFile
from pawl.maturity.facts.tree import Tree

_TARGET = regex(
    r"^(?:(make|just)\s+(?:-\S+\s+)*([A-Za-z][\w.:/-]*)\s*(?:$|[#;&|])"
    r"|(?:npm|pnpm|yarn|bun)\s+run\s+([\w:./-]+)|npm\s+(test|start)\b)"
)
_SCRIPT = regex(
    r"^(?:(?:uv run |poetry run )?(?:python3?|bash|sh|node|ruby|perl|source|\.)\s+)?"
    r"((?:\./)?[\w.@-]+(?:/[\w.@-]+)+|(?:\./)?[\w@-]+\.(?:py|sh|js|mjs|ts|rb|pl))(?=$|\s)"
)
_ELSEWHERE = regex(r"[<>{}$*|\\~?=]|^/|^[a-z][a-z0-9+.-]*:|^#|\.\.\.|^www\.|@")
_MADE = regex(
    r"(?:^|/)(?:\.env|\.venv|venv|node_modules|dist|build|target|out|htmlcov|coverage|\.git"
    r"|__pycache__|tmp)(?:/|$)"
)
"""What a build or a person's own machine makes: no commit holds it."""


class Reference(msgspec.Struct, frozen=True):
    """Something a page names, the line, and whether it is there."""

    text: str
    line: int
    there: bool


class Present:
    """What a tree holds, by path and by target."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        files = [file for _, file in tree.read("task-file", TaskFile)]
        self._targets: dict[str, set[str]] = {}
        for file in files:
            self._targets.setdefault(file.runner, set()).update(task.name for task in file.tasks)

    def has_path(self, page: str, named: str) -> bool:
        """Say whether a path is there, from the root or from the page's own folder."""
        path = named.split("#")[0].split("?")[0].rstrip("/")
        for base in ("", posixpath.dirname(page)):
            full = posixpath.normpath(posixpath.join(base, path))
            if full in self._tree.paths or self._tree.is_folder(full):
                return True
        return "/" not in path and path in self._tree.names

    def has_target(self, runner: str, target: str) -> bool:
        """Say whether a runner's file has a target."""
        return target in self._targets.get(runner, ())

    def knows(self, runner: str) -> bool:
        """Say whether the tree has a file of this runner whose targets can be listed."""
        return bool(self._targets.get(runner))


def references(path: str, page: Document, present: Present) -> tuple[Reference, ...]:
    """Return what a page names and the tree decides, itself left out, each thing once."""
    found: dict[str, Reference] = {}
    named = [
        *((each.text, each.line) for each in page.paths),
        *((unquote(each.text), each.line) for each in page.links),
        *_scripts([(each.text, each.line) for each in page.commands]),
    ]
    for text, line in named:
        bare = text.split("#")[0].rstrip("/")
        if not bare or _ELSEWHERE.search(bare) or _MADE.search(bare):
            continue
        if posixpath.basename(bare) == posixpath.basename(path):
            continue
        found.setdefault(bare, Reference(bare, line, present.has_path(path, bare)))
    for runner, target, line in _targets([(each.text, each.line) for each in page.commands]):
        key = f"{runner} {target}"
        found.setdefault(key, Reference(key, line, present.has_target(runner, target)))
    return tuple(found.values())


def _scripts(commands: Sequence[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    for text, line in commands:
        match = _SCRIPT.match(text.strip())
        if match:
            yield match[1], line


def _targets(commands: Sequence[tuple[str, int]]) -> Iterator[tuple[str, str, int]]:
    for text, line in commands:
        match = _TARGET.match(text.strip())
        if match is None:
            continue
        if match[1]:
            yield match[1], match[2], line
        else:
            yield "npm", match[3] or match[4], line
