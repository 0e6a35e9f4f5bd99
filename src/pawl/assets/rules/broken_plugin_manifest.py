"""A plugin's manifest, or a marketplace's, does not load.

Bad: no JSON, no `name`, a name with blanks, `"keywords": "a, b"`, a path that does not begin with
`./`, an entry of a marketplace without `source`. The plugin is left out, with all that it brings.

Instead: write what the reference of manifests asks for; `claude plugin validate` looks at one
plugin.
"""

from collections.abc import Iterator
from typing import Any

from pawl.assets.asset import Asset, Kind
from pawl.assets.assets import Assets
from pawl.assets.json_text import Config
from pawl.assets.known import is_of, plugin_fields
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex

MAX_ENTRIES = 2000
_NAME = regex(r"[^\s/\\]{1,200}")
_CALLED = {"text": "a text", "list": "a list", "map": "a map", "flag": "true or false"}
Found = Iterator[tuple[tuple[str | int, ...], str]]


def _check(assets: Assets) -> Iterator[Hit]:
    for asset, config in assets.plugins:
        for where, why in _wrong(asset, config):
            yield Hit(
                path=asset.path,
                line=config.problem_line or config.line(*where) or 1,
                message=f"{why[:1].upper()}{why[1:]}.",
                subject=f"{'.'.join(map(str, where))} {why}",
            )


def _wrong(asset: Asset, config: Config) -> Found:
    value = config.value
    if config.problem:
        yield (), f"the manifest does not load: {config.problem}"
    elif not isinstance(value, dict):
        yield (), "the manifest does not load: it is no map"
    elif asset.name == "marketplace.json":
        yield from _marketplace(value)
    else:
        yield from _name((), value)
        yield from _types(value)


def _name(where: tuple[str | int, ...], value: dict[str, Any]) -> Found:
    name = value.get("name")
    if not isinstance(name, str) or not name.strip():
        yield where, "`name` is missing"
    elif _NAME.fullmatch(name) is None:
        yield (*where, "name"), f"the name `{name[:60]}` holds a blank or a slash"


def _types(value: dict[str, Any]) -> Found:
    known = plugin_fields()
    for field, types in known.fields.items():
        said = value.get(field)
        if said is None:
            continue
        if not any(is_of(said, each) for each in types):
            called = " or ".join(_CALLED.get(each, each) for each in types)
            yield (field,), f"`{field}` is {called}"
        elif field in known.paths:
            paths = said if isinstance(said, list) else [said]
            for at, path in enumerate(paths[:MAX_ENTRIES]):
                if isinstance(path, str) and not path.startswith(("./", "${CLAUDE_PLUGIN_ROOT}")):
                    place = (field, at) if isinstance(said, list) else (field,)
                    yield place, f"a path begins with `./`, and `{path[:60]}` does not"


def _marketplace(value: dict[str, Any]) -> Found:
    yield from _name((), value)
    if not isinstance(value.get("owner"), dict):
        yield (), "`owner` is missing"
    plugins = value.get("plugins")
    if not isinstance(plugins, list):
        yield (), "`plugins` is a list"
        return
    seen: set[str] = set()
    for at, entry in enumerate(plugins[:MAX_ENTRIES]):
        where = ("plugins", at)
        if not isinstance(entry, dict):
            yield where, "an entry is a map with `name` and `source`"
            continue
        yield from _name(where, entry)
        name = str(entry.get("name"))
        if name in seen:
            yield where, f"the plugin `{name[:60]}` is there twice"
        seen.add(name)
        if not isinstance(entry.get("source"), str | dict):
            yield where, f"the plugin `{name[:60]}` has no `source`"


RULE = Rule(
    title="A plugin's manifest does not load",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.PLUGIN}),
    check=_check,
    source="https://code.claude.com/docs/en/plugins/manifest-reference",
    as_of="2026-11-21",
    hint="Write what the reference of manifests asks for.",
    products=("claude-code",),
)
