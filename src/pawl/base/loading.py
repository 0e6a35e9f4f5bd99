"""Strict loading of what people write: YAML and TOML into frozen types.

Validated once at the door: unknown keys are refused, and an error names the file, the place in
it and the remedy. YAML is read as 1.2 reads booleans, so that `on:` stays a word.
"""

import re
import tomllib
from typing import Any, TypeVar, cast

import msgspec
import yaml

from pawl.base.errors import BadFile

T = TypeVar("T")

MAX_DEPTH = 100
"""Levels of nesting; the C parser recurses and would take the process down with it."""

MAX_TEXT = 4 * 1024 * 1024
"""Characters of one configuration file; larger ones are refused before they are parsed."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader with YAML 1.2 booleans and without duplicate keys."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(key_node.value)
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key!r} stands twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag not in _REPLACED]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    for _REPLACED in [("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def load_yaml(text: str, kind: type[T], *, place: str) -> T:
    """Return the YAML document as `kind`; raises BadFile naming the line or the key path."""
    _refuse_giants(text, place)
    try:
        _refuse_depth_and_aliases(text)
        value = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader by inheritance
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        # At the end of the text the parser names the line after the last one.
        lines = text.count("\n") + 1
        line = "" if mark is None else f":{min(mark.line + 1, lines)}"
        raise BadFile(
            f"not readable as YAML: {error.problem}.",
            place=f"{place}{line}",
            hint="Mend the line named.",
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadFile(f"not readable as YAML: {error}.", place=place) from error
    return _convert(value, kind, place)


def load_toml(text: str, kind: type[T], *, place: str) -> T:
    """Return the TOML document as `kind`; raises BadFile naming the line or the key path."""
    _refuse_giants(text, place)
    try:
        value = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadFile(f"not readable as TOML: {error}.", place=place) from error
    return _convert(value, kind, place)


def _refuse_depth_and_aliases(text: str) -> None:
    """Look at the flat events first, which needs no recursion."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > MAX_DEPTH:
            problem = "aliases are not read" if depth <= MAX_DEPTH else "nested too deeply"
            mark = cast(yaml.error.Mark, event.start_mark)
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def _convert(value: Any, kind: type[T], place: str) -> T:
    try:
        return msgspec.convert(value, kind, strict=True)
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadFile(f"{error}.", place=place, hint="See the reference for this file.") from error


def _refuse_giants(text: str, place: str) -> None:
    if len(text) > MAX_TEXT:
        raise BadFile(f"larger than {MAX_TEXT:,} characters.", place=place)
