"""What stands before every handler.

Agent output is hostile and so is the rest of the web: nothing runs in a page but our own files,
a foreign site that points its name at this machine gets no answer, and whoever asks gets only what
the scopes of their token allow. Beyond loopback nobody gets anything without one.
"""

import hashlib
import hmac
from collections.abc import Sequence
from functools import partial
from urllib.parse import parse_qs, quote, urlsplit

import anyio.to_thread
import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pawl.governance import access
from pawl.governance.access import Access, Principal
from pawl.governance.access import Scope as Asked
from pawl.server.asking import principal_in, set_principal
from pawl.server.scopes import FEEDS, needed
from pawl.services.identity import Identity

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
COOKIE = "pawl_session"
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
LARGEST_FORM = 64 * 1024
"""Bytes of a form that are held while its proof is looked for; handlers take less."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
MISDIRECTED = (
    "This server answers only under the names localhost and 127.0.0.1, "
    "and the one of public_url in its pawl.toml."
)
SAFE = ("GET", "HEAD", "OPTIONS")


class Door:
    """Knows who asks: by the token in a header, by a session's cookie, or by being at the machine.

    `token` is the one the server was started with. Where it has one, listens beyond loopback, or
    stands behind a proxy that has a name, whoever is not known is nobody (None). Asks the
    records, so it is called in a thread.
    """

    def __init__(
        self, *, host: str, token: str | None, identity: Identity | None, public_host: str = ""
    ) -> None:
        self.locked = token is not None or not is_loopback(host) or bool(public_host)
        self.token = token
        self._identity = identity
        self._access: Access = identity.access if identity else access.shipped_access()
        self._machine = None if self.locked else access.of_machine(self._access)

    def who(self, headers: Headers) -> Principal | None:
        """Return who asks with some headers, or None."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        found = self._bearer(given.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
            if cookie and self._identity is not None:
                found = self._identity.session(cookie, shared=self.shared)
        if found is None or self._machine is None:
            return found or self._machine
        # Where nobody needs to sign in, whoever does may do no less.
        return msgspec.structs.replace(found, scopes=found.scopes | self._machine.scopes)

    def reads(self, given: str) -> Principal | None:
        """Return who a token in an address is of; only one that may do nothing but read counts.

        Addresses are kept in histories and logs, and calendars hand them on.
        """
        found = self._bearer(given)
        return found if found is not None and found.scopes <= {Asked.READ} else None

    def may_send(self, given: str) -> bool | None:
        """Say whether a token may send telemetry; None for one that does not count."""
        found = self._bearer(given)
        return None if found is None else found.may(Asked.INGEST)

    @property
    def shared(self) -> str | None:
        """How sessions name the server's own token."""
        return None if self.token is None else access.shared_name(self.token)

    def _bearer(self, given: str) -> Principal | None:
        if self.token is not None and same_secret(given, self.token):
            return access.of_shared(self._access)
        return self._identity.bearer(given) if self._identity is not None else None


