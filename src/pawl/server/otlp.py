"""`POST /v1/logs`, `/v1/metrics` and `/v1/traces`: OTLP over HTTP, without a framework.

Answers 200 only for what is durable. What may be tried again gets 429 or 503 with `Retry-After`;
other refusals are final, and OTLP's senders then drop the batch and say so. Every refusal carries
a `google.rpc.Status` in the encoding of the request.

A page in a browser cannot send here: the two content types need leave that is never given, and
what a browser marks as another site's is refused. An `Origin` alone is no such mark, because
agents inside editors send one.
"""

import asyncio
import secrets
import sys
import traceback
from typing import NamedTuple

import anyio.to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from pawl.base.inflating import BadGzip
from pawl.server.security import MISDIRECTED, Door, answered_names, host_name, same_secret
from pawl.services.ingest import Ingest, NotNow, TooLarge
from pawl.telemetry.otlp.answer import response, status
from pawl.telemetry.otlp.reading import JSON, PROTOBUF, Refused, Signal

PATHS = {f"/v1/{signal.value}": signal for signal in Signal}
_TYPES = {PROTOBUF: PROTOBUF, "application/protobuf": PROTOBUF, JSON: JSON}

INVALID, TOO_MUCH, FORBIDDEN, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, UNKNOWN_SENDER, LATE = (
    3, 8, 7, 12, 13, 14, 16, 4,
)  # fmt: skip
"""Codes of `google.rpc.Code`."""


