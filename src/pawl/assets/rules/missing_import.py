"""Instructions import a file that is not there.

Bad: `@docs/style.md` in CLAUDE.md, where no such file is. Claude Code passes over it in silence, so
that the agent works without instructions that somebody believes it has. A path out of the
repository is one that others do not have. What `~` and `/` name is each machine's own business. A
circle of imports is cut by the product, and what is behind the cut is absent as well.

Instead: mend the path, or take the import out.
"""

import posixpath
from collections.abc import Iterator

from pawl.assets.asset import Asset, Kind
from pawl.assets.assets import Assets
from pawl.assets.pages import Page, read_page
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity

MAX_DEPTH = 5
"""Imports of imports that Claude Code follows."""


def _check(assets: Assets) -> Iterator[Hit]:
    told: set[tuple[str, int | None, str]] = set()
    # A file's imports are followed once at each depth, however many files import it.
    followed: set[tuple[str, int]] = set()
    for page in assets.memories:
        if page.asset.product in ("claude-code", "codex", "gemini-cli"):
            for hit in _follow(assets, page, (page.path,), followed):
                if (hit.path, hit.line, hit.subject) not in told:
                    told.add((hit.path, hit.line, hit.subject))
                    yield hit


def _follow(
    assets: Assets, page: Page, trail: tuple[str, ...], followed: set[tuple[str, int]]
) -> Iterator[Hit]:
    for mention in page.imports():
        # What is local to one person is not meant to be in the repository.
        if mention.text.startswith(("~", "/")) or ".local." in mention.text:
            continue
        path = posixpath.normpath(posixpath.join(page.asset.folder, mention.text))
        why = _wrong(assets, path, trail)
        if why is not None:
            yield Hit(
                path=page.path,
                line=mention.line,
                message=f"`@{mention.text}` {why}.",
                subject=mention.text,
                trail=trail,
            )
        elif path.endswith(".md") and (path, len(trail)) not in followed:
            followed.add((path, len(trail)))
            text = assets.text(path)
            if text is not None:
                asset = Asset(path, Kind.MEMORY, page.asset.product)
                yield from _follow(assets, read_page(asset, text), (*trail, path), followed)


def _wrong(assets: Assets, path: str, trail: tuple[str, ...]) -> str | None:
    if path.startswith(".."):
        return "imports a file outside the repository, which others do not have"
    if path in trail:
        return "imports a file that imports this one"
    if path not in assets.entries:
        return "imports a file that is not there"
    return "is deeper than imports are followed" if len(trail) > MAX_DEPTH else None


RULE = Rule(
    title="Instructions import a file that is not there",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.MEMORY}),
    check=_check,
    source="https://code.claude.com/docs/en/memory",
    as_of="2026-11-21",
    hint="Mend the path, or take the import out.",
    products=("claude-code", "codex", "gemini-cli"),
)
