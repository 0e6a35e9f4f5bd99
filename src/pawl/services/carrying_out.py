"""Carry intents out: claim, call, read back, confirm; whatever goes wrong is tried again or failed.

Nothing is decided here but what an executor answered. A process that ends anywhere leaves a row
that says how far it came, and the next one goes on from there under the same id.
"""

import sys
import traceback
from collections.abc import Callable
from typing import Protocol

from pawl.base.errors import PawlError
from pawl.changes.change import Change
from pawl.changes.executing import (
    Errand,
    Intent,
    NotExecuted,
    Numbers,
    Order,
    Progress,
    Seen,
    called,
    confirmed,
    in_vain,
    is_as_wanted,
    order_of,
    unlike,
)
from pawl.store.records.rollouts import RolloutRecords


class Executor(Protocol):
    """An executor that is ready. `timeout_s` is the longest that one call or reading takes."""

    timeout_s: float

    def call(self, order: Order) -> None:
        """Bring the order's state about; once it is, doing so again does nothing. NotExecuted."""

    def read_back(self, order: Order) -> Seen:
        """Return what there is of the order's components now; raises NotExecuted."""


Executors = Callable[[str], Executor]
"""Opens an executor by its kind; raises BadValue where this machine has none that works."""


class Carrier:
    """Carries out what is due. `holder` is this very process, for the claims that it makes."""

    def __init__(
        self,
        records: RolloutRecords,
        executors: Executors,
        change: Callable[[str], Change],
        *,
        now: Callable[[], str],
        chance: Callable[[], float],
        holder: str,
        numbers: Numbers,
    ) -> None:
        self._records, self._executors, self._change = records, executors, change
        self._now, self._chance, self._holder = now, chance, holder
        self._numbers = numbers

    def carry_out(self, due: Intent) -> Intent | None:
        """Carry one intent out as far as it goes now; None where it is in other hands."""
        try:
            executor = self._opened(due)
            lease_s = 2 * executor.timeout_s + self._numbers.lease_margin_s
        except PawlError as error:
            executor, lease_s, missing = None, self._numbers.lease_margin_s, str(error)
        intent = self._records.claim(due.id, self._holder, self._now(), lease_s)
        if intent is None:
            return None
        if executor is None:
            return self._in_vain(intent, missing)
        order = order_of(intent, self._change(intent.change_id))
        try:
            if intent.state is Progress.INTENDED:
                executor.call(order)
                intent = called(intent, self._now())
                if not self._records.settle(intent, self._holder):
                    return None  # A newer decision stands; what was done it will undo.
            seen = executor.read_back(order)
            if not is_as_wanted(seen, order.parts):
                raise NotExecuted(f"Read back as something else: {_listed(seen, order)}.")
        except NotExecuted as error:
            return self._in_vain(intent, error.message, final=error.final)
        except PawlError as error:
            return self._in_vain(intent, str(error))
        except Exception as defect:
            # Its text may hold what an executor was told, so neither log nor records get it.
            print(f"pawl: {type(defect).__name__} while carrying out", file=sys.stderr)
            traceback.print_list(traceback.extract_tb(defect.__traceback__), file=sys.stderr)
            return self._in_vain(intent, f"A defect of Pawl's ({type(defect).__name__}).")
        intent = confirmed(intent, self._now())
        return intent if self._settle(intent) else None

    def read_back(self, change: Change, intent: Intent) -> Seen:
        """Return what there is of a change now; raises NotExecuted and BadValue."""
        return self._executors(intent.executor).read_back(order_of(intent, change))

    def _opened(self, due: Intent) -> Executor:
        """Return what carries an intent out; raises BadValue where this machine has none."""
        executor = self._executors(due.executor)
        back = self._change(due.change_id).manifest.rollback
        if due.kind is Errand.START and back is not None:
            # Nothing begins to go out that could not be taken back from here.
            self._executors(back.executor)
        return executor

    def _in_vain(self, intent: Intent, why: str, *, final: bool = False) -> Intent | None:
        failed = in_vain(intent, why, self._now(), self._chance(), self._numbers, final=final)
        return failed if self._settle(failed) else None

    def _settle(self, intent: Intent) -> bool:
        return self._records.settle(intent, self._holder)


def _listed(seen: Seen, order: Order) -> str:
    names = unlike(seen, order.parts)
    return ", ".join(names[:5])[:300] + (" and more" if len(names) > 5 else "")
