"""Make facts of events: each once, in the order of their times within a batch, never ahead of now.

Events come late, twice and out of order, and some clocks are wrong. Here that is settled once for
all rules: an id that was taken before is passed over, a batch is put in order of time, and an
event from the future happened at the latest now.
"""

from collections.abc import Iterable
from operator import attrgetter

from pawl.alerts.instants import Clock
from pawl.alerts.requests import Price, Requests
from pawl.alerts.rule import Fact
from pawl.telemetry.event import Event, Kind, Source

REMEMBERED = 100_000
"""Ids remembered at least; twice as many at most."""
LIVE_S = 900.0
"""An event older than this when it is seen is no news: somebody imports, or a buffer was full."""
SAME_ERROR_S = 10.0
"""Two sources that tell of an error in one session within this time tell of the same one."""
_SESSIONS = 5_000

_ORDER = attrgetter("time", "id")
_BY_CALL = frozenset({Kind.TOOL_CALL, Kind.TOOL_RESULT, Kind.TOOL_DENIED})
_BY_TIME = frozenset({Kind.ERROR, Kind.RETRY, Kind.COMPACTION})


class Memory:
    """Remembers the latest of what it is shown: between `most` and twice as many things."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._new: set[int] = set()
        self._old: set[int] = set()

    def knows(self, thing: object) -> bool:
        """Say whether it was shown before, and remember it."""
        mark = hash(thing)
        if mark in self._new:
            return True
        known = mark in self._old
        self._new.add(mark)
        if len(self._new) >= self._most:
            self._old, self._new = self._new, set()
        return known


class Intake:
    """A fold from events to facts.

    `repeated` counts events taken before, `ahead` events from the future, `unreadable` events whose
    time is none.
    """

    def __init__(self, price: Price | None = None, remembered: int = REMEMBERED) -> None:
        self.requests = Requests(price)
        self._clock = Clock()
        self._ids = Memory(remembered)
        self._calls = Memory(remembered)
        self._errors: dict[tuple[Kind, str], tuple[float, Source]] = {}
        self.repeated = 0
        self.ahead = 0
        self.unreadable = 0

    def take(self, events: Iterable[Event], now: float, *, live: bool = False) -> list[Fact]:
        """Return what is new in a batch that was received at `now`; see `Watching.see`."""
        facts: list[Fact] = []
        put, tell = facts.append, self.requests.tell
        knows, knows_call, seconds = self._ids.knows, self._calls.knows, self._clock.seconds
        for event in sorted(events, key=_ORDER):
            try:
                at = seconds(event.time)
            except ValueError:
                self.unreadable += 1
                continue
            if knows(event.id):
                self.repeated += 1
                continue
            if at > now:
                self.ahead += 1
                at = now
            kind = event.kind
            fresh = live or now - at <= LIVE_S
            if kind is Kind.REQUEST:
                told = tell(event, at)
                if told is None:
                    put(Fact(event, at, None, None, fresh, True))
                else:
                    put(Fact(event, at, told[0], told[1], fresh))
            elif kind in _BY_CALL:
                call = event.tool_call_id
                again = call is not None and knows_call((kind, event.agent, call))
                put(Fact(event, at, None, None, fresh, again))
            elif kind in _BY_TIME:
                put(Fact(event, at, None, None, fresh, self._is_same(event, at)))
            else:
                put(Fact(event, at, None, None, fresh))
        return facts

    def _is_same(self, event: Event, at: float) -> bool:
        session = event.session_id or event.run_id
        if session is None:
            return False
        key = (event.kind, session)
        known = self._errors.pop(key, None)
        if known is not None and known[1] is not event.source and at - known[0] <= SAME_ERROR_S:
            self._errors[key] = known
            return True
        self._errors[key] = (at, event.source)
        if len(self._errors) > _SESSIONS:
            del self._errors[next(iter(self._errors))]
        return False
