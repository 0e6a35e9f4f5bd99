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
from pawl.alerts.rule import Context, Fact, Rule, Thresholds, Watch
from pawl.base.errors import BadFile
from pawl.telemetry.event import Event, Kind

_ALL = frozenset(Kind)


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
        # Rules that ask for the same kinds are given the same facts.
        self._seers: dict[frozenset[Kind], list[Watch]] = {}
        for name, watch in self._watches.items():
            self._seers.setdefault(rules[name].kinds, []).append(watch)
        self._asked: dict[frozenset[Kind], list[Fact]] = {kinds: [] for kinds in self._seers}
        self._takers = {
            kind: tuple(
                asked.append
                for kinds, asked in self._asked.items()
                if kinds != _ALL and kind in kinds
            )
            for kind in Kind
        }
        self._now = float("-inf")
        self._facts = 0

    def see(self, events: Iterable[Event], now: str, *, live: bool = False) -> None:
        """Take a batch of events received at `now`, a canonical time.

        `live` says that each of them was received as it happened, however long ago that is: so
        the past is taken in as if it had been watched.
        """
        self._now = max(self._now, seconds(now))
        facts = self._intake.take(events, self._now, live=live)
        self._facts += len(facts)
        takers = self._takers
        for fact in facts:
            for take in takers[fact.event.kind]:
                take(fact)
        try:
            for kinds, watches in self._seers.items():
                asked = facts if kinds == _ALL else self._asked[kinds]
                if asked:
                    for watch in watches:
                        watch.see(asked)
        finally:
            for asked in self._asked.values():
                asked.clear()

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
