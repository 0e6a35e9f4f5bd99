"""What incidents taught, as JSON: postmortems, lessons, debts, reports, and what looks alike."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.routing import Route

from pawl.incidents import debt
from pawl.incidents.blameless import Blame
from pawl.incidents.debt import OperationalDebt
from pawl.incidents.incident import Incident
from pawl.incidents.learning import IncidentLearning
from pawl.incidents.postmortem import Content, Postmortem
from pawl.incidents.similarity import Similar
from pawl.incidents.structural import StructuralReport
from pawl.incidents.weekly import WeeklyReview
from pawl.server.api.change_bodies import Body, Time
from pawl.server.api.change_routes import Command, Look
from pawl.server.api.changes import moment_of, window_of
from pawl.server.api.incident_bodies import Because, Name, Repeating, Text
from pawl.server.api.incidents import commanding, desk_of, looking, named, states_of
from pawl.server.question import Asked
from pawl.server.site import site_of
from pawl.services.incident_applying import MAX_RESULT, MAX_TITLE, Plan
from pawl.services.incident_terms import Learnt, StepDone

STATES = tuple(debt.State)
PAPER, DEBT = "/api/incidents/{id}/postmortem", "/api/debts/{id}"


class Owning(Body, frozen=True, kw_only=True):
    """Who owns it: a roster id."""

    owner: Name


class Revising(Body, frozen=True, kw_only=True):
    """The whole of what is written, and another owner where there is to be one."""

    content: Content
    owner: Name = ""
    seen: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    """The version that was looked at; 0 does not ask."""


class Planning(Body, frozen=True, kw_only=True):
    """Who pays a debt off, and how."""

    owner: Name
    plan: Text


class Proving(Body, frozen=True, kw_only=True):
    """The eval case that fails when it comes back."""

    case: Annotated[str, Meta(max_length=2_000)]


class Applying(Body, frozen=True, kw_only=True):
    """What an incident teaches, and when its actions are due; by the severity where it is null."""

    learning: IncidentLearning
    due_at: Time | None = None


class Stepping(Applying, frozen=True, kw_only=True):
    """One step that was done in a clone: its key, what it made, and the title of its action.

    What was made is `PATH@DIGEST` of a case, `.pawl/gates.yaml#GATE@DIGEST` of a gate, with commas.
    """

    step: Annotated[str, Meta(max_length=200)]
    result: Annotated[str, Meta(max_length=MAX_RESULT)] = ""
    title: Annotated[str, Meta(max_length=MAX_TITLE)] = ""


class PaperAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The postmortem of an incident, null where nobody has begun one, and until when it is due."""

    schema: Literal["pawl.postmortem-of/1"] = "pawl.postmortem-of/1"
    postmortem: Postmortem | None
    due_at: str | None


class BlameAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Sentences of a postmortem that put a failure on a person."""

    schema: Literal["pawl.postmortem-blame/1"] = "pawl.postmortem-blame/1"
    blame: tuple[Blame, ...]


class SimilarAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Earlier incidents that are like one, the likest first."""

    schema: Literal["pawl.incidents-similar/1"] = "pawl.incidents-similar/1"
    similar: tuple[Similar, ...]


class LearntAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Steps of applying what an incident teaches that were done, oldest first."""

    schema: Literal["pawl.incident-learnt/1"] = "pawl.incident-learnt/1"
    done: tuple[StepDone, ...]


class DebtsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Debts, last seen first."""

    schema: Literal["pawl.debts/1"] = "pawl.debts/1"
    debts: tuple[OperationalDebt, ...]


@looking
def postmortem(request: Request) -> object:
    """Answer the postmortem of an incident."""
    Asked(request, ())
    desk, which = desk_of(request), named(request)
    paper = desk.postmortem(which)
    due = desk.postmortem_due(which if paper is None else paper.incident)
    return PaperAnswer(postmortem=paper, due_at=due)


@looking
def draft(request: Request) -> object:
    """Answer what the timeline of an incident says already."""
    Asked(request, ())
    return desk_of(request).draft(named(request))


@looking
def blame(request: Request) -> object:
    """Answer the sentences of a postmortem that blame somebody."""
    Asked(request, ())
    return BlameAnswer(blame=desk_of(request).blame(named(request)))


@looking
def similar(request: Request) -> object:
    """Answer earlier incidents that are like one."""
    most = Asked(request, ("most",)).number("most", least=1, most=200, default=20)
    return SimilarAnswer(similar=desk_of(request).similar(named(request), most))


@looking
def learnt(request: Request) -> object:
    """Answer which steps of applying what an incident teaches were done."""
    Asked(request, ())
    return LearntAnswer(done=desk_of(request).learnt(named(request)))


