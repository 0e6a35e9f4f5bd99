"""`pawl up` without its engine: telemetry is taken, pages say so, and it catches up by itself."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.telemetry_batches import packed, request_ids
from tests.end_to_end.served import Served
from tests.scale.endpoint import Servers, clickhouse_missing, one_server

from pawl.store.events.clickhouse import ClickEvents

_MISSING = clickhouse_missing()
pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(_MISSING is not None, reason=_MISSING or ""),
]

RECORDS = 40
WORDS = ("is down or cannot be reached", "Start ClickHouse there")


@pytest.fixture
def down(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Servers]:
    """A server of ClickHouse that does not run, with nothing in it; PAWL_EVENTS_URL names it."""
    with one_server(tmp_path_factory.mktemp("clickhouse")) as servers:
        servers.nodes[0].kill()
        monkeypatch.setenv("PAWL_EVENTS_URL", servers.url("pawl"))
        yield servers


def retry_after(served: Served, path: str) -> tuple[int, str | None, str]:
    """Return the status, the Retry-After header and the text at a path."""
    connection = served.connect()
    try:
        connection.request("GET", path)
        answered = connection.getresponse()
        return answered.status, answered.headers["Retry-After"], answered.read().decode()
    finally:
        connection.close()


def requests_there(servers: Servers, folder: Path) -> tuple[list[str], int]:
    """Return the request ids and the number of events in the store, each counted as it is there."""
    with ClickEvents(servers.url("pawl"), folder / "asking") as store:
        found = store._rows("SELECT key FROM requests ORDER BY key", {})
        ((events, distinct),) = store._rows("SELECT count(*), count(DISTINCT id) FROM events", {})
    assert events == distinct
    return [key for (key,) in found], events


def told(batches: int) -> list[str]:
    """Return the ids of the requests in so many batches."""
    return sorted(key for sender in range(batches) for key in request_ids(sender, 1, RECORDS))


def test_started_without_its_engine_it_takes_everything_and_catches_up(
    down: Servers, tmp_path: Path
) -> None:
    """Every batch is acknowledged, also one that is sent twice; each event is there once."""
    with Served(tmp_path) as served:
        for sender in (*range(12), 3):
            assert served.post("/v1/logs", packed(sender, 1, RECORDS)) == 200
        for path in ("/", "/runs", "/cost"):
            status, after, text = retry_after(served, path)
            assert (status, int(after or 0) > 0) == (503, True), path
            assert all(words in text for words in WORDS), text
            assert "pw" not in text.replace("pawl", "")
        for path in ("/api/runs", "/api/cost?by=model"):
            status, after, text = retry_after(served, path)
            assert (status, int(after or 0) > 0) == (503, True), path
            assert WORDS[0] in json.loads(text)["error"]["message"]
        assert served.ask("/budgets")[0] == 200  # What needs no events is there.
        assert served.ask("/healthz") == (200, "ok\n")
        assert WORDS[0] in served.get("/readyz")
        assert "pawl_meter_up 0" in served.get("/metrics")
        assert list((tmp_path / "data" / "spool").glob("*.ndjson"))

        down.nodes[0].start()
        give_up = time.monotonic() + 60
        while served.ask("/readyz")[0] != 200:
            assert time.monotonic() < give_up, served.get("/readyz")
            time.sleep(0.1)
        bill = served.json("/api/cost?by=model")
        assert bill["total"]["requests"] == len(told(12))
        assert served.ask("/")[0] == 200
        assert "pawl_meter_up 1" in served.get("/metrics")
    assert "defect" not in served.said
    assert "Traceback" not in served.said
    assert requests_there(down, tmp_path)[0] == told(12)
    assert not list((tmp_path / "data" / "spool").glob("*.ndjson"))


def test_an_engine_that_goes_and_comes_back_costs_nothing(down: Servers, tmp_path: Path) -> None:
    """The spool grows up to its cap, then senders are told to wait; nothing is lost or doubled."""
    down.nodes[0].start()
    with Served(tmp_path, "--spool-mib", "1") as served:
        assert served.post("/v1/logs", packed(0, 1, RECORDS)) == 200
        assert served.json("/api/cost?by=model")["total"]["requests"] == len(told(1))
        down.nodes[0].kill()
        taken, refused = 1, None
        while refused is None:
            answered = served.send("/v1/logs", packed(taken, 1, RECORDS))
            if answered.status == 200:
                taken += 1
            else:
                refused = answered
        assert refused.status in (429, 503)
        assert int(refused.headers["retry-after"]) > 0
        size = sum(p.stat().st_size for p in (tmp_path / "data" / "spool").glob("*.ndjson"))
        assert 900_000 < size < 1_300_000
        assert "the spool holds" in served.get("/readyz") or WORDS[0] in served.get("/readyz")
        down.nodes[0].start()
        served.until(
            "/api/import-progress", lambda _: served.ask("/readyz")[0] == 200, patience_s=90
        )
        assert served.post("/v1/logs", packed(taken, 1, RECORDS)) == 200
        assert served.json("/api/cost?by=model")["total"]["requests"] == len(told(taken + 1))
    assert requests_there(down, tmp_path)[0] == told(taken + 1)


def test_a_mistake_in_the_url_is_told_at_once(
    down: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong password is not waited for: the server does not start, and the place is named."""
    down.nodes[0].start()
    monkeypatch.setenv(
        "PAWL_EVENTS_URL", down.url("pawl").replace("pw%3A%2F%40", "not-the-password")
    )
    served = Served(tmp_path)
    with pytest.raises(AssertionError, match="events store did not answer"):
        served.start()
    served.process.communicate(timeout=60)
    assert served.process.returncode == 3
    assert "not-the-password" not in served.said
