"""What a server does so that somebody answers: links, reminders, alerts that declare, and a watch.

Each looks in a thread of its own, so that what hangs in one place silences no other: the watch
over the ticker must not be stopped by what stops the ticker.
"""

import threading
import traceback
from collections.abc import Callable

from pawl.base.errors import PawlError
from pawl.services.accepting import Accepting


class Looking:
    """Does something again and again in a thread; a failure is kept and tried again."""

    def __init__(self, name: str, look: Callable[[], object], every_s: float) -> None:
        self._name, self._look, self._every_s = name, look, every_s
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure = ""

    def start(self) -> None:
        """Begin. The thread is a daemon: what hangs must not keep the process from ending."""
        self._thread = threading.Thread(target=self._keep_looking, name=self._name, daemon=True)
        self._thread.start()

    def stop(self, wait_s: float = 2.0) -> None:
        """End; one that hangs is left behind."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(timeout=wait_s)
            self._thread = None

    def once(self) -> None:
        """Look once."""
        try:
            self._look()
            self.failure = ""
        except (PawlError, OSError) as error:
            self.failure = str(error)
        except Exception as defect:
            traceback.print_exc()
            self.failure = f"A defect of Pawl's ({type(defect).__name__}); see the server's log."

    def _keep_looking(self) -> None:
        while not self._ending.is_set():
            self.once()
            self._ending.wait(self._every_s)


class OnCallServer:
    """Everything of being on call that a server keeps going. `accepting` answers signed links."""

    def __init__(
        self,
        accepting: Accepting | None,
        looks: tuple[Looking, ...] = (),
        trouble: Callable[[], str] = lambda: "",
    ) -> None:
        self.accepting = accepting
        self._looks = looks
        self._trouble = trouble

    def start(self) -> None:
        """Begin to look."""
        for each in self._looks:
            each.start()

    def stop(self) -> None:
        """End."""
        for each in self._looks:
            each.stop()

    @property
    def trouble(self) -> str:
        """Why the timers of incidents cannot be relied on; empty when they can. May raise."""
        return self._trouble()
