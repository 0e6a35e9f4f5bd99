"""The list of runs: filter, sort, page."""

from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pawl.runs.record import Outcome
from pawl.server.question import Asked
from pawl.server.site import site_of
from pawl.services.pages import RunSort, RunsQuestion

PARAMETERS = ("agent", "project", "outcome", "text", "since", "sort", "order", "page")
OUTCOMES = ("running", *(outcome.value for outcome in Outcome), "observed", "unsuccessful")
_ASCENDING_FIRST = (RunSort.AGENT, RunSort.PROJECT, RunSort.OUTCOME)


def runs(request: Request) -> Response:
    """Answer `/runs`."""
    site = site_of(request)
    view = site.serving.pages.runs(runs_question(request))
    running = any(row.running for row in view.answer.rows)
    return site.page(
        request,
        "runs/page.html",
        view=view,
        outcomes=OUTCOMES,
        link=Links(view.question),
        live=running,
    )


def runs_question(request: Request, per_page: int = 50) -> RunsQuestion:
    """Return what the query asks for; raises BadValue."""
    asked = Asked(request, PARAMETERS)
    sort = asked.choice("sort", RunSort, RunSort.STARTED)
    order = asked.one_of("order", ("ascending", "descending"))
    return RunsQuestion(
        agent=asked.text("agent"),
        project=asked.text("project"),
        outcome=asked.one_of("outcome", OUTCOMES),
        text=asked.text("text"),
        since=instant(asked.day("since", "")) if asked.text("since") else None,
        sort=sort,
        descending=sort not in _ASCENDING_FIRST if order is None else order == "descending",
        page=asked.number("page", least=1, most=1_000_000, default=1),
        per_page=per_page,
    )


def instant(day: str) -> str:
    """Return the canonical instant at which a UTC day begins."""
    return f"{day}T00:00:00.000000Z"


class Links:
    """Addresses that differ from the present one in sorting or page."""

    def __init__(self, question: RunsQuestion) -> None:
        self._question = question

    @property
    def here(self) -> str:
        """This very list."""
        return _address(self._question)

    def page(self, number: int) -> str:
        """The same list, another page of it."""
        return _address(msgspec.structs.replace(self._question, page=number))

    def sort(self, name: str) -> str:
        """The same list from its first page, sorted by a column; again, the other way round."""
        column = RunSort(name)
        descending = column not in _ASCENDING_FIRST
        if column is self._question.sort:
            descending = not self._question.descending
        asked = self._question
        return _address(msgspec.structs.replace(asked, sort=column, descending=descending, page=1))

    def aria_sort(self, name: str) -> str:
        """How the list is sorted by a column, in the words of ARIA."""
        if name != self._question.sort:
            return "none"
        return "descending" if self._question.descending else "ascending"


def _address(question: RunsQuestion) -> str:
    default_order = question.sort not in _ASCENDING_FIRST
    values = {
        "agent": question.agent,
        "project": question.project,
        "outcome": question.outcome,
        "text": question.text,
        "since": question.since[:10] if question.since else None,
        "sort": None if question.sort is RunSort.STARTED else question.sort.value,
        "order": None
        if question.descending is default_order
        else ("descending" if question.descending else "ascending"),
        "page": None if question.page == 1 else str(question.page),
    }
    query = urlencode({name: value for name, value in values.items() if value})
    return f"/runs?{query}" if query else "/runs"
