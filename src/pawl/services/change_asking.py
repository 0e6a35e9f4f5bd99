"""Ask a team's server about changes: values out, values in, and its refusals as our own.

A command is sent with a key of its own, so that where the answer is lost it can be sent again and
still happens once.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

import msgspec

from pawl.base import typed
from pawl.base.errors import BadValue, CannotTell, PawlError, Unavailable
from pawl.changes.change import Refusal
from pawl.services.change_terms import NoSuchChange

Value = TypeVar("Value")
TRIES = 3
"""How often one request is sent before it is given up."""


class Server(Protocol):
    """A server that is asked over HTTP."""

    @property
    def url(self) -> str:
        """Where it answers."""

    def ask(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str],
        body: bytes | None = None,
        key: str = "",
    ) -> tuple[int, bytes]:
        """Return the status and the JSON that it answers; raises Unavailable."""


class _Fault(msgspec.Struct):
    code: str = ""
    message: str = "It gives no reason."
    place: str = ""
    hint: str = ""


class _Bound(msgspec.Struct):
    digest: str
    base_digest: str
    policy_digest: str


class _Failure(msgspec.Struct):
    error: _Fault
    refusal: Refusal | None = None
    now: _Bound | None = None


class Asker:
    """Asks one server. `new_key` makes a key that nobody used before."""

    def __init__(self, server: Server, new_key: Callable[[], str]) -> None:
        self._server = server
        self._new_key = new_key

    def look(self, path: str, kind: type[Value], /, **parameters: str) -> Value:
        """Return what an address answers; raises as the desk itself would."""
        given = {name: value for name, value in parameters.items() if value}
        status, body = self._server.ask("GET", path, given)
        found = self._read(status, body, kind)
        if isinstance(found, Refusal):
            raise Unavailable(" ".join(found.reasons), place=self._server.url)
        return found

    def tell(
        self, path: str, kind: type[Value], body: Any = None, *, key: str = "", tries: int = TRIES
    ) -> Value | Refusal:
        """Give a command, and return what came of it; raises as the desk itself would."""
        sent = msgspec.json.encode({} if body is None else body)
        own = key or self._new_key()
        for left in reversed(range(tries)):
            try:
                status, answer = self._server.ask("POST", path, {}, sent, own)
                break
            except Unavailable:
                if not left:
                    raise
        return self._read(status, answer, kind)

    def _read(self, status: int, body: bytes, kind: type[Value]) -> Value | Refusal:
        if status == 401:
            raise self._error(status, _Fault(message="The server wants a token of yours."))
        try:
            if status in (200, 201):
                return typed.decode(body, type=kind)
            failure = typed.decode(body, type=_Failure)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Unavailable(
                f"the server answers what this Pawl does not understand: {error}.",
                place=self._server.url,
                hint="See that the server is of this Pawl's version.",
            ) from error
        if status in (403, 409) and failure.refusal is not None:
            return _refusal(failure)
        raise self._error(status, failure.error)

    def _error(self, status: int, fault: _Fault) -> PawlError:
        message, hint = _plain(fault.message), _plain(fault.hint)
        if status == 404:
            return NoSuchChange(message, place=self._server.url, hint=hint)
        if status in (401, 403):
            hint = hint or "Set PAWL_TOKEN to a token of yours: pawl token create makes one."
            return BadValue(message, place="PAWL_TOKEN", hint=hint)
        if status in (400, 409, 413, 415, 422):
            return BadValue(message, place=_plain(fault.place) or self._server.url, hint=hint)
        if fault.code in ("cannot-tell", "bad-file"):
            return CannotTell(message, place=_plain(fault.place) or self._server.url, hint=hint)
        return Unavailable(
            f"the server answers with status {status}: {message}", place=self._server.url, hint=hint
        )


def _refusal(failure: _Failure) -> Refusal:
    """Return a refusal as the server's desk gave it, with what to answer to now if that moved."""
    assert failure.refusal is not None
    if failure.now is None:
        return failure.refusal
    now = failure.now
    digests = f"{now.digest} {now.base_digest} {now.policy_digest}"
    hint = f"What is asked now is {digests} (content, base, policy)."
    return msgspec.structs.replace(failure.refusal, hint=hint)


def named(*parts: str) -> str:
    """Return an address under `/api`, whatever is in the names of which it is made."""
    return "/".join(("/api", *(quote(part, safe="") for part in parts)))


def _plain(text: str) -> str:
    """Return text of somebody else's, cut, with nothing in it that moves a terminal's cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:2_000])
