"""Read CODEOWNERS: who owns which paths, which lines name nobody and which name who cannot be.

Read in all places where a host looks for it: GitHub's `.github/`, root and `docs/`, GitLab's
root, `docs/` and `.gitlab/`, Gitea's and Forgejo's folders, Bitbucket's. Which place counts is the
host's order, see `in_force`. Owners are kept to compare and to count, never to show.
"""

import re
from collections.abc import Iterable

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.owned_paths import Dialect, OwnerRule

MAX_RULES = 5000
MAX_OWNERS = 50
_PLACES: dict[str, Dialect] = {
    ".github/codeowners": "github",
    "codeowners": "github",
    "docs/codeowners": "github",
    ".gitlab/codeowners": "gitlab",
    ".bitbucket/codeowners": "bitbucket",
    ".gitea/codeowners": "gitea",
    ".forgejo/codeowners": "gitea",
}
"""Lower-cased places with their syntax; of one host, the first that is there counts."""
_ORDER: dict[str, tuple[str, ...]] = {
    "github": (".github/codeowners", "codeowners", "docs/codeowners"),
    "gitlab": ("codeowners", "docs/codeowners", ".gitlab/codeowners"),
    "gitea": ("codeowners", "docs/codeowners", ".gitea/codeowners", ".forgejo/codeowners"),
    "bitbucket": (".bitbucket/codeowners",),
}

_SECTION = regex(r"(\^?)\[([^\]\n]{1,200})\](?:\[\d{1,3}\])?(?:\s+(.*))?$")
_HANDLE = regex(
    r"@@?[a-z0-9_][\w.-]{0,99}(?:/[a-z0-9_][\w.-]{0,99}){0,8}|[^\s@]{1,100}@[^\s@]+\.[a-z]{2,20}",
    re.IGNORECASE,
)
_STANDS_FOR = regex(
    r"@+(?:your|example|my|some|a|the|org|team|owner|user|user-?name|name|todo|tbd|tba|nobody"
    r"|no-?one|none|null|na|placeholder|change-?me|fix-?me|xxx+|foo|bar|octocat|ghost)"
    r"(?:[-_/.].*)?|.*@(?:example\.(?:com|org|net)|localhost|test|invalid)",
    re.IGNORECASE,
)
"""Names that templates put where an owner should stand, and accounts that stand for nobody."""


class CodeOwners(msgspec.Struct, frozen=True, kw_only=True):
    """One file of owners.

    `impossible` are the lines that name an owner who cannot exist (no `@` and no address, or a
    template's word); such an owner is left out of its rule. `unread` are lines whose pattern is
    no pattern. A rule without owners takes ownership away and is kept.
    """

    dialect: Dialect
    rules: tuple[OwnerRule, ...] = ()
    impossible: tuple[int, ...] = ()
    unread: tuple[int, ...] = ()
    truncated: bool = False


def _wants(file: TreeFile) -> bool:
    return file.path[-10:].lower() == "codeowners" and file.path.lower() in _PLACES


def read_owners(path: str, text: str) -> CodeOwners:
    """Return the rules of a CODEOWNERS file; any text is one."""
    dialect = _dialect(path, text)
    rules: list[OwnerRule] = []
    impossible: list[int] = []
    unread: list[int] = []
    section, optional, default = "", False, tuple[str, ...]()
    lines = text.splitlines()
    for number, raw in enumerate(lines, start=1):
        if len(rules) >= MAX_RULES:
            break
        line = raw.strip()
        if not line or line.startswith("#") or len(line) > 5000:
            continue
        head = _SECTION.match(line) if dialect == "gitlab" else None
        if head:
            section, optional = head[2].strip().lower(), bool(head[1])
            default, wrong = _owners(_comment_cut(head[3] or "").split())
            impossible.extend([number] * wrong)
            continue
        pattern, *named = _words(_comment_cut(line))
        excludes = pattern.startswith("!")
        pattern = pattern.removeprefix("!") if excludes else pattern
        if excludes and dialect == "github":
            unread.append(number)
            continue
        owners, wrong = _owners(named)
        impossible.extend([number] * wrong)
        rules.append(
            OwnerRule(
                pattern=pattern,
                owners=owners or (default if not named else ()),
                line=number,
                section=section,
                optional=optional,
                excludes=excludes,
            )
        )
    return CodeOwners(
        dialect=dialect,
        rules=tuple(rules),
        impossible=tuple(dict.fromkeys(impossible)),
        unread=tuple(unread),
        truncated=len(rules) >= MAX_RULES,
    )


def in_force(
    files: Iterable[tuple[str, CodeOwners]], host: str = ""
) -> tuple[str, CodeOwners] | None:
    """Return the one file that the host reads, with its path, or None.

    Without a known host, the first that any host would read.
    """
    by_place = {path.lower(): (path, value) for path, value in files}
    orders = [_ORDER[host]] if host in _ORDER else list(_ORDER.values())
    for order in orders:
        for place in order:
            if place in by_place:
                return by_place[place]
    return None


def _dialect(path: str, text: str) -> Dialect:
    """Return the syntax of a file, by its place; sections are GitLab's alone."""
    dialect = _PLACES.get(path.lower(), "github")
    if dialect == "github" and re.search(r"(?m)^\^?\[[^\]\n]{1,200}\]", text):
        return "gitlab"
    return dialect


def _comment_cut(line: str) -> str:
    """Return a line without the comment at its end; `\\#` is part of a pattern."""
    return re.split(r"(?<=\s)#", line, maxsplit=1)[0]


def _words(line: str) -> list[str]:
    """Return the pattern and the owners; a space after a backslash belongs to the pattern."""
    words = re.split(r"(?<!\\)\s+", line.strip())
    return [word for word in words if word] or [""]


def _owners(named: list[str]) -> tuple[tuple[str, ...], int]:
    """Return the owners who may exist, and how many named ones cannot."""
    possible = [
        word
        for word in named[:MAX_OWNERS]
        if _HANDLE.fullmatch(word) and not _STANDS_FOR.fullmatch(word)
    ]
    return tuple(dict.fromkeys(possible)), min(len(named), MAX_OWNERS) - len(possible)


EXTRACT = Extract(
    version=1, kind=CodeOwners, wants=_wants, read=read_owners, names=frozenset({"codeowners"})
)
