"""The ledger's table: appending inside a command's transaction, and reading it back."""

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, Engine, Row, insert, select

from pawl.governance.ledger import GENESIS, Actor, Draft, Entry, seal
from pawl.store.records.engine import reading
from pawl.store.records.tables import ledger

_ROWS_AT_ONCE = 500


def append(connection: Connection, draft: Draft) -> Entry | None:
    """Append one entry and return it; None when its idempotency key is taken.

    The connection must be inside `engine.writing`, which is what keeps the chain from forking.
    """
    taken = select(ledger.c.seq).where(ledger.c.idempotency_key == draft.idempotency_key)
    if connection.execute(taken).first() is not None:
        return None
    newest = connection.execute(
        select(ledger.c.seq, ledger.c.hash).order_by(ledger.c.seq.desc()).limit(1)
    ).first()
    seq, prev_hash = (newest.seq, newest.hash) if newest else (0, GENESIS)
    entry = seal(draft, seq + 1, prev_hash)
    values = msgspec.structs.asdict(entry)
    values["actor"] = msgspec.json.encode(entry.actor).decode()
    connection.execute(insert(ledger).values(**values))
    return entry


def head(engine: Engine) -> tuple[int, str]:
    """Return the number and hash of the newest entry; (0, GENESIS) for an empty ledger."""
    with reading(engine) as connection:
        newest = connection.execute(
            select(ledger.c.seq, ledger.c.hash).order_by(ledger.c.seq.desc()).limit(1)
        ).first()
    return (newest.seq, newest.hash) if newest else (0, GENESIS)


def entries(connection: Connection) -> Iterator[Entry]:
    """Yield every entry in the chain's order, a few hundred in memory at once."""
    page = select(ledger).order_by(ledger.c.seq).limit(_ROWS_AT_ONCE)
    rows = connection.execute(page).all()
    while rows:
        yield from map(_entry, rows)
        rows = connection.execute(page.where(ledger.c.seq > rows[-1].seq)).all()


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    values = dict(row._mapping)
    values["actor"] = _actor(values["actor"])
    return Entry(**values)


def _actor(text: str) -> Actor:
    try:
        return msgspec.json.decode(text, type=Actor)
    except msgspec.DecodeError:
        # Somebody altered it. The chain's check must get to see that, so it becomes an actor
        # whose hash cannot fit.
        return Actor(person=text, source="", assurance="")
