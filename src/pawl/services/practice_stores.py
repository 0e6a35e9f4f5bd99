"""Pawl's stores on one machine, as far as they were begun, to ask what agents did."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from pawl.base.errors import CannotTell
from pawl.services.machine import Prices
from pawl.services.practice import Chain, Runs, Worker
from pawl.services.spooled import SPOOL


class MachineStores:
    """The stores of one data folder, opened only if they were begun; close it after use.

    `records_url` and `events_url` name databases where these are not in the folder,
    `checkpoint` a file with a checkpoint that was kept elsewhere.
    """

    def __init__(
        self,
        folder: Path,
        prices: Prices,
        now: Callable[[], str],
        *,
        records_url: str | None = None,
        events_url: str | None = None,
        checkpoint: Path | None = None,
    ) -> None:
        self._folder = folder
        self._prices = prices
        self._now = now
        self._url = records_url
        self._events_url = events_url
        self._checkpoint = checkpoint
        self._close: Callable[[], None] = lambda: None

    def __enter__(self) -> MachineStores:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def runs(self) -> Runs | None:
        """Return the records of runs, or None where none were begun."""
        from pawl.store.records import FILE_NAME

        if self._url is None and not (self._folder / FILE_NAME).exists():
            return None
        from pawl.store.records.engine import open_records
        from pawl.store.records.runs import RunRecords

        engine = open_records(self._folder, self._url)
        self._close = engine.dispose
        return RunRecords(engine)

    def events(self) -> AbstractContextManager[Worker] | None:
        """Return the events, with all of the spool in them and priced; None where there are none.

        Raises StoreBusy when a running server owns them.
        """
        spool = self._folder / SPOOL
        begun = self._events_url is not None or (self._folder / "events.duckdb").exists()
        if not begun and not any(spool.glob("*")):
            return None
        from pawl.services.stored_events import open_events

        events = open_events(self._folder, events_url=self._events_url)
        try:
            events.drain(spool)
            table = self._prices.table()
            events.reprice(table.price, table.version)
        except BaseException:
            events.close()
            raise
        return events

    def chain(self) -> Chain | None:
        """Verify the ledger; None where none was begun."""
        from pawl.services.ledger import open_ledger

        try:
            ledger = open_ledger(self._folder, self._url, self._now)
        except CannotTell:
            return None
        with ledger:
            told = ledger.verify(self._checkpoint)
        return Chain(
            entries=told.entries, intact=told.intact, checkpointed=told.truncation_excluded
        )
