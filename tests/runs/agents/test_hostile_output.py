"""Whatever an agent prints, its reader neither fails nor grows without bound."""

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.runs.agents.recordings import NOW, RECORDINGS, price, spec, world

from pawl.runs.agent import Agent, Exit, Reader
from pawl.runs.agents import claude_code, codex, gemini_cli, generic, opencode
from pawl.runs.meter import Meter
from pawl.telemetry.event import Event

STARTS: list[tuple[Agent, tuple[str, ...]]] = [
    (claude_code.AGENT, ("claude", "-p", "hi")),
    (claude_code.AGENT, ("claude", "-p", "hi", "--output-format", "json", "--verbose")),
    (codex.AGENT, ("codex", "exec", "--output-schema", "s", "hi")),
    (gemini_cli.AGENT, ("gemini", "-p", "hi")),
    (gemini_cli.AGENT, ("gemini", "-p", "hi", "-o", "json")),
    (opencode.AGENT, ("opencode", "run", "hi")),
    (generic.AGENT, ("./agent",)),
]
EACH = pytest.mark.parametrize(("agent", "command"), STARTS, ids=lambda v: str(v)[:40])
OUTCOMES = {"succeeded", "agent_failed", "unreadable", "interrupted"}

SCALAR = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from([-1, 2**63, 1e300, "Agent", "stop", "<synthetic>", "2.1.300"])
)


def _reader(agent: Agent, command: tuple[str, ...]) -> Reader:
    run = spec(command, agent.product)
    return agent.reader(run, agent.prepare(run, world()))


def _check(reader: Reader, events: list[Event], ended: Exit) -> None:
    meter = Meter(price)
    for event in events:
        meter.see(event)
        assert all(count >= 0 for count in (event.input or 0, event.output or 0))
    meter.metered()
    assert str(reader.conclude(ended).outcome) in OUTCOMES


@EACH
@settings(max_examples=40)
@given(st.lists(st.binary(max_size=60)), st.integers(-1, 255))
def test_bytes(agent: Agent, command: tuple[str, ...], lines: list[bytes], code: int) -> None:
    """Random bytes are no events, and no success."""
    reader = _reader(agent, command)
    events = [event for line in lines for event in reader.feed(line, NOW)]
    _check(reader, events, Exit(code=code, signal=None))


def _samples() -> dict[str, list[dict[str, Any]]]:
    """Return, for each product, one recorded line of each shape."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for path in sorted(RECORDINGS.glob("*/*/*stdout.json*")):
        shapes = found.setdefault(path.parts[-3], {})
        for line in path.read_bytes().splitlines():
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                inner = [value.get(key) for key in ("event", "part", "item")]
                kinds = [each.get("type") for each in inner if isinstance(each, dict)]
                shapes.setdefault(str((value.get("type"), value.get("subtype"), kinds)), value)
    return {family: list(shapes.values()) for family, shapes in found.items()}


SAMPLES = _samples()
FAMILY = {
    "claude-code": "claude",
    "codex": "codex",
    "gemini-cli": "gemini",
    "opencode": "opencode",
    "generic": "codex",
}


def _mutated(data: st.DataObject, value: Any, depth: int = 0) -> Any:
    """Return a recorded value with some of its parts replaced, dropped or of another type."""
    if depth > 3 or data.draw(st.integers(0, 9)) == 0:
        return data.draw(SCALAR | st.lists(SCALAR, max_size=3))
    if isinstance(value, dict):
        keys = list(value)
        chosen = set(data.draw(st.lists(st.sampled_from(keys), max_size=3))) if keys else set()
        return {k: _mutated(data, v, depth + 1) if k in chosen else v for k, v in value.items()}
    if isinstance(value, list) and value:
        return [_mutated(data, value[0], depth + 1), *value[1:]]
    return value


@EACH
@settings(max_examples=150)
@given(data=st.data())
def test_recorded_lines_gone_wrong(
    agent: Agent, command: tuple[str, ...], data: st.DataObject
) -> None:
    """Real lines with parts missing or of the wrong type are read without a failure."""
    reader = _reader(agent, command)
    events = []
    for sample in data.draw(st.lists(st.sampled_from(SAMPLES[FAMILY[agent.product]]), max_size=8)):
        line = json.dumps(_mutated(data, sample)).encode("utf-8", "surrogatepass")
        events += reader.feed(line, NOW)
    _check(reader, events, Exit(code=data.draw(st.sampled_from([0, 1, 143])), signal=None))


@EACH
def test_nesting_without_bottom(agent: Agent, command: tuple[str, ...]) -> None:
    """A line nested beyond any sense is unreadable, not a crash."""
    reader = _reader(agent, command)
    deep = b'{"type":"assistant","message":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001
    assert reader.feed(deep, NOW) == []
    assert reader.feed(b"[" * 100_000, NOW) == []
    _check(reader, [], Exit(code=0, signal=None))


@EACH
def test_giant_line(agent: Agent, command: tuple[str, ...]) -> None:
    """A line larger than is read at all is counted and left."""
    reader = _reader(agent, command)
    assert reader.feed(b'{"type":"' + b"x" * (33 * 1024 * 1024) + b'"}', NOW) == []


@EACH
def test_memory_is_bounded(agent: Agent, command: tuple[str, ...]) -> None:
    """Many lines of every shape leave little behind; what is kept to be printed has a bound."""
    reader = _reader(agent, command)
    samples = [
        json.dumps(value).encode()
        for value in SAMPLES[FAMILY[agent.product]]
        if value.get("type") not in ("system", "user")
    ]
    tracemalloc.start()
    for number in range(200):
        for line in samples:
            reader.feed(line.replace(b"msg_", b"msg_%d_" % number), NOW)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 24 * 1024 * 1024
