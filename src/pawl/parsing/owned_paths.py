"""Which owners a CODEOWNERS file gives a path, as its host would decide.

GitHub, Bitbucket: the last matching rule wins, and one without owners takes ownership away.
GitLab: the same within each section, and all sections together. Gitea and Forgejo: every
matching rule adds its owners. (The hosts' manuals, read 2026-11.) Patterns are hostile text:
each becomes an expression that matches in time linear to a path's length, or is not read.
"""

import re
from functools import cache
from typing import Literal

import msgspec

Dialect = Literal["github", "gitlab", "gitea", "bitbucket"]

MAX_PATTERN = 300
MAX_DEEP = 3
"""`**` of one pattern; each may try every folder of a path again."""


class OwnerRule(msgspec.Struct, frozen=True):
    """One line: a pattern and who owns what it matches; nobody where `owners` is empty.

    `excludes` takes what matches out of its section again. Owners are compared and counted,
    never shown.
    """

    pattern: str
    owners: tuple[str, ...]
    line: int
    section: str = ""
    optional: bool = False
    excludes: bool = False


def owners_of(path: str, rules: tuple[OwnerRule, ...], dialect: Dialect) -> tuple[str, ...]:
    """Return the owners of one path, in the order of the file."""
    if dialect == "gitea":
        return _added(path, rules)
    if dialect != "gitlab":
        return _last(path, rules, dialect)
    last: dict[str, tuple[str, ...]] = {}
    excluded: set[str] = set()
    for rule in rules:
        matcher = expression(rule.pattern, dialect)
        if matcher is None or not matcher.match(path):
            continue
        if rule.excludes:
            excluded.add(rule.section)
        else:
            last[rule.section] = rule.owners
    found = [
        owner for section, owners in last.items() if section not in excluded for owner in owners
    ]
    return tuple(dict.fromkeys(found))


def _last(path: str, rules: tuple[OwnerRule, ...], dialect: Dialect) -> tuple[str, ...]:
    """Return the owners that the last matching rule gives a path."""
    for rule in reversed(rules):
        matcher = expression(rule.pattern, dialect)
        if matcher is not None and matcher.match(path):
            return () if rule.excludes else rule.owners
    return ()


def _added(path: str, rules: tuple[OwnerRule, ...]) -> tuple[str, ...]:
    """Return the owners that all matching rules give a path, as Gitea adds them up."""
    found: dict[str, None] = {}
    for rule in rules:
        matcher = expression(rule.pattern, "gitea")
        if matcher is not None and bool(matcher.match(path)) is not rule.excludes:
            found.update(dict.fromkeys(rule.owners))
    return tuple(found)


@cache
def expression(pattern: str, dialect: Dialect) -> re.Pattern[str] | None:
    """Return what a pattern matches, or None for one that is not read."""
    if len(pattern) > MAX_PATTERN:
        return None
    if dialect == "gitea":
        return _from_expression(pattern)
    return _from_glob(pattern)


def _from_glob(pattern: str) -> re.Pattern[str] | None:
    text = pattern.replace("\\ ", " ").replace("\\#", "#")
    if text.startswith("!") or text.count("**") > MAX_DEEP or not text.strip("/"):
        return re.compile("") if text == "/" else None
    anchored = "/" in text.rstrip("/")
    folder = text.endswith("/")
    parts = text.strip("/").split("/")
    shape = "" if anchored else "(?:[^/]+/)*"
    for at, part in enumerate(parts):
        final = at == len(parts) - 1
        if part == "**":
            shape += ".+" if final else "(?:[^/]+/)*"
            continue
        shape += _segment(part) + ("" if final else "/")
    if folder:
        shape += "/."
    elif parts[-1] == "*" and anchored:
        # `docs/*` owns what lies in the folder itself, not what lies deeper.
        shape += r"\Z"
    elif parts[-1] != "**":
        shape += r"(?:/|\Z)"
    return re.compile(shape)


def _segment(part: str) -> str:
    """Return one folder's or file's name as an expression; each star takes the least it can.

    What follows a star is found at its first place and never looked for again, which is enough
    for a star to match whatever it can, and keeps time linear.
    """
    pieces = re.split(r"\*+", part)
    shape = _letters(pieces[0])
    for piece in pieces[1:-1]:
        shape += rf"(?>[^/]*?{_letters(piece)})"
    if len(pieces) > 1:
        shape += rf"[^/]*{_letters(pieces[-1])}" if pieces[-1] else "[^/]*+"
    return shape


def _letters(text: str) -> str:
    return "".join("[^/]" if char == "?" else re.escape(char) for char in text)


def _from_expression(pattern: str) -> re.Pattern[str] | None:
    """Return a simple Go expression as ours: letters, `.*`, anchors; others are not read.

    Gitea matches a whole path.
    """
    text = pattern.removeprefix("^").removesuffix("$")
    if text.count(".*") > MAX_DEEP:
        return None
    shape = []
    for piece in re.split(r"(\.\*|\\.)", text):
        if piece == ".*":
            shape.append(".*")
        elif len(piece) == 2 and piece[0] == "\\":
            if piece[1].isalnum():
                return None
            shape.append(re.escape(piece[1]))
        elif re.search(r"[][(){}|+*?^$\\]", piece):
            return None
        else:
            shape.append("".join("." if char == "." else re.escape(char) for char in piece))
    return re.compile("".join(shape) + r"\Z")
