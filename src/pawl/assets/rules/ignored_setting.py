"""A setting stands in a file in which its product does not read it.

Bad: `"allowManagedHooksOnly": true` in a repository's `.claude/settings.json`: it counts only in
settings that an administrator puts on the machine. `"defaultMode": "auto"` in a repository is
passed over by versions that let no repository choose it.

Instead: put it where it counts, or take it out; it guards nothing here.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.assets.setting_values import Setting, settings_in
from pawl.assets.settings import Settings
from pawl.base.finding import Confidence, Severity

_WHERE = {
    "managed": "only settings that an administrator puts on the machine",
    "person": "only a person's own settings and an administrator's",
    "unshared": "no settings that a repository shares",
}


def _check(assets: Assets) -> Iterator[Hit]:
    for file in assets.settings:
        if file.asset.name.startswith("managed"):
            continue
        for setting in settings_in(file):
            why = _ignored(file, setting)
            if why is not None:
                yield Hit(
                    path=file.path,
                    line=setting.line,
                    message=f"`{setting.name}` counts for nothing here: {why} may set it.",
                    subject=setting.name,
                )


def _ignored(file: Settings, setting: Setting) -> str | None:
    if setting.key is None:
        return None
    if setting.name == "permissions.defaultMode" and setting.value == "auto":
        return _WHERE["person"]
    scope = setting.key.scope
    if scope == "any" or (scope == "unshared" and not file.is_shared):
        return None
    return _WHERE[scope]


RULE = Rule(
    title="A setting stands where its product does not read it",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/settings",
    as_of="2026-11-21",
    hint="Put it where it counts, or take it out.",
    products=("claude-code",),
)
