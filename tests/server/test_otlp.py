"""OTLP over HTTP: what is acknowledged is durable, and every refusal says which it is."""

import asyncio
import gzip
import os
import re
import resource
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsPartialSuccess,
    ExportLogsServiceResponse,
)
from starlette.testclient import TestClient
from tests.looping import finished
from tests.server.fakes import NOW, FakeFacts
from tests.server.sender import JSON, PROTOBUF, TOKEN, Door, body, bomb, decode

from pawl.cli.up import command
from pawl.governance.access import Scope
from pawl.governance.ledger import PAWL as ACTOR
from pawl.server import security
from pawl.server.api.exposition import exposition
from pawl.server.api.ingest import families
from pawl.server.app import create_app
from pawl.server.otlp import PATHS, Otlp
from pawl.server.site import Settings
from pawl.services.identity import Identity
from pawl.services.ingest import INLINE_BYTES, RETRY_S, Ingest, Limits
from pawl.services.pages import Pages
from pawl.services.serving import Serving
from pawl.store.records.engine import open_records
from pawl.store.spool import SpoolWriter
from pawl.telemetry.otlp.reading import Signal, Taken

Opened = Callable[..., Door]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Opened]:
    """Return a maker of doors whose writers end with the test."""
    made: list[Door] = []

    def opened(**more: object) -> Door:
        made.append(Door(tmp_path, **more))  # type: ignore[arg-type]
        return made[-1]

    yield opened
    for one in made:
        one.ingest.stop()


