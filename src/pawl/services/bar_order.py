"""The order of a waterfall's bars: parents before what they hold, and by time."""

from collections.abc import Sequence
from typing import Protocol, TypeVar


class _Item(Protocol):
    id: str
    parent: str | None
    kind: str
    start: float


Placed = TypeVar("Placed", bound=_Item)


def in_order(items: Sequence[Placed]) -> list[tuple[Placed, int]]:
    """Return the tree as lines with depths; what points at nobody, or in a circle, is a root."""
    known = {item.id for item in items}
    children: dict[str | None, list[Placed]] = {}
    for item in items:
        parent = item.parent if item.parent in known and item.parent != item.id else None
        children.setdefault(parent, []).append(item)
    for listed in children.values():
        listed.sort(key=lambda item: (item.start, item.kind != "request", item.id))
    lines: list[tuple[Placed, int]] = []
    placed: set[int] = set()

    def place(roots: Sequence[Placed]) -> None:
        waiting = [(item, 0) for item in reversed(roots)]
        while waiting:
            item, depth = waiting.pop()
            if id(item) in placed:
                continue
            placed.add(id(item))
            lines.append((item, depth))
            waiting += [(child, depth + 1) for child in reversed(children.get(item.id, ()))]

    place(children.get(None, ()))
    place(sorted((i for i in items if id(i) not in placed), key=lambda item: item.start))
    return lines
