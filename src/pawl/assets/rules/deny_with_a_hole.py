"""What one rule forbids to read, a program that another rule allows reads.

Bad: `"deny": ["Read(.env)"]` beside `"allow": ["Bash(python3 *)"]`. A rule that denies reading
holds for the tools that read files and for commands such as `cat`; a program that is started opens
what it likes.

Instead: allow certain commands only, or switch the sandbox on: its `filesystem.denyRead` holds for
every process.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.assets.rule_width import any_code, cover_of, covering
from pawl.assets.setting_values import value_of
from pawl.assets.settings import Permission, Settings
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for file in assets.settings:
        if file.asset.product != "claude-code" or value_of(file.config, "sandbox.enabled") is True:
            continue
        denied = next((each for each in file.permissions if _denies_reading(each)), None)
        allowed = None if denied is None else _hole(file)
        if denied is not None and allowed is not None:
            yield Hit(
                path=file.path,
                line=denied.line,
                message=(
                    f"`{allowed.text[:60]}` (line {allowed.line}) reads what "
                    f"`{denied.text[:60]}` forbids."
                ),
                subject="Read",
                trail=(denied.text[:200], allowed.text[:200]),
            )


def _denies_reading(rule: Permission) -> bool:
    return rule.says == "deny" and rule.tool == "Read" and rule.pattern is not None


def _hole(file: Settings) -> Permission | None:
    denies = cover_of(each for each in file.permissions if each.says == "deny")
    for rule in file.permissions:
        wide = rule.says == "allow" and any_code(rule) is not None
        if wide and covering(denies, rule) is None:
            return rule
    return None


RULE = Rule(
    title="What is denied is reached through what is allowed",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/permissions",
    as_of="2026-11-21",
    hint="Allow certain commands only, or deny reading in the sandbox.",
    products=("claude-code",),
)
