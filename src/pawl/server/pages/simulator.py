"""The simulator: what other gates would have said of the newest decisions. It changes nothing."""

from functools import partial

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from pawl.base.errors import BadFile, PawlError, Unavailable
from pawl.server.form import read_form
from pawl.server.pages.changes import pages_of
from pawl.server.question import Asked
from pawl.server.site import site_of

LARGEST = 60 * 1024
"""Bytes of a form with gates; those that come with Pawl take a tenth of it."""


def simulator(request: Request) -> Response:
    """Answer `GET /changes/simulator`: the gates in force, to be edited."""
    Asked(request, ())
    text, trouble = "", None
    try:
        text = pages_of(request).gates_text()
    except Unavailable:
        raise
    except PawlError as error:
        trouble = error
    return site_of(request).page(
        request, "changes/simulator.html", view=None, text=text, trouble=trouble
    )


async def play(request: Request) -> Response:
    """Answer `POST /changes/simulator`: judge the newest decisions again by other gates."""
    fields = await read_form(request, ("gates",), largest=LARGEST)
    return await anyio.to_thread.run_sync(partial(_play, request, fields["gates"]))


def _play(request: Request, text: str) -> Response:
    view, trouble = None, None
    try:
        view = pages_of(request).simulate(text.replace("\r\n", "\n"))
    except BadFile as error:
        trouble = error
    return site_of(request).page(
        request,
        "changes/simulator.html",
        status=200 if trouble is None else 400,
        view=view,
        text=text,
        trouble=trouble,
    )
