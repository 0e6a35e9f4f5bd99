"""A plugin's manifest, or a marketplace's, names a file or folder that is not there.

Bad: `"commands": "./custom/commands"` without such a folder, `"mcpServers": "../shared.json"`, an
entry of a marketplace whose `source` is `./plugins/gone`. What is installed is a copy of the
plugin's folder: what is not in it, or lies above it, is missing for everybody.

Instead: mend the path, or put the file into the plugin.
"""

import posixpath
from collections.abc import Iterator
from typing import Any

from pawl.assets.asset import Asset, Kind
from pawl.assets.assets import Assets
from pawl.assets.json_text import Config
from pawl.assets.known import plugin_fields
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity

MAX_PATHS = 2000
Found = Iterator[tuple[tuple[str | int, ...], str]]


def _check(assets: Assets) -> Iterator[Hit]:
    for asset, config in assets.plugins:
        root = posixpath.dirname(asset.folder)
        for where, written in _paths(asset, config):
            why = _wrong(assets, root, written)
            if why is not None:
                yield Hit(
                    path=asset.path,
                    line=config.line(*where),
                    message=f"`{written[:80]}` {why}.",
                    subject=f"{where[0]} {written}",
                )


def _wrong(assets: Assets, root: str, written: str) -> str | None:
    path = posixpath.normpath(written)
    if path == ".." or path.startswith("../"):
        return "lies outside the folder that is installed"
    if "*" in path:
        return None
    whole = posixpath.normpath(posixpath.join(root, path))
    return None if whole == "." or assets.exists(whole) else "is not there"


def _paths(asset: Asset, config: Config) -> Found:
    value = config.value
    if not isinstance(value, dict):
        return
    if asset.name == "marketplace.json":
        yield from _sources(value)
        return
    for field in plugin_fields().paths:
        said = value.get(field)
        if isinstance(said, str):
            yield from _path((field,), said)
        elif isinstance(said, list):
            for at, each in enumerate(said[:MAX_PATHS]):
                yield from _path((field, at), each)
        elif field == "commands" and isinstance(said, dict):
            for name, each in list(said.items())[:MAX_PATHS]:
                source = each.get("source") if isinstance(each, dict) else None
                yield from _path((field, name, "source"), source)


def _path(where: tuple[str | int, ...], value: Any) -> Found:
    if isinstance(value, str):
        bare = value.removeprefix("${CLAUDE_PLUGIN_ROOT}/")
        if (bare != value or value.startswith(("./", "../"))) and "$" not in bare:
            yield where, bare


def _sources(value: dict[str, Any]) -> Found:
    """Yield the folders of a marketplace's own plugins; others are fetched from elsewhere."""
    metadata, plugins = value.get("metadata"), value.get("plugins")
    above = metadata.get("pluginRoot") if isinstance(metadata, dict) else None
    root = above if isinstance(above, str) else ""
    for at, entry in enumerate((plugins if isinstance(plugins, list) else [])[:MAX_PATHS]):
        source = entry.get("source") if isinstance(entry, dict) else None
        if not isinstance(source, str):
            continue
        where = ("plugins", at, "source")
        if root and not source.startswith(("./", "../")) and "/" not in source:
            yield where, posixpath.join(root, source)
        elif source.startswith(("./", "../")):
            yield where, source


RULE = Rule(
    title="A plugin names a file or folder that is not there",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.PLUGIN}),
    check=_check,
    source="https://code.claude.com/docs/en/plugins/manifest-reference",
    as_of="2026-11-21",
    hint="Mend the path, or put the file into the plugin.",
    products=("claude-code",),
)
