"""A command over HTTP: a bounded body of a known type, done once for a key, answered as JSON.

Whoever sends `Idempotency-Key` may send the same again: for three days they get the answer that
the first got, and another body under the key is refused.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import anyio.to_thread
import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pawl.base import typed
from pawl.base.errors import BadValue
from pawl.changes.change import Refusal
from pawl.incidents import event
from pawl.server.api.change_bodies import Refused
from pawl.server.api.described import Failure, Fault
from pawl.server.asking import principal_of
from pawl.server.site import site_of
from pawl.services.change_terms import NoSuchChange
from pawl.services.incident_terms import NoSuchIncident

Body = TypeVar("Body")
LARGEST = 16 * 1024 * 1024
"""Bytes of a body; a manifest of ten thousand files is as large as that."""
KEY = r"[A-Za-z0-9_.\-]{1,200}"
"""What an idempotency key may be, as a pattern."""
_KEY = re.compile(KEY)
NOT_ALLOWED = "not-allowed"
"""How the desk refuses whoever may not give a command at all."""
Done = tuple[int, bytes]
"""A status and the JSON that goes with it."""


async def command(
    request: Request, kind: type[Body], do: Callable[[Body, str], object], status: int
) -> Response:
    """Read a body, do what it asks with the request's key, and answer with what came of it.

    `do` returns a value of ours or a Refusal, which is answered with 409, or
    with 403 where it is about who asks.
    """
    raw = await _body(request)
    body = _read(raw, kind)
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise BadValue(
            "A key has 1 to 200 letters, digits, dots, dashes and underscores.",
            place="Idempotency-Key",
        )
    identity = site_of(request).serving.identity
    who = principal_of(request).key
    own_key = f"{who} {key}" if key else ""
    run = partial(_run, partial(do, body, own_key), status, request.url.path)
    if not key or identity is None:
        return _answer(*await anyio.to_thread.run_sync(run))
    sent = b"\n".join((request.method.encode(), request.url.path.encode(), raw))
    found = await anyio.to_thread.run_sync(partial(identity.once, who, key, sent, run))
    if found is None:
        said = "That key was sent with another request."
        fault = Fault(
            code="key-reused", message=said, place="Idempotency-Key", hint="Make a new key."
        )
        return _answer(422, msgspec.json.encode(Failure(error=fault)))
    answer = _answer(found.status, found.body)
    if found.again:
        answer.headers["Idempotency-Replayed"] = "true"
    return answer


def refused(refusal: Refusal | event.Refusal, place: str) -> Done:
    """Return the answer that tells a refusal: every reason, and in JSON what programs need."""
    fault = Fault(
        code=refusal.code,
        message=" ".join(refusal.reasons),
        place=place,
        hint=refusal.hint,
    )
    status = 403 if refusal.code == NOT_ALLOWED else 409
    return status, msgspec.json.encode(Refused(error=fault, refusal=refusal))


def _run(do: Callable[[], object], status: int, place: str) -> Done:
    try:
        found = do()
    except (NoSuchChange, NoSuchIncident) as error:
        raise no_such(error) from error
    if isinstance(found, Refusal | event.Refusal):
        return refused(found, place)
    if isinstance(found, Refused):
        return 409, msgspec.json.encode(found)
    return status, msgspec.json.encode(found)


def no_such(error: NoSuchChange | NoSuchIncident) -> HTTPException:
    """Return the answer for an id that is none."""
    return HTTPException(404, error.message)


def _answer(status: int, body: bytes) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(body, status, headers, media_type="application/json")


def _read(raw: bytes, kind: type[Body]) -> Body:
    try:
        return typed.decode(raw or b"{}", type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadValue(
            f"The body does not read: {error}.",
            place="body",
            hint="See /api/openapi.json for what is sent here.",
        ) from error


async def _body(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise HTTPException(413, f"That is more than {LARGEST:,} bytes.")
    if body and kind != "application/json":
        raise HTTPException(415, "Send JSON, as application/json.")
    return bytes(body)
