"""Kill -9 of Pawl at any moment: what the user saw is kept, once, and the next start says so."""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from pawl.runs.record import Outcome
from pawl.store.records.check import check
from pawl.store.records.engine import open_records
from pawl.store.records.runs import RunRecords
from pawl.store.spool import read_segment, segments
from pawl.telemetry.event import Kind

AGENT = """#!{python} -IS
import os, time
line = '{{"type":"assistant","session_id":"s","request_id":"%s","message":{{"id":"m-%s",' \\
    '"model":"claude-sonnet-4-5","content":[{{"type":"text","text":"hi"}}],' \\
    '"usage":{{"input_tokens":1,"output_tokens":1}}}}}}\\n'
for number in range(60):
    name = "%s-%d" % (os.environ["NAME"], number)
    os.write(1, (line % (name, name)).encode())
    time.sleep(0.004)
os.write(1, b'{{"type":"result","subtype":"success","is_error":false,"result":"done"}}\\n')
"""


def crash(agent: Path, data: Path, number: int, whole_s: float) -> list[str]:
    """Run, kill at a moment of its own within a whole run, return the requests passed on."""
    command = (sys.executable, "-m", "pawl", "--data", str(data), "run", "--stream", "--")
    with subprocess.Popen(
        (*command, str(agent), "-p", "x"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "NAME": f"r{number}"},
        cwd=agent.parent,
    ) as process:
        time.sleep((0.1 + random.Random(number).random()) * whole_s)
        process.send_signal(signal.SIGKILL)
        stdout, _ = process.communicate(timeout=30)
    # A killed writer may leave half a line in the pipe: the user saw no answer in it.
    lines = stdout.split(b"\n")[:-1]
    told = [msgspec.json.decode(line) for line in lines]
    return [line["request_id"] for line in told if line["type"] == "assistant"]


def a_whole_run(agent: Path, data: Path) -> float:
    """Return the seconds that a run takes which nobody kills."""
    began = time.monotonic()
    subprocess.run(
        (*(sys.executable, "-m", "pawl", "--data", str(data)), "run", "--", str(agent), "-p", "x"),
        env={**os.environ, "NAME": "whole"},
        cwd=agent.parent,
        capture_output=True,
        check=True,
    )
    return time.monotonic() - began


def play(root: Path, moments: int) -> None:
    agent, data = root / "claude", root / "data"
    agent.write_text(AGENT.format(python=sys.executable))
    agent.chmod(0o755)
    with ThreadPoolExecutor(3) as pool:
        # How long a run takes is measured as the runs are, three at a time: a crowded machine
        # would else be killed before it had said anything.
        whole_s = max(pool.map(lambda _: a_whole_run(agent, root / "other"), range(3)))
        seen = list(pool.map(lambda n: crash(agent, data, n, whole_s), range(moments)))
    assert sum(map(len, seen)) > 0, "no moment was late enough to see anything"
    subprocess.run(
        (sys.executable, "-m", "pawl", "--data", str(data), "run", "--", "true"), check=True
    )
    events = [e for part in segments(data / "spool") for e in read_segment(part.path).events]
    kept = {event.request_id for event in events if event.kind is Kind.REQUEST}
    assert {request for requests in seen for request in requests} <= kept
    # An ending may be told again by whoever puts the run in order: the same ending, by one id.
    facts = {(event.id, event.outcome) for event in events}
    assert len(facts) == len({event.id for event in events})
    others = [event.id for event in events if event.kind is not Kind.RUN_ENDED]
    assert len(others) == len(set(others))
    engine = open_records(data)
    try:
        records = RunRecords(engine)
        started = {event.run_id for event in events if event.kind is Kind.RUN_STARTED}
        known = {run.run_id: run.outcome for run in records.recent(1000)}
        assert started <= known.keys()
        # A death before the first event is a run that never began: recorded, as interrupted.
        assert {known[run_id] for run_id in known.keys() - started} <= {Outcome.INTERRUPTED}
        assert records.unfinished() == []
        assert check(engine, replay=True).intact
    finally:
        engine.dispose()


def test_ten_moments(tmp_path: Path) -> None:
    """Ten seeded moments: every answer that was passed on is in the spool, once."""
    play(tmp_path, 10)


@pytest.mark.heavy
def test_a_hundred_moments(tmp_path: Path) -> None:
    """A hundred moments of a run's life, from its start to after its end."""
    play(tmp_path, 100)
