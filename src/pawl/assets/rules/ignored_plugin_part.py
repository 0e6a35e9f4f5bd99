"""A part of a plugin is passed over when it is loaded.

Bad: `"comands": "./commands"`, `"components": {"commands": […]}` or `"category": "testing"` in
`plugin.json`: fields that no manifest has are taken out. `.claude-plugin/commands/`,
`.claude-plugin/skills/`: only the manifest belongs into that folder, and parts are looked for
beside it.

Instead: write the field as the reference does, a marketplace's fields into the marketplace, and
move the folder up.
"""

from collections.abc import Iterator
from typing import Any

from pawl.assets.asset import Asset, Kind
from pawl.assets.assets import Assets
from pawl.assets.json_text import Config
from pawl.assets.known import plugin_fields
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.parsing.nearest import nearest

_PARTS = ("commands", "agents", "skills", "hooks", "output-styles")


def _check(assets: Assets) -> Iterator[Hit]:
    for asset, config in assets.plugins:
        if asset.name != "plugin.json":
            continue
        for line, subject, message in (*_fields(config), *_folders(assets, asset)):
            yield Hit(path=asset.path, line=line, message=message, subject=subject)


def _fields(config: Config) -> Iterator[tuple[int | None, str, str]]:
    known = plugin_fields()
    for field, value in config.table().items():
        if field in known.of_marketplaces:
            why = "it is one of a marketplace's entry"
        elif field not in known.fields and isinstance(value, dict) and _holds_parts(value):
            why = "parts are named at the top of the manifest"
        elif (meant := nearest(str(field), known.fields)) is not None:
            why = f"`{meant}` is near"
        else:
            continue
        yield config.line(field), str(field), f"The field `{str(field)[:60]}` is not read; {why}."


def _holds_parts(value: dict[str, Any]) -> bool:
    """Say whether a map is one of lists of parts, as an invented `components` is."""
    paths = plugin_fields().paths
    return sum(1 for part, said in value.items() if part in paths and isinstance(said, list)) > 1


def _folders(assets: Assets, asset: Asset) -> Iterator[tuple[int | None, str, str]]:
    for part in _PARTS:
        folder = f"{asset.folder}/{part}"
        if folder not in assets.entries and assets.exists(folder):
            yield 1, folder, f"`{part}/` is not looked for inside `.claude-plugin/`, but beside it."


RULE = Rule(
    title="A part of a plugin is passed over",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.PLUGIN}),
    check=_check,
    source="https://code.claude.com/docs/en/plugins/manifest-reference",
    as_of="2026-11-21",
    hint="Write the field as the reference does, or move the folder beside `.claude-plugin/`.",
    products=("claude-code",),
)