class Guard:
    """Wraps the application: headers on each answer, checks before each question."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str,
        door: Door,
        routes: Sequence[BaseRoute],
        public_host: str = "",
    ) -> None:
        self._app = app
        self._door = door
        self._routes = routes
        self._hosts = answered_names(host, public_host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        headers = Headers(scope=scope)
        answer = self._misdirected(scope, headers) or await self._not_allowed(scope, headers)
        if answer is None and _needs_proof(scope):
            answer, receive = await _proved(scope, headers, receive)
        await (answer or self._app)(scope, receive, send_guarded)

    def _misdirected(self, scope: Scope, headers: Headers) -> Response | None:
        if self._hosts is not None and host_name(headers.get("host", "")) not in self._hosts:
            return PlainTextResponse(
                f"{MISDIRECTED}\n",
                status_code=421,
            )
        if scope["method"] not in SAFE and not _same_origin(headers):
            return PlainTextResponse("This came from another site.\n", status_code=403)
        return None

    async def _not_allowed(self, scope: Scope, headers: Headers) -> Response | None:
        """Find who asks; return the refusal where they may not."""
        wanted = needed(scope, self._routes)
        if scope["path"] in FEEDS and b"token=" in scope["query_string"]:
            given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[-1]
            reader = await anyio.to_thread.run_sync(partial(self._door.reads, given))
            if reader is None:
                said = "That token does not count here: it takes one that may only read.\n"
                return PlainTextResponse(said, status_code=401)
            set_principal(scope, reader)
            return None
        known = headers.get("cookie") or headers.get("authorization")
        if wanted is None and not known:
            return None
        if known:
            who = await anyio.to_thread.run_sync(partial(self._door.who, headers))
        else:
            who = self._door.who(headers)
        if who is not None:
            set_principal(scope, who)
        if wanted is None or (who is not None and who.may(wanted)):
            return None
        if who is not None and (who.identity or self._door.locked):
            return _lacking(scope["path"], wanted)
        return _unknown(scope["path"], wanted)


def _unknown(path: str, wanted: Asked) -> Response:
    if path.startswith("/api/") or path == "/metrics":
        hint = f"Send Authorization: Bearer with a token that has the scope {wanted}."
        return _error(
            401, "unauthorized", "A token is needed.", hint, {"WWW-Authenticate": "Bearer"}
        )
    return RedirectResponse(f"/login?next={quote(path)}", status_code=303)


def _lacking(path: str, wanted: Asked) -> Response:
    said = f"This takes a token with the scope {wanted}, which yours has not."
    if path.startswith("/api/") or path == "/metrics":
        hint = "Ask whoever runs the server for one: pawl token create."
        return _error(403, "scope-missing", said, hint, {})
    return PlainTextResponse(f"{said}\n", status_code=403)


def _error(status: int, code: str, message: str, hint: str, headers: dict[str, str]) -> Response:
    error = {"code": code, "message": message, "place": "", "hint": hint}
    return JSONResponse({"error": error}, status_code=status, headers=headers)


def _needs_proof(scope: Scope) -> bool:
    """Say whether a request could have been made by a page that is none of ours.

    A browser sends a session's cookie by itself; a token in a header it does not.
    """
    return (
        scope["method"] not in SAFE and bool(principal_in(scope).csrf) and scope["path"] != "/login"
    )


async def _proved(
    scope: Scope, headers: Headers, receive: Receive
) -> tuple[Response | None, Receive]:
    """Look for the proof that one of our pages sent a request; return what to read it with."""
    wanted = principal_in(scope).csrf
    given = headers.get(CSRF_HEADER, "")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not given and kind == "application/x-www-form-urlencoded":
        body = await _body(receive)
        if body is None:
            return PlainTextResponse("That is more than a form holds.\n", status_code=413), receive
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        given = fields.get(CSRF_FIELD, [""])[-1]
        receive = _again(body, receive)
    if same_secret(given, wanted):
        return None, receive
    said = "This form is not one that we sent you, or you signed in again since."
    if scope["path"].startswith("/api/"):
        hint = "Load the page again, or send a token in Authorization instead of a cookie."
        return _error(403, "no-proof", said, hint, {}), receive
    return PlainTextResponse(f"{said} Load the page again.\n", status_code=403), receive


async def _body(receive: Receive) -> bytes | None:
    """Return the whole body; None for one that is larger than a form."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LARGEST_FORM:
            return None
    return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    told = False

    async def once() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


def is_loopback(host: str) -> bool:
    """Say whether an address can only be reached from this machine."""
    return host in LOOPBACK or host.startswith("127.")


def answered_names(host: str, public_host: str) -> frozenset[str] | None:
    """Return the names that a server on loopback answers to; None beyond it, which is any.

    A site that points a name of its own at this machine is not answered, so only the proxy's own
    name is added, as the machine's settings say it.
    """
    return LOOPBACK | {host, public_host} - {""} if is_loopback(host) else None


def same_secret(given: str, token: str) -> bool:
    """Compare in constant time; digests, so that the length does not show either."""
    return hmac.compare_digest(
        hashlib.sha256(given.encode()).digest(), hashlib.sha256(token.encode()).digest()
    )


def host_name(host: str) -> str:
    """Return the host name of a Host header, without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def _same_origin(headers: Headers) -> bool:
    """Say whether a changing request comes from one of our own pages, or from no page at all."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")
