"""Skills of coding agents: front matter, substance, and the files that they name.

By the open specification (read 2026-11) a skill is a folder with a `SKILL.md` whose front matter
has `name` (1 to 64 of a-z, 0-9 and single hyphens, the folder's name) and `description` (1 to
1,024 characters). Products drop a file without them in silence.
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

MAX_DESCRIPTION = 1024
MAX_FRONT = 20_000
MAX_MENTIONS = 100
_NAME = regex(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_OWN = regex(r"(?:\./)?(?:scripts?|references?|assets|resources|templates|examples)/")
"""Folders that a skill brings along, by the specification and by custom."""
_RUNS = regex(
    r"(?:^|\s)(?:bash|sh|python3?|node|ruby|perl|uv run)\s+(?:\$\{?CLAUDE_SKILL_DIR\}?/)?"
    r"((?:\.{0,2}/)?[\w.-]{1,80}(?:/[\w.-]{1,80}){0,6}\.(?:sh|bash|py|js|mjs|ts|rb|pl))\b"
)


class Skill(msgspec.Struct, frozen=True, kw_only=True):
    """One skill. `problems` are the rules of the specification that it breaks, in plain words.

    `words` are those of the body that say something; `placeholders` those that only hold a
    place. `names` are its own files that it refers to: links, and paths below the folders that a
    skill brings along; other paths may be of the project it is used on. `purpose` are the
    description's different words, `sketch` compares bodies. `automatic`: an agent may invoke it
    without being asked.
    """

    name: str
    description: str = ""
    problems: tuple[str, ...] = ()
    words: int = 0
    placeholders: int = 0
    names: tuple[Mention, ...] = ()
    purpose: tuple[str, ...] = ()
    sketch: tuple[int, ...] = ()
    automatic: bool = True


def wants(file: TreeFile) -> bool:
    """Say whether a file is a skill's."""
    path = file.path
    return path.endswith("SKILL.md") and path.rpartition("/")[2] == "SKILL.md"


def read(path: str, text: str) -> Skill:
    """Return what a skill's file says; any text is one, if only a broken one."""
    text = text.replace("\r\n", "\n")[:MAX_CHARACTERS]
    page = split_page(text, "markdown")
    folder = PurePosixPath(path).parent.name
    front, problems = _front(text, path)
    name, description = _text(front.get("name")), _text(front.get("description"))
    problems += _problems(name, description, folder)
    body, standing = content_of(page.prose)
    if not body and not page.blocks:
        problems.append("the body says nothing")
    return Skill(
        name=(name or folder)[:100],
        description=description[:300],
        problems=tuple(problems),
        words=len(body),
        placeholders=standing,
        names=_names(page),
        purpose=tuple(sorted(set(words_of(description)))[:80]),
        sketch=sketch(body),
        automatic=front.get("disable-model-invocation") is not True,
    )


def _front(text: str, path: str) -> tuple[dict[str, Any], list[str]]:
    if not text.startswith("---\n"):
        return {}, ["it has no front matter"]
    head, closed, _ = text[4 : MAX_FRONT + 4].partition("\n---")
    value = yaml(head, path) if closed else None
    if not isinstance(value, dict):
        return {}, ["its front matter does not parse"]
    return value, []


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _problems(name: str, description: str, folder: str) -> list[str]:
    found = []
    if not name:
        found.append("it has no name")
    elif len(name) > 64 or not _NAME.fullmatch(name):
        found.append("its name is not 1 to 64 of a-z, 0-9 and single hyphens")
    elif folder and name != folder:
        found.append("its name is not its folder's")
    if not description:
        found.append("it has no description")
    elif is_placeholder(description):
        found.append("its description is a placeholder")
    elif len(description) > MAX_DESCRIPTION:
        found.append(f"its description is longer than {MAX_DESCRIPTION:,} characters")
    return found


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


EXTRACT = Extract(version=1, kind=Skill, wants=wants, read=read, names=frozenset({"skill.md"}))
