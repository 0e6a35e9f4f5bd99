"""Tables as CSV and as JSON, piece by piece, so that a long one needs no memory.

A spreadsheet takes a text that begins with `=`, `+`, `-` or `@` for a formula, and names of
branches and tools come from anybody. Such a text gets an apostrophe before it; so does one that
begins with a tab, a line break or the wide forms of those signs, which some programs pass over
or read alike. Numbers are ours and stay as they are.
"""

import csv
import io
from collections.abc import Iterable, Iterator

import msgspec

from pawl.base.table import Cell, Table

SCHEMA = "pawl.table/1"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
_TOGETHER = 200
"""Rows in one piece."""


def csv_pieces(table: Table) -> Iterator[str]:
    """Yield the table as CSV (RFC 4180, UTF-8, a header line); unknown is an empty cell."""
    for rows in _bundles(_csv_rows(table)):
        written = io.StringIO()
        csv.writer(written).writerows(rows)
        yield written.getvalue()


def json_pieces(table: Table) -> Iterator[str]:
    """Yield the table as one `pawl.table/1` object: its columns, and each row as an object."""
    head = {"schema": SCHEMA, "table": table.name, "columns": table.columns}
    yield msgspec.json.encode(head).decode()[:-1] + ',"rows":['
    comma = ""
    for rows in _bundles(table.rows):
        told = [dict(zip(table.columns, row, strict=True)) for row in rows]
        yield comma + msgspec.json.encode(told).decode()[1:-1]
        comma = ","
    yield "]}"


def safe_cell(value: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return f"'{value}"
    return value


def _csv_rows(table: Table) -> Iterator[tuple[Cell, ...]]:
    yield table.columns
    for row in table.rows:
        yield tuple(_word(safe_cell(value)) for value in row)


def _word(value: Cell) -> Cell:
    return str(value).lower() if isinstance(value, bool) else value


def _bundles(rows: Iterable[tuple[Cell, ...]]) -> Iterator[list[tuple[Cell, ...]]]:
    bundle: list[tuple[Cell, ...]] = []
    for row in rows:
        bundle.append(row)
        if len(bundle) == _TOGETHER:
            yield bundle
            bundle = []
    if bundle:
        yield bundle
