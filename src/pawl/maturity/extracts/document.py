"""Read documentation: runbooks, decisions, postmortems, READMEs, files for agents, other pages.

What is kept of a page is what its claims stand on: how many words say something, how many are
placeholders, its commands, paths, links, owners and dates, and a sketch to compare it with other
pages. The prose itself is not kept.
"""

import re
from bisect import bisect_right
from itertools import accumulate
from pathlib import PurePosixPath
from typing import Literal

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.languages import is_fixture, is_foreign
from pawl.parsing.likeness import sketch
from pawl.parsing.phrases import (
    Mention,
    commands_in,
    content_of,
    dates_in,
    is_placeholder,
    links_in,
    paths_in,
)
from pawl.parsing.prose import MAX_ITEMS, Heading, Page, dialect_of, split_page

Category = Literal["runbook", "adr", "postmortem", "readme", "agent", "other"]

MAX_DOCUMENT_BYTES = 512 * 1024
"""Larger pages are generated references; nobody keeps one by hand."""
MAX_DOCUMENTS = 400
"""Pages read of one tree: runbooks, decisions and READMEs before others. A page takes 1 to 2 ms."""
MAX_FIELDS = 40

_SUFFIXES = (".md", ".mdx", ".mdc", ".markdown", ".rst", ".adoc", ".asciidoc", ".txt")
_BARE = frozenset({"readme", "runbook", "contributing", ".cursorrules", ".windsurfrules"})
_LEGAL = ("license", "licence", "copying", "notice", "code_of_conduct", "cla.")
"""How texts begin that are adopted word for word."""
_DOCUMENT_FOLDERS = frozenset(
    {
        "adr", "adrs", "decisions", "doc", "docs", "documentation", "guides", "handbook",
        "on-call", "oncall", "operations", "ops", "playbook", "playbooks", "post-mortems",
        "postmortems", "rfcs", "runbook", "runbooks", "sre", "wiki",
    }
)  # fmt: skip
_AGENT_NAMES = frozenset(
    {
        "CLAUDE.md", "CLAUDE.local.md", "AGENTS.md", "AGENTS.override.md", "AGENT.md", "GEMINI.md",
        "SKILL.md", "copilot-instructions.md", ".cursorrules", ".windsurfrules",
    }
)  # fmt: skip
_AGENT_FOLDERS = frozenset({".claude", ".cursor", ".codex", ".gemini", ".opencode", ".windsurf"})

_RUNBOOK = regex(r"(?:^|[\W_])(?:run-?books?|play-?books?|sops?)(?:[\W_]|$)")
_POSTMORTEM = regex(r"post-?mortems?|incident-reports?|retrospectives?/")
_ADR_FOLDER = regex(r"(?:^|/)(?:adrs?|decisions?|architecture[-_]decisions?|decision-records)/")
_ADR_NAME = regex(r"^(?:adr[-_ ]?\d|\d{3,4}[-_ ])")
_TEMPLATE = regex(
    r"(?:^|/)[._]?templates?/|(?:^|[/_.-])template(?:\.[a-z]+)*$|(?:^|/)_?template[_.-]"
    r"|(?:^|/)_?(?:example|skeleton)\.[a-z]+$"
)

