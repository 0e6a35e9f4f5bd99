"""The addresses of changes and gates under `/api`, each with what it does and how it is described.

One row for each command, so that route, body and description cannot tell different things.
"""

from typing import Any, NamedTuple

from starlette.routing import Route

from pawl.changes.change import Change
from pawl.changes.evidence import Evidence
from pawl.changes.facts import Attested, Drill
from pawl.changes.gate import Decision
from pawl.changes.metrics import Figures
from pawl.changes.registry import Registry
from pawl.changes.signed_statement import SignedApproval
from pawl.governance.exceptions import Declared, GateException
from pawl.server.api import change_bodies as of
from pawl.server.api import changes as api
from pawl.services.change_terms import Asked, Checked


class Look(NamedTuple):
    """An address that answers and changes nothing."""

    path: str
    summary: str
    answer: Any
    look: Any


class Sent(NamedTuple):
    """An address that something of another form is sent to."""

    path: str
    summary: str
    body: Any
    answer: Any
    handler: Any
    status: int = 200


class Command(NamedTuple):
    """An address that something is sent to. `do` takes desk, id, body, who gives it, and key.

    Where an address names two things, the id is both.
    """

    path: str
    summary: str
    body: type[Any]
    answer: Any
    do: Any
    status: int = 200


ONE = "/api/changes/{id}"

LOOKS = (
    Look("/api/changes", "Changes, last changed first.", of.ChangesAnswer, api.changes),
    Look(ONE, "One change.", Change, api.change),
    Look(f"{ONE}/asked", "What an answer binds to now, and what changes.", Asked, api.asked),
    Look(f"{ONE}/timeline", "All that was recorded of it.", of.TimelineAnswer, api.timeline),
    Look(f"{ONE}/concerns", "What somebody has to see to.", of.ConcernsAnswer, api.concerns),
    Look(f"{ONE}/decisions", "What gates said of it.", of.DecisionsAnswer, api.decisions),
    Look(f"{ONE}/evidence", "What was found about it.", of.EvidenceAnswer, api.evidence),
    Look(f"{ONE}/verdict", "What its gates say now, not kept.", Checked, api.verdict),
    Look(f"{ONE}/explanation", "Why its gates say so.", of.ExplainAnswer, api.explanation),
    Look("/api/decisions", "What gates said last.", of.DecisionsAnswer, api.recent),
    Look("/api/decisions/{id}", "A stored decision.", Decision, api.decision),
    Look("/api/decisions/{id}/replay", "A decision judged again.", of.ReplayAnswer, api.replay),
    Look("/api/exceptions", "Rules that were set aside.", of.ExceptionsAnswer, api.exceptions),
    Look("/api/emergencies", "Emergencies, newest first.", of.EmergenciesAnswer, api.emergencies),
    Look("/api/registry", "What every component is and was.", Registry, api.registry),
    Look("/api/registry/{component:path}", "What is live.", of.LiveAnswer, api.live),
    Look("/api/change-figures", "The figures of a window.", Figures, api.figures),
)