class TestTaken:
    """What is taken in."""

    @pytest.mark.parametrize("name", ["logs", "metrics", "traces"])
    def test_each_signal_has_its_path(self, door: Opened, name: str) -> None:
        """A batch on any of the three paths is in the spool when the answer is there."""
        asked = door()
        answered = asked.ask(body("a", "b"), path=f"/v1/{name}")
        assert (answered.status, answered.headers["content-type"]) == (200, JSON)
        assert asked.kept() == ["a", "b"]
        assert asked.ingest.counts.accepted == {name: 2}

    def test_other_paths_are_somebody_elses(self, door: Opened) -> None:
        """What is not one of the three paths goes on to the application."""
        assert door().ask(b"", path="/v1/logs/", method="GET").status == 204

    def test_nothing_is_acknowledged_before_it_is_durable(
        self, door: Opened, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While the disk has not confirmed, there is no answer."""
        asked = door()
        synced = _Held(monkeypatch)

        async def story() -> None:
            posted = asyncio.create_task(asked.post(body("a")))
            await asyncio.to_thread(synced.reached.wait)
            assert not posted.done()
            synced.go_on.set()
            answered = await posted
            assert answered is not None
            assert answered.status == 200

        finished(story())

    def test_gzip_and_parts(self, door: Opened) -> None:
        """A body may be gzipped, and may come in parts of which none says how long it is."""
        asked = door()
        zipped = gzip.compress(body("a"))
        packed = {"content-encoding": "gzip"}
        assert asked.ask(zipped, headers=packed).status == 200
        assert asked.ask([zipped[:9], zipped[9:]], headers=packed).status == 200
        assert asked.ask(body("b"), headers={"content-encoding": "identity"}).status == 200
        assert asked.kept() == ["a", "a", "b"]

    def test_a_large_body_is_decoded_beside(self, door: Opened) -> None:
        """A body too large for the event loop is taken all the same, packed and plain."""
        asked = door()
        large = body("a", "b").ljust(INLINE_BYTES + 1)
        assert asked.ask(large).status == 200
        zipped = gzip.compress(large)
        assert asked.ask(zipped, headers={"content-encoding": "gzip"}).status == 200
        assert asked.kept() == ["a", "b"] * 2

    def test_what_brings_no_event_needs_no_disk(self, door: Opened) -> None:
        """An empty batch is acknowledged and leaves no segment."""
        asked = door()
        assert asked.ask(body()).status == 200
        assert not asked.spool.exists()

    def test_partial_success(self, door: Opened) -> None:
        """Records that cannot be true are rejected with their number and reason; the rest stays."""
        asked = door()
        answered = asked.ask(body("a", rejected=2), headers={"content-type": PROTOBUF})
        told = ExportLogsServiceResponse.FromString(answered.body)
        assert answered.status == 200
        assert told.partial_success.rejected_log_records == 2
        assert "made to be rejected" in told.partial_success.error_message
        assert asked.kept() == ["a"]
        assert asked.ingest.counts.rejected == {"logs": 2}

    def test_the_content_type_may_have_parameters(self, door: Opened) -> None:
        """`application/json; charset=utf-8` is JSON."""
        typed = {"content-type": "Application/JSON; charset=utf-8"}
        assert door().ask(body("a"), headers=typed).status == 200


class _Held:
    """Holds the spool's writer back before it writes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import threading

        self.reached, self.go_on = threading.Event(), threading.Event()
        keep = SpoolWriter.keep

        def held(writer: SpoolWriter, batch: bytearray) -> None:
            self.reached.set()
            assert self.go_on.wait(30)
            keep(writer, batch)

        monkeypatch.setattr(SpoolWriter, "keep", held)


class TestRefused:
    """What is refused for good: nothing of it is kept, and the answer says why."""

    @pytest.mark.parametrize("content_type", [JSON, PROTOBUF])
    def test_what_is_no_otlp(self, door: Opened, content_type: str) -> None:
        """400 with a google.rpc.Status in the encoding of the request."""
        asked = door()
        answered = asked.ask(b"\xff\xff", headers={"content-type": content_type})
        assert (answered.status, answered.headers["content-type"]) == (400, content_type)
        assert "this is no batch" in said(answered.body, content_type)
        assert asked.ingest.counts.requests == {("logs", 400): 1}

    @pytest.mark.parametrize(
        "packed",
        [
            b"",
            b"not gzip",
            gzip.compress(body("a"))[:-3],
            gzip.compress(body("a"))[:-8] + bytes(8),
            gzip.compress(body("a")) + b"rubbish",
            gzip.compress(b"") * 50,
        ],
        ids=["empty", "none", "cut", "wrong-sum", "more", "members"],
    )
    def test_what_is_no_gzip(self, door: Opened, packed: bytes) -> None:
        """A body that does not unpack is refused, wherever it is broken."""
        asked = door()
        assert asked.ask(packed, headers={"content-encoding": "gzip"}).status == 400
        assert not asked.kept()

    @pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS", "DELETE"])
    def test_other_methods(self, door: Opened, method: str) -> None:
        """Only POST is known, and the answer names it."""
        answered = door().ask(b"", method=method)
        assert (answered.status, answered.headers["allow"]) == (405, "POST")

    def test_other_media(self, door: Opened) -> None:
        """Other content types and encodings get 415; gzip is named as what is taken."""
        asked = door()
        assert asked.ask(body("a"), headers={"content-type": "text/plain"}).status == 415
        answered = asked.ask(body("a"), headers={"content-encoding": "zstd"})
        assert (answered.status, answered.headers["accept-encoding"]) == (415, "gzip")
        assert not asked.kept()

    def test_too_large_as_sent(self, door: Opened) -> None:
        """413: at once where the length is told, else as soon as it is too much."""
        asked = door(limits=Limits(packed_bytes=100, unpacked_bytes=200))
        told = {"content-length": "201"}
        assert asked.ask([_never], headers=told).status == 413
        assert asked.ask([bytes(150), bytes(51), _never]).status == 413
        packed = {"content-encoding": "gzip"}
        assert asked.ask([bytes(101), _never], headers=packed).status == 413
        assert asked.ingest.in_flight_bytes == 0

    def test_too_large_unpacked(self, door: Opened) -> None:
        """413 for a small body that unpacks to more than is taken."""
        asked = door(limits=Limits(unpacked_bytes=2 * INLINE_BYTES))
        packed = {"content-encoding": "gzip"}
        assert asked.ask(bomb(100 * INLINE_BYTES), headers=packed).status == 413
        assert asked.ask(bomb(2 * INLINE_BYTES + 1), headers=packed).status == 413
        # As long as is allowed: it is read, and is no batch.
        assert asked.ask(bomb(2 * INLINE_BYTES), headers=packed).status == 400

    def test_a_token_is_asked_for(self, door: Opened) -> None:
        """With a token set, only the bearer of it may send; a cookie does not do."""
        asked = door(token=TOKEN)
        assert asked.ask([_never]).status == 401
        for wrong in ("Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer \xff"):
            answered = asked.ask([_never], headers={"authorization": wrong})
            assert (answered.status, answered.headers["www-authenticate"]) == (401, "Bearer")
        assert asked.ask(body("a"), headers={"authorization": f"bearer {TOKEN}"}).status == 200

    def test_a_token_that_may_ingest_sends_and_no_other(self, door: Opened, tmp_path: Path) -> None:
        """Each sender can have a token of its own; one to read with, or revoked, sends not."""
        engine = open_records(tmp_path / "records")
        known = Identity(engine, lambda: NOW, os.urandom)
        collector = known.create("collector", (Scope.INGEST,), ACTOR, days=None, note="")
        reader = known.create("ada", (Scope.READ,), ACTOR, days=None, note="")
        asked = door(token=TOKEN, identity=known)

        def status(secret: str) -> int:
            return asked.ask(body("a"), headers={"authorization": f"Bearer {secret}"}).status

        assert status(collector.secret) == 200
        assert status(reader.secret) == 403
        assert status(f"{collector.secret[:-1]}!") == 401
        known.revoke(collector.id, ACTOR, "")
        assert status(collector.secret) == 401
        assert status(TOKEN) == 200
        engine.dispose()

    def test_pages_may_not_send_and_agents_may(self, door: Opened) -> None:
        """What a browser marks as another site's is refused; an Origin alone is an editor's."""
        asked = door()
        for site in ("cross-site", "same-site"):
            assert asked.ask([_never], headers={"sec-fetch-site": site}).status == 403
        assert asked.ask(body("a"), headers={"origin": "vscode-file://vscode-app"}).status == 200

    def test_a_foreign_name_gets_no_answer(self, door: Opened) -> None:
        """On loopback a name that was pointed at this machine is refused; beyond it none is."""
        foreign = {"host": "evil.example:8787"}
        assert door().ask([_never], headers=foreign).status == 421
        known = foreign | {"authorization": f"bearer {TOKEN}"}
        assert door(host="0.0.0.0", token=TOKEN).ask(body("a"), headers=known).status == 200
        assert door(host="0.0.0.0").ask(body("a"), headers=foreign).status == 401

    def test_the_sample_takes_nothing(self) -> None:
        """Where what is sent would be thrown away, it is refused."""

        async def story() -> int:
            statuses: list[int] = []

            async def send(message: dict[str, int]) -> None:
                statuses.append(message.get("status", 0))

            door = security.Door(host="127.0.0.1", token=None, identity=None)
            app = Otlp(_unreachable, None, host="127.0.0.1", door=door)
            headers = [(b"host", b"localhost"), (b"content-type", JSON.encode())]
            scope = {"type": "http", "method": "POST", "path": "/v1/logs", "headers": headers}
            await app(scope, _unreachable, send)  # type: ignore[arg-type]
            return statuses[0]

        assert finished(story()) == 403

    def test_a_defect_of_ours(self, door: Opened, capsys: pytest.CaptureFixture[str]) -> None:
        """500 with a reference; the details are in the log and not in the answer."""

        def broken(kind: Signal, content_type: str, body: bytes, *, received: str) -> Taken:
            raise ZeroDivisionError("secret")

        asked = door(decode=broken)
        answered = asked.ask(body("a"))
        assert answered.status == 500
        assert b"secret" not in answered.body
        logged = capsys.readouterr().err
        reference = said(answered.body, JSON).split("reference ")[1][:8]
        assert reference in logged
        assert "ZeroDivisionError" in logged
        assert asked.ingest.in_flight_bytes == 0


async def _unreachable(*anything: object) -> None:
    raise AssertionError


async def _never() -> None:
    raise AssertionError("no more of the body may be read")


def said(told: bytes, content_type: str) -> str:
    """Return the message in a google.rpc.Status."""
    if content_type == PROTOBUF:
        # The two have one shape on the wire: a number, then a text.
        return str(ExportLogsPartialSuccess.FromString(told).error_message)
    return str(msgspec.json.decode(told)["message"])


class TestNotNow:
    """What may be tried again: 429 or 503, with the seconds to wait, and nothing kept."""

    def test_a_sender_that_hangs_up(self, door: Opened) -> None:
        """A body that was cut off is not kept, nor is it counted as being in flight."""
        asked = door()
        assert finished(asked.post([body("a")[:5], None])) is None
        assert finished(asked.post([None])) is None
        assert not asked.kept()
        assert asked.ingest.in_flight_bytes == 0

    def test_a_slow_sender(self, door: Opened) -> None:
        """Who does not send within the patience is told so and hung up on."""
        asked = door(limits=Limits(patience_s=0.01))
        answered = asked.ask([body("a"), lambda: asyncio.sleep(3600), b"more"])
        assert (answered.status, answered.headers["connection"]) == (408, "close")
        assert asked.ingest.in_flight_bytes == 0

    def test_too_much_at_once(self, door: Opened) -> None:
        """More in flight than is allowed is 429; once it is through there is room again."""
        asked = door(limits=Limits(in_flight_bytes=100))

        async def story() -> None:
            free = asyncio.Event()
            first = asyncio.create_task(asked.post([body("a").ljust(80), free.wait, b" "]))
            await asyncio.sleep(0)
            refused = await asked.post(body("b").ljust(30))
            assert refused is not None
            assert (refused.status, refused.headers["retry-after"]) == (429, "1")
            free.set()
            taken = await first
            assert taken is not None
            assert taken.status == 200
            again = await asked.post(body("b").ljust(30))
            assert again is not None
            assert again.status == 200

        finished(story())
        assert asked.kept() == ["a", "b"]

    def test_the_spool_is_as_large_as_it_may_be(self, door: Opened) -> None:
        """503 while nobody takes the spool, before the body is read; then room again."""
        seconds = iter(range(10_000))
        asked = door(limits=Limits(spool_bytes=150), monotonic=lambda: float(next(seconds)))
        assert asked.ask(body("a", "b")).status == 200
        answered = asked.ask([_never])
        assert (answered.status, answered.headers["retry-after"]) == (503, str(RETRY_S))
        for segment in asked.spool.iterdir():
            segment.unlink()
        assert asked.ask(body("c")).status == 200

    def test_the_disk_is_full(self, door: Opened, small_files: None) -> None:
        """503 with Retry-After; what was acknowledged is there, of the refused batch nothing is,
        and the disk is asked again when the time is over."""
        clock = [0.0]
        asked = door(monotonic=lambda: clock[0])
        acknowledged = [f"a{n}" for n in range(20)]
        assert asked.ask(body(*acknowledged)).status == 200
        answered = asked.ask(body(*(f"b{n}" for n in range(60))))
        assert (answered.status, answered.headers["retry-after"]) == (503, str(RETRY_S))
        assert "Raise the limit" in said(answered.body, JSON)
        assert asked.kept() == acknowledged
        assert asked.ask([_never]).status == 503
        clock[0] += RETRY_S
        assert asked.ask(body("c")).status == 200
        assert sorted(asked.kept()) == sorted([*acknowledged, "c"])
        assert asked.ingest.in_flight_bytes == 0

    def test_a_server_that_ends(self, door: Opened) -> None:
        """Once it is ending it takes nothing more."""
        asked = door()
        asked.ingest.stop()
        assert asked.ask([_never]).status == 503


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may grow beyond 4 KiB, as if the disk were full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, old)


