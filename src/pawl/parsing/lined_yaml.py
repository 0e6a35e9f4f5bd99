"""YAML of a repository as plain values, with the line that each value stands on.

CI configuration uses anchors, merge keys and tags of its own, so it is read from nodes. The walk
has a budget: a document that expands beyond it (an alias bomb) is refused.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from pawl.base.errors import BadFile
from pawl.base.yaml_text import MAX_DEPTH, compose_yaml

MAX_VALUES = 50_000
"""Values of one document after aliases are expanded; the largest real workflows have 5,000."""

PathKey = tuple[str | int, ...]


class Reference(msgspec.Struct, frozen=True):
    """GitLab's `!reference [job, key]`: the value of another key."""

    path: tuple[str, ...]


class Lined(msgspec.Struct, frozen=True):
    """A document's values, and the 1-based line of each by its path of keys and positions."""

    value: Any
    lines: dict[PathKey, int]

    def line(self, *path: str | int) -> int | None:
        """Return the line of a value, or of the nearest thing around it that has one."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


class _Walk:
    """One bounded walk over the nodes of a document."""

    def __init__(self, place: str, unique: bool) -> None:
        self.place = place
        self.unique = unique
        self.left = MAX_VALUES
        self.lines: dict[PathKey, int] = {}

    def value(self, node: Any, path: PathKey) -> Any:
        self.left -= 1
        if self.left < 0 or len(path) > MAX_DEPTH:
            raise BadFile("more values than a CI file has.", place=self.place)
        text_below = node.id == "scalar" and node.style in ("|", ">")
        self.lines.setdefault(path, node.start_mark.line + 1 + text_below)
        if node.id == "sequence":
            items = [self.value(each, (*path, at)) for at, each in enumerate(node.value)]
            if node.tag == "!reference":
                return Reference(tuple(str(item) for item in items))
            return items
        if node.id == "mapping":
            return self.mapping(node, path)
        return _scalar(node)

    def mapping(self, node: Any, path: PathKey) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if key_node.id == "scalar" else ""
            if key == "<<":
                for part in self.merges(value_node, path):
                    merged = {**part, **merged}
            else:
                if self.unique and key in own:
                    line = key_node.start_mark.line + 1
                    raise BadFile(f"the key {key!r} stands twice.", place=f"{self.place}:{line}")
                own[key] = self.value(value_node, (*path, key))
        return {**merged, **own}

    def merges(self, node: Any, path: PathKey) -> Iterator[dict[str, Any]]:
        for each in node.value if node.id == "sequence" else [node]:
            value = self.value(each, (*path, "<<"))
            if isinstance(value, dict):
                yield value


def _scalar(node: Any) -> Any:
    text = str(node.value)
    kind = node.tag.rpartition(":")[2]
    if kind == "bool":
        return text == "true"
    if kind == "null":
        return None
    if kind in ("int", "float") and len(text) < 20:
        try:
            return int(text) if kind == "int" else float(text)
        except ValueError:
            return text
    return text


def read_lined(text: str, *, place: str, unique: bool = False) -> Lined:
    """Return a document's values and lines; raises BadFile for what is no YAML or too much.

    `unique` refuses a key that stands twice; otherwise the last one counts.
    """
    node = compose_yaml(text, place=place)
    walk = _Walk(place, unique)
    return Lined(None if node is None else walk.value(node, ()), walk.lines)
