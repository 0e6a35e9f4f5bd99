"""Pricing what is in the store anew, when the price table has changed.

Only what differs goes through Python: each combination of model, day and tokens once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

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

_KINDS = """CREATE OR REPLACE TEMP TABLE kinds AS
SELECT *, row_number() OVER () AS number
FROM (
    SELECT DISTINCT model, day, input, cache_read, cache_write_5m, cache_write_1h, output,
        web_searches
    FROM unpriced WHERE told AND model IS NOT NULL)"""

_COSTS = """INSERT INTO costs
SELECT told[1], told[2] FROM (SELECT unnest(from_json($told, '[["BIGINT"]]')) AS told)"""

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
    cursor.execute(_KINDS)
    kinds = cursor.execute("SELECT * FROM kinds").fetchall()
    cursor.execute("CREATE OR REPLACE TEMP TABLE costs (number BIGINT, cost BIGINT)")
    for start in range(0, len(kinds), _ROWS_AT_ONCE):
        _insert(cursor, price, kinds[start : start + _ROWS_AT_ONCE])
    cursor.execute(
        """CREATE OR REPLACE TEMP TABLE priced AS
        SELECT k.*, c.cost FROM kinds AS k JOIN costs AS c ON c.number = k.number"""
    )
    cursor.execute(_UPDATE, {"version": version})
    cursor.execute(
        """CREATE OR REPLACE TEMP TABLE fresh AS
        SELECT * FROM events WHERE id IN (SELECT id FROM unpriced)"""
    )
    keep_up(cursor)
    return int(count[0])


def _insert(cursor: DuckDBPyConnection, price: Price, kinds: list[tuple[Any, ...]]) -> None:
    """Price some kinds of request; one text of JSON binds a hundred times as fast as lists."""
    told = []
    for kind in kinds:
        model, day, read, cache_read, write_5m, write_1h, output, searches, number = kind
        usage = Usage(read, cache_read, write_5m, write_1h, output, 0, searches)
        told.append((number, price(model, usage, day)))
    cursor.execute(_COSTS, {"told": msgspec.json.encode(told).decode()})
