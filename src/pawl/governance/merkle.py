"""The Merkle tree over the ledger's entries, hashed as RFC 6962 and RFC 9162 say.

A leaf is the hash of an entry, as 32 bytes. The root of the first `n` leaves is what a checkpoint
states: whoever has it can be shown in about 20 hashes that one entry of a million is among them
(inclusion), or that a later ledger goes on from there (consistency), without the other entries.

Everything here goes through the leaves once, in their order, and keeps one hash for each power of
two: a ledger of any length can be streamed.
"""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""

Range = tuple[int, int]
"""The leaves from one number up to, and without, another."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one leaf: SHA-256 over 0x00 and the leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256 over 0x01 and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Edge:
    """The right edge of a growing tree: the roots of its complete subtrees, largest first.

    It is all that is needed to go on: `hashes` of an edge can be kept and taken up again with
    `size`, which raises ValueError when they are not of the same tree.
    """

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size < 0 or len(hashes) != size.bit_count() or any(len(h) != 32 for h in hashes):
            raise ValueError(f"an edge of {size} leaves does not have {len(hashes)} hashes")
        self._size = size
        self._stack = list(hashes)
        # Leaves wait until they fill a subtree, which is hashed at once: half the time.
        self._waiting: list[bytes] = []

    @property
    def size(self) -> int:
        """How many leaves were taken in."""
        return self._size + len(self._waiting)

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees, largest first."""
        self._settle()
        return tuple(self._stack)

    def add(self, leaf: bytes) -> None:
        """Take in the next leaf."""
        waiting = self._waiting
        waiting.append(leaf)
        if len(waiting) == _AT_ONCE:
            self._settle()

    def root(self) -> bytes:
        """Return the root of all leaves so far."""
        self._settle()
        if not self._stack:
            return EMPTY
        node = self._stack[-1]
        for left in reversed(self._stack[:-1]):
            node = node_hash(left, node)
        return node

    def _settle(self) -> None:
        """Hash the leaves that wait into the stack."""
        waiting, self._waiting = self._waiting, []
        if len(waiting) == _AT_ONCE and self._size % _AT_ONCE == 0:
            self._carry(_complete(waiting), _AT_ONCE)
            return
        for leaf in waiting:
            self._carry(leaf_hash(leaf), 1)

    def _carry(self, node: bytes, leaves: int) -> None:
        """Put the root of a complete subtree on the stack, and join what it completes."""
        size = self._size // leaves
        self._size += leaves
        while size & 1:
            node = node_hash(self._stack.pop(), node)
            size >>= 1
        self._stack.append(node)


_AT_ONCE = 1024
"""Leaves of the subtrees that are hashed at once; a power of two."""


def _complete(leaves: Sequence[bytes]) -> bytes:
    """Return the root of a complete subtree."""
    sha256 = hashlib.sha256
    level = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return level[0]


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root of a tree of these leaves."""
    edge = Edge()
    for leaf in leaves:
        edge.add(leaf)
    return edge.root()


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the ranges whose roots prove that leaf `index` is in a tree of `size`, nearest first.

    Raises ValueError for a leaf that is not in it.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    return _inclusion(index, 0, size)


def consistency_ranges(old: int, size: int) -> list[Range]:
    """Return the ranges whose roots prove that a tree of `size` goes on from its first `old`.

    Raises ValueError where the old tree is empty or the larger one.
    """
    if not 0 < old <= size:
        raise ValueError(f"a tree of {size} does not go on from one of {old}")
    return [] if old == size else _consistency(old, 0, size, whole=True)


def range_roots(ranges: Sequence[Range], leaves: Iterable[bytes]) -> list[bytes]:
    """Return the root of each range, in the ranges' order, going through all leaves once.

    The ranges must not overlap. Raises ValueError where the leaves end too early.
    """
    order = sorted(range(len(ranges)), key=lambda number: ranges[number])
    edges = [Edge() for _ in ranges]
    waiting = iter(order)
    current = next(waiting, None)
    for number, leaf in enumerate(leaves):
        if current is None:
            break
        start, end = ranges[current]
        if number >= start:
            edges[current].add(leaf)
        if number + 1 == end:
            current = next(waiting, None)
    if current is not None:
        raise ValueError("there are fewer leaves than the tree is to have")
    return [edge.root() for edge in edges]


def included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Say whether a path proves that a leaf has its place in the tree of a root (RFC 9162 2.1.3.2).

    False for whatever is not a proof; nothing is raised for what somebody made up.
    """
    if not 0 <= index < size:
        return False
    fn, sn, node = index, size - 1, leaf_hash(leaf)
    for step in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            node = node_hash(step, node)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = node_hash(node, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and node == root


def consistent(old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    """Say whether a path proves that one tree goes on from another (RFC 9162 2.1.4.2)."""
    if not 0 <= old <= size:
        return False
    if old == 0:
        return not path and old_root == EMPTY
    if old == size:
        return not path and old_root == root
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)  # The old tree is one complete subtree: its root is the first.
    if not steps:
        return False
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            first, second = node_hash(step, first), node_hash(step, second)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and first == old_root and second == root


def _split(start: int, end: int) -> int:
    """Return where the left subtree of a range ends: after the largest power of two inside it."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _inclusion(index: int, start: int, end: int) -> list[Range]:
    if end - start == 1:
        return []
    middle = _split(start, end)
    if index < middle:
        return [*_inclusion(index, start, middle), (middle, end)]
    return [*_inclusion(index, middle, end), (start, middle)]


def _consistency(old: int, start: int, end: int, *, whole: bool) -> list[Range]:
    if old == end:
        return [] if whole else [(start, end)]
    middle = _split(start, end)
    if old <= middle:
        return [*_consistency(old, start, middle, whole=whole), (middle, end)]
    return [*_consistency(old, middle, end, whole=False), (start, middle)]
