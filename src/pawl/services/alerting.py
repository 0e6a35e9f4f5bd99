"""Alerts while the server runs: new events to the rules, a look every few seconds, all of it kept.

One thread feeds and looks. Before its first look it takes in the stored events of as long as the
rules' histories reach back, so that a restart neither forgets what fires nor takes the silence of
an empty memory for a clear. A failure is kept, shown, and tried again.
"""

import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import msgspec

from pawl.alerts.advance import advance
from pawl.alerts.alert import Alerts, Silence
from pawl.alerts.configuring import Setup
from pawl.alerts.delivery import Numbers
from pawl.alerts.instants import instant, seconds
from pawl.alerts.requests import Price
from pawl.alerts.watching import Watching
from pawl.base.errors import PawlError
from pawl.store.events.news import Mark
from pawl.store.records.alerts import AlertRecords, Decided, timer_name
from pawl.store.records.timers import TimerRecords
from pawl.telemetry.event import Event

FEED_EVERY_S = 1.0
"""Seconds between two questions for new events; about as often as the spool is drained."""
_PART = 1_000
"""Events of the past taken in at once, within some milliseconds."""
_BREATH_S = 0.001
"""Seconds after each part in which whoever waits for this process, a page say, gets to work."""
_PRUNE_EVERY_S = 3600.0


class News(Protocol):
    """What the ticker asks of the events store."""

    def newest_mark(self) -> Mark:
        """Return the mark of the event loaded last."""

    def events_after(
        self, mark: Mark, *, limit: int = 5000
    ) -> tuple[tuple[Event, ...], Mark] | None:
        """Return events loaded after a mark and the new mark; None when it no longer stands."""

    def events_from(
        self, since: str, until: str, *, most: int, page: int = 20_000
    ) -> Iterator[tuple[Event, ...]]:
        """Yield pages of the newest events of a time, oldest first."""

    def run_of(self, kind: str, identity: str) -> str | None:
        """Return the run or session that an `event`, `request` or `session` is part of."""


class Ticking(msgspec.Struct, frozen=True, kw_only=True):
    """How the ticker goes. `state` is `idle`, `warming`, `looking`, `standby` or `failed`.

    A server stands by while another one has the timer. `looked_at` is its latest look, `events`
    counts those given to the rules since the start, `took_s` is how long the latest look took.
    """

    state: str = "idle"
    looked_at: str | None = None
    events: int = 0
    looks: int = 0
    took_s: float = 0.0
    failure: str = ""


class Ticker:
    """Looks at the alerts of one events store.

    `store` names the events, `holder` this server. `channels` are the names of those that exist;
    a notice to another one is not kept.
    """

    def __init__(
        self,
        *,
        setup: Setup,
        news: News,
        records: AlertRecords,
        timers: TimerRecords,
        now: Callable[[], str],
        numbers: Numbers,
        store: str,
        holder: str,
        channels: Sequence[str] = (),
        price: Price | None = None,
        prune: Callable[[str], None] = lambda before: None,
    ) -> None:
        self.store = store
        self.ticking = Ticking()
        self._setup, self._news, self._price = setup, news, price
        self._records, self._timers = records, timers
        self._now, self._numbers, self._holder = now, numbers, holder
        self._channels = frozenset(channels)
        self._prune = prune
        self._pruned = float("-inf")
        self._watching: Watching | None = None
        self._mark = Mark()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin in a thread of its own."""
        self._thread = threading.Thread(target=self._keep_ticking, name="pawl-alerts", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, and let another server have the timer at once."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
            self._thread = None
            try:
                self._timers.release(timer_name(self.store), self._holder)
            except PawlError:
                pass  # It runs out by itself.

    def feed(self, within_s: float = 2.0) -> int:
        """Give the rules what was loaded since; return how many events, for `within_s` at most."""
        if self._watching is None:
            self._warm()
        watching, count, began = self._watching, 0, time.monotonic()
        while watching is not None and not self._ending.is_set():
            found = self._news.events_after(self._mark)
            if found is None:
                self._watching = None  # Events were deleted; the rules begin anew.
                return count
            events, mark = found
            if events:
                watching.see(events, self._now())
                count += len(events)
            done, self._mark = mark == self._mark, mark
            if done or time.monotonic() - began > within_s:
                break
        self._note(events=self.ticking.events + count)
        return count

    def look(self) -> Decided | None:
        """Look once and keep what follows; None when it is not this server's turn."""
        watching = self._watching
        if watching is None:
            return None
        began, now = time.monotonic(), self._now()
        readings = watching.look(now)

        def decide(before: Alerts, silences: tuple[Silence, ...]) -> Decided:
            policy = msgspec.structs.replace(self._setup.policy, silences=silences)
            step = advance(before, readings, now, policy)
            notices = tuple(
                (notice, (notice.route,) if notice.route in self._channels else ())
                for notice in step.notices
            )
            return Decided(alerts=step.alerts, notices=notices, log=step.log)

        decided = self._records.look(
            self.store,
            self._holder,
            now,
            decide,
            every_s=self._numbers.look_every_s,
            stale_s=self._numbers.stale_s,
        )
        if decided is None:
            self._note(state="standby", failure="")
        else:
            self._note(
                state="looking",
                looked_at=now,
                looks=self.ticking.looks + 1,
                took_s=time.monotonic() - began,
                failure="",
            )
        return decided

    def tick(self) -> None:
        """Feed and look once; a failure is noted for all to see."""
        try:
            self.feed()
            self.look()
            if time.monotonic() - self._pruned > _PRUNE_EVERY_S:
                self._pruned = time.monotonic()
                self._prune(self._now())
        except (PawlError, OSError) as error:
            self._failed(str(error))
        except Exception as defect:
            traceback.print_exc()
            # What was fed may be half taken in, so the rules begin anew.
            self._watching = None
            self._failed(f"A defect of Pawl's ({type(defect).__name__}); see the server's log.")

    def _warm(self) -> None:
        """Take in the past of all rules, the newest events first to be counted in."""
        self._note(state="warming")
        now = self._now()
        mark = self._news.newest_mark()
        watching = self._setup.watching(self._price)
        since = instant(seconds(now) - self._setup.history_s)
        pages = self._news.events_from(since, now, most=self._numbers.warm_events_max)
        for page in pages:
            for begin in range(0, len(page), _PART):
                part = page[begin : begin + _PART]
                watching.see(part, min(part[-1].time, now), live=True)
                if self._ending.wait(_BREATH_S):
                    return
        self._watching, self._mark = watching, mark

    def _keep_ticking(self) -> None:
        looked = float("-inf")
        while not self._ending.is_set():
            if time.monotonic() - looked >= self._numbers.look_every_s:
                looked = time.monotonic()
                self.tick()
            else:
                self._feed_quietly()
            self._ending.wait(FEED_EVERY_S)

    def _feed_quietly(self) -> None:
        """Feed between two looks; what goes wrong is told by the next look."""
        try:
            if self._watching is not None:
                self.feed()
        except (PawlError, OSError):
            return
        except Exception:
            self._watching = None

    def _failed(self, failure: str) -> None:
        self._note(state="failed", failure=failure)
        try:
            self._timers.beat(timer_name(self.store), self._now(), failure)
        except (PawlError, OSError):
            pass  # The records are what failed; the pages of this server know.

    def _note(self, **values: object) -> None:
        self.ticking = msgspec.structs.replace(self.ticking, **values)
