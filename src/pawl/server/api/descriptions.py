"""Every route under `/api`, described. A test fails for a route that is not here.

To describe one, add `Described(path=…, summary=…, answer=…)` to `DESCRIBED`, or to a tuple of your
own that `DESCRIBED` takes in; `answer` is a type of `answers.py` or one of the domain's own.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from pawl import __version__
from pawl.alerts.budget_view import STATES, BudgetsView
from pawl.changes.evidence import Evidence
from pawl.maturity.difference import Difference
from pawl.maturity.evidence import Record
from pawl.maturity.explain import Explanation
from pawl.maturity.roadmap import Roadmap
from pawl.maturity.verdict import Assessment
from pawl.runs.record import RunRecord
from pawl.server.api import answers as of
from pawl.server.api.answer import as_json
from pawl.server.api.cadence import CADENCE
from pawl.server.api.change_descriptions import CHANGES
from pawl.server.api.described import Asks, Described, document
from pawl.server.api.tables import TABLES
from pawl.server.pages.activity import BY
from pawl.server.pages.budgets import SCOPES
from pawl.server.pages.cost import KEYS
from pawl.server.pages.maturity import LEAST_CAPACITY, MOST_CAPACITY
from pawl.server.pages.runs import OUTCOMES
from pawl.server.question import LONGEST, Asked
from pawl.server.site import site_of
from pawl.services.activity_view import PERIODS
from pawl.services.alert_desk import AlertLine, AlertsView
from pawl.services.deployment_rules import Answer as HookAnswer
from pawl.services.pages import TIMELINE_EVENTS, RunSort
from pawl.telemetry.bill import Key


def openapi(request: Request) -> Response:
    """Answer `/api/openapi.json` with the OpenAPI document of this server."""
    Asked(request, ())
    token = site_of(request).settings.token is not None
    return as_json(document(DESCRIBED, version=__version__, token=token))


def words(name: str, text: str = "", *, required: bool = False) -> Asks:
    """Return a parameter that is any text."""
    return Asks(
        name=name,
        text=text,
        required=required,
        schema={"type": "string", "minLength": int(required), "maxLength": LONGEST},
    )


def choice(name: str, among: tuple[str, ...], text: str = "") -> Asks:
    """Return a parameter that is one of some words; empty is as good as absent."""
    return Asks(name=name, text=text, schema={"type": "string", "enum": ["", *among]})


def whole(name: str, most: int, text: str = "") -> Asks:
    """Return a parameter that is a whole number from 1."""
    return Asks(name=name, text=text, schema={"type": "integer", "minimum": 1, "maximum": most})


def part(name: str, text: str = "") -> Asks:
    """Return a part of the path."""
    return Asks(name=name, text=text, in_path=True, schema={"type": "string", "minLength": 1})


_DAY = (
    r"20\d\d-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"
    r"|02-(?:0[1-9]|1\d|2[0-8]))"
).replace(r"\d", "[0-9]")
_KEY = "|".join(key.value for key in Key)


def day(name: str, text: str) -> Asks:
    """Return a parameter that is an ISO day."""
    return Asks(name=name, text=text, schema={"type": "string", "pattern": f"^(?:{_DAY})?$"})


def moment(name: str, text: str) -> Asks:
    """Return a parameter that is a day, an hour of one, or a time ago."""
    pattern = f"^(?:{_DAY}(?:T(?:[01][0-9]|2[0-3]):00:00Z)?|[1-9][0-9]{{0,2}}[hdw])?$"
    return Asks(name=name, text=text, schema={"type": "string", "pattern": pattern})


PAGE = whole("page", 1_000_000)
RUN = part("run_id", "A run's or an observed session's id.")
FILTERS = (words("agent"), words("project"), choice("outcome", OUTCOMES),
           words("text", "Looked for in id, project, branch, model and developer."),
           day("since", "Runs that began on that UTC day or later."))  # fmt: skip
ORDER = (choice("sort", tuple(RunSort)), choice("order", ("ascending", "descending")))
SUBJECT = words("subject", "As `/api/maturity` names it; the first there is when absent.")
SCOPE = (choice("days", tuple(map(str, PERIODS))), words("project"), words("agent"))
SPENT = (choice("by", tuple(key.value for key in KEYS)), day("since", "The first UTC day."),
         day("until", "The last UTC day."))  # fmt: skip
BY_KEYS = Asks(
    name="by",
    text="Keys to group by, joined by commas; empty gives the total alone.",
    schema={"type": "string", "pattern": f"^$|^(?:{_KEY})(?:,(?:{_KEY})){{0,7}}$"},
)

RUNS = (
    Described(path="/api/runs", summary="One page of runs.", answer=of.RunsPage,
              asks=(*FILTERS, *ORDER, PAGE)),
    Described(path="/api/runs/{run_id}", summary="One run: its record, or its row in the list.",
              answer=RunRecord, or_else=of.OneRow, asks=(RUN,), errors=(400, 404)),
    Described(path="/api/runs/{run_id}/events", summary="What happened in a run.",
              answer=of.RunEvents, asks=(RUN, whole("limit", TIMELINE_EVENTS)), errors=(400, 404)),
    Described(path="/api/cost", summary="Who spent what, on what.", answer=of.CostAnswer,
              asks=(BY_KEYS, moment("since", "From then on."), moment("until", "Until then."),
                    words("project"))),
    Described(path="/api/import-progress", summary="How far the import of transcripts is.",
              answer=of.Progress),
)  # fmt: skip

MATURITY = (
    Described(path="/api/maturity", summary="Subjects and their newest levels.", answer=of.Fleet,
              asks=(PAGE,), errors=(400, 404)),
    Described(path="/api/maturity/assessment", summary="One assessment.", answer=Assessment,
              asks=(SUBJECT, words("digest", "The newest when absent.")), errors=(400, 404)),
    Described(path="/api/maturity/explain", summary="Why a level, dimension or criterion is so.",
              answer=Explanation, asks=(SUBJECT, words("address", required=True)),
              errors=(400, 404)),
    Described(path="/api/maturity/evidence/{identity}", summary="One record as it was sealed.",
              answer=Record, asks=(part("identity"), SUBJECT), errors=(400, 404)),
    Described(path="/api/maturity/roadmap", summary="What is missing for the next level.",
              answer=Roadmap, errors=(400, 404),
              asks=(SUBJECT, words("model", "`all` for every one."),
                    Asks(name="capacity", text="Person-days a week.", schema={
                        "type": "number", "minimum": LEAST_CAPACITY, "maximum": MOST_CAPACITY}))),
    Described(path="/api/maturity/trend", summary="How levels moved.", answer=of.TrendAnswer,
              asks=(SUBJECT, words("model")), errors=(400, 404)),
    Described(path="/api/maturity/exemptions", summary="What exemptions count.",
              answer=of.ExemptionsAnswer, asks=(SUBJECT,), errors=(400, 404)),
    Described(path="/api/maturity/integrity", summary="What the detectors noticed.",
              answer=of.IntegrityAnswer, asks=(SUBJECT,), errors=(400, 404)),
    Described(path="/api/maturity/assessments", summary="Assessments that people hold.",
              answer=of.CeremoniesAnswer, asks=(SUBJECT,), errors=(400, 404)),
)  # fmt: skip

LIMITS = (
    Described(path="/api/alerts", summary="Everything about alerts now.", answer=AlertsView,
              errors=(400, 404, 503)),
    Described(path="/api/alerts/{identity}", summary="One alert.", answer=AlertLine,
              asks=(part("identity"),), errors=(400, 404, 503)),
    Described(path="/api/budgets", summary="What is spent, reserved and left of each budget.",
              answer=BudgetsView, errors=(400, 503),
              asks=(choice("scope", SCOPES), choice("state", STATES))),
    Described(path="/api/maturity/diff", summary="What changed between two assessments.",
              answer=Difference, errors=(400, 404),
              asks=(SUBJECT, words("before"), words("after", "The newest when absent."))),
)  # fmt: skip

_ASKED: dict[str, tuple[Asks, ...]] = {
    "runs": (*FILTERS, *ORDER, PAGE),
    "run-steps": (words("run", required=True),),
    "session": (words("session", required=True),),
    "sessions": (*SCOPE, choice("failing", ("yes",)), PAGE),
    "tools": (*SCOPE, choice("by", BY), words("tool")),
    "tool-failures": (*SCOPE, choice("by", BY), words("tool")),
    "models": SCOPE,
    "task-classes": (*SCOPE, words("class")),
    "model-advice": (*SCOPE, words("class")),
    "own-use": SCOPE[:1],
    "teams": SCOPE[:1],
}
"""What tables take; those of the bill take its keys and days."""

TAKEN_AWAY = tuple(
    Described(
        path=f"/api/tables/{name}.{form}",
        route="/api/tables/{name}.{form}",
        summary=f"The table `{name}`.",
        answer=answer,
        asks=_ASKED.get(name, SPENT),
        errors=(400, 404),
        media=media,
    )
    for name in TABLES
    for form, answer, media in (
        ("csv", None, "text/csv"),
        ("json", of.TableAnswer, "application/json"),
    )
)

HOOKS = (
    Described(path="/api/hooks/github", method="post", answer=HookAnswer,
              summary="A delivery of GitHub, signed with the webhook's secret.",
              body=dict[str, Any], errors=(400, 403, 404, 409, 413)),
    Described(path="/api/hooks/ci-evidence/{identity}", method="post", answer=Evidence,
              summary="Evidence of a CI job about a change, as an in-toto statement.",
              body=dict[str, Any], asks=(part("identity"),), errors=(400, 404, 413, 422)),
)  # fmt: skip

DESCRIBED = (
    *RUNS,
    *HOOKS,
    *MATURITY,
    *LIMITS,
    *TAKEN_AWAY,
    *CHANGES,
    *CADENCE,
    Described(path="/api/openapi.json", summary="This document.", answer=dict[str, Any]),
)
