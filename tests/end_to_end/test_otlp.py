"""Telemetry sent to the real server over real connections, by the well-behaved and the hostile."""

import gzip
import resource
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from benchmarks.telemetry_batches import batch, packed, request_ids
from tests.end_to_end.served import GZIPPED, PROTOBUF, Served

from pawl.store.spool import read_segment, segments

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server that runs."""
    with Served(tmp_path) as running:
        yield running
    assert "defect" not in running.said


def number(served: Served, name: str) -> float:
    """Return a value from `/metrics`."""
    for line in served.get("/metrics").splitlines():
        if line.startswith(f"pawl_ingest_{name} "):
            return float(line.rpartition(" ")[2])
    raise AssertionError(name)


def test_what_is_acknowledged_is_on_the_bill(served: Served) -> None:
    """Batches of many senders, each sent twice, become each request once; they share the disk."""
    batches = [(sender, packed(sender, 1, 20)) for sender in range(50)]
    with ThreadPoolExecutor(20) as pool:
        sent = list(pool.map(lambda one: served.post("/v1/logs", one[1]), batches * 2))
    assert set(sent) == {200}
    wanted = len(batches) * len(list(request_ids(1, 1, 20)))
    bill = served.until("/api/cost?by=model", lambda told: told["total"]["requests"] >= wanted)
    assert bill["total"]["requests"] == wanted
    assert number(served, "durable_requests_total") == 100
    assert number(served, "durable_batches_total") < 100
    assert number(served, "in_flight_bytes") == 0


def test_plain_and_packed_are_one(served: Served) -> None:
    """The same batch sent plain, packed and in chunks is the same events."""
    for headers, body in ((PROTOBUF, batch(7, 1, 8)), (GZIPPED, packed(7, 1, 8))):
        assert served.post("/v1/logs", body, headers) == 200
    connection = served.connect()
    try:
        parts = iter([batch(7, 1, 8)[:100], batch(7, 1, 8)[100:]])
        connection.request("POST", "/v1/logs", parts, PROTOBUF, encode_chunked=True)
        assert connection.getresponse().status == 200
    finally:
        connection.close()
    bill = served.until("/api/cost?by=model", lambda told: told["total"]["requests"])
    assert bill["total"]["requests"] == 2


@LINUX
def test_bombs_cost_bounded_memory(served: Served) -> None:
    """Twenty small bodies at once, of 256 MiB each when unpacked, cost 100 MiB together at most."""
    assert served.post("/v1/logs", packed(1, 1, 20)) == 200
    served.until("/api/cost?by=model", lambda told: told["total"]["requests"])
    before = served.peak_mib()
    evil = gzip.compress(bytes(256 * 1024 * 1024), 6)
    with ThreadPoolExecutor(20) as pool:
        answered = list(pool.map(lambda _: served.post("/v1/logs", evil), range(20)))
    assert set(answered) == {413}
    assert served.peak_mib() - before < 100
    assert served.post("/v1/logs", packed(1, 2, 20)) == 200


@LINUX
def test_the_disk_is_full(served: Served) -> None:
    """When the disk refuses, so does the server, with Retry-After; what was acknowledged before is
    on the bill, and what was refused is taken when the disk is well again, once."""
    limit, infinite = 2 * 1024 * 1024, resource.RLIM_INFINITY
    resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (limit, infinite))
    sent = 0
    while (answered := served.send("/v1/logs", packed(1, sent, 200))).status == 200:
        sent += 1
        assert sent < 100
    assert answered.status == 503
    assert int(answered.headers["retry-after"]) > 0
    assert served.ask("/readyz")[0] == 503
    resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (infinite, infinite))
    bill = served.until("/api/cost?by=model", lambda told: "total" in told)
    assert bill["total"]["requests"] == 50 * sent
    give_up = time.monotonic() + 30
    while served.post("/v1/logs", packed(1, sent, 200)) != 200:
        assert time.monotonic() < give_up
        time.sleep(0.2)
    assert served.json("/api/cost?by=model")["total"]["requests"] == 50 * (sent + 1)


def test_back_pressure_while_the_events_store_is_down(tmp_path: Path) -> None:
    """The spool takes what comes up to its cap, then senders are told to wait; when the store is
    well again everything acknowledged is in it, and telemetry is taken in as before."""
    with Served(tmp_path, "--spool-mib", "1") as served:
        # Where the engine is handed its batches nothing can be written any more.
        hindrance = served.data / "load.ndjson"
        hindrance.mkdir()
        acknowledged = 0
        while (status := served.post("/v1/logs", packed(1, acknowledged, 100))) == 200:
            acknowledged += 1
            assert acknowledged < 100
        assert status == 503
        assert acknowledged > 10
        give_up = time.monotonic() + 30
        while "load.ndjson" not in (told := served.ask("/readyz"))[1]:
            assert time.monotonic() < give_up, told
            time.sleep(0.1)
        assert told[0] == 503
        hindrance.rmdir()
        while served.post("/v1/logs", packed(1, acknowledged, 100)) != 200:
            assert time.monotonic() < give_up
            time.sleep(0.1)
        wanted = (acknowledged + 1) * 25
        bill = served.until("/api/cost?by=model", lambda told: told["total"]["requests"] >= wanted)
        assert bill["total"]["requests"] == wanted
        assert served.ask("/readyz")[0] == 200


def test_bodies_that_are_cut_off(served: Served, tmp_path: Path) -> None:
    """A sender that hangs up in the middle leaves nothing behind and hinders nobody."""
    body = packed(3, 1, 20)
    head = _head(len(body))
    for end in (0, 1, len(body) // 2, len(body) - 1):
        with socket.create_connection(("127.0.0.1", served.port)) as sender:
            sender.sendall(head + body[:end])
    assert served.post("/v1/logs", body[:-1]) == 400
    assert served.post("/v1/logs", packed(4, 1, 4)) == 200
    wanted = set(request_ids(4, 1, 4))
    served.until("/api/cost?by=model", lambda told: told["total"]["requests"])
    served.end()
    found = [e for s in segments(served.data / "spool") for e in read_segment(s.path).events]
    assert {e.request_id for e in found if e.request_id} <= wanted
    assert len(served.stored_ids()) == len(set(served.stored_ids()))


def test_slow_senders_hinder_nobody(served: Served) -> None:
    """While many senders send a byte now and then, others are answered at once."""
    body = packed(3, 1, 20)
    slow = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(50)]
    try:
        for sender in slow:
            sender.sendall(_head(len(body)) + body[:10])
        for turn in range(10):
            assert served.post("/v1/logs", packed(5, turn, 4)) == 200
            for sender in slow:
                sender.sendall(body[10 + turn : 11 + turn])
        for sender in slow[:3]:
            sender.sendall(body[20:])
            assert sender.recv(100).startswith(b"HTTP/1.1 200 ")
    finally:
        for sender in slow:
            sender.close()
    give_up = time.monotonic() + 30
    while number(served, "in_flight_bytes") and time.monotonic() < give_up:
        time.sleep(0.02)
    assert number(served, "in_flight_bytes") == 0


def _head(length: int) -> bytes:
    lines = ["POST /v1/logs HTTP/1.1", "host: 127.0.0.1", f"content-length: {length}"]
    lines += [f"{name}: {value}" for name, value in GZIPPED.items()]
    return "\r\n".join([*lines, "", ""]).encode()
