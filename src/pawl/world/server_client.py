"""Ask a Pawl server over HTTP.

With the standard library, because a client that can do more takes longer to import than most
answers take. Redirects are not followed, so a token goes to the address it was meant for only.
"""

import http.client
import time
from collections.abc import Mapping
from urllib.parse import SplitResult, urlencode, urlsplit

import msgspec

from pawl import __version__
from pawl.base import typed
from pawl.base.errors import BadValue, Unavailable

MAX_BYTES = 64 * 1024 * 1024
TIMEOUT_S = 60.0
_BLOCK = 64 * 1024
_SHOWN = 300
"""Characters of what a server says that are told on."""


class _Error(msgspec.Struct):
    message: str = ""
    hint: str = ""


class _Refusal(msgspec.Struct):
    error: _Error


class ServerClient:
    """Asks one server. `token` goes with each question as a Bearer token.

    An answer may have `max_bytes` and take `timeout_s` seconds in all, twice that at worst.
    Raises BadValue for an address or a token that cannot be one.
    """

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        timeout_s: float = TIMEOUT_S,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.url = url
        self._address = _address(url)
        if token is not None and not (token.isascii() and token.isprintable()):
            raise BadValue(
                "The token has characters that cannot be sent.",
                place="PAWL_TOKEN",
                hint="Set it to the very token that the server was started with.",
            )
        self._token = token
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes

    def get(self, path: str, parameters: Mapping[str, str]) -> bytes:
        """Return the JSON that the server answers. Raises Unavailable for anything else."""
        status, body = self.ask("GET", path, parameters)
        if status == 401:
            raise self._failed(
                "the server wants its token.",
                "Set PAWL_TOKEN to the token that the server was started with.",
            )
        if status != 200:
            raise self._refused(status, body)
        return body

    def ask(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str],
        body: bytes | None = None,
        key: str = "",
    ) -> tuple[int, bytes]:
        """Return the status and the JSON that the server answers, whatever it says.

        `body` is JSON to send; with a `key` the same request may be sent again and is done once.
        Raises Unavailable where nothing answers, or what answers is no Pawl.
        """
        try:
            status, kind, told = self._exchange(method, path, parameters, body, key)
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise self._failed(
                f"the server does not answer: {reason}.", "See that it runs, then try again."
            ) from error
        if status != 401 and not kind.lower().startswith("application/json"):
            raise self._failed(
                "what answers there is not a Pawl server.",
                "Set PAWL_SERVER to where `pawl up` says that it serves.",
            )
        return status, told

    def _exchange(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str],
        sent: bytes | None,
        key: str,
    ) -> tuple[int, str, bytes]:
        address = self._address
        secure = address.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(address.hostname or "", address.port, timeout=self._timeout_s)
        headers = {"Accept": "application/json", "User-Agent": f"pawl/{__version__}"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        if sent is not None:
            headers["Content-Type"] = "application/json"
        if key:
            headers["Idempotency-Key"] = key
        query = f"?{urlencode(parameters)}" if parameters else ""
        try:
            target = f"{address.path.rstrip('/')}{path}{query}"
            connection.request(method, target, body=sent, headers=headers)
            with connection.getresponse() as answer:
                return answer.status, answer.headers.get("Content-Type", ""), self._body(answer)
        finally:
            connection.close()

    def _body(self, answer: http.client.HTTPResponse) -> bytes:
        until = time.monotonic() + self._timeout_s
        body = bytearray()
        while block := answer.read1(_BLOCK):
            body += block
            if len(body) > self._max_bytes:
                raise self._failed(
                    f"the answer is larger than {self._max_bytes:,} bytes.",
                    "Ask for a shorter time or fewer keys.",
                )
            if time.monotonic() > until:
                raise TimeoutError("it is too slow")
        return bytes(body)

    def _refused(self, status: int, body: bytes) -> Unavailable:
        try:
            told = typed.decode(body, type=_Refusal).error
        except (msgspec.DecodeError, UnicodeDecodeError):
            told = _Error()
        message = _plain(told.message) or "it gives no reason"
        return self._failed(
            f"the server answers with status {status}: {message}",
            _plain(told.hint) or "See that the server is of this Pawl's version.",
        )

    def _failed(self, message: str, hint: str) -> Unavailable:
        return Unavailable(message, place=self.url, hint=hint)


def _address(url: str) -> SplitResult:
    try:
        address = urlsplit(url)
        port = address.port
    except ValueError:
        raise _no_address(url) from None
    odd = address.username or address.password or address.query or address.fragment
    plain = url.isascii() and url.isprintable() and " " not in url
    if address.scheme not in ("http", "https") or not address.hostname or port == 0:
        raise _no_address(url)
    if odd or not plain:
        raise _no_address(url)
    return address


def _no_address(url: str) -> BadValue:
    return BadValue(
        f"{_plain(url)!r} is no address of a server.",
        place="PAWL_SERVER",
        hint="Write it such as https://pawl.example.org or http://127.0.0.1:8787.",
    )


def _plain(text: str) -> str:
    """Return text of somebody else's, cut, with nothing in it that moves a terminal's cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:_SHOWN])
