"""The cadence while a server runs: a look at the clock every half minute, by one server at a time.

What is told and what was missed is on record, so a restart tells nobody twice.
"""

import threading
import traceback
from collections.abc import Callable

from pawl.base.errors import PawlError
from pawl.services.cadence import CadenceDesk
from pawl.store.records.timers import TimerRecords

TIMER = "cadence"
LOOK_EVERY_S = 30.0
"""Seconds between two looks: routines are due to the minute."""
STALE_S = 120.0
"""Seconds after which another server takes over."""


class CadenceServer:
    """Looks at the clock from the server's start to its stop. `holder` is who has the timer."""

    def __init__(
        self, desk: CadenceDesk, timers: TimerRecords, *, now: Callable[[], str], holder: str
    ) -> None:
        self.desk = desk
        self._timers = timers
        self._now = now
        self._holder = holder
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure = ""

    def start(self) -> None:
        """Begin in a thread of its own."""
        self._thread = threading.Thread(target=self._keep_looking, name="pawl-cadence", daemon=True)
        self._thread.start()

    def stop(self, wait_s: float = 5.0) -> None:
        """End after the look that is under way."""
        self._ending.set()
        if self._thread is None:
            return
        self._thread.join(timeout=wait_s)
        self._thread = None
        try:
            self._timers.release(TIMER, self._holder)
        except PawlError:
            pass  # It runs out by itself.

    def look(self) -> bool:
        """Do what is due; False where it is another server's turn."""
        now = self._now()
        if not self._timers.fire(TIMER, self._holder, now, every_s=LOOK_EVERY_S, stale_s=STALE_S):
            return False
        self.desk.tick()
        self._timers.beat(TIMER, now)
        return True

    def _keep_looking(self) -> None:
        while not self._ending.is_set():
            try:
                self.look()
                self.failure = ""
            except (PawlError, OSError) as error:
                self._failed(str(error))
            except Exception as defect:
                traceback.print_exc()
                self._failed(f"A defect of Pawl's ({type(defect).__name__}); see the server's log.")
            self._ending.wait(LOOK_EVERY_S)

    def _failed(self, failure: str) -> None:
        self.failure = failure
        try:
            self._timers.beat(TIMER, self._now(), failure)
        except (PawlError, OSError):
            pass  # The records are what failed; whoever asks this server is told.
