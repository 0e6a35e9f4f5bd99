"""Every recorded run of a real agent comes to what it really came to; see `recorded.txt`."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.runs.agents.recordings import AGENTS, RECORDINGS, play, spec, step, world

from pawl.base.errors import Refused


class Row(NamedTuple):
    """One row of the table."""

    case: str
    step: int
    outcome: str
    class_: str
    exit: int
    tokens: str
    reported: str
    read: str
    differs: str


def _rows() -> list[Row]:
    found = []
    for line in (Path(__file__).parent / "recorded.txt").read_text().splitlines():
        if not line.startswith("#"):
            case, number, outcome, class_, code, tokens, reported, read, *rest = line.split(None, 8)
            row = (class_, int(code), tokens, reported, read, "".join(rest))
            found.append(Row(case, int(number), outcome, *row))
    return found


ROWS = _rows()
EACH = pytest.mark.parametrize("row", ROWS, ids=[f"{row.case}#{row.step}" for row in ROWS])


def test_every_recorded_step_has_its_row() -> None:
    """No recording is left out of the table, and no row is without a recording."""
    recorded = set()
    for meta in RECORDINGS.glob("*/*/meta.json"):
        for told in json.loads(meta.read_text())["steps"]:
            recorded.add((f"{meta.parent.parent.name}/{meta.parent.name}", told["step"]))
    assert {(row.case, row.step) for row in ROWS} == recorded


@EACH
def test_recording_comes_to_what_it_came_to(row: Row) -> None:
    """Outcome, error class, exit code, tokens and reported cost are those in the table."""
    asked = step(row.case, row.step)
    if row.outcome == "refused":
        agent = AGENTS[asked.family]
        with pytest.raises(Refused):
            agent.prepare(spec(asked.command, agent.product), world())
        return
    stream = None
    if row.read != ".":
        case, _, number = row.read.partition("#")
        stream = step(case, int(number))
    played = play(asked, stream)
    found = played.conclusion
    code = asked.exit.code if asked.exit.signal is None else 128 + asked.exit.signal
    usage = played.metered.usage
    buckets = (
        usage.input,
        usage.cache_read,
        usage.cache_write_5m,
        usage.cache_write_1h,
        usage.output,
    )
    assert (
        str(found.outcome),
        found.error.class_ if found.error else "-",
        code,
        "/".join(map(str, buckets)) if played.metered.known else "?",
        "?" if found.reported_micros is None else str(found.reported_micros),
    ) == (row.outcome, row.class_, row.exit, row.tokens, row.reported)


@EACH
def test_user_gets_back_what_the_agent_would_have_printed(row: Row) -> None:
    """Where a format other than the stream was asked for, stdout is the same to the byte."""
    if row.outcome == "refused":
        return
    asked = step(row.case, row.step)
    stream = None
    if row.read != ".":
        case, _, number = row.read.partition("#")
        stream = step(case, int(number))
    played = play(asked, stream)
    if played.launch.verbatim:
        assert played.conclusion.handback is None
    else:
        assert played.conclusion.handback == asked.stdout


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.tokens != "?"], ids=lambda row: f"{row.case}#{row.step}"
)
def test_tokens_are_those_the_model_server_told(row: Row) -> None:
    """The tokens in the table are what the server of the recording said, but for known reasons."""
    folder = RECORDINGS / row.case
    if len(json.loads((folder / "meta.json").read_text())["steps"]) > 1:
        return  # The server's log does not say which step asked; the rows were added by hand.
    totals = [0] * 5
    if not (folder / "requests.jsonl").exists():
        assert row.tokens == "0/0/0/0/0"  # Nothing reached the server.
        return
    for line in (folder / "requests.jsonl").read_text().splitlines():
        told = json.loads(line).get("usage") or {}
        for index, name in enumerate(
            ("input", "cache_read", "cache_write", "cache_write_1h", "output")
        ):
            totals[index] += told.get(name) or 0
    assert (row.tokens == "/".join(map(str, totals))) == (not row.differs)
