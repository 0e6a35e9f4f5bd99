"""A skill or an agent changes, and no eval case covers it.

Bad: the instructions of a skill are edited, and no case in `.pawl/evals` and no `evals/evals.json`
names it. Nobody can say whether it still does what it did; the first to find out are its users.

Instead: write a case that fails without what the skill must not forget. Scripts in a skill's folder
are part of it; changes of blanks alone are none.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.coverage import covers, texts_of_cases
from pawl.assets.pages import Page
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    base = assets.base
    if base is None:
        return
    cases: tuple[tuple[str, str], ...] | None = None
    for page in _pages(assets):
        changed = _changed(assets, base, page)
        if changed is None:
            continue
        cases = texts_of_cases(assets.whole) if cases is None else cases
        skill = page.asset.kind is Kind.SKILL
        folder = page.asset.folder if skill else ""
        # A skill is known by its folder as well, an agent by its file.
        file = folder.rpartition("/")[2] if skill else page.asset.name.removesuffix(".md")
        if not covers(cases, folder, frozenset({page.name[:200], file})):
            what = "skill" if skill else "agent"
            yield Hit(
                path=page.path,
                line=1,
                message=f"The {what} {page.name[:80]} {changed}, and no eval case names it.",
                subject="coverage",
            )


def _pages(assets: Assets) -> Iterator[Page]:
    """Yield the judged skills and agents, and skills of which a script is judged."""
    yield from (*assets.skills, *assets.agents)
    others = {script.skill for script in assets.scripts} - {page.path for page in assets.skills}
    if others:
        yield from (page for page in assets.whole.skills if page.path in others)


def _changed(assets: Assets, base: Assets, page: Page) -> str | None:
    """Return what a change did to a page or to the scripts of its folder, or None for nothing."""
    before = base.text(page.path)
    if before is None:
        return "is new"
    if before.split() != page.text.split():
        return "changed"
    for script in assets.scripts:
        if script.skill == page.path and assets.text(script.path) != base.text(script.path):
            return f"changed in {script.path.rpartition('/')[2]}"
    return None


RULE = Rule(
    title="A skill or an agent changes, and no eval case covers it",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SKILL, Kind.AGENT}),
    check=_check,
    source="https://agentskills.io/skill-creation/evaluating-skills",
    as_of="2026-11-21",
    hint="Write an eval case for it: `pawl eval new`.",
    needs_base=True,
)
