"""Sign a checkpoint every so many entries or minutes while the server runs.

One server of those on the same records does it: the timer is a row that it claims.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from pawl.base.errors import PawlError
from pawl.services.ledger_checkpoints import Checkpoints
from pawl.store.records.connection import Engine
from pawl.store.records.engine import writing
from pawl.store.records.ledger import head
from pawl.store.records.timers import claim

TIMER = "ledger-checkpoint"
LOOK_EVERY_S = 5.0
"""Seconds between two looks at how many entries there are; each costs one question by key."""


class LedgerKeeper:
    """The checkpoints of one server, from its start to its stop, with an engine of its own.

    One is due after `every_s` seconds with anything new, or when `every_entries` are new.
    `holder` tells this server from others. `tell` is told what goes wrong, once.
    """

    def __init__(
        self,
        engine: Engine,
        checkpoints: Checkpoints,
        now: Callable[[], str],
        *,
        every_s: float,
        every_entries: int,
        holder: str,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._engine, self._checkpoints, self._now = engine, checkpoints, now
        self._every_s, self._every_entries = every_s, every_entries
        self._holder, self._tell = holder, tell
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._owed: set[str] = set()
        self.failure = ""

    @property
    def signed(self) -> int:
        """How many entries the newest checkpoint has."""
        return self._checkpoints.size()

    @property
    def places(self) -> tuple[str, ...]:
        """The names of the places where checkpoints are kept."""
        return tuple(self._checkpoints.places)

    def kept(self) -> tuple[tuple[str, str], ...]:
        """Return the checkpoints of all places; raises CannotTell where one cannot be read."""
        return tuple(each for place in self._checkpoints.places.values() for each in place.kept())

    def start(self) -> None:
        """Begin to look, in a thread."""
        self._thread = threading.Thread(target=self._keep_looking, name="pawl-ledger", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it, with a last checkpoint if entries are new, and close the records."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
            self._thread = None
            self.look(last=True)
        self._engine.dispose()

    def look(self, *, last: bool = False) -> bool:
        """Sign a checkpoint if one is due, and put it everywhere; say whether one was signed."""
        try:
            if not self._due(last=last):
                return False
            signed = self._checkpoints.sign()
            kept = self._checkpoints.put(signed)
        except (PawlError, OSError) as error:
            self._note(str(error))
            return False
        self._owed = {each.name for each in kept if each.failure}
        self._note("; ".join(f"{each.name}: {each.failure}" for each in kept if each.failure))
        return True

    def _due(self, *, last: bool) -> bool:
        """Say whether it is time, and ours to do."""
        new = head(self._engine)[0] - self._checkpoints.size()
        if last:
            return new != 0
        if new == 0 and not self._owed:
            return False
        if new < 0 or new >= self._every_entries:
            return True  # Fewer than were signed: that is for `sign` to say.
        now, every = self._now(), self._every_s
        with writing(self._engine) as connection:
            return claim(connection, TIMER, self._holder, now, every_s=every, stale_s=every + 60.0)

    def _note(self, failure: str) -> None:
        if failure and failure != self.failure:
            self._tell(f"the ledger's checkpoint: {failure}")
        self.failure = failure

    def _keep_looking(self) -> None:
        while not self._ending.wait(LOOK_EVERY_S):
            self.look()
