"""Kill -9 of a batch at random moments: each item ends with one result, nothing is left."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pawl.store.records.check import check
from pawl.store.records.engine import open_records
from pawl.store.records.runs import RunRecords

SEED = 20_261_121
CAP_MICROS = 50_000
AGENT = """#!{python} -IS
import fcntl, os, subprocess, sys, time
item = sys.argv[sys.argv.index("-p") + 1]
held = open("%s.%s" % ({log!r}, item), "w")
try:
    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    item = "beside itself"
subprocess.Popen(["sleep", "300"], start_new_session=True)  # Hides itself as well as it can.
with open({log!r}, "a") as log:
    log.write(item + "\\n")
answer = '{{"type":"assistant","session_id":"s","request_id":"%s","message":{{"id":"m-%s",' \\
    '"model":"claude-sonnet-4-5","content":[{{"type":"text","text":"hi"}}],' \\
    '"usage":{{"input_tokens":100,"output_tokens":10}}}}}}\\n'
time.sleep(1.5 if item in {slow!r} else 0.0)
for number in range(5):
    name = "%s-%d-%d" % (item, number, os.getpid())
    os.write(1, (answer % (name, name)).encode())
    time.sleep(0.02)
result = '{{"type":"result","subtype":"success","is_error":false,"result":"did %s"}}\\n'
os.write(1, (result % item).encode())
"""


class Scene:
    """A folder with items, an agent that stands in for Claude Code, and the batch over both."""

    def __init__(self, root: Path, items: int) -> None:
        self.root, self.data, self.items = root, root / "data", items
        self.out = root / "out.ndjson"
        self.log = root / "started.log"
        self.agent = root / "claude"
        # Some are at work for longer than a batch takes to come back.
        slow = {f"n{n}" for n in range(0, items, 6)}
        text = AGENT.format(python=sys.executable, log=str(self.log), slow=slow)
        self.agent.write_text(text)
        self.agent.chmod(0o755)
        self.mark = f"scene-{os.getpid()}-{root.name}"
        file = root / "items.ndjson"
        file.write_text("".join(f'{{"id":"n{n}"}}\n' for n in range(items)))

    @contextmanager
    def batch(self, *more: str) -> Iterator["subprocess.Popen[bytes]"]:
        """Start the batch, or go on with it."""
        command = (
            *(sys.executable, "-P", "-m", "pawl", "--data", str(self.data), "batch"),
            *("items.ndjson", "--out", str(self.out), "--jobs", "4", "--json"),
            *("--max-usd", "100", "--max-usd-per-item", "0.05", "--grace", "1s", *more),
            *("--", str(self.agent), "-p", "{item}"),
        )
        with subprocess.Popen(
            command,
            cwd=self.root,
            env={**os.environ, "SCENE": self.mark},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def results(self) -> list[dict[str, Any]]:
        """The whole result lines there are."""
        try:
            whole = self.out.read_bytes().rpartition(b"\n")[0]
        except FileNotFoundError:
            return []
        return [msgspec.json.decode(line) for line in whole.split(b"\n") if line]

    def finish(self, *more: str) -> dict[str, Any]:
        """Go on to the end and return the summary."""
        with self.batch(*more) as process:
            stdout, stderr = process.communicate(timeout=300)
        assert process.returncode == 0, stderr.decode()
        found = msgspec.json.decode(stdout)
        assert isinstance(found, dict)
        return found

    def living(self) -> list[int]:
        """Processes that have the scene's mark in their environment."""
        found = []
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                environment = Path(f"/proc/{name}/environ").read_bytes()
                state = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if f"SCENE={self.mark}".encode() in environment.split(b"\0") and state != "Z":
                found.append(int(name))
        return found

    def supervisors(self) -> list[int]:
        """The `pawl run` processes of the batch."""
        found = []
        for pid in self.living():
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"--run-id" in words:
                found.append(pid)
        return found

    def wait_for(self, results: int) -> None:
        """Wait until so many items have their result."""
        until = time.monotonic() + 120
        while len(self.results()) < results:
            assert time.monotonic() < until, "the batch does not come on"
            time.sleep(0.01)

    def check(self, summary: dict[str, Any]) -> None:
        """One result an item, nothing living, the ledger whole, all money counted."""
        results = self.results()
        assert sorted(each["item"] for each in results) == sorted(
            f"n{n}" for n in range(self.items)
        )
        assert {each["answer"] for each in results} == {f"did n{n}" for n in range(self.items)}
        assert summary["items"] == summary["succeeded"] == self.items
        assert summary["left"] == 0
        assert self.living() == []
        starts = self.log.read_text().splitlines()
        assert set(starts) == {f"n{n}" for n in range(self.items)}, "an agent ran beside itself"
        assert list((self.out.parent / "out.ndjson.batch" / "runs").iterdir()) == []
        engine = open_records(self.data)
        try:
            records = RunRecords(engine)
            assert records.unfinished() == []
            runs = {run.run_id: run for run in records.recent(10_000)}
            assert check(engine, replay=True).intact
        finally:
            engine.dispose()
        assert {each["run_id"] for each in results} <= runs.keys()
        # What undone attempts are known to have cost counts beside what the results did.
        known = sum(run.cost_micros or 0 for run in runs.values())
        assert summary["charged_micros"] >= known


