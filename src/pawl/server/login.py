"""Signing in and out: a token is traded for a session, which is a row of ours and a cookie."""

import asyncio
from functools import partial
from urllib.parse import parse_qs, urlsplit

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pawl.governance.access import shared_name
from pawl.server.security import COOKIE, same_secret
from pawl.server.site import Site, site_of
from pawl.services.identity import Identity

LARGEST_FORM = 4096
WRONG_TOKEN_WAIT_S = 0.5
"""Guessing is made slow; a token of 128 random bits needs no more than that."""


async def form(request: Request) -> Response:
    """Answer `GET /login`."""
    site = site_of(request)
    target = _safe_target(request.query_params.get("next", "/"))
    if site.serving.identity is None:
        return RedirectResponse(target, status_code=303)
    return site.page(request, "login/page.html", target=target, wrong="")


async def sign_in(request: Request) -> Response:
    """Answer `POST /login`: a token that counts gets a cookie that scripts cannot read.

    Whoever failed too often from one address is told to wait, whatever they bring.
    """
    site = site_of(request)
    identity = site.serving.identity
    if identity is None:
        return RedirectResponse("/", status_code=303)
    address = request.client.host if request.client else ""
    fields = parse_qs((await _body(request)).decode("utf-8", "replace"), max_num_fields=4)
    target = _safe_target(fields.get("next", ["/"])[0])
    wait_s = site.attempts.wait_s(address)
    if wait_s:
        wrong = "Too many tries failed from here. Wait a few minutes."
        answer: Response = site.page(
            request, "login/page.html", status=429, target=target, wrong=wrong
        )
        answer.headers["Retry-After"] = str(wait_s)
        return answer
    given = fields.get("token", [""])[0].strip()
    found = await anyio.to_thread.run_sync(
        partial(
            identity.sign_in,
            given,
            shared=partial(_shared, site),
            replacing=request.cookies.get(COOKIE, ""),
        )
    )
    if found is None:
        site.attempts.failed(address)
        await asyncio.sleep(WRONG_TOKEN_WAIT_S)
        wrong = "That is not a token that counts here."
        return site.page(request, "login/page.html", status=401, target=target, wrong=wrong)
    site.attempts.succeeded(address)
    answer = RedirectResponse(target, status_code=303)
    answer.set_cookie(
        COOKIE,
        found.cookie,
        max_age=found.lasts_s,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


async def sign_out(request: Request) -> Response:
    """Answer `POST /logout`: the session ends here, whoever else has its cookie."""
    identity: Identity | None = site_of(request).serving.identity
    cookie = request.cookies.get(COOKIE, "")
    if identity is not None and cookie:
        await anyio.to_thread.run_sync(identity.sign_out, cookie)
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


def _shared(site: Site, given: str) -> str | None:
    """Return the name of the server's own token where a text is it."""
    token = site.settings.token
    return shared_name(token) if token is not None and same_secret(given, token) else None


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
