"""The ledger: entries to look through, one with its links, and the check of all of it."""

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pawl.server.form import read_form
from pawl.server.pages.changes import pages_of
from pawl.server.question import Asked
from pawl.server.site import site_of
from pawl.services.ledger import LedgerReport
from pawl.services.ledger_pages import LedgerQuestion

MOST_ENTRIES = 10**15
_ASKED = ("type", "subject", "since", "until", "before")


def ledger(request: Request) -> Response:
    """Answer `GET /changes/ledger`."""
    return _show(request, None)


async def verify(request: Request) -> Response:
    """Answer `POST /changes/ledger`: recompute the whole chain and show the page with it."""
    await read_form(request, ())
    report = await anyio.to_thread.run_sync(_verify, request)
    return await anyio.to_thread.run_sync(_show, request, report)


def entry(request: Request) -> Response:
    """Answer `/changes/ledger/{seq}`."""
    Asked(request, ())
    seq = request.path_params["seq"]
    found = pages_of(request).ledger.entry(seq) if seq <= MOST_ENTRIES else None
    if found is None:
        raise HTTPException(404, f"The ledger has no entry {str(seq)[:20]}.")
    return site_of(request).page(request, "changes/entry.html", view=found)


def _verify(request: Request) -> LedgerReport:
    keeper = site_of(request).serving.ledger
    return pages_of(request).ledger.verify(keeper.kept() if keeper else ())


def _show(request: Request, report: LedgerReport | None) -> Response:
    asked = Asked(request, _ASKED)
    question = LedgerQuestion(
        kind=asked.text("type") or "",
        subject=asked.text("subject") or "",
        since=asked.day("since", "") if asked.text("since") else "",
        until=asked.day("until", "") if asked.text("until") else "",
        before=asked.number("before", least=1, most=MOST_ENTRIES, default=0),
    )
    view = pages_of(request).ledger.page(question)
    keeper = site_of(request).serving.ledger
    return site_of(request).page(
        request, "changes/ledger.html", view=view, report=report, keeper=keeper
    )
