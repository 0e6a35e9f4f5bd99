"""A place to roll out to for tests: it holds parts, counts calls, and fails as it is told."""

import time
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from tests.changes.made_changes import manifest
from tests.services.made_desk import Made

from pawl.base.errors import BadValue
from pawl.changes.executing import Errand, NotExecuted, Order, Seen, numbers, seen_parts
from pawl.changes.manifest import Manifest
from pawl.changes.parts import Part
from pawl.changes.plan import Rollback, Rollout, Stage
from pawl.changes.stage_metrics import Side, stage_metrics
from pawl.services.carrying_out import Carrier
from pawl.services.rollout_turn import Ticked
from pawl.services.rollouts import Rollouts
from pawl.store.records.engine import Engine
from pawl.store.records.rollouts import RolloutRecords

GOOD = (Side(sessions=40, requests=200), Side(sessions=400, requests=2000))
BAD = (Side(sessions=40, requests=200, failed_requests=150), Side(sessions=400, requests=2000))
FEW = (Side(sessions=1, requests=3), Side(sessions=400, requests=2000))


class Place:
    """Somewhere that content is served. `broken` says why the next calls fail, `stuck` that they
    do nothing, `digests` that no whole part is read back."""

    timeout_s = 10.0

    def __init__(self, parts: dict[str, Part | None]) -> None:
        self.there = dict(parts)
        self.calls: list[Order] = []
        self.broken = ""
        self.final = False
        self.stuck = False
        self.digests = False
        self.before: Callable[[Order], None] = lambda order: None

    def call(self, order: Order) -> None:
        """Put the order's parts there."""
        self.calls.append(order)
        self.before(order)
        if self.broken:
            raise NotExecuted(self.broken, final=self.final)
        if not self.stuck:
            self.there.update(order.parts)

    def read_back(self, order: Order) -> Seen:
        """Return what is there."""
        if self.broken:
            raise NotExecuted(self.broken)
        seen = seen_parts({name: self.there.get(name) for name in order.components})
        return replace(seen, parts=None) if self.digests else seen

    @property
    def kinds(self) -> list[Errand]:
        """What was called, in order."""
        return [order.kind for order in self.calls]


class Seer:
    """Telemetry whose answers are set by the test; an exception in their place is raised."""

    def __init__(self) -> None:
        self.sides: Any = GOOD
        self.asked: list[tuple[tuple[str, str], tuple[str, str]]] = []

    def stage_sides(
        self, change: str, digest: str, window: tuple[str, str], base: tuple[str, str]
    ) -> tuple[Side, Side]:
        """Return what the test says."""
        self.asked.append((window, base))
        if isinstance(self.sides, Exception):
            raise self.sides
        found: tuple[Side, Side] = self.sides
        return found


class Rolling:
    """A desk, a place, telemetry, and what joins them."""

    def __init__(self, engine: Engine, **other: Any) -> None:
        self.made = Made(engine, **other)
        self.desk, self.clock = self.made.desk, self.made.clock
        self.records = RolloutRecords(engine)
        self.place = Place(manifest().base)
        self.seer = Seer()
        self.on_branch: dict[str, Part | None] = {}
        self.missing: set[str] = set()
        self.rollouts = self.another("here")

    def another(self, holder: str) -> Rollouts:
        """Return what another process with the same records has."""

        def executors(kind: str) -> Place:
            if kind in self.missing:
                raise BadValue(f"no executor {kind} is set up.")
            return self.place

        carrier = Carrier(
            self.records,
            executors,
            self.desk.get,
            now=self.clock,
            chance=lambda: 0.5,
            holder=holder,
            numbers=numbers(),
        )
        return Rollouts(
            self.desk,
            self.records,
            carrier,
            executors,
            self.seer,
            stage_metrics(),
            now=self.clock,
            is_gone=lambda who: who.startswith("dead"),
            branch=lambda names: {n: p for n, p in self.on_branch.items() if n in names},
        )

    def tick(self, *, hours: float = 0, **other: bool) -> Ticked:
        """Let time go by and tick once."""
        self.clock.wind(hours=hours)
        return self.rollouts.tick(**other)


def until(holds: Callable[[], bool], within_s: float = 20.0) -> bool:
    """Wait until something holds; False where it does not in all that time."""
    ends = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > ends:
            return False
        time.sleep(0.005)
    return True


def planned(automatic: bool = True, **other: Any) -> Manifest:
    """Return a change with two stages that is rolled back by command."""
    return manifest(
        rollout=Rollout(
            stages=(
                Stage(name="canary", exposure=0.1, hold_s=600, min_events=20),
                Stage(name="all", exposure=1.0, hold_s=600, min_events=20),
            ),
            automatic_rollback=automatic,
        ),
        rollback=Rollback(executor="command", timeout_s=3600 * 9),
        **other,
    )
