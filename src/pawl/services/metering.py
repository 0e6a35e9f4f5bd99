"""What `/metrics` tells of the agents: counters that only grow, under few labels.

A counter counts from the start of the server, by the facts' own time: what is read from older
transcripts is history and moves no counter. The names under a label are bounded: the first ones
that come keep theirs for the life of the server, and later ones are told together as `other`, so
that no series ever moves from one name to another. Nothing is told by developer.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

import msgspec

from pawl.base.errors import Unavailable
from pawl.base.times import format_time, parse_time, seconds_between
from pawl.telemetry.meters import BUCKETS, Meters

OTHER = "other"
UNKNOWN = "unknown"
NAMES_MOST = {"project": 20, "model": 20, "agent": 10, "outcome": 12}
"""How many names a label has; what comes later is `other`."""
FRESH_S = 5.0
"""Seconds for which one reading of the store serves every scrape."""
LATENCY_WINDOW = timedelta(hours=1)

Labels = tuple[tuple[str, str], ...]


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """One metric: its name without a suffix, and its samples by label. `unit` ends the name."""

    name: str
    kind: str
    help: str
    unit: str = ""
    samples: tuple[tuple[Labels, float], ...]


class Store(Protocol):
    """What is asked of the events store."""

    def meters(self, since: str, until: str, lately: str) -> Meters:
        """Return what happened since a time."""


class Telling(Protocol):
    """What tells metrics of something else than agents."""

    def families(self) -> tuple[Family, ...]:
        """Return every metric; raises PawlError when what it reads does not answer."""


class Meter:
    """Reads the store at most every `FRESH_S` seconds. `now` is the clock; safe in threads.

    `changes` tells of changes and gates, where these are on record.
    """

    def __init__(
        self, store: Store, now: Callable[[], str], changes: Telling | None = None
    ) -> None:
        self.changes = changes
        self._store = store
        self._now = now
        self._lock = threading.Lock()
        self._read_at: str | None = None
        self._families: tuple[Family, ...] = ()
        self._names: dict[str, set[str]] = {label: set() for label in NAMES_MOST}
        self._told: dict[tuple[str, Labels], float] = {}
        started = parse_time(now())
        # The day before counts as well: what was written while no server ran is read now.
        self._since = format_time(started - timedelta(days=1))
        self._started = format_time(started)
        self._base: Mapping[tuple[str, Labels], float] | None = None
        with suppress(Unavailable):  # An engine that is down now is asked at the first scrape.
            self._base = _raw(self._read(self._started))

    def families(self) -> tuple[Family, ...]:
        """Return every metric of the agents; raises StoreBroken when the store does not answer."""
        with self._lock:
            now = self._now()
            if self._read_at is None or seconds_between(self._read_at, now) >= FRESH_S:
                self._families = self._measure(now)
                self._read_at = now
            return self._families

    def _read(self, now: str) -> Meters:
        return self._store.meters(self._since, now, format_time(parse_time(now) - LATENCY_WINDOW))

    def _measure(self, now: str) -> tuple[Family, ...]:
        if self._base is None:
            self._base = _raw(self._read(self._started))
        meters = self._read(now)
        sums: dict[tuple[str, Labels], float] = {}
        for (name, labels), value in _raw(meters).items():
            grown = value - self._base.get((name, labels), 0.0)
            key = (name, self._bounded(labels))
            sums[key] = sums.get(key, 0.0) + max(0.0, grown)
        for key, value in sums.items():
            # Requests that are priced anew, or told better later, may count for less; a counter
            # that falls would be read as a restart.
            self._told[key] = max(value, self._told.get(key, 0.0))
        counters = [self._counter(*told) for told in COUNTERS]
        return (*counters, *self._gauges(meters, now))

    def _counter(self, name: str, unit: str, help: str) -> Family:
        samples = ((key[1], value) for key, value in self._told.items() if key[0] == name)
        return Family(
            name=name, kind="counter", help=help, unit=unit, samples=tuple(sorted(samples))
        )

    def _gauges(self, meters: Meters, now: str) -> Iterable[Family]:
        running = sum(each.runs for each in meters.runs if each.outcome == "running")
        yield _gauge("pawl_runs_running", "Supervised runs that have not ended.", [((), running)])
        slowest: dict[Labels, float] = {}
        for each in meters.latencies:
            labels = self._bounded((("model", each.model),))
            slowest[labels] = max(slowest.get(labels, 0.0), each.p95_ms / 1000)
        yield _gauge(
            "pawl_request_duration_p95_seconds",
            "Seconds that 95 of 100 model requests of the last hour took at most, where told.",
            sorted(slowest.items()),
            "seconds",
        )
        lag = [] if meters.newest is None else [((), seconds_between(meters.newest, now))]
        yield _gauge(
            "pawl_ingest_lag_seconds",
            "Age of the newest fact that can be asked for; absent when none is a day old or less.",
            lag,
            "seconds",
        )

    def _bounded(self, labels: Labels) -> Labels:
        return tuple((label, self._named(label, value)) for label, value in labels)

    def _named(self, label: str, value: str) -> str:
        if label not in self._names:
            return value
        value, known = value or UNKNOWN, self._names[label]
        if value not in known and len(known) >= NAMES_MOST[label]:
            return OTHER
        known.add(value)
        return value


COUNTERS = (
    ("pawl_spend_usd", "usd", "Dollars of priced model requests."),
    ("pawl_tokens", "", "Tokens of model requests, in disjoint buckets."),
    ("pawl_requests", "", "Model requests, each once however many sources told of it."),
    ("pawl_unpriced_requests", "", "Model requests whose cost is unknown; no spend has them."),
    ("pawl_runs", "", "Runs that ended, by how; `observed` are sessions nobody supervised."),
    ("pawl_tool_calls", "", "Tool calls, each once."),
    ("pawl_tool_errors", "", "Tool calls that failed, each once."),
    ("pawl_errors", "", "Errors that agents told of."),
)
"""Name without `_total`, unit, help."""


def _raw(meters: Meters) -> Mapping[tuple[str, Labels], float]:
    """Return every counter by its own labels, before names are bounded."""
    found: dict[tuple[str, Labels], float] = {}

    def add(name: str, labels: Labels, value: float) -> None:
        if value:
            found[name, labels] = found.get((name, labels), 0.0) + value

    for each in meters.requests:
        by: Labels = (("agent", each.agent), ("model", each.model), ("project", each.project))
        add("pawl_spend_usd", by, each.cost_micros / 1_000_000)
        add("pawl_requests", by, each.requests)
        add("pawl_unpriced_requests", by, each.unpriced)
        for bucket, tokens in zip(BUCKETS, each.tokens, strict=True):
            add("pawl_tokens", (("agent", each.agent), ("bucket", bucket), *by[1:]), tokens)
    for run in meters.runs:
        own: Labels = (("agent", run.agent), ("outcome", run.outcome), ("project", run.project))
        if run.outcome != "running":
            add("pawl_runs", own, run.runs)
        add("pawl_tool_calls", (("agent", run.agent),), run.tool_calls)
    for error in meters.errors:
        add("pawl_errors", (("agent", error.agent),), error.errors)
        add("pawl_tool_errors", (("agent", error.agent),), error.tool_errors)
    return found


def _gauge(name: str, help: str, samples: Iterable[tuple[Labels, float]], unit: str = "") -> Family:
    return Family(name=name, kind="gauge", help=help, unit=unit, samples=tuple(samples))
