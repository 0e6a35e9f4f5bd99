"""The watch waits for everything at once, and for nothing that blocks."""

import os
import signal
from collections.abc import Iterator

import pytest

from pawl.runs.outside import Chunk, Closed, Signalled
from pawl.world import watch as watch_module
from pawl.world.signals import Signals
from pawl.world.watch import MAX_KEPT_BYTES, Watch


@pytest.fixture
def watch() -> Iterator[Watch]:
    """A watch in a process whose handlers come back afterwards."""
    before = {number: signal.getsignal(number) for number in (1, 2, 15)}
    with Signals() as signals, Watch(signals) as made:
        yield made
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def pipes() -> Iterator[tuple[int, int, int]]:
    """The reading ends of an agent's stdout and stderr, and where the agent writes stdout."""
    (out, agent), (err, other) = os.pipe(), os.pipe()
    for fd in (out, err):
        os.set_blocking(fd, False)
    yield out, err, agent
    for fd in (out, err, agent, other):
        os.close(fd)


def test_waking_ends_a_wait_once_with_nothing(watch: Watch) -> None:
    """Whoever wakes the watch is heard even before it waits, and leaves no happening."""
    watch.wake()
    watch.wake()
    assert watch.wait(None) == []
    os.kill(os.getpid(), signal.SIGTERM)
    assert watch.wait(None) == [Signalled(15)]


def test_waking_without_anybody_listening_never_blocks(watch: Watch) -> None:
    """However often it is woken unheard, nobody waits and signals are still told apart."""
    for _ in range(5000):
        watch.wake()
    for _ in range(3):
        assert watch.wait(0.0) == []
    os.kill(os.getpid(), signal.SIGINT)
    assert watch.wait(None) == [Signalled(2)]


def test_the_agent_is_not_read_while_too_much_waits_for_the_disk(
    watch: Watch, pipes: tuple[int, int, int]
) -> None:
    """Signals are heard meanwhile, and reading goes on as soon as the disk has come after."""
    out, err, agent = pipes
    watch.read_from(out, err)
    os.write(agent, b"one")
    watch.hold_back(MAX_KEPT_BYTES + 1)
    assert watch.congested
    os.kill(os.getpid(), signal.SIGTERM)
    assert watch.wait(None) == [Signalled(15)]
    watch.hold_back(0)
    assert watch.wait(None) == [Chunk("stdout", b"one")]
    assert not watch.congested


def test_an_outlet_that_is_ready_takes_bytes_at_once() -> None:
    """Bytes go out when they are put where there is room, and in order where there is none."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    outlet = watch_module._Outlet(writer)
    outlet.put(b"one")
    assert (os.read(reader, 100), outlet.size) == (b"one", 0)
    outlet.put(b"x" * 5000)
    assert outlet.size == 5000 - 4096
    outlet.put(b"y")
    outlet.flush()
    assert os.read(reader, 10000) == b"x" * 5000 + b"y"
    os.close(reader)
    outlet.put(b"nobody")
    assert (outlet.size, outlet.take_gone()) == (0, True)
    os.close(writer)


def test_a_full_pipe_never_makes_us_wait() -> None:
    """What a slow reader does not take is kept until it does."""
    reader, writer = os.pipe()
    outlet = watch_module._Outlet(writer)
    for _ in range(1000):
        outlet.put(b"z" * 4096)
        if outlet.waits:
            break
    assert outlet.waits
    os.read(reader, 4096)
    os.close(reader)
    os.close(writer)


def test_closing_is_told(watch: Watch, pipes: tuple[int, int, int]) -> None:
    """The end of a stream is told once; the other goes on."""
    reader, writer = os.pipe()
    watch.read_from(reader, pipes[1])
    os.close(writer)
    assert watch.wait(None) == [Closed("stdout")]
    assert watch.reading
    os.close(reader)