class TestTold:
    """What the server tells of it."""

    @pytest.fixture
    def client(self, tmp_path: Path) -> Iterator[TestClient]:
        """The whole application over a spool that may hold 150 bytes."""
        limits = Limits(spool_bytes=150)
        ingest = Ingest(tmp_path, now=lambda: NOW, limits=limits, decode=decode)
        pages = Pages(FakeFacts(), lambda: NOW)
        serving = Serving(pages=pages, drain=lambda: 0, ingest=ingest)
        app = create_app(serving, Settings(token=TOKEN), background=False)
        headers = {"authorization": f"Bearer {TOKEN}"}
        with TestClient(app, base_url="http://127.0.0.1:8787", headers=headers) as client:
            serving.drain_once()
            yield client

    def test_ready_until_telemetry_is_refused(self, client: TestClient) -> None:
        """`/readyz` turns to 503 and names the reason."""
        assert client.get("/readyz").status_code == 200
        typed = {"content-type": JSON}
        assert client.post("/v1/logs", content=body("a", "b"), headers=typed).status_code == 200
        answered = client.get("/readyz")
        assert answered.status_code == 503
        assert "telemetry is refused" in answered.text
        assert client.post("/v1/logs", content=body("c"), headers=typed).status_code == 503

    def test_the_numbers(self, client: TestClient) -> None:
        """`/metrics` counts requests, records, bytes and batches, and names the last problem."""
        typed = {"content-type": JSON}
        client.post("/v1/metrics", content=b"{", headers=typed)
        sent = body("a", "b", rejected=3)
        client.post("/v1/logs", content=sent, headers=typed)
        told = client.get("/metrics").text.splitlines()
        for line in (
            'pawl_ingest_requests_total{signal="logs",status="200"} 1',
            'pawl_ingest_requests_total{signal="metrics",status="400"} 1',
            'pawl_ingest_records_total{signal="logs",outcome="accepted"} 2',
            'pawl_ingest_records_total{signal="logs",outcome="rejected"} 3',
            f'pawl_ingest_received_bytes_total{{signal="logs"}} {len(sent)}',
            "pawl_ingest_durable_batches_total 1",
            "pawl_ingest_in_flight_bytes 0",
            "pawl_ingest_refused 1",
        ):
            assert line in told
        assert any(line.startswith("pawl_ingest_last_problem_timestamp_seconds{") for line in told)
        names = [line.split()[2] for line in told if line.startswith("# TYPE")]
        assert len(names) == len(set(names))


def test_the_guide_names_what_there_is() -> None:
    """Paths, metrics, limits and the option in the how-to exist as it says."""
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "send-telemetry.md").read_text()
    assert set(re.findall(r"/v1/\w+", page)) == set(PATHS)
    told = exposition(families(Ingest(Path("nowhere"), now=lambda: NOW)), openmetrics=False)
    for name in re.findall(r"pawl_ingest_\w+", page):
        assert f"# TYPE {name} " in told
    limits = Limits()
    assert f"{limits.packed_bytes >> 20} MiB gzipped" in page
    assert f"{limits.unpacked_bytes >> 20} MiB unpacked" in page
    assert f"{limits.in_flight_bytes >> 20} MiB are being taken in" in page
    assert f"within {limits.patience_s:g} s" in page
    assert f"`pawl up --spool-mib` ({limits.spool_bytes >> 20})" in page
    (option,) = (option for option in command.params if "--spool-mib" in option.opts)
    assert option.default == limits.spool_bytes >> 20
