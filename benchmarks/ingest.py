"""Measure telemetry over HTTP: events acknowledged durably, and what that costs the server.

`python -m benchmarks.ingest [--seconds N] [--records N] [--senders N]` prints a Markdown table.
The events are Claude-Code-like log records in gzipped protobuf. Each sender has one connection
and sends the next batch when the last is acknowledged. The server runs twice: once only
acknowledging, once as `pawl up` with everything it does, the loading of DuckDB included.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.telemetry_batches import packed

HEADERS = {"content-type": "application/x-protobuf", "content-encoding": "gzip"}
_TICKS = os.sysconf("SC_CLK_TCK")
_MIB = 1024 * 1024


class Plan(NamedTuple):
    """What is sent: for how long, how many records a batch, over how many connections."""

    seconds: float
    records: int
    senders: int
    pause_s: float = 0.0


class Load(NamedTuple):
    """What a load brought: events acknowledged, wall seconds, the server's CPU seconds, the time
    of each answer, and the longest that an acknowledged event waited to be loaded."""

    events: int
    wall_s: float
    cpu_s: float
    answers_s: list[float]
    lag_s: float
    peak_mib: float


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=float, default=20.0)
    asked.add_argument("--records", type=int, default=100)
    asked.add_argument("--senders", type=int, default=16)
    asked.add_argument("--serve", metavar="FOLDER", help="acknowledge only; used by this program")
    given = asked.parse_args()
    if given.serve:
        _acknowledge_only(Path(given.serve))
        return
    plan = Plan(given.seconds, given.records, given.senders)
    batches = _batches(plan)
    print(f"{plan.senders} connections, {plan.records} records a batch, {plan.seconds:g} s each\n")
    print("| what | events/s | events per CPU second | p50 ms | p95 ms | peak RSS MiB | lag s |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for what, up in (("acknowledging alone", False), ("the whole `pawl up`", True)):
        with _server(up=up) as server:
            _row(what, _loaded(server, plan, batches))
    with _server(up=True) as server:
        time.sleep(3)
        idle = server.mib("VmRSS")
        gentle = plan._replace(senders=4, pause_s=0.05)
        load = _loaded(server, gentle, batches)
        _row("`pawl up`, 4 senders, 20 batches/s each at most", load)
        until = [_queryable(server, number) for number in range(5)]
    print(f"\nIdle: {idle:.0f} MiB. From acknowledged to queryable, quiet: ", end="")
    print(f"{min(until):.2f} to {max(until):.2f} s.")


def _row(what: str, load: Load) -> None:
    times = sorted(load.answers_s)
    p50, p95 = (times[int(len(times) * share)] * 1000 for share in (0.5, 0.95))
    print(
        f"| {what} | {load.events / load.wall_s:,.0f} | {load.events / load.cpu_s:,.0f} "
        f"| {p50:.1f} | {p95:.1f} | {load.peak_mib:.0f} | {load.lag_s:.2f} |",
        flush=True,
    )


def _batches(plan: Plan) -> list[bytes]:
    """Make batches beforehand; a server that takes them all gets the first ones again."""
    enough = int(plan.seconds * 40_000 / plan.records)
    return [packed(number % 64, number, plan.records) for number in range(enough)]


class _Server(NamedTuple):
    pid: int
    port: int

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def mib(self, name: str) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1024
        raise KeyError(name)

    def get(self, path: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        finally:
            connection.close()

    def metric(self, name: str) -> float:
        for line in self.get("/metrics").decode().splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[1])
        return 0.0


@contextmanager
def _server(*, up: bool) -> Iterator[_Server]:
    with tempfile.TemporaryDirectory(prefix="pawl-ingest-") as folder:
        command = [sys.executable, "-m", "benchmarks.ingest", "--serve", folder]
        if up:
            command = [sys.executable, "-m", "pawl", "--data", folder, "up", "--port=0", "--json"]
        environment = {**os.environ, "HOME": folder}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
        try:
            assert process.stdout is not None
            port = int(json.loads(process.stdout.readline())["url"].rpartition(":")[2])
            yield _Server(process.pid, port)
        finally:
            process.terminate()
            process.communicate()


def _loaded(server: _Server, plan: Plan, batches: list[bytes]) -> Load:
    answers: list[list[float]] = [[] for _ in range(plan.senders)]
    end = time.monotonic() + plan.seconds
    senders = [
        threading.Thread(target=_send, args=(server.port, plan, batches, number, end, answers))
        for number in range(plan.senders)
    ]
    began, cpu = time.monotonic(), server.cpu_s()
    for sender in senders:
        sender.start()
    lag = 0.0
    while time.monotonic() < end:
        time.sleep(0.25)
        lag = max(lag, server.metric("pawl_ingest_lag_seconds"))
    for sender in senders:
        sender.join()
    wall, cpu = time.monotonic() - began, server.cpu_s() - cpu
    times = [each for one in answers for each in one]
    return Load(len(times) * plan.records, wall, cpu, times, lag, server.mib("VmHWM"))


def _send(
    port: int,
    plan: Plan,
    batches: list[bytes],
    number: int,
    end: float,
    answers: list[list[float]],
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while time.monotonic() < end:
        body = batches[number % len(batches)]
        number += plan.senders
        began = time.monotonic()
        connection.request("POST", "/v1/logs", body, HEADERS)
        answered = connection.getresponse()
        told = answered.read()
        assert answered.status == 200, told
        answers[number % plan.senders].append(time.monotonic() - began)
        if plan.pause_s:
            time.sleep(plan.pause_s)
    connection.close()


def _queryable(server: _Server, number: int) -> float:
    """Send a batch that never was before; return the seconds until the store has it.

    The counter tells of the loading that the server does by itself: a question for the bill would
    load the spool first.
    """
    while server.metric("pawl_ingest_lag_seconds"):
        time.sleep(0.1)
    before = server.metric("pawl_drained_events_total")
    unheard = packed(9999, number, 4)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("POST", "/v1/logs", unheard, HEADERS)
    connection.getresponse().read()
    acknowledged = time.monotonic()
    connection.close()
    while server.metric("pawl_drained_events_total") == before:
        time.sleep(0.02)
    return time.monotonic() - acknowledged


def _acknowledge_only(folder: Path) -> None:
    """Serve the routes over a spool, and load nothing."""
    from starlette.applications import Starlette

    from pawl.app import price_texts
    from pawl.server.otlp import Otlp
    from pawl.server.security import Door
    from pawl.server.serve import listen, serve, url_of
    from pawl.services.ingest import Ingest, Limits
    from pawl.world.clock import now

    limits, prices = Limits(spool_bytes=1 << 40), price_texts(folder).table()
    ingest = Ingest(folder, now=now, limits=limits, prices=prices)
    door = Door(host="127.0.0.1", token=None, identity=None)
    app = Otlp(Starlette(), ingest, host="127.0.0.1", door=door)
    listening = listen("127.0.0.1", 0, None)
    told = json.dumps({"url": url_of(listening, "127.0.0.1")})
    serve(app, listening, lambda: print(told, flush=True))
    ingest.stop()


if __name__ == "__main__":
    main()