COMMANDS = (
    Command("/api/changes", "Open a change.", of.Proposed, Change,
            lambda desk, which, body, by, key: desk.open(
                body.manifest, body.authors, by, key=key), 201),
    Command("/api/unmanaged", "Record what is live and never was a change.", of.Proposed, Change,
            lambda desk, which, body, by, key: desk.found_unmanaged(
                body.manifest, by, key=key), 201),
    Command(f"{ONE}/edit", "Give it other content: approvals of it are stale.", of.Proposed, Change,
            lambda desk, which, body, by, key: desk.edit(
                which, body.manifest, body.authors, by, key=key)),
    Command(f"{ONE}/submit", "Ask for a review.", of.Body, Change,
            lambda desk, which, body, by, key: desk.submit(which, by, key=key)),
    Command(f"{ONE}/judge", "Approve it if its gates say so now.", of.Body, Change,
            lambda desk, which, body, by, key: desk.judge(which, by)),
    Command(f"{ONE}/answers", "Approve, reject or abstain, bound to three digests.", of.Answering,
            Change, api.answer),
    Command(f"{ONE}/answers/{{answer}}/revoke", "Take an answer back.", of.Body, Change,
            lambda desk, which, body, by, key: desk.revoke(*which, by, key=key)),
    Command(f"{ONE}/reject", "End it with a no.", of.Because, Change,
            lambda desk, which, body, by, key: desk.reject(which, body.reason, by, key=key)),
    Command(f"{ONE}/withdraw", "Take it back before it is out.", of.Because, Change,
            lambda desk, which, body, by, key: desk.withdraw(which, body.reason, by, key=key)),
    Command(f"{ONE}/attest", "Say that its present content is yours.", of.Body, Attested,
            lambda desk, which, body, by, key: desk.attest(which, by)),
    Command(f"{ONE}/start", "Start its first stage.", of.Body, Change,
            lambda desk, which, body, by, key: desk.start(which, by, key=key)),
    Command(f"{ONE}/advance", "Go on to the next stage.", of.Staged, Change,
            lambda desk, which, body, by, key: desk.advance(
                which, desk.on_record(which, body.verdicts), by, key=key)),
    Command(f"{ONE}/finish", "Call it live.", of.Finishing, Change,
            lambda desk, which, body, by, key: desk.finish(
                which, desk.on_record(which, body.verdicts), body.read_back, by, key=key)),
    Command(f"{ONE}/rollback", "Begin to go back.", of.GoingBack, Change,
            lambda desk, which, body, by, key: desk.roll_back(
                which, body.reason, by, api.claimed(body.trigger_at, "trigger_at"), False,
                body.ended, key=key)),
    Command(f"{ONE}/confirm", "Call it rolled back.", of.ReadBack, Change,
            lambda desk, which, body, by, key: desk.confirm(which, body.read_back, by, key=key)),
    Command(f"{ONE}/fail-rollback", "Give its rollback up.", of.Because, Change,
            lambda desk, which, body, by, key: desk.fail_rollback(which, body.reason, by, key=key)),
    Command(f"{ONE}/check", "Ask its gates now, and keep the decision.", of.Asking, Checked,
            lambda desk, which, body, by, key: desk.check(which, body.moment, by)),
    Command(f"{ONE}/evidence", "Record what was found about it.", of.Found, Evidence,
            lambda desk, which, body, by, key: desk.add_evidence(which, api.piece(body), by), 201),
    Command(f"{ONE}/exceptions", "Ask that a gate be set aside.", of.Excepting, GateException,
            lambda desk, which, body, by, key: desk.request_exception(
                which, body.rule, by, reason=body.reason, owner=body.owner,
                compensating_control=body.compensating_control, hours=body.hours,
                follow_up=body.follow_up, max_uses=body.max_uses, key=key), 201),
    Command(f"{ONE}/break-glass", "Set a gate aside in an emergency.", of.Breaking, GateException,
            lambda desk, which, body, by, key: desk.break_glass(
                which, body.rule, by, incident=body.incident, reason=body.reason,
                compensating_control=body.compensating_control, hours=body.hours, key=key), 201),
    Command("/api/exceptions/{id}/approve", "Give an exception.", of.Body, GateException,
            lambda desk, which, body, by, key: desk.approve_exception(which, by)),
    Command("/api/exceptions/{id}/revoke", "End an exception.", of.Body, GateException,
            lambda desk, which, body, by, key: desk.revoke_exception(which, by)),
    Command("/api/exceptions/{id}/ratify", "Answer for broken glass.", of.Body, GateException,
            lambda desk, which, body, by, key: desk.ratify_exception(which, by)),
    Command(f"{ONE}/emergencies", "Declare an emergency and command it.", of.Declaring, Declared,
            lambda desk, which, body, by, key: desk.declare_emergency(
                which, by, severity=body.severity, why=body.why, key=key), 201),
    Command("/api/emergencies/{id}/end", "Say that it is over.", of.Body, Declared,
            lambda desk, which, body, by, key: desk.end_emergency(which, by)),
    Command("/api/drills", "Record that going back was exercised.", of.Drilled, Drill,
            lambda desk, which, body, by, key: desk.record_drill(
                body.component, body.succeeded, by, at=api.claimed(body.at, "at") or "",
                ref=body.ref), 201),
    Command("/api/gates/simulate", "What a policy would have said.", of.Playing, of.PlayedAnswer,
            lambda desk, which, body, by, key: of.PlayedAnswer(
                played=desk.simulate(body.policy, body.last))),
)  # fmt: skip

SENT = (
    Sent(f"{ONE}/statements", "Record an answer that somebody signed with their SSH key.",
         SignedApproval, Change, api.statement),
)  # fmt: skip

ROUTES = (
    *(Route(each.path, each.look, methods=["GET"]) for each in LOOKS),
    *(
        Route(each.path, api.commanding(each.body, each.do, each.status), methods=["POST"])
        for each in COMMANDS
    ),
    *(Route(each.path, each.handler, methods=["POST"]) for each in SENT),
)
