"""Signing in where the server is reachable from elsewhere: one token, one cookie."""

import asyncio
import time
from urllib.parse import parse_qs, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pawl.server.security import COOKIE, SESSION_S, new_session, same_secret
from pawl.server.site import site_of

LARGEST_FORM = 4096
WRONG_TOKEN_WAIT_S = 0.5
"""Guessing is made slow; a token of 128 random bits needs no more than that."""


async def form(request: Request) -> Response:
    """Answer `GET /login`."""
    site = site_of(request)
    target = _safe_target(request.query_params.get("next", "/"))
    if site.settings.token is None:
        return RedirectResponse(target, status_code=303)
    return site.page(request, "login/page.html", target=target, wrong=False)


async def sign_in(request: Request) -> Response:
    """Answer `POST /login`: the right token gets a cookie that scripts cannot read."""
    site = site_of(request)
    token = site.settings.token
    if token is None:
        return RedirectResponse("/", status_code=303)
    fields = parse_qs((await _body(request)).decode("utf-8", "replace"), max_num_fields=4)
    target = _safe_target(fields.get("next", ["/"])[0])
    if not same_secret(fields.get("token", [""])[0].strip(), token):
        await asyncio.sleep(WRONG_TOKEN_WAIT_S)
        return site.page(request, "login/page.html", status=401, target=target, wrong=True)
    answer = RedirectResponse(target, status_code=303)
    answer.set_cookie(
        COOKIE,
        new_session(token, int(time.time())),
        max_age=SESSION_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


async def sign_out(request: Request) -> Response:
    """Answer `POST /logout`."""
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise HTTPException(413, "That is more than a sign-in form holds.")
    return body


def _safe_target(target: str) -> str:
    """Return a path of our own; anything that a browser could read as another site becomes `/`."""
    parts = urlsplit(target)
    plain = target.startswith("/") and not target.startswith(("//", "/\\"))
    safe = plain and not parts.netloc and not parts.scheme and target.isprintable()
    return target if safe else "/"
