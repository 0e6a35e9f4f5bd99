"""An agent says nothing of its tools and has them all.

Bad: an agent that looks up tickets, without `tools` and without `disallowedTools`. It inherits the
shell, writing, the network and every server that the session has; so does whatever text it reads
and believes.

Instead: name the tools that its task needs. This is an opinion: to inherit is what the manual calls
the default, and some agents need it.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.profiles import is_read
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.agents:
        values = page.front.values
        if page.asset.product != "claude-code" or not is_read(page):
            continue
        if values.get("tools") is None and not values.get("disallowedTools"):
            yield Hit(
                path=page.path,
                line=1,
                message=f"The agent {page.name[:80]} inherits every tool of the session.",
                subject="tools",
            )


RULE = Rule(
    title="An agent has every tool there is",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.AGENT}),
    check=_check,
    source="https://code.claude.com/docs/en/sub-agents",
    as_of="2026-11-21",
    hint="Name the tools that it needs with `tools`.",
    products=("claude-code",),
    opinion=True,
)
