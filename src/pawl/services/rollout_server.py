"""Rollouts while the server runs: a look every few seconds, each piece of work in its own thread.

A deployment that takes its five minutes holds up nobody else's way back. One server on the same
records looks, the others stand by; what is carried out is claimed besides, so that two which
believe that it is their turn do nothing twice.
"""

import sys
import threading
import time
import traceback
from collections.abc import Callable

from pawl.alerts.instants import seconds
from pawl.base.errors import PawlError
from pawl.changes.executing import Numbers
from pawl.services.rollout_turn import Job, Turn
from pawl.services.rollouts import Rollouts
from pawl.store.records.timers import TimerRecords

TIMER = "rollouts"
AT_ONCE = 8
"""Pieces of work of one kind that are under way at one time; more wait for the next look. What goes
out, what goes back and what is looked at do not wait for one another."""


class RolloutServer:
    """Looks after rollouts from the server's start to its stop. `holder` is who has the timer."""

    def __init__(
        self,
        rollouts: Rollouts,
        timers: TimerRecords,
        *,
        now: Callable[[], str],
        holder: str,
        numbers: Numbers,
    ) -> None:
        self._rollouts, self._timers = rollouts, timers
        self._now, self._holder, self._numbers = now, holder, numbers
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._busy: dict[str, threading.Thread] = {}
        self._lock = threading.Lock()
        self._drifted = float("-inf")
        self._failure = ""

    def start(self) -> None:
        """Begin in threads of its own."""
        self._thread = threading.Thread(
            target=self._keep_looking, name="pawl-rollouts", daemon=True
        )
        self._thread.start()

    def stop(self, wait_s: float = 5.0) -> None:
        """End; what is under way ends with the process, and its claim runs out."""
        self._ending.set()
        if self._thread is None:
            return
        ends = time.monotonic() + wait_s
        for thread in (self._thread, *self._busy.copy().values()):
            thread.join(timeout=max(0.0, ends - time.monotonic()))
        self._thread = None
        try:
            self._timers.release(TIMER, self._holder)
        except PawlError:
            pass  # It runs out by itself.

    @property
    def trouble(self) -> str:
        """Why nobody looks after rollouts, on this server or another; empty when somebody does."""
        if self._failure:
            return self._failure
        if self._thread is None:
            return ""
        beat = self._timers.heartbeats().get(TIMER)
        if beat is None:
            return ""  # The first look is only beginning.
        if seconds(self._now()) - seconds(beat.at) > self._numbers.silent_s:
            return f"nobody has looked after rollouts since {beat.at}"
        return beat.failure

    def look(self) -> bool:
        """Begin all that is due; False where it is another server's turn."""
        now, found = self._now(), self._numbers
        if not self._timers.fire(
            TIMER, self._holder, now, every_s=found.look_every_s, stale_s=found.stale_s
        ):
            return False
        for name, job in self._rollouts.jobs():
            self._begin(name, job)
        if time.monotonic() - self._drifted >= found.drift_every_s:
            self._drifted = time.monotonic()
            self._begin("drift", self._rollouts.find_drift)
        self._timers.beat(TIMER, now)
        return True

    def wait(self, within_s: float) -> bool:
        """Wait until nothing is under way; False where something still is."""
        ends = time.monotonic() + within_s
        for thread in self._busy.copy().values():
            thread.join(timeout=max(0.0, ends - time.monotonic()))
        return not self._busy

    def _keep_looking(self) -> None:
        while not self._ending.is_set():
            try:
                self.look()
                self._failure = ""
            except (PawlError, OSError) as error:
                self._failed(str(error))
            except Exception as defect:
                traceback.print_exc()
                self._failed(f"A defect of Pawl's ({type(defect).__name__}); see the server's log.")
            self._ending.wait(self._numbers.look_every_s)

    def _begin(self, name: str, job: Job) -> None:
        with self._lock:
            kind = name.partition(" ")[0]
            alike = sum(each.partition(" ")[0] == kind for each in self._busy)
            if name in self._busy or alike >= AT_ONCE:
                return
            thread = threading.Thread(
                target=self._do, args=(name, job), name=f"pawl-rollout-{name}", daemon=True
            )
            self._busy[name] = thread
        thread.start()

    def _do(self, name: str, job: Job) -> None:
        turn = Turn()
        try:
            turn.each(name, job)
        except Exception as defect:
            # Its text may hold what an executor was told, so the log does not get it.
            print(f"pawl: {type(defect).__name__} at {name}", file=sys.stderr)
            traceback.print_list(traceback.extract_tb(defect.__traceback__), file=sys.stderr)
        finally:
            with self._lock:
                self._busy.pop(name, None)
        for trouble in turn.troubles:
            print(f"pawl: rollouts: {trouble}", file=sys.stderr)

    def _failed(self, failure: str) -> None:
        self._failure = failure
        try:
            self._timers.beat(TIMER, self._now(), failure)
        except (PawlError, OSError):
            pass  # The records are what failed; whoever asks this server is told.
