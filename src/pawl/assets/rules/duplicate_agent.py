"""Two agents of one place have the same name.

Bad: `.claude/agents/review.md` and `.claude/agents/web/review.md`, both `name: reviewer`. One of
them hides the other, and which one is not said: its tools, its model and its instructions are not
those that somebody reads in the other file.

A copy that says the same hides nothing, and is told of mildly. An agent without a description is
dropped, and hides nothing either.

Instead: rename one. The same name in two plugins, or in a plugin and the project, is none: each
plugin's agents carry its name in front.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.pages import Page
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    seen: dict[tuple[str, str], Page] = {}
    judged = {page.path for page in assets.agents}
    for page in assets.whole.agents if judged else ():
        name = page.front.text("name").strip()
        scope = _scope(page.path)
        if page.asset.product != "claude-code" or not name or _is_dropped(page):
            continue
        first = seen.setdefault((scope, name), page)
        if first is not page and {first.path, page.path} & judged:
            told, other = (page, first) if page.path in judged else (first, page)
            yield Hit(
                path=told.path,
                line=told.front.line("name"),
                message=f"`{name[:80]}` is the name of {other.path} as well.",
                subject=name[:100],
                severity=Severity.MEDIUM if page.text == first.text else None,
            )


def _is_dropped(page: Page) -> bool:
    return page.front.state == "read" and not _said(page.front.values.get("description"))


def _said(value: object) -> bool:
    return isinstance(value, str | int | float) and bool(str(value).strip())


def _scope(path: str) -> str:
    """Return the folder `agents` that an agent stands in or below."""
    before, found, _ = f"/{path}".rpartition("/agents/")
    return before + found


RULE = Rule(
    title="Two agents of one place have the same name",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.AGENT}),
    check=_check,
    source="https://code.claude.com/docs/en/sub-agents",
    as_of="2026-11-21",
    hint="Rename one of them.",
    products=("claude-code",),
)
