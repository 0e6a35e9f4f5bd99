"""Feature flags in a file, and what changed of them from one version of it to the next.

A file is JSON, YAML or TOML: names with values, or with objects that say `enabled`, `value`,
`state` or `default`. Nested groups become names parted by dots.
"""

import tomllib
from itertools import pairwise
from typing import Any

import msgspec

from pawl.base.errors import BadFile
from pawl.investigation.facts import Change, ChangeKind

MAX_FLAGS = 5_000
MAX_VALUE = 200
_DEPTH = 6
_VALUES = ("enabled", "value", "state", "on", "default")


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A flags file as it was from a moment on."""

    at: str
    who: str
    place: str
    flags: dict[str, str]


def read_flags(text: str, *, place: str) -> dict[str, str]:
    """Return the flags of a file by name; raises BadFile for one that cannot be read."""
    found: dict[str, str] = {}
    _flatten(_parsed(text, place), "", found, 0)
    return found


def switches(versions: tuple[Version, ...], source: str) -> tuple[Change, ...]:
    """Return every flag that one version has otherwise than the one before it, oldest first."""
    changes = []
    for before, after in pairwise(versions):
        for name in sorted(before.flags.keys() | after.flags.keys()):
            old, new = before.flags.get(name, ""), after.flags.get(name, "")
            if old != new:
                changes.append(
                    Change(
                        kind=ChangeKind.FLAG,
                        id=name,
                        at=after.at,
                        title=f"{name}: {old or 'absent'} to {new or 'absent'}",
                        source=source,
                        place=after.place,
                        who=after.who,
                        before=old or "absent",
                        after=new or "absent",
                    )
                )
    return tuple(changes)


def _parsed(text: str, place: str) -> Any:
    if place.endswith(".toml"):
        try:
            return tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise BadFile(f"not readable as TOML: {error}.", place=place) from error
    if place.endswith(".json"):
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            raise BadFile(f"not readable as JSON: {error}.", place=place) from error
    from pawl.base.yaml_text import parse_yaml

    return parse_yaml(text, place=place)


def _flatten(value: Any, name: str, found: dict[str, str], depth: int) -> None:
    if len(found) >= MAX_FLAGS or depth > _DEPTH:
        return
    if isinstance(value, list):
        for each in value:
            called = (each.get("name") or each.get("key")) if isinstance(each, dict) else None
            if isinstance(called, str):
                rest = {key: part for key, part in each.items() if part is not called}
                _flatten(rest, called, found, depth + 1)
        return
    if not isinstance(value, dict):
        if name:
            found[name[:MAX_VALUE]] = _text(value)
        return
    own = next((key for key in _VALUES if key in value and not isinstance(value[key], dict)), None)
    if name and own is not None:
        found[name[:MAX_VALUE]] = _text(value[own])
        return
    for key, each in value.items():
        if isinstance(key, str) and key not in ("schema", "version"):
            grouping = not name and key in ("flags", "features")
            _flatten(each, "" if grouping else f"{name}.{key}" if name else key, found, depth + 1)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:MAX_VALUE]
