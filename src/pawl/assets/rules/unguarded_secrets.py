"""Settings allow reading or running anything, and nothing keeps the agent from files of secrets.

Bad: `"allow": ["Read", "Bash"]` and no rule such as `Read(.env)` among those that deny. The keys in
`.env`, `~/.ssh` and `~/.aws` are one careless step, or one injected instruction, away.

Instead: deny what holds secrets (`Read(.env)`, `Read(.env.*)`, `Read(~/.ssh/**)`,
`Read(~/.aws/**)`), and where programs run freely deny it in the sandbox as well.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.assets.rule_width import reads_anything
from pawl.assets.setting_values import value_of
from pawl.assets.settings import Permission, Settings
from pawl.base.finding import Confidence, Severity
from pawl.parsing.permission_rules import judge_tool

_EVERYTHING = frozenset({"", "*", "**", "./**", "/**", "//**", "~/**"})


def _check(assets: Assets) -> Iterator[Hit]:
    for file in assets.settings:
        if file.asset.product != "claude-code" or not file.is_shared or _guards(file):
            continue
        wide = next((each for each in file.permissions if _is_wide(each)), None)
        if wide is not None:
            yield Hit(
                path=file.path,
                line=wide.line,
                message=f"`{wide.text[:60]}` reads files of secrets too, and nothing denies them.",
                subject="secrets",
            )


def _is_wide(rule: Permission) -> bool:
    if rule.says != "allow":
        return False
    reads = rule.tool == "Read" and (rule.pattern or "").strip() in _EVERYTHING
    return reads or reads_anything(rule)


def _guards(file: Settings) -> bool:
    """Say whether anything keeps secrets: a rule, the sandbox, or a hook that sees every read."""
    config = file.config
    for rule in file.permissions:
        if rule.says in ("deny", "ask") and judge_tool(rule.tool, rule.pattern).secret:
            return True
    if value_of(config, "sandbox.filesystem.denyRead") or value_of(config, "sandbox.credentials"):
        return True
    return any(
        hook.event == "PreToolUse" and (hook.matcher in ("", "*", ".*") or "Read" in hook.matcher)
        for hook in file.hooks
    )


RULE = Rule(
    title="Nothing keeps the agent from files of secrets",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/permissions",
    as_of="2026-11-21",
    hint="Deny what holds secrets: `Read(.env)`, `Read(~/.ssh/**)`, `Read(~/.aws/**)`.",
    products=("claude-code",),
)
