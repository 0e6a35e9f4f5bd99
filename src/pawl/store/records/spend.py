"""Spend in the records: of ended runs, of running ones, and of requests outside any run.

What requests outside runs cost is known to an events store and told from there, by day, owner
and run. A run that ended with a cost, or that holds a reservation, counts by itself, so what was
observed of it is left out when sums are taken: nothing counts twice, whenever it was told.
"""

from collections.abc import Iterable, Iterator

import msgspec
from sqlalchemy import (
    Connection,
    Engine,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from pawl.alerts.budget import Owner
from pawl.alerts.budget_account import Spend
from pawl.alerts.budget_period import Span
from pawl.store.records.engine import reading, writing
from pawl.store.records.reservation import OPEN
from pawl.store.records.tables import (
    budget_reservations,
    observed_spend,
    observed_stores,
    runs,
)
from pawl.telemetry.spent import Observed

_ROWS_AT_ONCE = 500


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

    def observe(self, store: str, since: str, rows: Iterable[Observed], now: str) -> None:
        """Put what a store saw since an ISO day in the place of what it told before."""
        values = [
            {
                "store": store,
                **{name: _plain(value) for name, value in msgspec.structs.asdict(row).items()},
            }
            for row in rows
        ]
        mine = observed_spend.c.store == store
        with writing(self._engine) as connection:
            connection.execute(delete(observed_spend).where(mine, observed_spend.c.day >= since))
            for start in range(0, len(values), _ROWS_AT_ONCE):
                connection.execute(insert(observed_spend), values[start : start + _ROWS_AT_ONCE])
            told = {"since": since, "observed_at": now}
            done = connection.execute(
                update(observed_stores).where(observed_stores.c.store == store).values(**told)
            )
            if done.rowcount == 0:
                connection.execute(insert(observed_stores).values(store=store, **told))

    def looked(self) -> tuple[Looked, ...]:
        """Return which stores told, and until when."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(observed_stores).order_by(observed_stores.c.store))
            return tuple(Looked(**row._mapping) for row in rows)


def _ended(connection: Connection, span: Span) -> Iterator[Spend]:
    # A run of unknown cost that used tokens; one that told of none is not taken for expensive.
    unknown = and_(runs.c.cost_micros.is_(None), runs.c.input.is_not(None))
    owner = (runs.c.project, runs.c.developer, runs.c.agent, runs.c.models)
    held = case((unknown, func.coalesce(budget_reservations.c.amount_micros, 0)), else_=0)
    query = (
        select(
            *owner,
            func.coalesce(func.sum(runs.c.cost_micros), 0).label("settled"),
            func.coalesce(func.sum(held), 0).label("held"),
            func.sum(case((unknown, 1), else_=0)).label("unknown"),
        )
        .select_from(
            runs.outerjoin(budget_reservations, budget_reservations.c.run_id == runs.c.run_id)
        )
        .where(
            runs.c.started_at >= span.begin,
            runs.c.started_at < span.end,
            runs.c.status == "ended",
        )
        .group_by(*owner)
    )
    for row in connection.execute(query):
        models = () if row.models is None else msgspec.json.decode(row.models, type=tuple[str, ...])
        yield Spend(
            owner=Owner(
                project=row.project, developer=row.developer, agent=row.agent, models=models
            ),
            settled=int(row.settled),
            held=int(row.held),
            unknown=int(row.unknown),
        )


def _reserved(connection: Connection, span: Span, now: str) -> Iterator[Spend]:
    table = budget_reservations
    owner = (table.c.project, table.c.developer, table.c.agent, table.c.models)
    query = (
        select(*owner, func.sum(table.c.amount_micros).label("reserved"))
        .where(
            table.c.state == OPEN,
            table.c.expires_at > now,
            table.c.started_at >= span.begin,
            table.c.started_at < span.end,
        )
        .group_by(*owner)
    )
    for row in connection.execute(query):
        models = (
            None if row.models is None else msgspec.json.decode(row.models, type=tuple[str, ...])
        )
        yield Spend(
            owner=Owner(
                project=row.project, developer=row.developer, agent=row.agent, models=models
            ),
            reserved=int(row.reserved),
        )


def _outside(connection: Connection, span: Span, now: str) -> Iterator[Spend]:
    table, held = observed_spend, budget_reservations
    owner = (table.c.project, table.c.developer, table.c.agent, table.c.model)
    counted = exists().where(runs.c.run_id == table.c.run_id, runs.c.cost_micros.is_not(None))
    holding = exists().where(
        held.c.run_id == table.c.run_id, held.c.state == OPEN, held.c.expires_at > now
    )
    query = (
        select(
            *owner,
            func.sum(table.c.cost_micros).label("outside"),
            func.sum(table.c.unpriced).label("unpriced"),
        )
        .where(
            table.c.day >= span.begin[:10],
            table.c.day < span.end[:10],
            or_(table.c.run_id == "", and_(~counted, ~holding)),
        )
        .group_by(*owner)
    )
    for row in connection.execute(query):
        yield Spend(
            owner=Owner(
                project=row.project,
                developer=row.developer,
                agent=row.agent,
                models=(row.model or "",),
            ),
            outside=int(row.outside),
            unpriced=int(row.unpriced),
        )


def _plain(value: object) -> object:
    # PostgreSQL takes no NUL in text, and neither engine a lone surrogate.
    if not isinstance(value, str):
        return value
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
