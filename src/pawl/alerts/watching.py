"""All rules at work: events in, readings out. The one thing the shell feeds.

    watching = Watching(rules, thresholds, price=prices.price)
    watching.see(events, now)      # as they come, in batches; `now` is a canonical time
    readings = watching.look(now)  # at every tick

Time never goes back: an instant before the latest one counts as the latest. The fold is
deterministic: the same batches and ticks give the same readings. Within a batch the order of the
events changes nothing, and an event that comes again changes nothing.
"""

from collections.abc import Iterable, Mapping

import msgspec

from pawl.alerts.instants import instant, seconds
from pawl.alerts.intake import REMEMBERED, Intake
from pawl.alerts.objectives import Objective
from pawl.alerts.reading import Reading
from pawl.alerts.requests import Price
from pawl.alerts.rule import Context, Rule, Thresholds, Watch
from pawl.base.errors import BadFile
from pawl.telemetry.event import Event, Kind


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What came in so far: facts, events passed over and why, scopes forgotten by rule."""

    facts: int
    repeated: int
    ahead: int
    unreadable: int
    passed_over: int
    forgotten: dict[str, int]


class Watching:
    """A fold over events by several rules. Not for several threads at once."""

    def __init__(
        self,
        rules: Mapping[str, Rule],
        thresholds: Mapping[str, Thresholds],
        *,
        price: Price | None = None,
        objectives: Iterable[Objective] = (),
        remembered: int = REMEMBERED,
    ) -> None:
        promised = tuple(objectives)
        self._intake = Intake(price, remembered)
        self._watches: dict[str, Watch] = {
            name: rules[name].start(
                Context(rule=name, thresholds=thresholds[name], objectives=promised)
            )
            for name in sorted(rules)
        }
        self._seers = {
            kind: tuple(
                watch.see for name, watch in self._watches.items() if kind in rules[name].kinds
            )
            for kind in Kind
        }
        self._now = float("-inf")
        self._facts = 0

    def see(self, events: Iterable[Event], now: str) -> None:
        """Take a batch of events received at `now`, a canonical time."""
        self._now = max(self._now, seconds(now))
        facts = self._intake.take(events, self._now)
        self._facts += len(facts)
        seers = self._seers
        for fact in facts:
            for see in seers[fact.event.kind]:
                see(fact)

    def look(self, now: str) -> tuple[Reading, ...]:
        """Return what all rules read off at `now`, in the order of their names and scopes."""
        self._now = max(self._now, seconds(now))
        found: list[Reading] = []
        for watch in self._watches.values():
            found += sorted(watch.look(self._now), key=_by_key)
        return tuple(found)

    @property
    def now(self) -> str:
        """The latest instant it was told of."""
        return instant(self._now)

    @property
    def taken(self) -> Taken:
        """What came in so far."""
        intake = self._intake
        return Taken(
            facts=self._facts,
            repeated=intake.repeated,
            ahead=intake.ahead,
            unreadable=intake.unreadable,
            passed_over=intake.requests.passed_over,
            forgotten={
                name: watch.forgotten for name, watch in self._watches.items() if watch.forgotten
            },
        )


def chosen(rules: Mapping[str, Rule], off: Iterable[str] = ()) -> dict[str, Rule]:
    """Return the rules that are not switched off; raises BadFile for one that nobody has."""
    silent = set(off)
    unknown = sorted(silent - set(rules))
    if unknown:
        raise BadFile(
            f"no rule is called {unknown[0]!r}.",
            place="pawl.toml: alerts.off",
            hint=f"There are: {', '.join(sorted(rules))}.",
        )
    return {name: rule for name, rule in rules.items() if name not in silent}


def _by_key(reading: Reading) -> tuple[object, ...]:
    return (reading.scope, reading.level.value)