_LABEL = regex(
    r"[\s>*|:_+-]{0,8}([A-Za-z][\w /'-]{1,30}?)\s{0,3}[*_]{0,2}\s?[:|]\s?[*_]{0,2}\s{0,4}(.{1,200})"
)
_SAYS = regex(r"[^\W_]|\?{3}")
_STEP = regex(r"(?m)^(?:\d{1,2}[.)]|#\.|[-*+] \[[ xX]\]|(?i:step \d{1,2}\b))\s?\S")
_TEAM = regex(r"(?<![\w.@/`])@[A-Za-z0-9][\w-]{0,38}/[A-Za-z0-9](?:[\w.-]{0,60}\w)?")
_ROLLBACK = regex(
    r"(?i)\b(?:roll(?:ing|ed)?[ -]?back|revert(?:ed|ing|s)?|undo|fail(?:ing)?[ -]?back"
    r"|restor(?:e|ed|ing)|previous (?:version|release)|back out)\b"
)
_OWNER_LABEL = regex(
    r"(?:[\w ]{0,20} )?(?:owners?|owned by|team|maintainers?|contacts?|escalation|escalate to"
    r"|on ?call|dri|responsible|accountable|squad)"
)
_REVIEWED_LABEL = regex(
    r"(?:last |date )?(?:reviewed|review|updated|verified|tested|exercised|modified|checked)"
    r"(?: on| at)?"
)
_DUE_LABEL = regex(
    r"(?:next |to be )?(?:review|reviewed|revisit|reconsider|re evaluate|expires|expiry)"
    r" ?(?:by|on|date|due|after)?"
)
_SECTION_FIELDS = frozenset({"status", "date", "owner", "owners", "team", "deciders", "metric"})


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What one page stands on.

    `content_words` counts words that are neither headings, code nor placeholders; a line written
    twice counts once, and all words together count at most four times the different ones, so
    that repetition adds nothing. `placeholder_share` is placeholders to both, from 0 to 1.
    `fields` are labelled lines such as `Status: accepted`, by lower-case label. `owners` may
    name people: they are counted, never shown. Days are ISO days. `sketch` compares pages, see
    `pawl.parsing.likeness`.
    """

    category: Category
    title: str = ""
    lines: int = 0
    content_words: int = 0
    placeholders: int = 0
    placeholder_share: float = 0.0
    headings: tuple[Heading, ...] = ()
    steps: int = 0
    commands: tuple[Mention, ...] = ()
    paths: tuple[Mention, ...] = ()
    links: tuple[Mention, ...] = ()
    owners: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    reviewed: str | None = None
    review_due: str | None = None
    fields: dict[str, str] = {}
    rollback: bool = False
    template: bool = False
    truncated: bool = False
    sketch: tuple[int, ...] = ()


def wants(file: TreeFile) -> bool:
    """Say whether a file is documentation that somebody keeps, by its path."""
    path = file.path.lower()
    name = path.rpartition("/")[2]
    if not path.endswith(_SUFFIXES) and name not in _BARE:
        return False
    if file.size > MAX_DOCUMENT_BYTES or name.startswith(_LEGAL):
        return False
    parts = path.split("/")[:-1]
    if is_foreign(file.path) or is_fixture(file.path):
        return False
    if path.endswith(".txt"):
        stem = name[:-4]
        return stem in _BARE or not _DOCUMENT_FOLDERS.isdisjoint(parts)
    return True


def category_of(path: str) -> Category:
    """Return what kind of page a path says it is."""
    lower = path.lower()
    folder, _, name = lower.rpartition("/")
    folder += "/" if folder else ""
    # `docs/agents.md` is a page about agents, `AGENTS.md` one for them.
    if path.rpartition("/")[2] in _AGENT_NAMES or not _AGENT_FOLDERS.isdisjoint(folder.split("/")):
        return "agent"
    if name.partition(".")[0] == "readme":
        return "readme"
    if _POSTMORTEM.search(lower):
        return "postmortem"
    if _ADR_FOLDER.search(folder) or name.startswith(("adr-", "adr_")):
        return "adr"
    if _RUNBOOK.search(lower):
        return "runbook"
    return "adr" if _ADR_NAME.match(name) and "rfc" in folder else "other"


def read(path: str, text: str) -> Document:
    """Return what a page stands on; any text is a page."""
    page = split_page(text.replace("\r\n", "\n").replace("\r", "\n"), dialect_of(path))
    prose = "\n".join(page.prose)
    headings, words, standing = _weigh(page)
    fields = _fields(page)
    category = category_of(path)
    title = page.headings[0][1] if page.headings else page.front.get("title", "")
    if category == "other" and _RUNBOOK.search(title.lower()):
        category = "runbook"
    content = min(len(words), 4 * len(set(words)))
    return Document(
        category=category,
        title=title[:200],
        lines=len(page.prose),
        content_words=content,
        placeholders=standing,
        placeholder_share=round(standing / (standing + content), 4) if standing else 0.0,
        headings=headings,
        steps=min(sum(1 for _ in _STEP.finditer(prose)), MAX_ITEMS),
        commands=commands_in(page.blocks, page.prose),
        paths=paths_in(page.prose),
        links=_links(prose),
        owners=_owners(fields, prose),
        dates=tuple(dict.fromkeys(dates_in(" ".join(page.front.values())) + dates_in(prose))),
        reviewed=_day(fields, _REVIEWED_LABEL),
        review_due=_day(fields, _DUE_LABEL, but=_REVIEWED_LABEL),
        fields=fields,
        rollback=bool(_ROLLBACK.search(prose))
        or any(_ROLLBACK.search(each[1]) for each in page.headings),
        template=bool(_TEMPLATE.search(PurePosixPath(path).as_posix().lower())),
        truncated=page.truncated,
        sketch=sketch(words),
    )


def _weigh(page: Page) -> tuple[tuple[Heading, ...], list[str], int]:
    """Return the headings with the words below each, all words, and the placeholders."""
    starts = [line for _, _, line in page.headings]
    words: list[str] = []
    standing, seen = 0, set[str]()
    headings: list[Heading] = []
    for index, start in enumerate([0, *starts]):
        end = starts[index] - 1 if index < len(starts) else len(page.prose)
        fresh, again = [], []
        for line in page.prose[start:end]:
            if line in seen:
                again.append(line)
            # Rules and table borders say nothing; dots may stand for what is not written.
            elif line and (line[0].isalpha() or _SAYS.search(line) or line in ("...", "…")):
                seen.add(line)
                fresh.append(line)
        below, waiting = content_of(fresh)
        # "TBD" below each of nine headings stands nine times; only what is said counts once.
        standing += waiting + content_of(again[:MAX_ITEMS])[1]
        words.extend(below)
        if index:
            level, title, at = page.headings[index - 1]
            headings.append(Heading(level, title, at, len(below)))
    return tuple(headings), words, standing


def _fields(page: Page) -> dict[str, str]:
    """Return labelled lines, the front matter's fields first."""
    fields = {name[:40]: value[:120] for name, value in list(page.front.items())[:MAX_FIELDS]}
    for line in page.prose:
        if len(fields) >= MAX_FIELDS:
            break
        if ":" not in line[:48] and line[:1] != "|":
            continue
        match = _LABEL.match(line)
        if match:
            value = match[2].strip(" *_|")[:120]
            if value and set(value) - set("-:| "):
                fields.setdefault(match[1].strip().lower(), value)
    for _, title, at in page.headings:
        name = title.lower()
        plain = _plain(name)
        if (
            name in _SECTION_FIELDS
            or _DUE_LABEL.fullmatch(plain)
            or _REVIEWED_LABEL.fullmatch(plain)
        ):
            below = next((each for each in page.prose[at : at + 3] if each), "")
            if below:
                fields.setdefault(name, below.strip("*_- ")[:120])
    return fields


