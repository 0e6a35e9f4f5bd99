"""Measure what `pawl run` adds to an agent, each figure beside the same thing without Pawl.

    python benchmarks/run_overhead.py [--rounds 15]

Prints a Markdown table. All figures of one table come from one run of this file, so that ratios
mean something on a busy machine too. Linux only: memory is read from /proc.
"""

import argparse
import json
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

EVENTS = 300
EVERY_S = 0.005
SETTLE_S = 1.5
"""Seconds the agent waits before its timed lines: an agent's first line comes later than that
from its model, and by then Pawl has opened its records."""

AGENT = """#!{python} -IS
import json, os, signal, sys, time

def say(value):
    os.write(1, json.dumps(value).encode() + b"\\n")

def answer(number):
    say({{"type": "assistant", "session_id": "s", "request_id": "req_%d" % number,
         "message": {{"id": "msg_%d" % number, "model": "claude-sonnet-4-5", "role": "assistant",
                     "content": [{{"type": "text", "text": "word " * 40}}],
                     "usage": {{"input_tokens": 10, "output_tokens": 5}}}},
         "at": time.time_ns()}})

def memory(path):
    with open("/proc/%d/status" % os.getppid()) as status, open(path, "w") as out:
        out.write("".join(line for line in status if line.startswith("VmHWM")))

mode = os.environ["MODE"]
if mode == "start":
    with open(os.environ["OUT"], "w") as out:
        out.write(str(time.time_ns()))
say({{"type": "system", "subtype": "init", "session_id": "s", "model": "claude-sonnet-4-5"}})
if mode == "events":
    time.sleep({settle})
    for number in range({events}):
        answer(number)
        time.sleep({every})
    memory(os.environ["OUT"])
if mode == "limit":
    def told(number, frame):
        with open(os.environ["OUT"], "w") as out:
            out.write("%d %d" % (hit, time.time_ns()))
        os._exit(143)
    signal.signal(signal.SIGTERM, told)
    time.sleep(0.5)
    answer(1)
    time.sleep(0.2)
    hit = time.time_ns()
    answer(2)
    time.sleep(20)
say({{"type": "result", "subtype": "success", "is_error": False, "result": "done",
     "session_id": "s", "num_turns": 1, "total_cost_usd": 0.0}})
"""


class Row(NamedTuple):
    """One line of the table; times in milliseconds, memory in MiB."""

    what: str
    without: str
    with_pawl: str
    added: str
    budget: str


class Bench:
    """A fake Claude Code in a folder of its own, started with and without `pawl run`."""

    def __init__(self, root: Path, rounds: int) -> None:
        self.root = root
        self.rounds = rounds
        self.agent = root / "claude"
        text = AGENT.format(python=sys.executable, settle=SETTLE_S, events=EVENTS, every=EVERY_S)
        self.agent.write_text(text)
        self.agent.chmod(0o755)
        self.out = root / "out"
        (root / "data").mkdir()
        self.pawl = (sys.executable, "-m", "pawl", "--data", str(root / "data"), "run", "--stream")
        subprocess.run(("git", "init", "-q", str(root)), check=True)

    def start(self, mode: str, *flags: str, bare: bool = False) -> "subprocess.Popen[bytes]":
        own = (str(self.agent), "-p", "go", "--output-format", "stream-json", "--verbose")
        command = own if bare else (*self.pawl, *flags, "--", *own)
        environment = {**os.environ, "MODE": mode, "OUT": str(self.out)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.root,
            env=environment,
        )

    def until_start(self, *, bare: bool) -> float:
        times = []
        for _ in range(self.rounds):
            began = time.time_ns()
            self.start("start", bare=bare).communicate()
            times.append((int(self.out.read_text()) - began) / 1e6)
        return statistics.median(times)

    def whole(self, *, bare: bool) -> float:
        times = []
        for _ in range(self.rounds):
            began = time.perf_counter()
            self.start("start", bare=bare).communicate()
            times.append((time.perf_counter() - began) * 1e3)
        return statistics.median(times)

    def delays(self, *, bare: bool) -> tuple[float, float, float]:
        process = self.start("events", bare=bare)
        assert process.stdout is not None
        delays = []
        for line in process.stdout:
            seen = time.time_ns()
            at = json.loads(line).get("at")
            if at is not None:
                delays.append((seen - at) / 1e6)
        process.wait()
        process.stdout.close()
        memory = int(self.out.read_text().split()[1]) / 1024
        ordered = sorted(delays)
        return statistics.median(ordered), ordered[int(len(ordered) * 0.95)], memory

    def limit_to_term(self) -> float:
        times = []
        for _ in range(max(3, self.rounds // 3)):
            self.start("limit", "--max-turns", "1").communicate()
            hit, term = map(int, self.out.read_text().split())
            times.append((term - hit) / 1e6)
        return statistics.median(times)

    def hook(self) -> tuple[float, float]:
        from pawl.cli import hook

        command = (sys.executable, "-I", "-S", hook.__file__, "pre-tool-use")
        with answering(str(self.root / "hook")) as path:
            env = {**os.environ, "PAWL_HOOK_SOCKET": path, "PAWL_HOOK_TOKEN": "t"}
            asked, bare = [], []
            question = json.dumps({"tool_name": "Bash", "tool_input": {"command": "ls"}}).encode()
            for _ in range(self.rounds):
                began = time.perf_counter()
                subprocess.run(command, input=question, env=env, check=True)
                asked.append((time.perf_counter() - began) * 1e3)
                began = time.perf_counter()
                subprocess.run((sys.executable, "-I", "-S", "-c", "pass"), check=True)
                bare.append((time.perf_counter() - began) * 1e3)
        return statistics.median(asked), statistics.median(bare)


@contextmanager
def answering(path: str) -> Iterator[str]:
    """A supervisor that allows everything at once."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(8)

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                while connection.recv(65536):
                    pass
                connection.sendall(b'{"allow": true}')

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield path
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def measure(bench: Bench) -> list[Row]:
    """Return the rows of the table."""
    bench.until_start(bare=False)  # Once, so that bytecode and records exist.
    bare_start, start = bench.until_start(bare=True), bench.until_start(bare=False)
    bare_whole, whole = bench.whole(bare=True), bench.whole(bare=False)
    bare_p50, bare_p95, _ = bench.delays(bare=True)
    p50, p95, memory = bench.delays(bare=False)
    term = bench.limit_to_term()
    asked, python = bench.hook()
    return [
        _row("until the agent starts", bare_start, start, "≤ 150 ms"),
        _row("a whole run of an agent that ends at once", bare_whole, whole, ""),
        _row("a stream event, median", bare_p50, p50, "≤ 2 ms"),
        _row("a stream event, 95th percentile", bare_p95, p95, "≤ 8 ms"),
        _row("hook, its start included (without: python alone)", python, asked, "≤ 100 ms"),
        Row("limit hit until TERM arrives", "", f"{term:.1f} ms", f"{term:.1f} ms", "≤ 250 ms"),
        Row("peak resident memory", "", f"{memory:.0f} MiB", f"{memory:.0f} MiB", "≤ 90 MiB"),
    ]


def _row(what: str, without: float, with_pawl: float, budget: str) -> Row:
    return Row(
        what, f"{without:.1f} ms", f"{with_pawl:.1f} ms", f"{with_pawl - without:.1f} ms", budget
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    with tempfile.TemporaryDirectory(prefix="bench-") as root:
        rows = measure(Bench(Path(root), rounds))
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, medians of {rounds}.\n")
    print("| what | without | with `pawl run` | added | budget |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
