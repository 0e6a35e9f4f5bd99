"""The ledger's table: appending inside a command's transaction, and reading it back."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from pawl.base import typed
from pawl.governance.ledger import GENESIS, Actor, Draft, Entry, seal
from pawl.store.records.connection import Connection, Engine, insert
from pawl.store.records.engine import reading

_TAKEN = "SELECT seq FROM ledger WHERE idempotency_key = :key"
_NEWEST = "SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1"
_ALL = f"SELECT {', '.join(Entry.__struct_fields__)} FROM ledger"  # noqa: S608
_HASHES = "SELECT seq, hash FROM ledger WHERE seq > :after ORDER BY seq"
_ACTORS_KNOWN = 4096
OF_SUBJECT = "FROM ledger WHERE subject = :subject AND type || '' = :type"
"""Entries of one subject and one type, which has few entries.

The type is not compared as a bare column: of one type there may be millions of entries, and SQLite
would take the index on it in the place of the one on the subject.
"""


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
    return map(entry_of, connection.columns(f"{_ALL} WHERE {of} ORDER BY seq", named))


def hashes(connection: Connection, after: int = 0) -> Iterator[tuple[int, str]]:
    """Yield number and hash of the entries after one, in the chain's order."""
    for row in connection.columns(_HASHES, {"after": after}):
        yield row[0], row[1]


def entry_of(values: Sequence[Any]) -> Entry:
    """Return an entry from its columns, in the order of the fields."""
    seq, prev, kind, subject, actor, digest, policy, claimed, recorded, key, body, own = values
    return Entry(
        seq=seq,
        prev_hash=prev,
        type=kind,
        subject=subject,
        actor=_actor(actor),
        body_digest=digest,
        policy_digest=policy,
        claimed_at=claimed,
        recorded_at=recorded,
        idempotency_key=key,
        body=body,
        hash=own,
    )


def _head(connection: Connection) -> tuple[int, str]:
    for newest in connection.execute(_NEWEST):
        return newest["seq"], newest["hash"]
    return 0, GENESIS


@lru_cache(maxsize=_ACTORS_KNOWN)
def _actor(text: str) -> Actor:
    try:
        return typed.decode(text, type=Actor)
    except (msgspec.DecodeError, TypeError, ValueError):
        # Somebody altered it. The chain's check must get to see that, so it becomes an actor
        # whose hash cannot fit.
        return Actor(person=str(text), source="", assurance="")
