"""`/api/tables/{name}.csv` and `.json`: every table of the pages, to take away.

Each takes the parameters of the page that shows it, and sends rows as they are found.
"""

from collections.abc import Callable, Iterable

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pawl.base.table import Table
from pawl.render.tabular import csv_pieces, json_pieces
from pawl.server.pages import activity
from pawl.server.pages.cost import KEYS
from pawl.server.pages.runs import runs_question
from pawl.server.question import LONGEST, Asked
from pawl.server.site import site_of
from pawl.services import tables
from pawl.services.cost_view import CostView
from pawl.telemetry.activity import SessionRow
from pawl.telemetry.bill import Key


def table(request: Request) -> Response:
    """Answer with one table, as CSV or as `pawl.table/1`."""
    name, form = request.path_params["name"], request.path_params["form"]
    made = TABLES.get(name)
    if made is None or form not in _FORMS:
        raise HTTPException(404, f"There is no table {name[:60]!r} as {form[:20]!r}.")
    pieces, media = _FORMS[form]
    return StreamingResponse(
        pieces(made(request)),
        media_type=media,
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="pawl-{name}.{form}"',
        },
    )


def _runs(request: Request) -> Table:
    question = msgspec.structs.replace(runs_question(request), page=1)
    return tables.runs_table(site_of(request).serving.pages, question)


def _steps(request: Request) -> Table:
    run_id = Asked(request, ("run",)).exact("run") or ""
    view = site_of(request).serving.pages.run(run_id)
    if view is None:
        raise HTTPException(404, f"No run is called {run_id[:LONGEST]!r}.")
    return tables.steps_table(view)


def _cost(request: Request) -> CostView:
    asked = Asked(request, ("by", "since", "until"))
    by = asked.one_of("by", [key.value for key in KEYS])
    pages = site_of(request).serving.pages
    return pages.cost(Key(by) if by else Key.MODEL, *asked.days(pages.today))


def _sessions(request: Request) -> Table:
    def part(number: int) -> tuple[Iterable[SessionRow], int]:
        view = activity.sessions_asked(request, page=number, rows=tables.PART)
        return (view.rows if view.page == number else ()), view.pages

    part(1)  # What is asked wrongly is told before anything is sent.
    return tables.sessions_table(part)


def _session(request: Request) -> Table:
    Asked(request, ("session",))
    return tables.session_table(activity.session_asked(request))


def _models(request: Request) -> Table:
    scope = activity.scope_of(Asked(request, activity.SCOPE))
    return tables.models_table(activity.pages_of(request).models(scope))


TABLES: dict[str, Callable[[Request], Table]] = {
    "runs": _runs,
    "run-steps": _steps,
    "cost": lambda request: tables.cost_table(_cost(request)),
    "cost-days": lambda request: tables.cost_days_table(_cost(request)),
    "cost-sources": lambda request: tables.sources_table(_cost(request).bill),
    "cost-unpriced": lambda request: tables.unpriced_table(_cost(request).bill),
    "sessions": _sessions,
    "session": _session,
    "tools": lambda request: tables.tools_table(activity.tools_asked(request)),
    "tool-failures": lambda request: tables.failures_table(activity.tools_asked(request)),
    "models": _models,
    "task-classes": lambda request: tables.classes_table(activity.advice_asked(request)),
    "model-advice": lambda request: tables.advice_table(activity.advice_asked(request)),
    "own-use": lambda request: tables.own_table(activity.developers_asked(request)),
    "teams": lambda request: tables.teams_table(activity.developers_asked(request)),
}
"""Each table by its name, with what makes it of a request."""

_FORMS: dict[str, tuple[Callable[[Table], Iterable[str]], str]] = {
    "csv": (csv_pieces, "text/csv; charset=utf-8"),
    "json": (json_pieces, "application/json"),
}
