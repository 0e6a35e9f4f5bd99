"""Answer a bill from the events store of this machine, opened for one question."""

import os
from pathlib import Path

from pawl.services.cost import Question
from pawl.services.machine import Prices
from pawl.telemetry.bill import Bill, Key

MARK = "events.mark"
"""The file that the store writes anew around each change."""


class StoredBill:
    """The events store behind a bill: takes in the spool, prices what is not priced, answers.

    `events_url` names a ClickHouse database where the store is not a file of the folder.
    Raises StoreBusy when a running server owns the store.
    """

    def __init__(
        self, folder: Path, spool: Path, prices: Prices, events_url: str | None = None
    ) -> None:
        self._folder = folder
        self._spool = spool
        self._prices = prices
        self._events_url = events_url

    def mark(self) -> bytes:
        """Return the store's mark; empty when it has none yet."""
        if self._events_url is not None:
            # Other servers change it as well: no answer that was kept fits.
            return os.urandom(16)
        try:
            return (self._folder / MARK).read_bytes()
        except OSError:
            return b""

    def bill(self, question: Question) -> Bill:
        """Return the bill, after everything in the spool is in the store."""
        # The engine takes longer to import than a kept answer takes to give.
        from pawl.services.stored_events import open_events

        table = self._prices.table()
        filters = {} if question.project is None else {Key.PROJECT: question.project}
        with open_events(self._folder, events_url=self._events_url) as store:
            store.drain(self._spool)
            store.reprice(table.price, table.version)
            return store.bill(
                question.by,
                since=question.since,
                until=question.until,
                filters=filters,
                prices=(table.version, table.as_of),
            )
