"""Answer a bill from the events store of this machine, opened for one question."""

from pathlib import Path

from pawl.services.cost import Question
from pawl.services.machine import Prices
from pawl.telemetry.bill import Bill, Key

MARK = "events.mark"
"""The file that the store writes anew around each change."""


class StoredBill:
    """The events store behind a bill: takes in the spool, prices what is not priced, answers.

    Raises StoreBusy when a running server owns the store.
    """

    def __init__(self, folder: Path, spool: Path, prices: Prices) -> None:
        self._folder = folder
        self._spool = spool
        self._prices = prices

    def mark(self) -> bytes:
        """Return the store's mark; empty when it has none yet."""
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
        with open_events(self._folder) as store:
            store.drain(self._spool)
            store.reprice(table.price, table.version)
            return store.bill(
                question.by,
                since=question.since,
                until=question.until,
                filters=filters,
                prices=(table.version, table.as_of),
            )
