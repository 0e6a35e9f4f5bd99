"""Kill whoever carries rollouts out, at random moments: each is called, takes effect once, ends."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.changes.made_changes import manifest
from tests.services.made_desk import Clock, Made

from pawl.changes.change import Change, State
from pawl.changes.executing import Errand, Progress
from pawl.changes.parts import Prompt
from pawl.changes.plan import Rollback, Rollout, Stage
from pawl.store.records.check import check
from pawl.store.records.engine import open_records
from pawl.store.records.rollouts import RolloutRecords
from pawl.world.clock import now

CHILD = Path(__file__).with_name("rollout_child.py")
ROOT = Path(__file__).resolve().parents[2]
SEED = int(os.environ.get("PAWL_KILL_SEED", "6"))
_PUT = """
import fcntl, json, os, sys, time
order = json.load(sys.stdin)
open("calls", "a").write(order["id"] + chr(10))
time.sleep(0.05)
with open("lock", "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    state = json.load(open("state")) if os.path.exists("state") else {}
    name = order["components"][0]
    known = state.get(name, {"sequence": 0, "intents": []})
    # A call that was made before does nothing, and nor does one that is older than the last.
    if order["id"] not in known["intents"] and order["sequence"] > known["sequence"]:
        known["part"] = order["parts"][name]
        known["sequence"] = order["sequence"]
        known["intents"].append(order["id"])
        open("effects", "a").write(order["id"] + chr(10))
    state[name] = known
    open("state.new", "w").write(json.dumps(state))
    os.replace("state.new", "state")
"""
_GET = """
import json, os, sys
order = json.load(sys.stdin)
state = json.load(open("state")) if os.path.exists("state") else {}
print(json.dumps({"parts": {n: state.get(n, {}).get("part") for n in order["components"]}}))
"""


def begun(folder: Path, count: int) -> list[Change]:
    """Start so many changes, each of a prompt of its own; what is done is in the data folder."""
    for name, text in (("put", _PUT), ("get", _GET)):
        path = folder / name
        path.write_text(f"#!{sys.executable} -S\n{text}")
        path.chmod(0o755)
    (folder / "pawl.toml").write_text(
        "[changes.executors.command]\n"
        f'argv = ["{folder}/put"]\nread_back = ["{folder}/get"]\ntimeout = "20s"\n'
    )
    engine = open_records(folder)
    made = Made(engine, Clock(now()))
    started = []
    for number in range(count):
        component = f"prompt/p{number}"
        plan = manifest(
            title=f"Change {number}",
            parts={component: Prompt(text=f"new {number}")},
            base={component: None},
            rollout=Rollout(
                stages=(Stage(name="canary", exposure=0.1), Stage(name="all", exposure=1.0)),
            ),
            rollback=Rollback(executor="command", timeout_s=600),
        )
        started.append(made.started(plan))
    engine.dispose()
    return started


@pytest.mark.parametrize(
    ("count", "kills"), [pytest.param(40, 60, marks=pytest.mark.heavy), (4, 5)]
)
def test_kill_9_leaves_no_half_transition(tmp_path: Path, count: int, kills: int) -> None:
    """After the kills half of the changes are live and half are back, as telemetry said.

    Each intent was called at least once and took effect once; records are what the ledger makes,
    and no command was left running. PAWL_KILL_SEED names another seed.
    """
    started = begun(tmp_path, count)
    chance = random.Random(SEED)
    complaints: list[bytes] = []
    process = child(tmp_path)
    try:
        for _ in range(kills):
            time.sleep(chance.uniform(0.3, 1.2))
            process.kill()
            complaints.append(process.communicate()[1])
            process = child(tmp_path)
        ended = until_all_have_ended(tmp_path, started)
    finally:
        process.kill()
        complaints.append(process.communicate()[1])
    assert {state for identity, state in ended.items() if int(identity[-1]) % 2} <= {
        State.ROLLED_BACK
    }
    assert {state for identity, state in ended.items() if not int(identity[-1]) % 2} <= {State.LIVE}
    assert [each for each in complaints if each] == []
    engine = open_records(tmp_path)
    report = check(engine, replay=True)
    intents = [i for each in started for i in RolloutRecords(engine).of(each.id)]
    engine.dispose()
    assert report.intact, report.difference
    assert {intent.state for intent in intents} == {Progress.CONFIRMED}
    assert Counter(i.kind for i in intents if int(i.change_id[-1]) % 2) == Counter(
        {
            kind: sum(int(each.id[-1]) % 2 for each in started)
            for kind in (Errand.START, Errand.ROLLBACK)
        }
    )
    called = Counter((tmp_path / "calls").read_text().split())
    effects = Counter((tmp_path / "effects").read_text().split())
    assert called.keys() == {intent.id for intent in intents}
    assert effects == Counter(dict.fromkeys(called, 1)), "an intent took effect twice, or never"
    state = json.loads((tmp_path / "state").read_text())
    for change in started:
        (component,) = change.manifest.parts
        live = ended[change.id] is State.LIVE
        assert (state[component]["part"] is not None) == live


def child(folder: Path) -> "subprocess.Popen[bytes]":
    """Start a process that looks after the rollouts."""
    path = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    return subprocess.Popen(
        [sys.executable, str(CHILD), str(folder)],
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.PIPE,
    )


def until_all_have_ended(folder: Path, started: list[Change]) -> dict[str, State]:
    """Return how each ended."""
    engine = open_records(folder)
    desk = Made(engine).desk
    try:
        for _ in range(12_000):
            found = {each.id: desk.get(each.id).state for each in started}
            if not set(found.values()) - {State.LIVE, State.ROLLED_BACK}:
                return found
            time.sleep(0.01)
        raise AssertionError(f"not all have ended: {Counter(found.values())}")
    finally:
        engine.dispose()
