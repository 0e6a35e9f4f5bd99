"""What every handler needs: the services, the settings and the templates."""

import hashlib
import re
import time
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

import jinja2
import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse

from pawl import __version__
from pawl.governance.access import shipped_access
from pawl.server import change_formatting, formatting, maturity_formatting
from pawl.server.asking import principal_of
from pawl.server.attempts import Attempts
from pawl.services.serving import Serving

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How the server was started. `token` None means that loopback needs no sign-in.

    `public_host` is the name of a proxy before it, empty without one. Whoever comes through it is
    not at this machine, so then everybody needs a token.
    """

    host: str = "127.0.0.1"
    token: str | None = None
    sample: bool = False
    public_host: str = ""


class Site:
    """Renders pages. One for each server."""

    def __init__(self, serving: Serving, settings: Settings) -> None:
        self.serving = serving
        self.settings = settings
        limits = shipped_access().limits
        self.attempts = Attempts(
            limits.sign_in_failures, limits.sign_in_window_seconds, time.monotonic
        )
        self.invitation_attempts = Attempts(
            limits.sign_in_failures, limits.sign_in_window_seconds, time.monotonic
        )
        self._templates = environment()

    def page(
        self, request: Request, template: str, status: int = 200, **values: object
    ) -> HTMLResponse:
        """Return a rendered page; `values` are the template's own variables."""
        pages = self.serving.pages
        who = principal_of(request)
        shared: Mapping[str, object] = {
            "path": request.url.path,
            "query": request.url.query,
            "now": pages.now,
            "today": pages.today,
            "sample": self.settings.sample,
            "signed_in": bool(who.csrf),
            "who": who.person if who.identity else "",
            "csrf": who.csrf,
            "can_sign_in": self.serving.identity is not None and not self.settings.sample,
            "progress": self.serving.progress,
            "drained": self.serving.drained,
            "serves": partial(_serves, request),
        }
        text = self._templates.get_template(template).render({**shared, **values})
        if who.csrf:
            text = with_proof(text, who.csrf)
        return HTMLResponse(text, status_code=status, headers={"Cache-Control": "no-store"})


def _serves(request: Request, path: str) -> bool:
    """Say whether there is a page; a link to nothing would be no answer."""
    return any(getattr(each, "path", "") == path for each in request.app.routes)


_POST_FORM = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>')


def with_proof(text: str, csrf: str) -> str:
    """Return a page whose forms say that we sent them.

    Done to the whole page, so that no template can forget it. What others wrote is escaped, so
    each form there is one of ours.
    """
    field = f'<input type="hidden" name="csrf" value="{csrf}">'
    return _POST_FORM.sub(lambda form: form[0] + field, text)


@cache
def environment() -> jinja2.Environment:
    """Return the template environment: everything is escaped, and a misspelt name is an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=formatting.visible,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(formatting.FILTERS)
    made.filters.update(maturity_formatting.FILTERS)
    made.filters.update(change_formatting.FILTERS)
    made.globals.update(static=static_url, version=__version__)
    made.globals["parts"] = made.get_template("parts.html").module
    made.globals["t"] = made.get_template("activity/parts.html").module
    made.globals["m"] = made.get_template("maturity/parts.html").module
    return made


@cache
def static_url(name: str) -> str:
    """Return the address of a static file; it changes with the content, so caches may keep it."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def site_of(request: Request) -> Site:
    """Return the site that a request is answered by."""
    site = request.app.state.site
    assert isinstance(site, Site)
    return site
