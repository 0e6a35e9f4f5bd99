"""CLAUDE.md and AGENTS.md of one folder send agents different ways.

Bad: CLAUDE.md says `pnpm test`, AGENTS.md beside it says `npm test`. Each product reads its own
file: one of them installs with the wrong lock or runs tests that are no longer kept.

Instead: keep one file, and let the other be `@AGENTS.md` or a link to it.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.documented import Said, bare, said_in
from pawl.assets.judgement import rivals
from pawl.assets.pages import Page
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.parsing.ci.commands import program

_PAIR = ("CLAUDE.md", "AGENTS.md")


def _check(assets: Assets) -> Iterator[Hit]:
    by_path = {page.path: page for page in assets.memories if page.asset.name in _PAIR}
    seen: set[str] = set()
    for page in by_path.values():
        folder = page.asset.folder
        if folder in seen:
            continue
        seen.add(folder)
        stem = f"{folder}/" if folder else ""
        pages = [_page(assets, by_path, f"{stem}{name}") for name in _PAIR]
        one, other = pages
        if one is not None and other is not None and not _linked(one, other):
            told, beside = (one, other) if one.path in by_path else (other, one)
            yield from _compare(told, beside)


def _page(assets: Assets, judged: dict[str, Page], path: str) -> Page | None:
    """Return a page; the other of two is looked at even where only one is judged."""
    if path in judged or path not in assets.entries or assets.entries[path].target is not None:
        return judged.get(path)
    return next((each for each in assets.whole.memories if each.path == path), None)


def _linked(one: Page, other: Page) -> bool:
    """Say whether one of two pages takes in the other, or points at it."""
    return one.text == other.text or other.asset.name in one.body or one.asset.name in other.body


def _compare(told: Page, beside: Page) -> Iterator[Hit]:
    ours, theirs = _used(told), _used(beside)
    for family, names in rivals().families.items():
        mine = {name: line for name, line in ours.items() if name in names}
        others = {name for name in theirs if name in names}
        if mine and others and not others & set(mine):
            first = min(mine, key=lambda name: mine[name])
            yield Hit(
                path=told.path,
                line=mine[first],
                message=f"It uses {_list(mine)} as {family}, and {beside.asset.name} uses "
                f"{_list(others)}.",
                subject=family,
            )


def _used(page: Page) -> dict[str, int]:
    """Return the programs that a page's commands run, each with its first line."""
    found: dict[str, int] = {}
    for said in said_in(page):
        for name in _programs(said):
            found.setdefault(name, said.line)
    return found


def _programs(said: Said) -> set[str]:
    inner = bare(said.words)
    names = {program(said.words[0])} | set(inner[:1])
    # A tool that is installed for the whole machine says nothing of the repository.
    if {"-g", "--global"} & set(said.words) or inner[1:2] in (("init",), ("create",), ("tool",)):
        return set()
    return names


def _list(names: dict[str, int] | set[str]) -> str:
    return " and ".join(f"`{name}`" for name in sorted(names))


RULE = Rule(
    title="CLAUDE.md and AGENTS.md send agents different ways",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.MEMORY}),
    check=_check,
    source="https://agents.md/",
    as_of="2026-11-21",
    hint="Keep one file, and let the other import it or be a link to it.",
    products=("claude-code", "codex"),
)