@looking
def debts(request: Request) -> object:
    """Answer debts."""
    found = states_of(Asked(request, ("state",)), STATES)
    return DebtsAnswer(debts=desk_of(request).debts(tuple(map(debt.State, found))))


@looking
def one_debt(request: Request) -> object:
    """Answer one debt."""
    Asked(request, ())
    return desk_of(request).debt(named(request))


@looking
def structural(request: Request) -> object:
    """Answer the report on structural failures of a window."""
    window = window_of(Asked(request, ("since", "until")), site_of(request).serving.pages.today)
    return desk_of(request).structural_report(*window)


@looking
def weekly(request: Request) -> object:
    """Answer what a weekly review looks at, as of now or of another time."""
    return desk_of(request).weekly_review(moment_of(Asked(request, ("now",)), "now"))


LOOKS = (
    Look(PAPER, "The postmortem of an incident.", PaperAnswer, postmortem),
    Look(f"{PAPER}/draft", "What its timeline says already.", Content, draft),
    Look(f"{PAPER}/blame", "Sentences that blame somebody.", BlameAnswer, blame),
    Look("/api/incidents/{id}/similar", "Earlier ones that are like it.", SimilarAnswer, similar),
    Look("/api/incidents/{id}/learnt", "Steps that were done.", LearntAnswer, learnt),
    Look("/api/debts", "Causes that were seen again, last seen first.", DebtsAnswer, debts),
    Look(DEBT, "One debt.", OperationalDebt, one_debt),
    Look(
        "/api/structural-report", "Structural failures of a window.", StructuralReport, structural
    ),
    Look("/api/weekly-review", "What a weekly review looks at.", WeeklyReview, weekly),
)

COMMANDS = (
    Command(PAPER, "Begin the postmortem of an incident.", Owning, Postmortem,
            lambda desk, which, body, by, key: desk.begin_postmortem(
                which, body.owner, by, key=key), 201),
    Command(f"{PAPER}/revise", "Write it anew.", Revising, Postmortem,
            lambda desk, which, body, by, key: desk.revise(
                which, body.content, by, body.owner, seen=body.seen, key=key)),
    Command(f"{PAPER}/ask-review", "Let others read it.", Body, Postmortem,
            lambda desk, which, body, by, key: desk.ask_review(which, by, key=key)),
    Command(f"{PAPER}/send-back", "Say what it lacks.", Because, Postmortem,
            lambda desk, which, body, by, key: desk.send_back(which, body.reason, by, key=key)),
    Command(f"{PAPER}/publish", "Make it final.", Body, Postmortem,
            lambda desk, which, body, by, key: desk.publish(which, by, key=key)),
    Command(f"{PAPER}/sign-no-change", "Sign why nothing changes.", Because, Postmortem,
            lambda desk, which, body, by, key: desk.sign_no_change(
                which, body.reason, by, key=key)),
    Command("/api/incidents/{id}/learn", "Apply what it teaches.", IncidentLearning, Learnt,
            lambda desk, which, body, by, key: desk.learn(which, body, by, key=key)),
    Command("/api/incidents/{id}/learn/plan", "What applying it comes to; nothing is done.",
            Applying, Plan,
            lambda desk, which, body, by, key: desk.plan_learning(
                which, body.learning, due_at=body.due_at or "")),
    Command("/api/incidents/{id}/learn/steps", "A step of it was done in a clone.",
            Stepping, StepDone,
            lambda desk, which, body, by, key: desk.record_step(
                which, body.learning, body.step, body.result, body.title, by,
                due_at=body.due_at or "", key=key)),
    Command("/api/incidents/{id}/confirm-repeat", "An earlier one had its cause.",
            Repeating, Incident,
            lambda desk, which, body, by, key: desk.confirm_repeat(
                which, body.earlier, by, key=key)),
    Command(f"{DEBT}/plan", "Say who pays it off and how.", Planning, OperationalDebt,
            lambda desk, which, body, by, key: desk.plan_debt(
                which, body.owner, body.plan, by, key=key)),
    Command(f"{DEBT}/case", "Name its regression case.", Proving, OperationalDebt,
            lambda desk, which, body, by, key: desk.add_case(which, body.case, by, key=key)),
    Command(f"{DEBT}/pay", "Call it paid, if it is.", Body, OperationalDebt,
            lambda desk, which, body, by, key: desk.pay_debt(which, by, key=key)),
)  # fmt: skip

ROUTES = (
    *(Route(each.path, each.look, methods=["GET"]) for each in LOOKS),
    *(
        Route(each.path, commanding(each.body, each.do, each.status), methods=["POST"])
        for each in COMMANDS
    ),
)
