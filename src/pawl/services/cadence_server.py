"""The cadence while a server runs: a look at the clock every half minute, by one server at a time.

What is told and what was missed is on record, so a restart tells nobody twice.
"""

import threading
import traceback
from collections.abc import Callable, Iterator

from pawl.base.errors import PawlError
from pawl.base.finding import Confidence, Finding, Outcome, Severity
from pawl.base.times import seconds_between
from pawl.services.cadence import CadenceDesk
from pawl.store.records.timers import Heartbeat, TimerRecords

TIMER = "cadence"
LOOK_EVERY_S = 30.0
"""Seconds between two looks: routines are due to the minute."""
STALE_S = 120.0
"""Seconds after which another server takes over."""
SILENT_S = STALE_S + 2 * LOOK_EVERY_S
"""Seconds without a look after which nobody keeps the cadence: whoever took over has looked."""


def ticking_trouble(beat: Heartbeat | None, now: str, started: str = "") -> str:
    """Return why nobody keeps the cadence, by the heartbeat; empty where somebody does.

    A server that has `started` just now is given time for its first look.
    """
    last = max(started, "" if beat is None else beat.at)
    if not last or seconds_between(last, now) > SILENT_S:
        return f"nobody has looked after the cadence since {beat.at if beat else 'ever'}"
    return beat.failure if beat is not None else ""


def cadence_findings(
    beat: Heartbeat | None, now: str, *, served: bool = True, why: str = ""
) -> Iterator[Finding]:
    """Yield what there is to say of the cadence's clock, judged by its heartbeat alone.

    Nothing where it never ticked. That it is silent is no fault where nothing is `served`: without
    a server nobody is reminded, which is said. With `why` nobody can tell.
    """
    if beat is None and not why:
        return
    outcome, severity = Outcome.PASS, Severity.INFO
    message = f"The clock of the cadence last ticked at {'' if beat is None else beat.at}."
    trouble = "" if beat is None else ticking_trouble(beat, now)
    if why:
        outcome, severity = Outcome.CANNOT_TELL, Severity.MEDIUM
        message = f"Whether the clock of the cadence runs cannot be told: {why}"
    elif trouble and not served and beat is not None and not beat.failure:
        message = "No clock of the cadence runs; without a server nobody is reminded."
    elif trouble:
        outcome, severity = Outcome.FAIL, Severity.MEDIUM
        message = f"Routines may be missed unnoticed: {trouble}."
    yield Finding(
        id="clock-of-the-cadence-runs",
        outcome=outcome,
        severity=severity,
        confidence=Confidence.HIGH,
        message=message,
        place=None,
        hint="" if outcome is Outcome.PASS else "Look at the server's /readyz, and start it anew.",
    )


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
        self._started = now()
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

    @property
    def trouble(self) -> str:
        """Why routines may be missed unnoticed; empty where this server or another looks."""
        if self.failure or self._thread is None:
            return self.failure
        return ticking_trouble(self._timers.heartbeats().get(TIMER), self._now(), self._started)

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
