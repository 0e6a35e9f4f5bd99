"""An agent of the repository runs without asking for anything.

Bad: `permissionMode: bypassPermissions` in `.claude/agents/x.md`. Everybody who has the repository
has that agent, and whatever it reads and believes is done at once, without a question.

Instead: leave it out, and allow the commands that it needs in the settings, one by one.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.profiles import is_read
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.agents:
        if page.asset.product != "claude-code" or not is_read(page):
            continue
        # A plugin's agent is not given the mode: that it asks for it is another rule's matter.
        if assets.plugin_of(page.path) is not None and "/.claude/" not in f"/{page.path}":
            continue
        if page.front.values.get("permissionMode") == "bypassPermissions":
            yield Hit(
                path=page.path,
                line=page.front.line("permissionMode"),
                message=f"The agent {page.name[:80]} is never asked for permission.",
                subject="permissionMode",
            )


RULE = Rule(
    title="An agent of the repository bypasses permissions",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.AGENT}),
    check=_check,
    source="https://code.claude.com/docs/en/sub-agents",
    as_of="2026-11-21",
    hint="Leave the mode out, and allow what it needs in the settings.",
    products=("claude-code",),
)
