"""Shared settings approve every server of tools that the repository names, now and later.

Bad: `"enableAllProjectMcpServers": true` in `.claude/settings.json`. Whoever gets a line into
`.mcp.json` starts a program on every machine; nobody is asked.

Instead: list those that somebody looked at in `enabledMcpjsonServers`.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.assets.setting_values import value_of
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for file in assets.settings:
        if file.is_shared and value_of(file.config, "enableAllProjectMcpServers") is True:
            yield Hit(
                path=file.path,
                line=file.config.line("enableAllProjectMcpServers"),
                message="Every server of the repository is approved, also those of tomorrow.",
                subject="enableAllProjectMcpServers",
            )


RULE = Rule(
    title="Every server of the repository is approved at once",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/mcp",
    as_of="2026-11-21",
    hint="List those that somebody looked at in `enabledMcpjsonServers`.",
    products=("claude-code",),
)
