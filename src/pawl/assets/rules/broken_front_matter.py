"""The front matter of a page cannot be read.

Bad: `description: Use when: …` (a colon in a plain value), a `---` that is never closed, a list
where names and values belong. A product that reads YAML strictly loads the page with no name, no
description and no limits on its tools, or not at all; one that reads line by line loads something.

Instead: put the value in quotes, or below `description: >-`.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.pages import Page
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity

_STATES = frozenset({"unterminated", "broken", "not-a-map"})


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.pages:
        front = page.front
        if front.state not in _STATES or not _is_meant(page):
            continue
        found = all(front.recovered.get(name) for name in ("name", "description"))
        yield Hit(
            path=page.path,
            line=front.problem_line or 1,
            message=f"The front matter cannot be read: {front.problem.rstrip('.')}.",
            subject="front matter",
            severity=Severity.MEDIUM if found or page.asset.kind in _OPTIONAL else None,
        )


_OPTIONAL = frozenset({Kind.MEMORY, Kind.COMMAND})
"""Pages that work without front matter, as far as they go."""


def _is_meant(page: Page) -> bool:
    """Say whether what stands at the top is meant for front matter, and no line across a page.

    Cursor and others read their own kind of it, in which `globs: *.ts` needs no quotes.
    """
    if page.asset.kind is Kind.MEMORY and page.asset.product != "claude-code":
        return False
    if page.asset.kind not in _OPTIONAL:
        return True
    return page.front.state != "unterminated" and bool(page.front.recovered)


RULE = Rule(
    title="The front matter of a page cannot be read",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.MEMORY, Kind.SKILL, Kind.AGENT, Kind.COMMAND}),
    check=_check,
    source="https://agentskills.io/specification",
    as_of="2026-11-21",
    hint="Put the value in quotes, or below `>-`; end the front matter with a line `---`.",
)
