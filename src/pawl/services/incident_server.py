"""The clock of incidents while the server runs: what is due happens within seconds, by any server.

Every server on the same records looks, and whoever is first acts: each deadline is acted on in the
transaction that finds it due. So nobody's death must be noticed before another goes on.
"""

import threading
import traceback
from collections.abc import Callable
from typing import Protocol

from pawl.base.errors import PawlError
from pawl.base.times import seconds_between
from pawl.incidents.event import Happened

TICK_EVERY_S = 5.0
"""Seconds between two looks at most: how late a page or a breach may be told."""
LEAST_S = 0.05
"""Seconds between two looks at least."""
SILENT_S = 60.0
"""Seconds without a look after which nobody can be relied on to look."""


class Ticking(Protocol):
    """What the clock asks of the desk."""

    def tick(self) -> tuple[Happened, ...]:
        """Let everything happen that is due."""

    def next_due(self) -> str | None:
        """Return when the next deadline is."""

    def last_tick(self) -> str | None:
        """Return when somebody last looked."""


class IncidentServer:
    """Ticks from the server's start to its stop. `also` is done after each look."""

    def __init__(
        self,
        desk: Ticking,
        *,
        now: Callable[[], str],
        also: Callable[[], object] = lambda: None,
        every_s: float = TICK_EVERY_S,
    ) -> None:
        self._desk, self._now, self._also, self._every_s = desk, now, also, every_s
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._failure = ""

    def start(self) -> None:
        """Begin in a thread of its own."""
        self._thread = threading.Thread(target=self._keep, name="pawl-incidents", daemon=True)
        self._thread.start()

    def stop(self, wait_s: float = 5.0) -> None:
        """End after the look that is under way."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(timeout=wait_s)
        self._thread = None

    @property
    def trouble(self) -> str:
        """Why deadlines may pass unnoticed; empty where somebody looks."""
        if self._failure or self._thread is None:
            return self._failure
        last = self._desk.last_tick()
        if last is not None and abs(seconds_between(last, self._now())) > SILENT_S:
            return f"nobody has looked after incidents since {last}"
        return ""

    def look(self) -> float:
        """Let happen what is due; return how many seconds to wait for the next look."""
        try:
            self._desk.tick()
            self._failure = ""
        except (PawlError, OSError) as error:
            self._failure = str(error)
        except Exception as defect:
            traceback.print_exc()
            self._failure = f"A defect of Pawl's ({type(defect).__name__}); see the server's log."
        try:
            self._also()
            return self._wait()
        except (PawlError, OSError) as error:
            self._failure = self._failure or str(error)
        except Exception as defect:
            traceback.print_exc()
            self._failure = f"A defect of Pawl's ({type(defect).__name__}); see the server's log."
        return self._every_s

    def _wait(self) -> float:
        due = self._desk.next_due()
        if due is None:
            return self._every_s
        return min(self._every_s, max(LEAST_S, seconds_between(self._now(), due)))

    def _keep(self) -> None:
        while not self._ending.is_set():
            self._ending.wait(self.look())
