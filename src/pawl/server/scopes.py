"""Which scope each route asks for. A route that is not here is for administrators only.

One table, so that whoever reviews it sees all of it, and a test that every route stands in it.
"""

from collections.abc import Iterable

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope as Asgi

from pawl.governance.access import Scope

READ, OPERATE, EVIDENCE = Scope.READ, Scope.OPERATE, Scope.EVIDENCE
CHANGE, APPROVE = Scope.CHANGE, Scope.APPROVE
DECLARE, INCIDENT = Scope.DECLARE, Scope.INCIDENT
OPEN = None
"""Answers whoever asks."""

PAGES: dict[tuple[str, str], Scope | None] = {
    ("GET", path): READ
    for path in (
        "/",
        "/runs",
        "/runs/{run_id}",
        "/cost",
        "/budgets",
        "/alerts",
        "/alerts/{identity}",
        "/alerts/rows/{kind}/{identity:path}",
        "/maturity",
        "/maturity/dimension",
        "/maturity/roadmap",
        "/maturity/trend",
        "/maturity/diff",
        "/maturity/exemptions",
        "/maturity/integrity",
        "/maturity/fleet",
        "/maturity/one-page",
        "/maturity/assessments",
        "/maturity/assessments/{identity}",
        "/sessions",
        "/sessions/{session_id:path}",
        "/tools",
        "/models",
        "/models/advice",
        "/developers",
        "/metrics",
        "/changes",
        "/changes/live",
        "/changes/live/{component:path}",
        "/changes/gates",
        "/changes/exceptions",
        "/changes/figures",
        "/changes/simulator",
        "/changes/ledger",
        "/changes/ledger/{seq:int}",
        "/changes/{identity}",
        "/incidents",
        "/incidents/declare",
        "/incidents/figures",
        "/incidents/structure",
        "/incidents/week",
        "/incidents/{identity}",
        "/incidents/{identity}/postmortem",
        "/actions",
        "/debts",
        "/drills",
        "/drills/{identity}",
    )
}
ANSWERS: dict[tuple[str, str], Scope | None] = {
    ("GET", f"/api/{path}"): READ
    for path in (
        "budgets",
        "alerts",
        "alerts/{identity}",
        "maturity",
        "maturity/assessment",
        "maturity/explain",
        "maturity/evidence/{identity}",
        "maturity/roadmap",
        "maturity/trend",
        "maturity/diff",
        "maturity/exemptions",
        "maturity/integrity",
        "maturity/assessments",
        "tables/{name}.{form}",
        "runs",
        "runs/{run_id}",
        "runs/{run_id}/events",
        "cost",
        "drills",
        "drills/{id}",
        "import-progress",
        "openapi.json",
    )
}
COMMANDS: dict[tuple[str, str], Scope | None] = {
    ("POST", "/alerts"): OPERATE,
    ("POST", "/maturity/assessments"): OPERATE,
    ("POST", "/maturity/assessments/{identity}"): OPERATE,
    ("POST", "/changes/{identity}/answer"): APPROVE,
    ("POST", "/changes/{identity}/command"): CHANGE,
    ("POST", "/changes/{identity}/exception"): CHANGE,
    ("POST", "/changes/{identity}/glass"): APPROVE,
    ("POST", "/changes/exceptions"): APPROVE,
    # Both look and change nothing; they are forms because one is long and the other takes long.
    ("POST", "/changes/simulator"): READ,
    ("POST", "/changes/ledger"): READ,
    ("POST", "/incidents"): Scope.DECLARE,
    ("POST", "/incidents/{identity}/command"): Scope.INCIDENT,
    ("POST", "/incidents/{identity}/postmortem"): Scope.INCIDENT,
    ("POST", "/actions"): Scope.INCIDENT,
    ("POST", "/debts"): Scope.INCIDENT,
    ("GET", "/login"): OPEN,
    ("POST", "/login"): OPEN,
    ("POST", "/logout"): READ,
    # Who sends these proves it otherwise: by an HMAC, by a token of their CI system.
    ("POST", "/api/hooks/github"): OPEN,
    ("POST", "/api/hooks/ci-evidence/{identity}"): OPEN,
    # Whoever holds a signed link is who it was sent to.
    ("GET", "/accept/{token}"): OPEN,
    ("POST", "/accept/{token}"): OPEN,
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
}
CHANGES: dict[tuple[str, str], Scope | None] = {
    ("GET", "/api/changes"): READ,
    ("GET", "/api/changes/{id}"): READ,
    ("GET", "/api/changes/{id}/asked"): READ,
    ("GET", "/api/changes/{id}/timeline"): READ,
    ("GET", "/api/changes/{id}/concerns"): READ,
    ("GET", "/api/changes/{id}/decisions"): READ,
    ("GET", "/api/changes/{id}/evidence"): READ,
    ("GET", "/api/changes/{id}/explanation"): READ,
    ("GET", "/api/changes/{id}/verdict"): READ,
    ("GET", "/api/decisions"): READ,
    ("GET", "/api/decisions/{id}"): READ,
    ("GET", "/api/decisions/{id}/replay"): READ,
    ("GET", "/api/exceptions"): READ,
    ("GET", "/api/emergencies"): READ,
    ("GET", "/api/registry"): READ,
    ("GET", "/api/registry/{component:path}"): READ,
    ("GET", "/api/change-figures"): READ,
    ("POST", "/api/gates/simulate"): READ,
    ("POST", "/api/changes"): CHANGE,
    ("POST", "/api/unmanaged"): CHANGE,
    ("POST", "/api/changes/{id}/edit"): CHANGE,
    ("POST", "/api/changes/{id}/submit"): CHANGE,
    ("POST", "/api/changes/{id}/judge"): CHANGE,
    ("POST", "/api/changes/{id}/withdraw"): CHANGE,
    ("POST", "/api/changes/{id}/start"): CHANGE,
    ("POST", "/api/changes/{id}/advance"): CHANGE,
    ("POST", "/api/changes/{id}/finish"): CHANGE,
    ("POST", "/api/changes/{id}/rollback"): CHANGE,
    ("POST", "/api/changes/{id}/confirm"): CHANGE,
    ("POST", "/api/changes/{id}/fail-rollback"): CHANGE,
    ("POST", "/api/changes/{id}/exceptions"): CHANGE,
    ("POST", "/api/drills"): CHANGE,
    ("POST", "/api/changes/{id}/check"): EVIDENCE,
    ("POST", "/api/changes/{id}/evidence"): EVIDENCE,
    ("POST", "/api/changes/{id}/answers"): APPROVE,
    ("POST", "/api/changes/{id}/answers/{answer}/revoke"): APPROVE,
    ("POST", "/api/changes/{id}/reject"): APPROVE,
    ("POST", "/api/changes/{id}/statements"): APPROVE,
    ("POST", "/api/changes/{id}/attest"): APPROVE,
    ("POST", "/api/changes/{id}/break-glass"): APPROVE,
    ("POST", "/api/changes/{id}/emergencies"): APPROVE,
    ("POST", "/api/emergencies/{id}/end"): APPROVE,
    ("POST", "/api/exceptions/{id}/approve"): APPROVE,
    ("POST", "/api/exceptions/{id}/revoke"): APPROVE,
    ("POST", "/api/exceptions/{id}/ratify"): APPROVE,
}
CADENCE: dict[tuple[str, str], Scope | None] = {
    ("GET", "/cadence"): READ,
    ("GET", "/cadence.ics"): READ,
    ("GET", "/cadence/{routine}/{period}"): READ,
    ("POST", "/cadence/{routine}/{period}/done"): OPERATE,
    ("POST", "/cadence/{routine}/{period}/excuse"): APPROVE,
    ("GET", "/api/cadence"): READ,
    ("GET", "/api/cadence/calendar"): READ,
    ("GET", "/api/cadence/adherence"): READ,
    ("GET", "/api/cadence/routines/{routine}"): READ,
    ("POST", "/api/cadence/routines/{routine}/done"): OPERATE,
    ("POST", "/api/cadence/routines/{routine}/excuse"): APPROVE,
}
FEEDS = frozenset({"/cadence.ics"})
"""What programs fetch that can send no header: these take a token in the query, one that only
reads."""
INCIDENTS: dict[tuple[str, str], Scope | None] = {
    ("POST", "/api/incidents"): DECLARE,
    **{
        ("GET", f"/api/{path}"): READ
        for path in (
            "incidents",
            "ongoing-incidents",
            "incidents/{id}",
            "incidents/{id}/timeline",
            "incidents/{id}/timers",
            "incidents/{id}/unmet",
            "incident-timers",
            "incident-holds",
            "incident-figures",
            "incidents/{id}/postmortem",
            "incidents/{id}/postmortem/draft",
            "incidents/{id}/postmortem/blame",
            "incidents/{id}/similar",
            "incidents/{id}/learnt",
            "actions",
            "actions/{id}",
            "debts",
            "debts/{id}",
            "structural-report",
            "weekly-review",
            "incidents/{id}/investigations",
            "quirks",
            "investigation-evidence",
            "investigation-events",
        )
    },
    **{
        ("POST", f"/api/incidents/{{id}}/{word}"): INCIDENT
        for word in (
            "accept", "offer", "take-over", "join", "leave", "note", "update", "attach",
            "reclassify", "claim", "mitigate", "resolve", "close", "reopen", "decline", "merge",
            "confirm-repeat", "dismiss-repeat", "actions", "learn", "learn/plan",
            "learn/steps", "postmortem",
            "postmortem/revise", "postmortem/ask-review", "postmortem/send-back",
            "postmortem/publish", "postmortem/sign-no-change", "investigations",
        )
    },
    **{
        ("POST", f"/api/actions/{{id}}/{word}"): INCIDENT
        for word in ("begin", "done", "send-back", "verify", "drop", "move")
    },
    ("POST", "/api/quirks"): INCIDENT,
    ("POST", "/api/quirks/{id}/retire"): INCIDENT,
    **{("POST", f"/api/debts/{{id}}/{word}"): INCIDENT for word in ("plan", "case", "pay")},
}  # fmt: skip
NEEDS: dict[tuple[str, str], Scope | None] = {
    **PAGES,
    **ANSWERS,
    **COMMANDS,
    **CHANGES,
    **CADENCE,
    **INCIDENTS,
}
"""Method and path of each route with the scope it asks for; None answers whoever asks."""


def needed(scope: Asgi, routes: Iterable[BaseRoute]) -> Scope | None:
    """Return the scope that a request asks for; None where it is open to all.

    An address that leads nowhere tells so only to whoever may read.
    """
    if scope["path"].startswith("/static/"):
        return OPEN
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    for route in routes:
        if isinstance(route, Route) and route.matches(scope)[0] is Match.FULL:
            return NEEDS.get((method, route.path), Scope.ADMIN)
    return READ
