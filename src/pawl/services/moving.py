"""Copy the events of this machine into a ClickHouse database, and prove that all arrived."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from pawl.base.errors import CannotTell
from pawl.services.spooled import SPOOL
from pawl.services.stored_events import open_events
from pawl.store.events.clickhouse import ClickEvents
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.forgetting import register
from pawl.store.events.move import TotalsDiffer, move
from pawl.store.events.totals import MonthTotals


class MoveReport(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `pawl events move`, as `pawl.events-move/1` documents it.

    `equal` says that both stores tell the same events, requests, tokens and micro-USD of every
    month; `difference` is the first number in which they do not.
    """

    schema: Literal["pawl.events-move/1"] = "pawl.events-move/1"
    equal: bool
    target: str
    copied: int
    there: int
    months: tuple[MonthTotals, ...]
    difference: TotalsDiffer | None


def move_events(folder: Path, url: str, progress: Callable[[int, int], None]) -> MoveReport:
    """Take in the spool, copy the store of a data folder to a URL, and compare.

    Raises CannotTell where there is no store, StoreBusy while a server owns it, StoreBroken when
    either store does not answer; what was copied by then is not copied again.
    """
    if not (folder / "events.duckdb").exists() and not any((folder / SPOOL).glob("*")):
        raise CannotTell(
            "there are no events to copy.", place=str(folder), hint="Name the folder with --data."
        )
    with ClickEvents(url, folder) as target, open_events(folder) as source:
        assert isinstance(source, DuckEvents)
        source.drain(folder / SPOOL)
        target.adopt(register(folder))
        done = move(source, target, folder, progress)
        return MoveReport(
            equal=done.difference is None,
            target=str(target.place),
            copied=done.copied,
            there=done.there,
            months=done.target,
            difference=done.difference,
        )
