"""Instructions for coding agents that stand in a repository.

CLAUDE.md, AGENTS.md, GEMINI.md, Copilot's instructions, Cursor's and Windsurf's rules. Each is a
page like any other, which `document` reads; told here is what is more: which product reads it,
what it imports and whether it holds for everything or for some paths only.
"""

import re
from typing import Literal

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.phrases import Mention
from pawl.parsing.prose import split_page

MAX_IMPORTS = 50
MAX_INSTRUCTIONS_BYTES = 256 * 1024

Product = Literal["claude-code", "codex", "gemini-cli", "copilot", "cursor", "windsurf"]

_NAMES: dict[str, Product] = {
    "CLAUDE.md": "claude-code",
    "AGENTS.md": "codex",
    "AGENTS.override.md": "codex",
    "GEMINI.md": "gemini-cli",
    "copilot-instructions.md": "copilot",
    ".cursorrules": "cursor",
    ".windsurfrules": "windsurf",
}
_FOR = ("globs", "paths", "applyto")
"""Fields of the front matter that name paths, lower-cased."""
_IMPORT = regex(r"(?:^|\s)@((?:~/|\.{0,2}/)?[\w.-]{1,80}(?:/[\w.-]{1,80}){0,8})(?=[\s.,;:]|$)")
_FOREIGN = frozenset({"node_modules", "vendor", "third_party", "fixtures", "testdata", "templates"})


class Instructions(msgspec.Struct, frozen=True, kw_only=True):
    """One file of instructions; `characters` are all of it.

    `imports` are the files it pulls in with `@path`. `paths` are the globs that it is for; empty
    means everything below its folder.
    """

    product: Product
    characters: int
    imports: tuple[Mention, ...] = ()
    paths: str = ""


def _product(path: str) -> Product | None:
    folder, _, name = path.rpartition("/")
    known = _NAMES.get(name)
    if known is not None:
        return known
    whole = f"/{folder}/"
    if name.endswith(".instructions.md") and whole.endswith("/.github/instructions/"):
        return "copilot"
    if name.endswith(".mdc") and "/.cursor/rules/" in whole:
        return "cursor"
    if name.endswith(".md") and "/.windsurf/rules/" in whole:
        return "windsurf"
    return "claude-code" if name.endswith(".md") and "/.claude/rules/" in whole else None


def wants(file: TreeFile) -> bool:
    """Say whether a file holds instructions that an agent reads by itself."""
    path = file.path
    if not path.endswith((".md", ".mdc", "rules")) or file.size > MAX_INSTRUCTIONS_BYTES:
        return False
    return _product(path) is not None and _FOREIGN.isdisjoint(path.split("/")[:-1])


def read(path: str, text: str) -> Instructions | None:
    """Return a file of instructions, or None when it is none."""
    product = _product(path)
    if product is None:
        return None
    front = split_page(text, "markdown").front
    return Instructions(
        product=product,
        characters=len(text),
        imports=_imports(text),
        paths=next((front[key][:120] for key in _FOR if key in front), ""),
    )


def _imports(text: str) -> tuple[Mention, ...]:
    """Return what a text imports; in code a sign for mail or a package is none."""
    found: list[Mention] = []
    fenced = False
    for number, line in enumerate(text[:MAX_INSTRUCTIONS_BYTES].split("\n"), 1):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        if fenced or "@" not in line:
            continue
        bare = re.sub(r"`[^`\n]{0,300}`", " ", line[:2000])
        for match in _IMPORT.finditer(bare):
            target = match[1].rstrip(".")
            # `@team/name` is an owner; an import names a file.
            if "." in target.rpartition("/")[2] and not target.startswith("~"):
                found.append(Mention(target, number))
        if len(found) >= MAX_IMPORTS:
            break
    return tuple(found[:MAX_IMPORTS])


EXTRACT = Extract(version=1, kind=Instructions, wants=wants, read=read)
