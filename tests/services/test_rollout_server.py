"""Rollouts while a server runs: each piece of work by itself, one server at a time."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.made_desk import ANN, change
from tests.services.made_rollouts import Rolling, planned, until

from pawl.changes.change import State
from pawl.changes.executing import Order, numbers
from pawl.changes.manifest import manifest_digest
from pawl.changes.parts import Prompt
from pawl.services.rollout_server import AT_ONCE, RolloutServer
from pawl.store.records.engine import open_records
from pawl.store.records.timers import TimerRecords


@pytest.fixture
def rolling(tmp_path: Path) -> Iterator[Rolling]:
    """A desk on records of its own."""
    engine = open_records(tmp_path)
    yield Rolling(engine)
    engine.dispose()


def server(rolling: Rolling, holder: str = "here") -> RolloutServer:
    """Return a server's part, which is not started."""
    return RolloutServer(
        rolling.another(holder),
        TimerRecords(rolling.made.engine),
        now=rolling.clock,
        holder=holder,
        numbers=numbers(),
    )


def looked(server: RolloutServer, rolling: Rolling) -> bool:
    """Look some seconds later and wait for all that was begun."""
    rolling.clock.wind(seconds=6)
    took = server.look()
    assert server.wait(20)
    return took


def test_a_slow_deployment_holds_up_nobody_s_way_back(rolling: Rolling) -> None:
    """While one is being called another goes back, and is not begun a second time meanwhile."""
    slow, free = threading.Event(), threading.Event()
    first = rolling.made.started(planned())
    one = server(rolling)
    looked(one, rolling)
    other = planned(
        parts={"prompt/other": Prompt(text="b")}, base={"prompt/other": Prompt(text="a")}
    )
    second = rolling.made.started(other)
    assert manifest_digest(other) == second.digest

    def before(order: Order) -> None:
        if order.change == second.id:
            slow.set()
            assert free.wait(20)

    rolling.place.before = before
    rolling.clock.wind(seconds=6)
    one.look()
    assert slow.wait(20)
    change(rolling.desk.roll_back(first.id, "Back.", ANN))
    for _ in range(2):
        rolling.clock.wind(seconds=6)
        one.look()
        assert until(lambda: len(one._busy) <= 1)
    assert rolling.desk.get(first.id).state is State.ROLLED_BACK
    free.set()
    assert one.wait(20)
    assert [order.change for order in rolling.place.calls].count(second.id) == 1


def test_many_slow_deployments_hold_up_nobody_s_way_back(rolling: Rolling) -> None:
    """However many are called and do not answer, what goes back is begun with the next look."""
    free = threading.Event()
    first = rolling.made.started(planned())
    one = server(rolling)
    looked(one, rolling)
    slow = []
    for number in range(AT_ONCE + 2):
        name = f"prompt/other-{number}"
        content = planned(
            parts={name: Prompt(text=f"b{number}")}, base={name: Prompt(text=f"a{number}")}
        )
        slow.append(rolling.made.started(content).id)
    rolling.place.before = lambda order: None if order.change not in slow else wait(free)
    try:
        rolling.clock.wind(seconds=6)
        one.look()
        assert until(lambda: sum(order.change in slow for order in rolling.place.calls) == AT_ONCE)
        change(rolling.desk.roll_back(first.id, "Back.", ANN))
        for _ in range(2):
            rolling.clock.wind(seconds=6)
            one.look()
            assert until(lambda: len(one._busy) <= AT_ONCE)
        assert rolling.desk.get(first.id).state is State.ROLLED_BACK
    finally:
        free.set()
    assert one.wait(20)


def wait(free: threading.Event) -> None:
    """Wait until a test lets go."""
    assert free.wait(20)


def test_one_server_looks_and_another_takes_over(rolling: Rolling) -> None:
    """The second stands by until the first has not looked for a while."""
    one, two = server(rolling, "one"), server(rolling, "two")
    assert looked(one, rolling)
    assert not looked(two, rolling)
    rolling.clock.wind(seconds=numbers().stale_s)
    assert looked(two, rolling)
    assert not looked(one, rolling)


def test_a_server_that_runs_brings_a_change_out(rolling: Rolling) -> None:
    """Started, it looks by itself; stopped, it lets the timer go, and nothing is in trouble."""
    known = rolling.made.started(planned())
    one = server(rolling)
    one.start()
    try:
        assert until(lambda: rolling.place.there == dict(known.manifest.parts))
        assert one.trouble == ""
    finally:
        one.stop()
    assert looked(server(rolling, "two"), rolling)


def test_nobody_looking_is_told(rolling: Rolling) -> None:
    """A ticker whose heart has stopped is told, so that somebody looks before a rollout does."""
    one = server(rolling)
    one.start()
    try:
        assert until(lambda: bool(TimerRecords(rolling.made.engine).heartbeats()))
        rolling.clock.wind(hours=1)
        assert "nobody has looked" in one.trouble
    finally:
        one.stop()
