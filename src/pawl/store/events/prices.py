"""Pricing what is in the store anew, when the price table has changed.

Only what differs goes through Python: each combination of model, day and tokens once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pawl.store.events.loading import keep_up
from pawl.telemetry.usage import Usage

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Price = Callable[[str, Usage, str], int | None]
"""Micro-USD of one request of a model on an ISO day; None when there is no price."""

_ROWS_AT_ONCE = 50_000

_OLD = """CREATE OR REPLACE TEMP TABLE unpriced AS
SELECT id, model, strftime(time, '%Y-%m-%d') AS day,
    input IS NOT NULL OR output IS NOT NULL AS told,
    coalesce(input, 0) AS input, coalesce(cache_read, 0) AS cache_read,
    coalesce(cache_write_5m, 0) AS cache_write_5m, coalesce(cache_write_1h, 0) AS cache_write_1h,
    coalesce(output, 0) AS output, coalesce(web_searches, 0) AS web_searches, reported_micros
FROM events
WHERE kind = 'request' AND price_version IS DISTINCT FROM $version"""

_KINDS = """SELECT DISTINCT model, day, input, cache_read, cache_write_5m, cache_write_1h, output,
    web_searches
FROM unpriced WHERE told AND model IS NOT NULL"""

_UPDATE = """UPDATE events SET
    cost_micros = p.cost, cost_basis = p.basis, price_version = $version
FROM (
    SELECT u.id,
        CASE WHEN u.told THEN k.cost ELSE u.reported_micros END AS cost,
        CASE
            WHEN u.told AND k.cost IS NOT NULL THEN 'priced'
            WHEN NOT u.told AND u.reported_micros IS NOT NULL THEN 'reported'
            ELSE 'unpriced'
        END AS basis
    FROM unpriced AS u LEFT JOIN priced AS k ON u.told AND k.model = u.model AND k.day = u.day
        AND k.input = u.input AND k.cache_read = u.cache_read
        AND k.cache_write_5m = u.cache_write_5m AND k.cache_write_1h = u.cache_write_1h
        AND k.output = u.output AND k.web_searches = u.web_searches
) AS p
WHERE events.id = p.id"""


def reprice(cursor: DuckDBPyConnection, price: Price, version: str) -> int:
    """Price requests of another price version, and keep up what is made of them."""
    cursor.execute(_OLD, {"version": version})
    count = cursor.execute("SELECT count(*) FROM unpriced").fetchone()
    if count is None or count[0] == 0:
        return 0
    cursor.execute(
        """CREATE OR REPLACE TEMP TABLE priced (model VARCHAR, day VARCHAR, input BIGINT,
        cache_read BIGINT, cache_write_5m BIGINT, cache_write_1h BIGINT, output BIGINT,
        web_searches BIGINT, cost BIGINT)"""
    )
    rows = cursor.execute(_KINDS).fetchall()
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        _insert(cursor, price, rows[start : start + _ROWS_AT_ONCE])
    cursor.execute(_UPDATE, {"version": version})
    cursor.execute(
        """CREATE OR REPLACE TEMP TABLE fresh AS
        SELECT * FROM events WHERE id IN (SELECT id FROM unpriced)"""
    )
    keep_up(cursor)
    return int(count[0])


def _insert(cursor: DuckDBPyConnection, price: Price, kinds: list[tuple[Any, ...]]) -> None:
    """Price some kinds of request and insert them, as one list a column."""
    columns: list[list[Any]] = [[] for _ in range(9)]
    for kind in kinds:
        model, day, read, cache_read, write_5m, write_1h, output, searches = kind
        usage = Usage(read, cache_read, write_5m, write_1h, output, 0, searches)
        for column, value in zip(columns, (*kind, price(model, usage, day)), strict=True):
            column.append(value)
    names = [f"c{number}" for number in range(len(columns))]
    unnested = ", ".join(f"unnest(${name})" for name in names)
    cursor.execute(
        f"INSERT INTO priced SELECT {unnested}",
        dict(zip(names, columns, strict=True)),
    )
