"""Read YAML text into plain values, strictly. Imported only where YAML is read: it costs 30 ms."""

import re
from typing import Any, cast

import yaml

from pawl.base.errors import BadFile

MAX_DEPTH = 100
"""Levels of nesting; the C parser recurses and would take the process down with it."""


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


def parse_yaml(text: str, *, place: str) -> Any:
    """Return the values of a YAML document; raises BadFile naming the line."""
    try:
        _refuse_depth_and_aliases(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader by inheritance
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


def yaml_of(value: Any) -> str:
    """Return plain values as YAML text, keys in their order, without anchors."""
    return yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, line_break="\n"
    )


class _Dumper(yaml.SafeDumper):
    """A safe dumper that writes values out that stand twice, and texts of several lines as such."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _lines(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    block = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=block)


_Dumper.add_representer(str, _lines)


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


def compose_yaml(text: str, *, place: str) -> Any:
    """Return the root node of a YAML document, or None of an empty one; raises BadFile.

    Nodes know their lines, and aliases stay shared nodes: whoever walks them bounds the walk.
    """
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise BadFile("not readable as YAML: nested too deeply.", place=place)
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = "" if mark is None else f":{mark.line + 1}"
        raise BadFile(f"not readable as YAML: {error.problem}.", place=f"{place}{line}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadFile(f"not readable as YAML: {error}.", place=place) from error