def _owners(fields: dict[str, str], prose: str) -> tuple[str, ...]:
    """Return who is named as owner, and the teams addressed."""
    named = [
        value
        for label, value in fields.items()
        if _OWNER_LABEL.fullmatch(_plain(label))
        and not (is_placeholder(value) and not value.startswith("@"))
    ]
    teams = [match[0] for match in _TEAM.finditer(prose) if not match[0].endswith((".md", ".txt"))]
    return tuple(dict.fromkeys(named + teams))[:20]


def _day(
    fields: dict[str, str], labels: re.Pattern[str], but: re.Pattern[str] | None = None
) -> str | None:
    """Return the newest day of the fields with these labels, and not with those others."""
    days = [
        day
        for label, value in fields.items()
        if labels.fullmatch(_plain(label)) and not (but and but.fullmatch(_plain(label)))
        for day in dates_in(value)
    ]
    return max(days, default=None)


def _plain(label: str) -> str:
    return label.lower().replace("_", " ").replace("-", " ").strip()


def _links(prose: str) -> tuple[Mention, ...]:
    """Return the links of a page with their lines."""
    if "http" not in prose and not any(
        mark in prose for mark in ("](", "]:", "`_", "::", "@", ":")
    ):
        return ()
    ends = list(accumulate(len(line) + 1 for line in prose.split("\n")))
    return tuple(Mention(target, bisect_right(ends, at) + 1) for target, at in links_in(prose))


def _is_particular(path: str) -> bool:
    return category_of(path) != "other"


EXTRACT = Extract(
    version=1,
    kind=Document,
    wants=wants,
    read=read,
    most=MAX_DOCUMENTS,
    first=_is_particular,
    names=_BARE,
    suffixes=frozenset(_SUFFIXES),
)
