"""`/api/runs` and `/api/runs/{run_id}`."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pawl.server.api.answer import as_json
from pawl.server.pages.runs import runs_question
from pawl.server.question import LONGEST, Asked
from pawl.server.site import site_of
from pawl.services.pages import TIMELINE_EVENTS


def runs(request: Request) -> Response:
    """Answer with one page of runs; the parameters are those of the page `/runs`."""
    view = site_of(request).serving.pages.runs(runs_question(request, per_page=200))
    return as_json(
        {
            "schema": "pawl.runs/1",
            "runs": view.answer.rows,
            "total": view.answer.total,
            "page": view.question.page,
            "pages": view.pages,
        }
    )


def run(request: Request) -> Response:
    """Answer with one run: its record where Pawl supervised it, else the row of the list."""
    Asked(request, ())
    run_id = request.path_params["run_id"]
    view = site_of(request).serving.pages.run(run_id) if len(run_id) <= LONGEST else None
    if view is None:
        raise HTTPException(404, f"No run is called {run_id[:LONGEST]!r}.")
    if view.record is not None:
        return as_json(view.record)
    return as_json({"schema": "pawl.run-row/1", "run": view.row})


def events(request: Request) -> Response:
    """Answer with what happened in a run: its first events in order of time, and how many.

    Takes in what is in the spool first, as `/api/cost` does.
    """
    asked = Asked(request, ("limit",))
    limit = asked.number("limit", least=1, most=TIMELINE_EVENTS, default=500)
    serving = site_of(request).serving
    run_id = request.path_params["run_id"]
    serving.catch_up()
    told, total = serving.pages.events(run_id, limit) if len(run_id) <= LONGEST else ((), 0)
    return as_json({"schema": "pawl.events/1", "events": told, "total": total})


def import_progress(request: Request) -> Response:
    """Answer how far the import of this machine's transcripts is."""
    Asked(request, ())
    progress = site_of(request).serving.progress
    return as_json({"schema": "pawl.import-progress/1", "progress": progress})
