"""What went wrong, told to people as a page and to programs as JSON, with the right status."""

import secrets
import sys
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pawl.base.errors import Kind, PawlError
from pawl.server.site import site_of
from pawl.services.invitations import PATH as LINK

STATUS = {
    Kind.ASKED_WRONGLY: 400,
    Kind.CANNOT_TELL: 503,
    Kind.REFUSED: 403,
    Kind.UNAVAILABLE: 503,
}
"""The one table from kinds of failure to HTTP statuses."""

RETRY_S = 10
"""Seconds after which to ask again what a store or a disk did not answer."""
TITLES = {400: "That question does not add up", 404: "There is nothing here", 503: "Not just now"}


def expected(request: Request, error: Exception) -> Response:
    """Answer with a failure that has a name."""
    assert isinstance(error, PawlError)
    answer = _answer(
        request, STATUS[error.kind], error.code, error.message, place=error.place, hint=error.hint
    )
    if error.kind is Kind.UNAVAILABLE:
        answer.headers["Retry-After"] = str(RETRY_S)
    return answer


def http(request: Request, error: Exception) -> Response:
    """Answer with an HTTP failure: no such page, no such method."""
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.lower().replace(" ", "-")
    message = error.detail
    if message == phrase:
        message = f"{phrase}: {request.method} {request.url.path[:200]}"
    answer = _answer(request, error.status_code, code, message)
    answer.headers.update(error.headers or {})
    return answer


def defect(request: Request, error: Exception) -> Response:
    """Answer with a defect of ours: a reference here, the details in the server's log.

    The traceback itself is logged by whoever runs the application: the error goes on to it.
    """
    reference = secrets.token_hex(4)
    path = request.url.path
    if path.startswith(LINK):
        path = f"{LINK}…"  # Whoever has the rest of it can take command.
    print(f"pawl: defect {reference} at {request.method} {path!r}", file=sys.stderr)
    return _answer(
        request,
        500,
        "defect",
        f"This is a defect of Pawl's, reference {reference}.",
        hint="The server's log has the details under that reference.",
    )


def _answer(
    request: Request, status: int, code: str, message: str, *, place: str = "", hint: str = ""
) -> Response:
    if request.url.path.startswith("/api/"):
        error = {"code": code, "message": message, "place": place, "hint": hint}
        return JSONResponse({"error": error}, status_code=status)
    title = TITLES.get(status, HTTPStatus(status).phrase)
    return site_of(request).page(
        request,
        "error/page.html",
        status=status,
        title=title,
        code=status,
        message=message,
        place=place,
        hint=hint,
    )