class _No(Exception):
    """A refusal: the HTTP status, the code in the body, what is said, and further headers."""

    def __init__(self, http: int, code: int, message: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(message)
        self.http = http
        self.code = code
        self.message = message
        self.headers = headers


class _Gone(Exception):
    """The sender hung up before all was there."""


class _Asked(NamedTuple):
    """What the headers say."""

    content_type: str
    gzipped: bool
    most: int
    """Bytes the body may have as it is sent."""


class Otlp:
    """Answers the three paths and hands everything else on.

    Where `door` is locked a bearer token is asked for; `host` is where the server listens.
    """

    def __init__(
        self,
        app: ASGIApp,
        ingest: Ingest | None,
        *,
        host: str,
        door: Door,
        public_host: str = "",
    ) -> None:
        self._app = app
        self._ingest = ingest
        self._door = door
        self._hosts = answered_names(host, public_host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        signal = PATHS.get(scope["path"]) if scope["type"] == "http" else None
        if signal is None:
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        media = headers.get(b"content-type", b"").split(b";", 1)[0].strip().lower()
        content_type = _TYPES.get(media.decode("latin-1"), JSON)
        counts = self._ingest.counts if self._ingest is not None else None
        try:
            body = await self._answer(signal, scope["method"], headers, receive)
        except _Gone:
            return
        except _No as no:
            if counts is not None:
                counts.requests[signal.value, no.http] += 1
            told = status(content_type, no.code, no.message)
            await _send(send, no.http, content_type, told, no.headers)
            return
        if counts is not None:
            counts.requests[signal.value, 200] += 1
        await _send(send, 200, content_type, body)

    async def _answer(
        self, signal: Signal, method: str, headers: dict[bytes, bytes], receive: Receive
    ) -> bytes:
        """Return the body of the answer to a batch that is durable; raises _No or _Gone."""
        await self._may_ask(method, headers)
        ingest = self._ingest
        if ingest is None:
            raise _No(403, FORBIDDEN, "This server shows the sample and takes no telemetry in.")
        try:
            return await _take(ingest, signal, _asked(headers, ingest), receive)
        except NotNow as error:
            ingest.note(error.cause, str(error))
            after = (b"retry-after", str(error.retry_s).encode())
            http = 429 if error.cause == "in-flight" else 503
            raise _No(http, UNAVAILABLE, str(error), after) from error
        except TooLarge as error:
            ingest.note(error.code, str(error))
            raise _No(413, TOO_MUCH, str(error)) from error
        except (BadGzip, Refused) as error:
            ingest.note("no-otlp", str(error))
            raise _No(400, INVALID, str(error)) from error
        except _No as no:
            ingest.note(f"http-{no.http}", no.message)
            raise
        except _Gone:
            raise
        except Exception as defect:
            reference = secrets.token_hex(4)
            print(f"pawl: defect {reference} at /v1/{signal.value}", file=sys.stderr)
            traceback.print_exception(defect)
            ingest.note("defect", f"{reference}: {type(defect).__name__}")
            message = f"This is a defect of Pawl's, reference {reference}; see the server's log."
            raise _No(500, INTERNAL, message) from defect

    async def _may_ask(self, method: str, headers: dict[bytes, bytes]) -> None:
        if self._hosts is not None:
            name = host_name(headers.get(b"host", b"").decode("latin-1"))
            if name not in self._hosts:
                raise _No(421, FORBIDDEN, MISDIRECTED)
        if headers.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin"):
            raise _No(403, FORBIDDEN, "This came from another site.")
        if method != "POST":
            raise _No(405, UNIMPLEMENTED, "Telemetry is sent with POST.", (b"allow", b"POST"))
        if self._door.locked:
            scheme, _, given = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
            if scheme.lower() != "bearer" or not await self._may_send(given.strip()):
                said = "Send Authorization: Bearer with the server's token, or one that may ingest."
                raise _No(401, UNKNOWN_SENDER, said, (b"www-authenticate", b"Bearer"))

    async def _may_send(self, given: str) -> bool:
        if self._door.token is not None and same_secret(given, self._door.token):
            return True  # The usual sender, who need not wait for the records.
        allowed = await anyio.to_thread.run_sync(self._door.may_send, given)
        if allowed is False:
            raise _No(403, FORBIDDEN, "That token may not ingest.")
        return bool(allowed)


def _asked(headers: dict[bytes, bytes], ingest: Ingest) -> _Asked:
    """Return what the headers say; raises _No for what is not taken, before the body is read."""
    media = headers.get(b"content-type", b"").split(b";", 1)[0].strip().lower()
    content_type = _TYPES.get(media.decode("latin-1"))
    if content_type is None:
        raise _No(415, INVALID, f"The content type must be {PROTOBUF} or {JSON}.")
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if encoding not in (b"gzip", b"identity", b""):
        accepted = (b"accept-encoding", b"gzip")
        raise _No(415, INVALID, "The content encoding must be gzip or identity.", accepted)
    gzipped = encoding == b"gzip"
    declared = headers.get(b"content-length")
    length = int(declared) if declared is not None and declared.isdigit() else None
    most = ingest.limits.packed_bytes if gzipped else ingest.limits.unpacked_bytes
    if length is not None and length > most:
        raise _too_large(most, hang_up=length > 4 * most)
    if refusal := ingest.refusal():
        raise refusal
    return _Asked(content_type, gzipped, most)


async def _take(ingest: Ingest, signal: Signal, asked: _Asked, receive: Receive) -> bytes:
    """Return the answer to a batch once it is durable; its bytes are reserved until then."""
    body = _Body(ingest, asked.most)
    try:
        async with asyncio.timeout(ingest.limits.patience_s):
            packed = await body.arrived(receive)
    except TimeoutError as error:
        body.let_go()
        said = f"The body did not arrive within {ingest.limits.patience_s:g} s."
        raise _No(408, LATE, said, (b"connection", b"close")) from error
    except BaseException:
        body.let_go()
        raise
    ingest.counts.received_bytes[signal.value] += len(packed)
    try:
        taken = await ingest.take(signal, asked.content_type, packed, gzipped=asked.gzipped)
    finally:
        body.let_go()
    ingest.counts.accepted[signal.value] += taken.accepted
    ingest.counts.rejected[signal.value] += taken.rejected
    if taken.rejected:
        ingest.note("rejected", f"{taken.rejected} of {signal.value}: {taken.reason}")
    return response(signal, asked.content_type, taken)


class _Body:
    """A body that arrives; what of it is here counts as in flight."""

    def __init__(self, ingest: Ingest, most: int) -> None:
        self._ingest = ingest
        self._most = most
        self._size = 0

    async def arrived(self, receive: Receive) -> bytes:
        """Return the whole body; raises _Gone, NotNow, and _No for one that is too large."""
        part, more = await self._part(receive)
        if not more:
            return part
        collected = bytearray(part)
        while more:
            part, more = await self._part(receive)
            collected += part
        return bytes(collected)

    async def _part(self, receive: Receive) -> tuple[bytes, bool]:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        part: bytes = message.get("body", b"")
        if self._size + len(part) > self._most:
            raise _too_large(self._most, hang_up=True)
        self._ingest.reserve(len(part))
        self._size += len(part)
        return part, message.get("more_body", False)

    def let_go(self) -> None:
        """Give back what was reserved."""
        self._ingest.release(self._size)


def _too_large(most: int, *, hang_up: bool) -> _No:
    said = f"The body is larger than {most} bytes; send smaller batches."
    return _No(413, TOO_MUCH, said, *([(b"connection", b"close")] if hang_up else []))


async def _send(
    send: Send,
    http: int,
    content_type: str,
    body: bytes,
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": http,
            "headers": [
                (b"content-type", content_type.encode()),
                (b"content-length", str(len(body)).encode()),
                *headers,
                (b"x-content-type-options", b"nosniff"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
