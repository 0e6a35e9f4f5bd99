"""What stands before every handler.

Agent output is hostile and so is the rest of the web: nothing runs in a page but our own files,
a foreign site that points its name at this machine gets no answer, and beyond loopback nobody
gets one without the token.
"""

import hashlib
import hmac
import time
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
COOKIE = "pawl_session"
SESSION_S = 12 * 3600
OPEN_PATHS = ("/login", "/healthz", "/readyz")

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


class Guard:
    """Wraps the application: headers on each answer, checks before each question."""

    def __init__(self, app: ASGIApp, *, host: str, token: str | None) -> None:
        self._app = app
        self._token = token
        self._hosts = LOOPBACK | {host} if is_loopback(host) else None

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

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if self._hosts is not None and host_name(headers.get("host", "")) not in self._hosts:
            return PlainTextResponse(
                "This server answers only under the names localhost and 127.0.0.1.\n",
                status_code=421,
            )
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and not _same_origin(headers):
            return PlainTextResponse("This came from another site.\n", status_code=403)
        path = scope["path"]
        open_to_all = path in OPEN_PATHS or path.startswith("/static/")
        if self._token is None or open_to_all or self._admits(headers, self._token):
            return None
        if path.startswith("/api/") or path == "/metrics":
            return JSONResponse(
                {"error": {"code": "unauthorized", "message": "A token is needed.", "place": "",
                           "hint": "Send Authorization: Bearer with the server's token."}},
                status_code=401,
                headers={"WWW-Authenticate": "Bearer"},
            )  # fmt: skip
        return RedirectResponse(f"/login?next={quote(path)}", status_code=303)

    @staticmethod
    def _admits(headers: Headers, token: str) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and same_secret(given.strip(), token):
            return True
        cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        return session_holds(cookie, token, int(time.time()))


def is_loopback(host: str) -> bool:
    """Say whether an address can only be reached from this machine."""
    return host in LOOPBACK or host.startswith("127.")


def same_secret(given: str, token: str) -> bool:
    """Compare in constant time; digests, so that the length does not show either."""
    return hmac.compare_digest(
        hashlib.sha256(given.encode()).digest(), hashlib.sha256(token.encode()).digest()
    )


def new_session(token: str, now_s: int) -> str:
    """Return a cookie value that proves a sign-in until `SESSION_S` from now.

    It holds no token: a cookie that leaks opens one session, and only until it ends.
    """
    expires = now_s + SESSION_S
    return f"{expires}.{_seal(token, expires)}"


def session_holds(cookie: str, token: str, now_s: int) -> bool:
    """Say whether a cookie is one of ours and has not expired."""
    expires, _, seal = cookie.partition(".")
    if not (expires.isascii() and expires.isdigit() and len(expires) < 12):
        return False
    return hmac.compare_digest(seal.encode(), _seal(token, int(expires)).encode()) and (
        now_s < int(expires)
    )


def _seal(token: str, expires: int) -> str:
    return hmac.new(token.encode(), f"pawl session {expires}".encode(), hashlib.sha256).hexdigest()


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
