"""Questions about entries of the ledger: one of them, a page of those that match, tree hashes.

Every question uses an index, so that a page of a ledger of a million entries takes milliseconds.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from pawl.governance.ledger import GENESIS, Entry, EntryType
from pawl.governance.merkle import Edge, Range, range_roots
from pawl.store.records.connection import Connection, Engine
from pawl.store.records.engine import reading
from pawl.store.records.ledger import entry_of, hashes

PAGE_MAX = 500
"""Entries of one page at most."""
_COLUMNS = ", ".join(Entry.__struct_fields__)
_ONE = f"SELECT {_COLUMNS} FROM ledger WHERE seq = :seq"  # noqa: S608
_HASH = "SELECT hash FROM ledger WHERE seq = :seq"
_COUNT = "SELECT seq FROM ledger ORDER BY seq DESC LIMIT 1"
_DECISIONS = "SELECT id FROM gate_decisions ORDER BY at, id"
_FLOOR = "SELECT MIN(seq) AS seq FROM ledger WHERE recorded_at >= :at"
_CEILING = "SELECT MAX(seq) AS seq FROM ledger WHERE recorded_at < :at"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are wanted, newest first.

    `type` is a type such as `run.started`, or the beginning of some that ends in a dot. `since`
    and `until` are canonical times of recording, the second one not included. `before` is the
    number of the last entry of the page before this one.
    """

    type: str | None = None
    subject: str | None = None
    since: str | None = None
    until: str | None = None
    before: int | None = None
    limit: int = 50


class EntryPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some entries, newest first. `before` asks for the next page; None when there is none."""

    entries: tuple[Entry, ...]
    before: int | None = None


class LedgerQueries:
    """The entries of one ledger, to be looked at."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def entry(self, seq: int) -> Entry | None:
        """Return one entry, None where there is none of that number."""
        with reading(self._engine) as connection:
            return _entry(connection, seq)

    def page(self, asked: Asked) -> EntryPage:
        """Return the newest entries that match, at most `PAGE_MAX`."""
        limit = max(1, min(asked.limit, PAGE_MAX))
        with reading(self._engine) as connection:
            found = _page(connection, asked, limit + 1)
        before = found[limit - 1].seq if len(found) > limit else None
        return EntryPage(entries=tuple(found[:limit]), before=before)

    def range_roots(self, ranges: list[Range], size: int) -> list[bytes]:
        """Return the Merkle root of each range of the first `size` entries.

        Raises ValueError where there are fewer, or where one of them has no hash.
        """
        with reading(self._engine) as connection:
            return range_roots(ranges, _leaves(connection, size))


def decision_ids(engine: Engine) -> tuple[str, ...]:
    """Return every stored decision of a gate, oldest first."""
    with reading(engine) as connection:
        return tuple(row[0] for row in connection.columns(_DECISIONS))


class TreeState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a tree has grown: its size, the newest entry's hash, its right edge (in hex)."""

    size: int
    head: str
    edge: tuple[str, ...]


class TreeBroken(ValueError):
    """The entries do not go on from where the tree was left."""


def grow(engine: Engine, state: TreeState | None) -> tuple[TreeState, bytes]:
    """Take in what was appended since; return where the tree is now, and its root.

    Raises TreeBroken, with words for people, when the entry at the end of the tree is another one
    now, or when a number is missing after it.
    """
    state = state or TreeState(size=0, head=GENESIS, edge=())
    edge = Edge(state.size, [bytes.fromhex(each) for each in state.edge])
    head = state.head
    with reading(engine) as connection:
        if state.size:
            found = connection.execute(_HASH, {"seq": state.size})
            if not found:
                raise TreeBroken(f"entry {state.size} was there and is gone")
            if found[0]["hash"] != head:
                raise TreeBroken(f"entry {state.size} is not the one that was there")
        for seq, head in hashes(connection, state.size):
            if seq != edge.size + 1:
                raise TreeBroken(f"after entry {edge.size} comes entry {seq}")
            edge.add(bytes.fromhex(head))
    kept = tuple(each.hex() for each in edge.hashes)
    return TreeState(size=edge.size, head=head, edge=kept), edge.root()


def _entry(connection: Connection, seq: int) -> Entry | None:
    for row in connection.columns(_ONE, {"seq": seq}):
        return entry_of(row)
    return None


def _page(connection: Connection, asked: Asked, limit: int) -> list[Entry]:
    low, high = _bounds(connection, asked)
    values: dict[str, Any] = {"low": low, "high": high, "limit": limit}
    within = "seq >= :low AND seq < :high"
    for name, column, sign in (
        ("subject", "subject", "="),
        ("since", "recorded_at", ">="),
        ("until", "recorded_at", "<"),
    ):
        given = getattr(asked, name)
        if given is not None:
            within += f" AND {column} {sign} :{name}"
            values[name] = given
    kinds = None if asked.type is None else _kinds(asked.type)
    # One look by each type and the newest of what they found: an index answers each.
    looks = [""] if kinds is None else [f" AND type = :kind{n}" for n in range(len(kinds))]
    values |= {f"kind{n}": kind for n, kind in enumerate(kinds or ())}
    numbers: list[int] = []
    for look in looks:
        # Names of columns are our own; what was asked for is bound.
        wanted = f"SELECT seq FROM ledger WHERE {within}{look} ORDER BY seq DESC LIMIT :limit"  # noqa: S608
        numbers += [row["seq"] for row in connection.execute(wanted, _used(wanted, values))]
    newest = sorted(numbers, reverse=True)[:limit]
    return [entry for seq in newest if (entry := _entry(connection, seq)) is not None]


def _used(statement: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f":{name}" in statement}


def _bounds(connection: Connection, asked: Asked) -> tuple[int, int]:
    """Return between which numbers the entries of a time lie: times need not be in order."""
    newest = next((row["seq"] for row in connection.execute(_COUNT)), 0)
    low, high = 0, newest + 1
    if asked.since is not None:
        found = connection.execute(_FLOOR, {"at": asked.since})[0]["seq"]
        low = high if found is None else found
    if asked.until is not None:
        found = connection.execute(_CEILING, {"at": asked.until})[0]["seq"]
        high = 0 if found is None else min(high, found + 1)
    if asked.before is not None:
        high = min(high, asked.before)
    return low, high


def _kinds(asked: str) -> list[str]:
    if not asked.endswith("."):
        return [asked]
    return [kind.value for kind in EntryType if kind.value.startswith(asked)]


def _leaves(connection: Connection, size: int) -> Iterator[bytes]:
    for number, (seq, own) in enumerate(hashes(connection), 1):
        if number > size:
            return
        if seq != number:
            raise ValueError(f"entry {number} is missing")
        yield bytes.fromhex(own)
