"""SQL written once, in the embedded engine's dialect, as SQL of ClickHouse.

sqlglot carries over what both have under other names. What it leaves, or carries over with
another meaning, is turned here, one small transform each: parameters, quantiles, time buckets,
lists in an order, casts that may fail, text in any case, and what an aggregate or a window says
of nothing. `SETTINGS` are the switches under which the engine then treats unknown values as the
embedded one does. A file of `queries` that needs more than this belongs to no portable subset:
the suite that runs every one of them on both engines fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp

SETTINGS: dict[str, object] = {
    # An outer join that finds nothing gives NULL, not zero or an empty text.
    "join_use_nulls": 1,
    # `sum(input) AS input` adds up the column, whatever else in the statement says `input`.
    "prefer_column_name_to_alias": 1,
    # An hour before 1970 or after 2106 stays what it is.
    "enable_extended_results_for_datetime_functions": 1,
    # A condition on two indexed columns joined by OR uses both indexes.
    "use_skip_indexes_if_final": 1,
    "use_skip_indexes_if_final_exact_mode": 1,
    "use_skip_indexes_for_disjunctions": 1,
    "union_default_mode": "DISTINCT",
}
"""Sent with every statement."""

TIME = "DateTime64(6, 'UTC')"


def translate(statement: str, parameters: Mapping[str, object], *, distributed: bool) -> str:
    """Return one statement as ClickHouse's; `distributed` when the tables lie on many servers.

    Of the parameters only the types matter; `values` gives what is bound.
    """
    kinds = tuple((name, _kind(value)) for name, value in sorted(parameters.items()))
    (translated,) = _translated(statement, kinds, distributed)
    return translated


def translate_script(text: str, *, distributed: bool) -> tuple[str, ...]:
    """Return the statements of a script without parameters; temporary tables are replaced."""
    return _translated(text, (), distributed)


def values(parameters: Mapping[str, object]) -> dict[str, object]:
    """Return parameters as they are bound: a time to the microsecond, as text."""
    return {
        name: f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value
        for name, value in parameters.items()
    }


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "Bool"
    if isinstance(value, int):
        return "Int64"
    if isinstance(value, float):
        return "Float64"
    if isinstance(value, datetime):
        return TIME
    if isinstance(value, list | tuple):
        return f"Array({_kind(value[0]) if value else 'String'})"
    return "Nullable(String)" if value is None else "String"


@lru_cache(maxsize=1024)
def _translated(
    text: str, kinds: tuple[tuple[str, str], ...], distributed: bool
) -> tuple[str, ...]:
    known = dict(kinds)

    def turned(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Placeholder) and node.name:
            return exp.Placeholder(this=node.name, kind=exp.Var(this=known[node.name]))
        turn = _TURNS.get(type(node))
        return node if turn is None else turn(node)

    def all_turned(tree: exp.Expr) -> exp.Expr:
        # Inner nodes first: what is turned takes its parts along as they are.
        for node in reversed(list(tree.walk(bfs=True))):
            new = turned(node)
            if new is not node:
                tree = new if node is tree else tree
                node.replace(new)
        return tree

    written: list[str] = []
    for tree in sqlglot.parse(text, read="duckdb"):
        if tree is None:
            continue
        tree = all_turned(tree)
        if distributed:
            _send_sets_along(tree)
        if isinstance(tree, exp.Create):
            name = tree.this.sql(dialect="clickhouse", identify=True)
            written.append(f"DROP TEMPORARY TABLE IF EXISTS {name}")
            body = _sql(tree.expression)
            written.append(f"CREATE TEMPORARY TABLE {name} ENGINE = Memory AS {body}")
        else:
            written.append(_sql(tree))
    return tuple(written)


def _sql(tree: exp.Expr) -> str:
    return tree.sql(dialect="clickhouse", identify=True, comments=False)


def _send_sets_along(tree: exp.Expr) -> None:
    """What a set or the right side of a join holds is sent to every server that has a share."""
    for found in tree.find_all(exp.In):
        if found.args.get("query") is not None:
            found.set("is_global", True)
    for join in tree.find_all(exp.Join):
        join.set("global_", True)


def _call(name: str, *arguments: Any) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


_BETWEEN = sqlglot.parse_one(
    """arrayElement(arrayMap(
        (v, p) -> if(empty(v), NULL,
            toFloat64(arrayElement(v, toInt64(greatest(floor(p), 0)) + 1)) * (1 - (p - floor(p)))
            + toFloat64(arrayElement(v, toInt64(greatest(ceil(p), 0)) + 1)) * (p - floor(p))),
        [arraySort(groupArray(told))],
        [(toFloat64(count(told)) - 1) * share]), 1)""",
    read="clickhouse",
)
"""The embedded engine's own sum between two neighbours, to the last bit of the float."""


