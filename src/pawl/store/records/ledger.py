"""The ledger's table: appending inside a command's transaction, and reading it back."""

from collections.abc import Iterator

import msgspec

from pawl.base import typed
from pawl.governance.ledger import GENESIS, Actor, Draft, Entry, seal
from pawl.store.records.connection import Connection, Engine, Row, insert
from pawl.store.records.engine import reading

_ROWS_AT_ONCE = 500
_TAKEN = "SELECT seq FROM ledger WHERE idempotency_key = :key"
_NEWEST = "SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1"
_ALL = f"SELECT {', '.join(Entry.__struct_fields__)} FROM ledger"  # noqa: S608
_FIRST = f"{_ALL} WHERE {{of}} ORDER BY seq LIMIT {_ROWS_AT_ONCE}"
_NEXT = f"{_ALL} WHERE seq > :seq AND ({{of}}) ORDER BY seq LIMIT {_ROWS_AT_ONCE}"


def append(connection: Connection, draft: Draft) -> Entry | None:
    """Append one entry and return it; None when its idempotency key is taken.

    The connection must be inside `engine.writing`, which is what keeps the chain from forking.
    """
    if connection.execute(_TAKEN, {"key": draft.idempotency_key}):
        return None
    seq, prev_hash = _head(connection)
    entry = seal(draft, seq + 1, prev_hash)
    values = msgspec.structs.asdict(entry)
    values["actor"] = msgspec.json.encode(entry.actor).decode()
    insert(connection, "ledger", values)
    return entry


def head(engine: Engine) -> tuple[int, str]:
    """Return the number and hash of the newest entry; (0, GENESIS) for an empty ledger."""
    with reading(engine) as connection:
        return _head(connection)


def entries(connection: Connection, *kinds: str) -> Iterator[Entry]:
    """Yield every entry in the chain's order, a few hundred in memory at once.

    With `kinds`, the beginnings of types such as `run.`, only entries of these: the others are
    passed over where they lie, which takes a tenth of reading them.
    """
    named = {f"kind{number}": f"{kind}%" for number, kind in enumerate(kinds)}
    of = " OR ".join(f"type LIKE :{name}" for name in named) or "1 = 1"
    rows = connection.execute(_FIRST.format(of=of), named)
    while rows:
        yield from map(entry_of, rows)
        rows = connection.execute(_NEXT.format(of=of), {"seq": rows[-1]["seq"], **named})


def _head(connection: Connection) -> tuple[int, str]:
    for newest in connection.execute(_NEWEST):
        return newest["seq"], newest["hash"]
    return 0, GENESIS


def entry_of(row: Row) -> Entry:
    """Return a row of the table as the entry it holds."""
    return Entry(**(row | {"actor": _actor(row["actor"])}))


def _actor(text: str) -> Actor:
    try:
        return typed.decode(text, type=Actor)
    except msgspec.DecodeError:
        # Somebody altered it. The chain's check must get to see that, so it becomes an actor
        # whose hash cannot fit.
        return Actor(person=text, source="", assurance="")
