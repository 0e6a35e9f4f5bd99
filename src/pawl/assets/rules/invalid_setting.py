"""A setting has a value that its product does not take.

Bad: `"defaultMode": "allowEdits"`, `"allow": "Bash(ls)"`, `sandbox_mode = "full"`. The product
refuses the value, and with it more than the one key: the mode stays what it was, or the file counts
for nothing.

Instead: write one of the values that the product's reference lists.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.known import is_of
from pawl.assets.rule import Hit, Rule
from pawl.assets.setting_values import Setting, settings_in, shown
from pawl.base.finding import Confidence, Severity
from pawl.parsing.nearest import nearest

_CALLED = {"text": "a text", "flag": "true or false", "number": "a number", "list": "a list"}


def _check(assets: Assets) -> Iterator[Hit]:
    for file in assets.settings:
        for setting in settings_in(file):
            why = _wrong(setting)
            if why is not None:
                yield Hit(
                    path=file.path,
                    line=setting.line,
                    message=f"`{setting.name}` {why}.",
                    subject=setting.name,
                )


def _wrong(setting: Setting) -> str | None:
    key, value = setting.key, setting.value
    if key is None or value is None:
        return None
    if not is_of(value, key.type):
        return f"is {_CALLED.get(key.type, 'a map')}, and here it is {shown(value)!r}"
    if key.values and isinstance(value, str) and value not in key.values:
        meant = nearest(value, key.values)
        hint = f"; `{meant}` is near" if meant else f"; it takes {', '.join(key.values)}"
        return f"does not take `{shown(value)}`{hint}"
    return None


RULE = Rule(
    title="A setting has a value that its product does not take",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/settings",
    as_of="2026-11-21",
    hint="Write one of the values that the product takes.",
)