def _quantile(values: exp.Expr, share: exp.Expr) -> exp.Expr:
    """Interpolated between neighbours, NULL of nothing."""
    if isinstance(share, exp.Array):
        raise ValueError("several quantiles at once are in no portable subset")
    tree = _BETWEEN.copy()
    for column in list(tree.find_all(exp.Column)):
        if column.name in ("told", "share"):
            column.replace((values if column.name == "told" else share).copy())
    return tree


def _listed(node: exp.Expr) -> exp.Expr:
    """`list(x ORDER BY a, b)`: the engine sorts what it has collected, ascending only."""
    order = node.this
    if not isinstance(order, exp.Order):
        return _call("groupArray", node.this)
    by = [term.this for term in order.expressions]
    if any(term.args.get("desc") for term in order.expressions):
        raise ValueError("a list in descending order is in no portable subset")
    packed = _call("tuple", *by, order.this)
    last = exp.Literal.number(len(by) + 1)
    item = exp.Lambda(
        this=_call("tupleElement", exp.to_identifier("item"), last),
        expressions=[exp.to_identifier("item")],
    )
    return _call("arrayMap", item, _call("arraySort", _call("groupArray", packed)))


def _cast(node: exp.Expr) -> exp.Expr:
    if node.args["to"].this in _TIMES:
        zone = exp.Literal.string("UTC")
        return _call("toDateTime64", node.this, exp.Literal.number(6), zone)
    return node


_TIMES = (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ)
_INTEGERS = (exp.DataType.Type.BIGINT, exp.DataType.Type.INT)


def _try_cast(node: exp.Expr) -> exp.Expr:
    kind = node.args["to"].this
    if kind in _INTEGERS:
        return _call("toInt64OrNull", node.this)
    if kind == exp.DataType.Type.DOUBLE:
        return _call("toFloat64OrNull", node.this)
    raise ValueError(f"try_cast to {kind} is in no portable subset")


def _offset(node: exp.Expr) -> exp.Expr:
    """Beyond the window's end there is NULL, not the type's zero."""
    name = "lead" if isinstance(node, exp.Lead) else "lag"
    rest = [part for part in (node.args.get("offset"), node.args.get("default")) if part]
    return _call(name, _call("toNullable", node.this), *rest)


def _distinct(node: exp.Expr) -> exp.Expr:
    same = exp.NullSafeEQ(this=node.this, expression=node.expression)
    return exp.Not(this=exp.Paren(this=same))


def _select(node: exp.Expr) -> exp.Expr:
    """`ORDER BY x` means what is selected as `x`, even where a column of a table has that name."""
    order = node.args.get("order")
    if order is None or any(each.is_star for each in node.expressions):
        return node
    places = {
        each.alias: place
        for place, each in enumerate(node.expressions, start=1)
        if isinstance(each, exp.Alias)
    }
    for term in order.expressions:
        named = term.this
        if isinstance(named, exp.Column) and not named.table and named.name in places:
            named.replace(exp.Literal.number(places[named.name]))
    return node


def _named(node: exp.Expr) -> exp.Expr:
    """`hash` is only ever counted or compared with itself, so each engine has its own."""
    return _call("cityHash64", *node.expressions) if node.name.lower() == "hash" else node


_TURNS: dict[type[exp.Expr], Callable[[Any], exp.Expr]] = {
    exp.Lower: lambda node: _call("lowerUTF8", node.this),
    exp.Upper: lambda node: _call("upperUTF8", node.this),
    exp.StrPosition: lambda node: _call("positionUTF8", node.this, node.args["substr"]),
    exp.Cast: _cast,
    exp.TryCast: _try_cast,
    exp.UnixToTime: lambda node: _call("toUnixTimestamp64Milli", node.this),
    exp.ArrayToString: lambda node: _call("arrayStringConcat", node.this, node.expression),
    exp.PercentileCont: lambda node: _quantile(node.this, node.expression),
    exp.Median: lambda node: _quantile(node.this, exp.Literal.number(0.5)),
    exp.DateBin: lambda node: _call("toStartOfInterval", node.expression, node.this),
    exp.Anonymous: _named,
    # Of nothing there is none, not the type's zero or the year 1970.
    exp.Max: lambda node: _call("maxOrNull", node.this),
    exp.Min: lambda node: _call("minOrNull", node.this),
    exp.Sum: lambda node: _call("sumOrNull", node.this),
    exp.ArrayAgg: _listed,
    exp.Lead: _offset,
    exp.Lag: _offset,
    exp.LogicalOr: lambda node: _call("max", node.this),
    exp.LogicalAnd: lambda node: _call("min", node.this),
    exp.IntDiv: lambda node: _call("intDiv", node.this, node.expression),
    exp.NullSafeNEQ: _distinct,
    exp.Select: _select,
}
