"""`/api/budgets`: the budgets, as `pawl budgets --json` prints them."""

from starlette.requests import Request
from starlette.responses import Response

from pawl.server.api.answer import as_json
from pawl.server.pages.budgets import budgets_asked
from pawl.server.question import Asked


def budgets(request: Request) -> Response:
    """Answer with `pawl.budgets/1`, of one `scope` and in one `state` where they are given."""
    return as_json(budgets_asked(request, Asked(request, ("scope", "state"))))
