"""A setting's name is a letter away from one that the product reads.

Bad: `"permission": {"deny": […]}`, `"enableAllProjectMCPServers": false`. Unknown names are passed
over in silence, so that what the file forbids is allowed.

Instead: write the name as the product's reference does.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.known import ProductKeys
from pawl.assets.rule import Hit, Rule
from pawl.assets.setting_values import Setting, known_keys, settings_in
from pawl.base.finding import Confidence, Severity
from pawl.parsing.nearest import nearest


def _check(assets: Assets) -> Iterator[Hit]:
    for file in assets.settings:
        known = known_keys(file)
        if known is None or not known.complete:
            continue
        for setting in settings_in(file):
            meant = None if setting.key else _meant(setting, known)
            if meant is not None:
                yield Hit(
                    path=file.path,
                    line=setting.line,
                    message=f"Nothing reads `{setting.name}`; `{meant}` is near.",
                    subject=setting.name,
                )


def _meant(setting: Setting, known: ProductKeys) -> str | None:
    above, _, last = setting.name.rpartition(".")
    beside = [each for each in known.keys if each.rpartition(".")[0] == above]
    if isinstance(setting.value, dict):
        # Another tool's block in the same file: nobody writes a map where a word belongs.
        beside = [each for each in beside if known.keys[each].type in ("map", "any")]
    return nearest(last, [each.rpartition(".")[2] for each in beside])


RULE = Rule(
    title="A setting's name is a slip of the pen",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/settings",
    as_of="2026-11-21",
    hint="Write the name that the product reads.",
    products=("claude-code",),
)
