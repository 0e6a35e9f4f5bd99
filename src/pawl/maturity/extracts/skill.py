"""Skills of coding agents: what each is called, what it is for, and whether it says something.

Whether a skill is well formed the lint tells.
"""

from pathlib import PurePosixPath
from typing import Any

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.config_text import yaml
from pawl.parsing.likeness import sketch
from pawl.parsing.phrases import (
    Mention,
    commands_in,
    content_of,
    is_placeholder,
    links_in,
    looks_like_path,
    paths_in,
    words_of,
)
from pawl.parsing.prose import MAX_CHARACTERS, Page, split_page

MAX_FRONT = 20_000
MAX_MENTIONS = 100
_OWN = regex(r"(?:\./)?(?:scripts?|references?|assets|resources|templates|examples)/")
"""Folders that a skill brings along, by the specification and by custom."""
_RUNS = regex(
    r"(?:^|\s)(?:bash|sh|python3?|node|ruby|perl|uv run)\s+(?:\$\{?CLAUDE_SKILL_DIR\}?/)?"
    r"((?:\.{0,2}/)?[\w.-]{1,80}(?:/[\w.-]{1,80}){0,6}\.(?:sh|bash|py|js|mjs|ts|rb|pl))\b"
)


class Skill(msgspec.Struct, frozen=True, kw_only=True):
    """One skill. `hollow` says that its description only stands for one.

    `words` are those of the body that say something; `placeholders` those that only hold a place.
    `names` are its own files that it refers to: links, and paths below the folders that a skill
    brings along; other paths may be of the project it is used on. `purpose` are the description's
    different words, `sketch` compares bodies.
    """

    name: str
    hollow: bool = False
    words: int = 0
    placeholders: int = 0
    names: tuple[Mention, ...] = ()
    purpose: tuple[str, ...] = ()
    sketch: tuple[int, ...] = ()


def wants(file: TreeFile) -> bool:
    """Say whether a file is a skill's."""
    path = file.path
    return path.endswith("SKILL.md") and path.rpartition("/")[2] == "SKILL.md"


def read(path: str, text: str) -> Skill:
    """Return what a skill's file says; any text is one, if only a broken one."""
    text = text.replace("\r\n", "\n")[:MAX_CHARACTERS]
    page = split_page(text, "markdown")
    folder = PurePosixPath(path).parent.name
    front = _front(text, path)
    name, description = _text(front.get("name")), _text(front.get("description"))
    body, standing = content_of(page.prose)
    return Skill(
        name=(name or folder)[:100],
        hollow=is_placeholder(description),
        words=len(body),
        placeholders=standing,
        names=_names(page),
        purpose=tuple(sorted(set(words_of(description)))[:80]),
        sketch=sketch(body),
    )


def _front(text: str, path: str) -> dict[str, Any]:
    head, closed, _ = text[4 : MAX_FRONT + 4].partition("\n---")
    value = yaml(head, path) if text.startswith("---\n") and closed else None
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _names(page: Page) -> tuple[Mention, ...]:
    """Return the skill's own files that it refers to: linked, named in code, or run."""
    found = [each for each in paths_in(page.prose) if _OWN.match(each.text)]
    for number, line in enumerate(page.prose, 1):
        for target, _ in links_in(line) if "](" in line else ():
            path = target.partition("#")[0]
            if looks_like_path(path):
                found.append(Mention(path, number))
    for command in commands_in(page.blocks, page.prose):
        found.extend(
            Mention(match[1], command.line)
            for match in _RUNS.finditer(command.text)
            if _OWN.match(match[1])
        )
    return tuple(dict.fromkeys(found))[:MAX_MENTIONS]


EXTRACT = Extract(version=2, kind=Skill, wants=wants, read=read, names=frozenset({"skill.md"}))
