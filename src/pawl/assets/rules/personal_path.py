"""A page names a folder in one person's home.

Bad: `cd /Users/maria/code/shop`. On every other machine and in CI the path does not exist, so that
the agent fails or makes one up; and it tells who wrote it.

Instead: a path from the root of the repository, or `$HOME` and `~` where it must be outside.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.judgement import homes
from pawl.assets.pages import Page
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex

MAX_NAMES = 20
"""Persons of one page that are told of."""
_UNIX = regex(r"(?:(?<![\w.~/}-])|(?<=file://))/(Users|home)/([A-Za-z][\w.-]{1,40})/([.\w-]{1,40})")
_WINDOWS = regex(r"\b[A-Za-z]:[\\/]{1,2}Users[\\/]{1,2}([A-Za-z][\w.-]{1,40})[\\/]{1,2}[\w.]")


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.pages:
        seen: set[str] = set()
        for name, path, at in _found(page):
            if name not in seen and len(seen) < MAX_NAMES:
                seen.add(name)
                yield Hit(
                    path=page.path,
                    line=page.text.count("\n", 0, at) + 1,
                    message=f"`{path}` is the home of one person, {name}.",
                    subject=path,
                )


def _found(page: Page) -> Iterator[tuple[str, str, int]]:
    if "/Users/" in page.text or "/home/" in page.text:
        for match in _UNIX.finditer(page.text):
            root, name, below = match[1], match[2], match[3]
            kept = below.startswith(".") or below.lower() in homes().below
            if _is_person(name) and (root == "Users" or kept):
                yield name, f"/{root}/{name}", match.start()
    if any(sign in page.text for sign in (":\\Users", ":/Users", ":\\\\Users", "://Users")):
        for match in _WINDOWS.finditer(page.text):
            if _is_person(match[1]):
                yield match[1], f"C:\\Users\\{match[1]}", match.start()


def _is_person(name: str) -> bool:
    low = name.lower()
    return low not in homes().nobody and not low.startswith(("your", "user", "my-", "my_", "some"))


RULE = Rule(
    title="A page names a folder in one person's home",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.MEMORY, Kind.SKILL, Kind.AGENT, Kind.COMMAND}),
    check=_check,
    source="https://agents.md/",
    as_of="2026-11-21",
    hint="Name the path from the root of the repository.",
)
