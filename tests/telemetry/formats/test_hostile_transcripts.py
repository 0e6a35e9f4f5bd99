"""No transcript, however broken or malicious, breaks a reader or forges a number."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pawl.telemetry.formats
from pawl.base.catalogue import discover
from pawl.telemetry.event import Event
from pawl.telemetry.format import Depth, Format
from pawl.telemetry.observation import Observation

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "agents"
FORMATS = discover(pawl.telemetry.formats, "FORMAT", Format)
SAMPLES = {
    "claude-code": ("claude", "transcripts/**/*.jsonl"),
    "codex": ("codex", "transcripts/**/*.jsonl"),
    "gemini-cli": ("gemini", "transcripts/**/*.jsonl"),
    "opencode": ("opencode", "*.stdout.json"),
}
CSV = ["2026-11-20T10:00:00Z,web,1.25", "2026-11-20,api,0.5", "timestamp,project,cost"]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["input_tokens", "assistant", "2026-11-20T10:00:00Z", "\ud83d", "0" * 400])
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@cache
def recorded(name: str) -> list[str]:
    """Return real lines of a format, at most 400."""
    if name == "cost-csv":
        return CSV
    folder, glob = SAMPLES[name]
    found: list[str] = []
    for path in sorted((FIXTURES / folder).rglob(glob)):
        text = path.read_text()
        found += [text] if path.suffix == ".json" else text.splitlines()
    return [line for line in found if len(line) < 60_000][:400]


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the place of every part of a JSON value."""
    parts: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value))
    found = [at]
    for key, part in parts:
        found += paths(part, (*at, key))
    return found


def planted(value: Any, at: tuple[Any, ...], alien: Any) -> Any:
    """Return a JSON value with one part replaced."""
    if not at:
        return alien
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = planted(value[at[0]], at[1:], alien)
    return copy


def check(event: Event | Observation) -> None:
    """Assert that what was read can be stored and billed."""
    for name in ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning"):
        told = getattr(event, name)
        assert told is None or (type(told) is int and 0 <= told < 1 << 53)
    assert len(event.time) == 27
    for name in ("id", "session_id", "model", "message_id", "request_id", "project"):
        text = getattr(event, name)
        assert text is None or text.encode()


def read(form: Format, content: bytes) -> None:
    """Read bytes at both depths, in one piece and from the state half-way."""
    for depth in (Depth(), Depth(everything=False)):
        reader = form.open("session-x.jsonl", depth, None)
        for event in reader.feed(content):
            check(event)
        again = form.open("session-x.jsonl", depth, reader.state())
        for event in again.feed(content):
            check(event)
        quick = form.open("session-x.jsonl", depth, None)
        for seen in quick.observe(content):
            check(seen)


@pytest.mark.parametrize("name", sorted(FORMATS))
@settings(max_examples=120)
@given(data=st.data())
def test_a_real_line_with_one_alien_part_is_read_or_skipped(name: str, data: st.DataObject) -> None:
    """Replacing any part of a recorded line by anything never raises and never forges a count."""
    line = data.draw(st.sampled_from(recorded(name)))
    if name == "cost-csv":
        cells = line.split(",")
        cells[data.draw(st.integers(0, 2))] = data.draw(st.text(max_size=30))
        content = ",".join(cells).encode("utf-8", "replace")
    else:
        value = json.loads(line)
        at = data.draw(st.sampled_from(paths(value)))
        content = json.dumps(planted(value, at, data.draw(anything))).encode()
    read(FORMATS[name], content.replace(b"\n", b" ") + b"\n")


@pytest.mark.parametrize("name", sorted(FORMATS))
@settings(max_examples=120)
@given(data=st.data())
def test_cut_and_spliced_bytes_are_read_or_skipped(name: str, data: st.DataObject) -> None:
    """Bytes of a real file cut, overwritten and run together never raise."""
    lines = data.draw(st.lists(st.sampled_from(recorded(name)), min_size=1, max_size=4))
    content = bytearray("\n".join(lines).encode())
    start = data.draw(st.integers(0, len(content)))
    stop = data.draw(st.integers(start, min(len(content), start + 2_000)))
    content[start:stop] = data.draw(st.binary(max_size=60))
    read(FORMATS[name], bytes(content) + b"\n")


def test_every_format_has_samples() -> None:
    """A new format joins the fuzz with recorded lines of its own."""
    assert set(FORMATS) == {*SAMPLES, "cost-csv"}
    for name in FORMATS:
        assert recorded(name)
