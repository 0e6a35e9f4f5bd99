"""Settings of a repository let the agent do everything without asking.

Bad: `"defaultMode": "bypassPermissions"`, `"skipDangerousModePermissionPrompt": true`, Codex's
`approval_policy = "never"` together with `sandbox_mode = "danger-full-access"`, opencode's
`"permission": "allow"`. Whoever opens the repository works without a guard and did not choose so.
Newer versions of Claude Code pass over the mode in a repository's settings; older ones obey.

Instead: leave the choice to a person on a machine that may break: a container, a throw-away copy.
"""

from collections.abc import Iterator
from typing import Any

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.assets.setting_values import profiles_of, value_of
from pawl.assets.settings import Settings
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for file in assets.settings:
        for name, why in _open(file):
            yield Hit(
                path=file.path,
                line=file.config.line(*name.split(".")),
                message=f"`{name}` {why}.",
                subject=name,
                severity=None if file.is_shared else Severity.MEDIUM,
            )


def _open(file: Settings) -> Iterator[tuple[str, str]]:
    def said(name: str) -> Any:
        return value_of(file.config, name)

    product = file.asset.product
    if product == "claude-code":
        if said("permissions.defaultMode") == "bypassPermissions":
            yield "permissions.defaultMode", "lets every call through without asking"
        for name in (
            "skipDangerousModePermissionPrompt",
            "permissions.skipDangerousModePermissionPrompt",
        ):
            if said(name) is True:
                yield name, "takes the warning before that mode away"
    elif product == "codex":
        for before, held in profiles_of(file.config):
            # What a profile does not say is said above it.
            asks = value_of(held, "approval_policy") or said("approval_policy")
            if value_of(held, "sandbox_mode") == "danger-full-access" and asks == "never":
                why = "with `approval_policy` never runs anything, anywhere, unasked"
                yield f"{before}sandbox_mode", why
    elif product == "opencode":
        if said("permission") == "allow":
            yield "permission", "lets every call through without asking"
        elif said("permission.*") == "allow" and said("permission.bash") in (None, "allow"):
            yield "permission.*", "lets every call through without asking"


RULE = Rule(
    title="Settings let the agent do everything unasked",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/permission-modes",
    as_of="2026-11-21",
    hint="Take it out; a person chooses this on a machine that may break.",
    products=("claude-code", "codex", "opencode"),
)
