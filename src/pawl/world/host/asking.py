"""Ask a code host's API over HTTP: GET only, bounded, and nobody but that host.

Writing is in `pawl.world.host.telling`, which shares the connection and its bounds.

A token goes to the address it was given for. Redirects and next pages that lead elsewhere are
refused, and neither the token nor an address with a query is told in any message.
"""

import zlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

import msgspec

from pawl import __version__
from pawl.base.errors import BadValue
from pawl.world.clock import monotonic

if TYPE_CHECKING:
    import httpx

MAX_BYTES = 32 * 1024 * 1024
"""Bytes of one answer, unpacked."""
TIMEOUT_S = 60.0
"""Seconds that one answer may take as a whole."""
_HOPS = 3
REDIRECTS = (301, 302, 303, 307, 308)
_LOCAL = ("localhost", "127.0.0.1", "::1")


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A host's reply; header names are in lower case. Without a status there was none.

    `broken` says why a reply cannot be used; `passing` whether asking again may help.
    """

    status: int = 0
    headers: dict[str, str] = {}
    body: bytes = b""
    broken: str = ""
    passing: bool = False


class Asking:
    """Asks one API. `headers` carry the token; `place` is what a user set the address with.

    Raises BadValue for an address that cannot be one, or that would carry a token in the clear.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        secret: bool,
        timeout_s: float = TIMEOUT_S,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.url = url.rstrip("/")
        self._base = _address(self.url, secret=secret)
        self._headers = {
            "Accept-Encoding": "gzip",
            "User-Agent": f"pawl/{__version__}",
            **headers,
        }
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._clock = clock
        self._client: httpx.Client | None = None

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def is_below(self, address: str) -> bool:
        """Say whether an address belongs to this API."""
        try:
            parts = urlsplit(address)
            same = (parts.scheme, parts.hostname, _port(parts)) == (
                self._base.scheme,
                self._base.hostname,
                _port(self._base),
            )
        except ValueError:
            return False
        inside = f"{parts.path}/".startswith(f"{self._base.path}/")
        return same and inside and not parts.username and not parts.password

    def get(self, address: str, etag: str = "") -> Reply:
        """Return the reply at a path below the base, or at an address of this API."""
        target = f"{self.url}{address}" if address.startswith("/") else address
        conditional = {"If-None-Match": etag} if etag else {}
        until = self.deadline()
        for _ in range(_HOPS + 1):
            if not self.is_below(target):
                return Reply(broken="it leads to another host, which is not asked")
            reply = self.exchange(target, conditional, until)
            if reply.status not in REDIRECTS:
                return reply
            try:
                target = urljoin(target, reply.headers.get("location", ""))
            except ValueError:
                return Reply(status=reply.status, broken="it leads to no address")
        return Reply(status=reply.status, broken="its redirects lead in a circle")

    def deadline(self) -> float:
        """Return until when an answer to a question asked now may take, by our clock."""
        return self._clock() + self._timeout_s

    def exchange(
        self,
        target: str,
        headers: Mapping[str, str],
        until: float,
        *,
        method: str = "GET",
        content: bytes | None = None,
    ) -> Reply:
        """Return the reply to one request; the address has to be one of this API."""
        # httpx takes longer to import than a command takes that fails before anything is asked.
        import httpx

        if self._client is None:
            self._client = httpx.Client(
                headers=self._headers, timeout=self._timeout_s, follow_redirects=False
            )
        # Cookies of one answer would go along with the next question.
        self._client.cookies.clear()
        try:
            with self._client.stream(method, target, headers=headers, content=content) as response:
                body, broken = self._body(response, until)
                return Reply(
                    status=response.status_code,
                    headers={name.lower(): value for name, value in response.headers.items()},
                    body=body,
                    broken=broken,
                    passing=broken in (_SLOW, _TORN),
                )
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            # The text of an error may hold the address; its kind tells enough.
            return Reply(broken=f"no answer ({type(error).__name__})", passing=True)

    def _body(self, response: "httpx.Response", until: float) -> tuple[bytes, str]:
        """Return the bytes of a reply, and what is wrong with them.

        Unpacked here, block by block, because a library unpacks a block whole however large.
        """
        coding = response.headers.get("content-encoding", "").strip().lower()
        if coding not in ("", "identity", "gzip"):
            return b"", "it is packed in a way that was not asked for"
        unpack = zlib.decompressobj(wbits=31) if coding == "gzip" else None
        body = bytearray()
        for block in response.iter_raw():
            if unpack is None:
                body += block
            else:
                try:
                    body += unpack.decompress(block, self._max_bytes + 1 - len(body))
                except zlib.error:
                    return b"", _TORN
            if len(body) > self._max_bytes:
                return b"", f"it is larger than {self._max_bytes:,} bytes"
            if self._clock() > until:
                return b"", _SLOW
        return bytes(body), _TORN if unpack is not None and body and not unpack.eof else ""


def plain_token(token: str, place: str) -> str:
    """Return a token that can be sent in a header; raises BadValue, without telling it."""
    if token.isascii() and token.isprintable() and " " not in token:
        return token
    raise BadValue(
        "The token has characters that cannot be sent.", place=place, hint="Copy it anew."
    )


def paged(path: str, **query: str) -> str:
    """Return the address of a list's first page, as large as both products make one."""
    return f"{path}?{urlencode({**query, 'per_page': '100'})}"


_SLOW = "it is too slow"
_TORN = "it breaks off"


def _port(parts: SplitResult) -> int | None:
    return parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _address(url: str, *, secret: bool) -> SplitResult:
    try:
        parts = urlsplit(url)
        known = _port(parts) is not None and parts.port != 0
    except ValueError:
        raise _no_address("is no address of an API.") from None
    if not known or parts.scheme not in ("http", "https") or not parts.hostname:
        raise _no_address("is no address of an API.")
    odd = parts.username or parts.password or parts.query or parts.fragment
    if odd or not (url.isascii() and url.isprintable() and " " not in url):
        raise _no_address("is no plain address of an API.")
    if secret and parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise _no_address("would carry the token in the clear.")
    return parts


def _no_address(reason: str) -> BadValue:
    return BadValue(
        f"The address {reason}",
        place="--url",
        hint="Write it such as https://github.example.org/api/v3, without a password in it.",
    )
