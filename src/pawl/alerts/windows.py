"""What rules remember: scopes, counts in a sliding window, the latest of something; all bounded.

Windows go by the time of events. A late event falls where it belongs, and one older than the
window changes nothing.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

from pawl.alerts.rule import SCOPES

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Scopes(Generic[K, V]):
    """What is known by scope; beyond `most` the scope silent longest is forgotten, and counted."""

    def __init__(self, make: Callable[[], V], most: int = SCOPES) -> None:
        self._make = make
        self._most = most
        self._known: dict[K, V] = {}
        self._newest: K | None = None
        self.forgotten = 0

    def at(self, key: K) -> V:
        """Return what is known of a scope that something was just seen of."""
        known = self._known
        newest = self._newest
        if key is newest or key == newest:
            return known[key]
        self._newest = key
        value = known.pop(key, None)
        if value is None:
            value = self._make()
            if len(known) >= self._most:
                del known[next(iter(known))]
                self.forgotten += 1
        known[key] = value
        return value

    def get(self, key: K) -> V | None:
        """Return what is known of a scope, if anything."""
        return self._known.get(key)

    def drop(self, key: K) -> None:
        """Let go of a scope that has nothing more to say."""
        self._known.pop(key, None)
        if key == self._newest:
            self._newest = None

    def items(self) -> Iterator[tuple[K, V]]:
        """Yield scopes with what is known of them; they may be dropped meanwhile."""
        return iter(list(self._known.items()))

    def __len__(self) -> int:
        return len(self._known)


class Counts:
    """Several counts over a sliding window, kept in `parts` slices of it.

    A window that ends at an instant holds the slice of that instant and the `parts - 1` before it.
    """

    __slots__ = ("_begin", "_current", "_end", "_keep", "_slices", "_width", "fields", "parts")

    def __init__(self, window_s: float, fields: int, parts: int = 30, keep: int = 0) -> None:
        self._width = window_s / parts
        self._slices: dict[int, list[int]] = {}
        self._keep = keep or parts
        self.parts = parts
        self.fields = fields
        # The slice counted in last. Its bounds are exact only where the width is whole.
        self._current: list[int] = []
        self._begin = self._end = float("inf")

    def add(self, at: float, field: int, amount: int = 1) -> None:
        """Add to one count at an instant."""
        if self._begin <= at < self._end:
            self._current[field] += amount
            return
        width = self._width
        index = int(at // width)
        slices = self._slices
        found = slices.get(index)
        if found is None:
            found = slices[index] = [0] * self.fields
            if len(slices) > 2 * self._keep + 2:
                self._prune()
        found[field] += amount
        if width.is_integer():
            self._current, self._begin, self._end = found, index * width, (index + 1) * width

    def sums(self, now: float, skip: int = 0, parts: int = 0) -> list[int]:
        """Return the counts of the window that ends `skip` slices before now."""
        last = int(now // self._width) - skip
        first = last - (parts or self.parts)
        within = [counts for index, counts in self._slices.items() if first < index <= last]
        return [sum(counts) for counts in zip(*within, strict=True)] or [0] * self.fields

    @property
    def empty(self) -> bool:
        """Whether nothing was ever counted."""
        return not self._slices

    def last(self) -> float:
        """Return the end of the latest slice that holds anything."""
        return (max(self._slices) + 1) * self._width

    def _prune(self) -> None:
        low = max(self._slices) - self._keep
        for index in [index for index in self._slices if index <= low]:
            del self._slices[index]


class Latest(Generic[V]):
    """The latest things by time and id, `most` of them; one put in late takes its place."""

    __slots__ = ("_most", "_order", "_values")

    def __init__(self, most: int) -> None:
        self._most = most
        self._order: list[tuple[float, str]] = []
        self._values: dict[str, tuple[float, V]] = {}

    def put(self, at: float, key: str, value: V) -> None:
        """Put one in, or in place of what its key stood for."""
        values, order, place = self._values, self._order, (at, key)
        known = values.get(key)
        if known is not None:
            if known[0] == at:
                values[key] = (at, value)
                return
            self.remove(key)
        if len(order) >= self._most:
            if place < order[0]:
                return
            del values[order.pop(0)[1]]
        if not order or place > order[-1]:
            order.append(place)
        else:
            insort(order, place)
        values[key] = (at, value)

    def remove(self, key: str) -> None:
        """Take one out, if it is there."""
        known = self._values.pop(key, None)
        if known is not None:
            del self._order[bisect_left(self._order, (known[0], key))]

    def values(self) -> list[V]:
        """Return them, the earliest first."""
        values = self._values
        return [values[key][1] for _, key in self._order]

    def since(self, at: float) -> list[tuple[str, V]]:
        """Return keys and values of those later than an instant, the earliest first."""
        values = self._values
        begin = bisect_left(self._order, (at, "\uffff"))
        return [(key, values[key][1]) for _, key in self._order[begin:]]

    @property
    def newest(self) -> float:
        """The time of the latest; minus infinity when there is none."""
        return self._order[-1][0] if self._order else float("-inf")

    def __len__(self) -> int:
        return len(self._order)


class Shares:
    """Amounts by name, such as money by session: the largest can be named. Bounded."""

    __slots__ = ("_amounts", "_most")

    def __init__(self, most: int = 100) -> None:
        self._most = most
        self._amounts: dict[str, int] = {}

    def add(self, name: str | None, amount: int) -> None:
        """Add to a name; beyond the bound, the smallest half is forgotten."""
        if name is None:
            return
        amounts = self._amounts
        if name in amounts:
            amounts[name] += amount
            return
        amounts[name] = amount
        if len(amounts) > self._most:
            kept = sorted(amounts.items(), key=lambda item: (-item[1], item[0]))
            self._amounts = dict(kept[: self._most // 2])

    def knows(self, name: str | None) -> bool:
        """Say whether a name has an amount; nobody's needs none."""
        return name is None or name in self._amounts

    def largest(self) -> tuple[str, int] | None:
        """Return the name with the largest amount above zero, and the amount."""
        found = min(self._amounts.items(), key=lambda item: (-item[1], item[0]), default=None)
        return found if found is not None and found[1] > 0 else None
