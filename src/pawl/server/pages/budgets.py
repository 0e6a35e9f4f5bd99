"""Budgets: what is spent, reserved and left of each, and which notices were told."""

from starlette.requests import Request
from starlette.responses import Response

from pawl.alerts.budget import Scope
from pawl.alerts.budget_letter import account_id, scope_of_account
from pawl.alerts.budget_view import STATES, BudgetsView
from pawl.base.errors import Unavailable
from pawl.server.question import Asked
from pawl.server.site import site_of


def budgets(request: Request) -> Response:
    """Answer `/budgets`."""
    asked = Asked(request, ("scope", "state"))
    view = budgets_asked(request, asked)
    return site_of(request).page(
        request,
        "budgets/page.html",
        view=view,
        anchors=tuple(
            account_id(scope_of_account(line.budget, line.scope, line.who)) for line in view.budgets
        ),
        scope=asked.one_of("scope", SCOPES),
        state=asked.one_of("state", STATES),
        scopes=SCOPES,
        states=STATES,
        live=any(line.reserved_usd_micros for line in view.budgets),
    )


SCOPES = tuple(scope.value for scope in Scope)


def budgets_asked(request: Request, asked: Asked) -> BudgetsView:
    """Return the budgets of the scope and state asked for; raises BadValue and Unavailable."""
    desk = site_of(request).serving.budgets
    if desk is None:
        raise Unavailable("this server keeps no budgets.", hint="Start it with `pawl up`.")
    return desk.view(scope=asked.one_of("scope", SCOPES), state=asked.one_of("state", STATES))
