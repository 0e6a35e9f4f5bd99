"""An agent of a plugin sets a field that is ignored there.

Bad: `permissionMode: plan` or `hooks:` in `agents/x.md` of a plugin. Claude Code ignores `hooks`,
`mcpServers` and `permissionMode` of agents that a plugin brings, in silence: the guard that the
author put there guards nothing.

Instead: hooks in the plugin's `hooks/hooks.json`, servers in its `.mcp.json`; limits through
`tools` and `disallowedTools`.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.judgement import claude_names
from pawl.assets.profiles import is_read
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.agents:
        if page.asset.product != "claude-code" or not is_read(page):
            continue
        if assets.plugin_of(page.path) is None or "/.claude/" in f"/{page.path}":
            continue
        for name in claude_names().ignored_in_plugins:
            if page.front.values.get(name):
                yield Hit(
                    path=page.path,
                    line=page.front.line(name),
                    message=f"`{name}` is ignored in an agent that a plugin brings.",
                    subject=name,
                )


RULE = Rule(
    title="An agent of a plugin sets a field that is ignored there",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.AGENT}),
    check=_check,
    source="https://code.claude.com/docs/en/sub-agents",
    as_of="2026-11-21",
    hint="Move it into the plugin's own files, or limit the agent with `tools`.",
    products=("claude-code",),
)
