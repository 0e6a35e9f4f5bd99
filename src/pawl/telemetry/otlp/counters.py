"""Turn cumulative series of metrics into what was added between two points.

A cumulative point tells the sum since its start time. A later start time is a reset: the sender
started anew, and the whole value was added since. So is a value that fell without one, which
senders that never tell a start time do. See
https://opentelemetry.io/docs/specs/otel/metrics/data-model/#resets-and-gaps.
"""

import msgspec

from pawl.telemetry.event import Event, Kind

_SERIES = 100_000
"""Series remembered; the one unheard of for longest is forgotten first."""


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """Where a series stands: its start and last time, canonical or empty, and its value."""

    start: str
    time: str
    value: float


class Counters:
    """A fold over METRIC events. A point told again, or late, adds nothing."""

    def __init__(self, standings: dict[str, Standing] | None = None) -> None:
        self._standings: dict[str, Standing] = dict(standings or {})

    def standings(self) -> dict[str, Standing]:
        """Return what must be kept to go on later."""
        return dict(self._standings)

    def added(self, event: Event) -> float | None:
        """Return what a point adds to its series; None where that cannot be told.

        A delta adds itself. A cumulative point adds what it tells beyond the one before it, all
        of it after a reset, and nothing where it comes late or again. It cannot be told of a
        gauge, of an event that is no metric, and of the first point of a series without a start.
        """
        told = event.attributes
        if event.kind is not Kind.METRIC or "series" not in told:
            return None
        value = float(told["value"])
        if told["temporality"] == "delta":
            return value
        if told["temporality"] != "cumulative":
            return None
        now = Standing(told.get("start", ""), told.get("claimed_time", event.time), value)
        before = self._standings.pop(told["series"], None)
        added, stays = _step(before, now)
        self._standings[told["series"]] = stays
        while len(self._standings) > _SERIES:
            del self._standings[next(iter(self._standings))]
        return added


def _step(before: Standing | None, now: Standing) -> tuple[float | None, Standing]:
    """Return what a point adds, and where its series stands after it."""
    if before is None:
        return (now.value if now.start else None), now
    if now.start < before.start or (now.start == before.start and now.time <= before.time):
        return 0.0, before
    if now.start > before.start or now.value < before.value:
        return now.value, now
    return now.value - before.value, now
