"""Reading single entries and pages of the ledger, newest first, for people to look through."""

from typing import Any

from pawl.governance.ledger import Entry
from pawl.store.records.connection import Connection, Engine
from pawl.store.records.engine import reading
from pawl.store.records.ledger import entry_of

_ALL = f"SELECT {', '.join(Entry.__struct_fields__)} FROM ledger"  # noqa: S608


class LedgerBrowsing:
    """The ledger's entries by number, type, subject and time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(
        self,
        *,
        kind: str = "",
        subject: str = "",
        since: str = "",
        until: str = "",
        before: int = 0,
        limit: int = 50,
    ) -> tuple[Entry, ...]:
        """Return entries, newest first; at most `limit` that stand before a number.

        `kind` is the beginning of a type such as `change.`, `subject` a whole subject; `since` and
        `until` are canonical times of record, half-open.
        """
        asked: dict[str, Any] = {"limit": limit}
        where = ["1 = 1"]
        for name, value, said in (
            ("kind", f"{_plain(kind)}%" if kind else "", "type LIKE :kind ESCAPE '!'"),
            ("subject", subject, "subject = :subject"),
            ("since", since, "recorded_at >= :since"),
            ("until", until, "recorded_at < :until"),
            ("before", before, "seq < :before"),
        ):
            if value:
                where.append(said)
                asked[name] = value
        # The conditions are our own words; only values come from outside, and they are bound.
        statement = f"{_ALL} WHERE {' AND '.join(where)} ORDER BY seq DESC LIMIT :limit"
        with reading(self._engine) as connection:
            return tuple(map(entry_of, connection.columns(statement, asked)))

    def around(self, seq: int) -> tuple[Entry, ...]:
        """Return an entry with its neighbours on both sides, as far as they are there."""
        with reading(self._engine) as connection:
            return _around(connection, seq)


def _around(connection: Connection, seq: int) -> tuple[Entry, ...]:
    statement = f"{_ALL} WHERE seq BETWEEN :first AND :last ORDER BY seq"
    rows = connection.columns(statement, {"first": seq - 1, "last": seq + 1})
    return tuple(map(entry_of, rows))


def _plain(text: str) -> str:
    """Return text in which nothing stands for anything else in a LIKE."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
