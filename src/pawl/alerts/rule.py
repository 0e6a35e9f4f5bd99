"""What a rule is: a bounded fold over facts, and ticks at which it says what it reads off them.

A rule file exposes `RULE`; its thresholds are numbers of judgement and live in
`thresholds.yaml`, from which `pawl.toml` may differ. `RULE.start(...)` gives a watch:

- `watch.see(facts)` takes facts of the rule's kinds, in their order; how they are parted into
  calls changes nothing. A fact is an event that was not seen before, with its time as seconds
  and, for a model request, what it adds to the requests counted so far;
- `watch.look(now)` returns readings for all scopes the rule knows, and changes nothing that a
  later look would see: looking twice at one instant gives the same readings.

A watch remembers a bounded number of scopes and forgets the one that was silent longest;
`forgotten` counts them. Time in a window is the time of the event, never of its arrival.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from pawl.alerts.reading import Reading
from pawl.telemetry.event import Event, Kind

SCOPES = 2_000
"""Scopes a rule remembers unless it says otherwise."""


class Counted(msgspec.Struct, frozen=True, gc=False):
    """One model request as known now, whatever told of it.

    `at` is seconds since the epoch, `micros` its cost in micro-USD or None while unpriced.
    `prompt` is the size of its prompt in tokens, None when nobody told; `side` marks a request
    outside the main conversation. `refused` says that the model would not answer.
    """

    key: str
    at: float
    event_id: str
    agent: str
    model: str | None = None
    project: str | None = None
    session: str | None = None
    run: str | None = None
    micros: int | None = None
    prompt: int | None = None
    duration_ms: int | None = None
    side: bool = False
    refused: bool = False


class Fact(msgspec.Struct, gc=False):
    """One event as rules see it.

    `at` is its time in seconds since the epoch, never later than when it was seen: a clock that
    runs ahead cannot reach into the future. Of a request, `before` is what had been counted of it
    and `after` what counts from now on; a rule that adds requests up takes the one off and puts
    the other on. `before` is None the first time. `live` says that the event was seen
    within minutes of its time; an import of old sessions is not. `again` says that another source
    told of the same tool call, result or error before: it may know more, and counts no more.
    """

    event: Event
    at: float
    before: Counted | None = None
    after: Counted | None = None
    live: bool = True
    again: bool = False


class Watch(Protocol):
    """A rule at work."""

    @property
    def forgotten(self) -> int:
        """How many scopes were forgotten to bound memory."""

    def see(self, facts: Sequence[Fact]) -> None:
        """Take facts in their order."""

    def look(self, now: float) -> list[Reading]:
        """Return what can be read off the facts at `now`, seconds since the epoch."""


class Thresholds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers of one rule. Names end in their unit: `_s` seconds, `_usd` dollars.

    `for_s` is how long a condition must hold before the alert fires; `period_s` is the time
    within which a scope is told of once for each threshold (a period begins at a multiple of it,
    so a day is a UTC day).
    """

    for_s: float
    period_s: float


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule is started with: its id and its numbers, and objectives for those that ask."""

    rule: str
    thresholds: Thresholds
    objectives: tuple[msgspec.Struct, ...] = ()


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One condition worth somebody's attention.

    `title` is a line for lists, `about` what kind of trouble it is (`money`, `behaviour`,
    `errors`, `telemetry`, `quality`), `response` what to do first, `failure_mode` and `archetype`
    its place in the taxonomy of agent failures. `history_s` is how much of the past it needs to be
    itself again after a restart.
    """

    title: str
    about: str
    kinds: frozenset[Kind]
    thresholds: type[Thresholds]
    start: Callable[[Context], Watch]
    response: str
    history_s: float
    failure_mode: str = ""
    archetype: str = ""
