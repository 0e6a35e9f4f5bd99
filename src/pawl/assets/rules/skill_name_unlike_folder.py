"""A skill calls itself something else than its folder.

Bad: `name: pdf-tools` in `skills/pdf/SKILL.md`. Products of the open specification refuse it. In
Claude Code the folder is what people type, and the name is what texts about it say: whoever follows
a text types a command that does not exist.

Instead: rename one of the two.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.profiles import is_open, is_read
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex

_PLACEHOLDER = regex(r".{0,80}[{<\[$].{0,80}")


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.skills:
        name = page.front.text("name").strip()
        folder = page.asset.folder.rpartition("/")[2]
        if not is_read(page) or not name or not folder or name == folder:
            continue
        # The only skill of a plugin or a repository may stand in its root.
        if page.asset.folder in assets.plugin_roots or _PLACEHOLDER.fullmatch(name[:160]):
            continue
        yield Hit(
            path=page.path,
            line=page.front.line("name"),
            message=f"It calls itself `{name[:80]}` and stands in the folder `{folder[:80]}`.",
            subject=name[:100],
            severity=None if is_open(page) else Severity.LOW,
        )


RULE = Rule(
    title="A skill calls itself something else than its folder",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SKILL}),
    check=_check,
    source="https://agentskills.io/specification",
    as_of="2026-11-21",
    hint="Rename the folder or the skill.",
)