def interrupted_at(scene: Scene, chance: random.Random, kills: int) -> None:
    """Kill the batch so many times, each time a while after some more results; now and then
    together with its supervisors, as a machine that loses power would."""
    for _ in range(kills):
        with scene.batch() as process:
            scene.wait_for(len(scene.results()) + chance.randint(1, scene.items // (kills + 2)))
            time.sleep(chance.uniform(0.0, 0.3))
            doomed = scene.supervisors() if chance.random() < 0.5 else []
            process.send_signal(signal.SIGKILL)
            for pid in doomed:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()


def test_a_batch_that_is_killed_goes_on(tmp_path: Path) -> None:
    """A batch of a few items is killed once and ends with one result an item."""
    scene = Scene(tmp_path, 8)
    interrupted_at(scene, random.Random(SEED), 1)
    scene.check(scene.finish())


def test_a_killed_supervisor_leaves_nothing(tmp_path: Path) -> None:
    """With no try and no other run to come, the batch itself ends and settles what was left."""
    scene = Scene(tmp_path, 1)
    with scene.batch() as process:
        while not scene.log.exists():
            assert process.poll() is None
            time.sleep(0.01)
        (supervisor,) = scene.supervisors()
        os.kill(supervisor, signal.SIGKILL)
        process.communicate(timeout=60)
    assert process.returncode == 3
    (result,) = scene.results()
    assert (result["outcome"], result["cost_micros"]) == ("interrupted", None)
    assert result["charged_micros"] == CAP_MICROS
    assert scene.living() == []
    engine = open_records(scene.data)
    try:
        assert RunRecords(engine).unfinished() == []
    finally:
        engine.dispose()


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(3))
def test_a_hundred_items_and_three_kills(tmp_path: Path, seed: int) -> None:
    """A hundred items, killed three times at random moments: exactly a hundred results."""
    scene = Scene(tmp_path, 100)
    interrupted_at(scene, random.Random(SEED + seed), 3)
    scene.check(scene.finish())


@pytest.mark.heavy
def test_killed_supervisors_are_tried_again(tmp_path: Path) -> None:
    """Supervisors are killed alone: the batch tries their items again and leaves nothing."""
    scene = Scene(tmp_path, 30)
    chance = random.Random(SEED)
    killed = 0
    with scene.batch("--retries", "5") as process:
        while process.poll() is None and killed < 6:
            for pid in scene.supervisors()[:1]:
                time.sleep(chance.uniform(0.0, 0.4))
                try:
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
                except ProcessLookupError:
                    pass
        stdout, stderr = process.communicate(timeout=300)
    assert process.returncode == 0, stderr.decode()
    assert killed == 6
    scene.check(msgspec.json.decode(stdout))
