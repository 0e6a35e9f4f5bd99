"""Spend in the records: of ended runs, of running ones, and of requests outside any run.

What requests outside runs cost is known to an events store and told from there, by day, owner
and run. A run that ended with a cost, or that holds a reservation, counts by itself, so what was
observed of it is left out when sums are taken: nothing counts twice, whenever it was told.
"""

from collections.abc import Iterable, Iterator

import msgspec

from pawl.alerts.budget import Owner
from pawl.alerts.budget_account import Spend
from pawl.alerts.budget_period import Span
from pawl.base import typed
from pawl.store.records.connection import Connection, Engine, Row, insert, update
from pawl.store.records.engine import reading, writing
from pawl.telemetry.spent import Observed

_ROWS_AT_ONCE = 500

# A run of unknown cost that used tokens holds what it reserved; one that told of none is not
# taken for expensive.
_ENDED = """
SELECT r.project, r.developer, r.agent, r.models,
    coalesce(sum(r.cost_micros), 0) AS settled,
    sum(CASE WHEN r.cost_micros IS NULL AND r.input IS NOT NULL
        THEN coalesce(b.amount_micros, 0) ELSE 0 END) AS held,
    sum(CASE WHEN r.cost_micros IS NULL AND r.input IS NOT NULL THEN 1 ELSE 0 END) AS unknown
FROM runs AS r LEFT JOIN budget_reservations AS b ON b.run_id = r.run_id
WHERE r.started_at >= :begin AND r.started_at < :end AND r.status = 'ended'
GROUP BY r.project, r.developer, r.agent, r.models"""
_RESERVED = """
SELECT project, developer, agent, models, sum(amount_micros) AS reserved
FROM budget_reservations
WHERE state = 'open' AND expires_at > :now AND started_at >= :begin AND started_at < :end
GROUP BY project, developer, agent, models"""
_OUTSIDE = """
SELECT o.project, o.developer, o.agent, o.model,
    sum(o.cost_micros) AS outside, sum(o.unpriced) AS unpriced
FROM observed_spend AS o
WHERE o.day >= :begin AND o.day < :end AND (o.run_id = '' OR (
    NOT EXISTS (
        SELECT 1 FROM runs AS r WHERE r.run_id = o.run_id AND r.cost_micros IS NOT NULL)
    AND NOT EXISTS (
        SELECT 1 FROM budget_reservations AS b
        WHERE b.run_id = o.run_id AND b.state = 'open' AND b.expires_at > :now)))
GROUP BY o.project, o.developer, o.agent, o.model"""


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """Until when an events store told what it saw, and from which day on."""

    store: str
    since: str
    observed_at: str


def spends(connection: Connection, span: Span, now: str) -> list[Spend]:
    """Return what everybody spent in a span, as one consistent view has it.

    A run counts where it started. A reservation past its expiry counts no more.
    """
    return [
        *_ended(connection, span),
        *_reserved(connection, span, now),
        *_outside(connection, span, now),
    ]


class SpendRecords:
    """What events stores told of spend."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def observe(
        self,
        store: str,
        since: str,
        rows: Iterable[Observed],
        now: str,
        *,
        was: str | None = None,
    ) -> None:
        """Put what a store saw since an ISO day in the place of what it told before.

        Everything that was told under the name `was` goes: it is told under the new one.
        """
        values = [
            {
                "store": store,
                **{name: _plain(value) for name, value in msgspec.structs.asdict(row).items()},
            }
            for row in rows
        ]
        told = {"store": store, "since": since, "observed_at": now}
        with writing(self._engine) as connection:
            if was not in (None, store):
                for table in ("observed_spend", "observed_stores"):
                    forget = f"DELETE FROM {table} WHERE store = :was"  # noqa: S608 - ours
                    connection.execute(forget, {"was": was})
            connection.execute(
                "DELETE FROM observed_spend WHERE store = :store AND day >= :since",
                {"store": store, "since": since},
            )
            for start in range(0, len(values), _ROWS_AT_ONCE):
                insert(connection, "observed_spend", *values[start : start + _ROWS_AT_ONCE])
            known = "SELECT store FROM observed_stores WHERE store = :store"
            if connection.execute(known, {"store": store}):
                update(connection, "observed_stores", "store", told)
            else:
                insert(connection, "observed_stores", told)

    def looked(self) -> tuple[Looked, ...]:
        """Return which stores told, and until when."""
        with reading(self._engine) as connection:
            rows = connection.execute("SELECT * FROM observed_stores")
        return tuple(Looked(**row) for row in sorted(rows, key=lambda row: str(row["store"])))


def _ended(connection: Connection, span: Span) -> Iterator[Spend]:
    for row in connection.execute(_ENDED, {"begin": span.begin, "end": span.end}):
        yield Spend(
            owner=_owner(row, _models(row) or ()),
            settled=int(row["settled"]),
            held=int(row["held"]),
            unknown=int(row["unknown"]),
        )


def _reserved(connection: Connection, span: Span, now: str) -> Iterator[Spend]:
    within = {"begin": span.begin, "end": span.end, "now": now}
    for row in connection.execute(_RESERVED, within):
        yield Spend(owner=_owner(row, _models(row)), reserved=int(row["reserved"]))


def _outside(connection: Connection, span: Span, now: str) -> Iterator[Spend]:
    within = {"begin": span.begin[:10], "end": span.end[:10], "now": now}
    for row in connection.execute(_OUTSIDE, within):
        yield Spend(
            owner=_owner(row, (row["model"] or "",)),
            outside=int(row["outside"]),
            unpriced=int(row["unpriced"]),
        )


def _owner(row: Row, models: tuple[str, ...] | None) -> Owner:
    return Owner(
        project=row["project"], developer=row["developer"], agent=row["agent"], models=models
    )


def _models(row: Row) -> tuple[str, ...] | None:
    text = row["models"]
    return None if text is None else typed.decode(text, type=tuple[str, ...])


def _plain(value: object) -> object:
    # PostgreSQL takes no NUL in text, and neither engine a lone surrogate.
    if not isinstance(value, str):
        return value
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
