"""A sender of telemetry that speaks ASGI to the routes, and a stub of what decodes."""

import gzip
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tests.looping import finished

from pawl.server import security
from pawl.server.otlp import Otlp
from pawl.services.identity import Identity
from pawl.services.ingest import Ingest, Limits, Read
from pawl.store.spool import read_segment, segments
from pawl.telemetry.content import Gathered
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.otlp.reading import Refused, Signal, Taken

NOW = "2026-11-21T12:00:00.000000Z"
PROTOBUF = "application/x-protobuf"
JSON = "application/json"
TOKEN = "a-token-of-sixteen-letters"


Wait = Callable[[], Awaitable[object]]


class Batch(msgspec.Struct):
    """What the stub understands: the ids of events, and how many records it rejects."""

    ids: list[str] = []
    rejected: int = 0


def body(*ids: str, rejected: int = 0) -> bytes:
    """Return a body that the stub makes events with these ids of."""
    return msgspec.json.encode(Batch(list(ids), rejected))


def decode(
    signal: Signal,
    content_type: str,
    body: bytes,
    *,
    received: str,
    gathered: Gathered | None = None,
) -> Taken:
    """Decode as `read` does, a simpler body."""
    try:
        batch = msgspec.json.decode(body, type=Batch)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("this is no batch") from error
    events = [event(name, received) for name in batch.ids]
    reason = "made to be rejected" if batch.rejected else ""
    return Taken(events, len(batch.ids), batch.rejected, reason)


def event(name: str, at: str = NOW) -> Event:
    """Return an event with an id."""
    return Event(id=name, time=at, kind=Kind.ERROR, source=Source.TELEMETRY, agent="claude-code")


def kept(spool: Path) -> list[str]:
    """Return the ids in a spool, in the order they were written."""
    return [e.id for segment in segments(spool) for e in read_segment(segment.path).events]


class Answered(NamedTuple):
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes


class Door:
    """The routes over a spool in `folder`; what is not theirs gets 204."""

    def __init__(
        self,
        folder: Path,
        *,
        limits: Limits | None = None,
        token: str | None = None,
        host: str = "127.0.0.1",
        decode: Read = decode,
        monotonic: Callable[[], float] = time.monotonic,
        identity: Identity | None = None,
    ) -> None:
        self.spool = folder / "spool"
        self.ingest = Ingest(
            self.spool, now=lambda: NOW, limits=limits, decode=decode, monotonic=monotonic
        )
        door = security.Door(host=host, token=token, identity=identity)
        self.app: ASGIApp = Otlp(_elsewhere, self.ingest, host=host, door=door)

    def kept(self) -> list[str]:
        """Return the ids that are in the spool."""
        return kept(self.spool)

    async def post(
        self,
        parts: bytes | Sequence[bytes | Wait | None],
        *,
        path: str = "/v1/logs",
        method: str = "POST",
        headers: dict[str, str] | None = None,
    ) -> Answered | None:
        """Send a body and return the answer; None when the connection ended without one.

        Of several parts None means that the sender hangs up, and a wait is called and awaited.
        """
        whole = isinstance(parts, bytes)
        given = {"host": "127.0.0.1:8787", "content-type": JSON}
        if isinstance(parts, bytes):
            given["content-length"] = str(len(parts))
            parts = [parts]
        assert not isinstance(parts, bytes)
        given |= headers or {}
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "headers": [(k.encode(), v.encode()) for k, v in given.items()],
        }
        coming = list(parts)

        async def receive() -> Message:
            while coming:
                part = coming.pop(0)
                if part is None:
                    return {"type": "http.disconnect"}
                if isinstance(part, bytes):
                    return {"type": "http.request", "body": part, "more_body": bool(coming)}
                await part()
            assert not whole, "the body was read to its end"
            return {"type": "http.request", "body": b"", "more_body": False}

        told: list[Message] = []

        async def send(message: Message) -> None:
            told.append(message)

        await self.app(scope, receive, send)
        if not told:
            return None
        names = {k.decode(): v.decode() for k, v in told[0]["headers"]}
        return Answered(told[0]["status"], names, told[1]["body"])

    def ask(self, parts: bytes | Sequence[bytes | Wait | None], **more: object) -> Answered:
        """Send one body in an event loop of its own; there is an answer."""
        answered = finished(self.post(parts, **more))  # type: ignore[arg-type]
        assert answered is not None
        return answered


async def _elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def bomb(size: int) -> bytes:
    """Return a small gzip that unpacks to `size` bytes."""
    return gzip.compress(bytes(size), 1)
