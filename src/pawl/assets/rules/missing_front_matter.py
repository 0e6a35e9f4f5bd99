"""A skill or an agent has no front matter.

Bad: a SKILL.md that begins with a heading. Without a name and a description the model is never
told of it: Claude Code lists the skill for people who type its name and never for the model, and
drops the file of an agent in silence.

Instead: begin with `---`, `name`, `description`, `---`.

A SKILL.md that stands where no product looks for skills, and pages in folders below the agents
among which none is an agent, are taken for what they are: text that something else reads.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.pages import Page
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex

_NO_AGENT = regex(r"(?:[A-Z][A-Z0-9_-]{2,40}|_.{0,80}|index|(?:.{0,40}[-_])?template)\.md")
"""Files that stand beside agents and are none: README.md, CONTRIBUTING.md, templates."""


def _check(assets: Assets) -> Iterator[Hit]:
    absent = [
        page
        for page in (*assets.skills, *assets.agents)
        if page.front.state == "absent" and not _is_beside(page)
    ]
    whole = assets.whole
    begun = {
        page.path.rpartition("/")[0] if page.asset.kind is Kind.AGENT else _beside(page)
        for page in ((*whole.skills, *whole.agents) if absent else ())
        if page.front.state != "absent"
    }
    for page in absent:
        late = "\n---\nname:" in page.text[:400] or page.text[:200].lstrip().startswith("---")
        if not late and not _is_meant(page, assets, begun):
            continue
        what = "skill" if page.asset.kind is Kind.SKILL else "agent"
        yield Hit(
            path=page.path,
            line=1,
            message=f"The {what} has no front matter, so that the model is not told of it."
            if not late
            else f"The front matter of the {what} does not begin on the first line.",
            subject="front matter",
        )


def _is_beside(page: Page) -> bool:
    if page.asset.kind is Kind.SKILL:
        return False
    # Claude Code's agents stand in the folder itself; deeper ones are often what agents read.
    folder = page.asset.folder.rpartition("/")[2]
    return _NO_AGENT.fullmatch(page.asset.name) is not None or folder in (
        "references", "reference", "resources", "templates", "examples", "docs", "shared", "assets",
        "scripts", "includes", "partials", "knowledge", "prompts",
    )  # fmt: skip


def _is_meant(page: Page, assets: Assets, begun: set[str]) -> bool:
    """Say whether a page without front matter is likely to be the skill or agent it may be.

    `begun` are the folders of agents, and those above skills, in which one begins as it should.
    """
    folder = page.asset.folder
    if page.asset.kind is Kind.SKILL:
        # A repository that is one skill, a collection of them, or the skill of a plugin.
        called = not folder or "skill" in folder.lower() or folder in assets.plugin_roots
        return called or _beside(page) in begun
    above = folder.rpartition("/")[2]
    if above in ("agents", "agent"):
        return True
    begins = page.body.lstrip()[:1]
    return not above.startswith("_") and (begins != "#" or folder in begun)


def _beside(page: Page) -> str:
    """Return the folder in which the folders of a skill and of its like stand, as a key."""
    return f"{page.asset.folder.rpartition('/')[0]}/*"


RULE = Rule(
    title="A skill or an agent has no front matter",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SKILL, Kind.AGENT}),
    check=_check,
    source="observed with Claude Code 2.1.329",
    as_of="2026-11-21",
    hint="Begin it with `---`, a name, a description and `---`.",
)
