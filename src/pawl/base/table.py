"""A table to hand out: named columns with their units, and rows of plain values."""

from collections.abc import Iterable
from typing import NamedTuple

Cell = str | int | float | bool | None
"""None is unknown. A number is a number, never text."""


class Table(NamedTuple):
    """Rows under column names such as `duration_p50_ms`; `rows` may be made as they are asked."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[tuple[Cell, ...]]


def usd(micros: int | None) -> float | None:
    """Return micro-USD as dollars; the shortest decimal of it is exact to the micro-USD."""
    return None if micros is None else micros / 1_000_000
