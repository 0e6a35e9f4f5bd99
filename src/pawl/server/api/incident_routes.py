"""The addresses of incidents and actions under `/api`, each with what it does and is called.

One row for each command, so that route, body and description cannot tell different things.
"""

from starlette.routing import Route

from pawl.incidents.action import Action
from pawl.incidents.declaring import Said
from pawl.incidents.incident import Incident
from pawl.server.api import incident_bodies as of
from pawl.server.api import incidents as api
from pawl.server.api.change_bodies import Body
from pawl.server.api.change_routes import Command, Look, Sent
from pawl.services.incident_terms import AllFigures, Declared

ALL, ONE = "/api/incidents", "/api/incidents/{id}"
WORK = "/api/actions/{id}"

LOOKS = (
    Look(ALL, "Incidents, last declared first.", of.IncidentsAnswer, api.incidents),
    Look("/api/ongoing-incidents", "What still hurts, the worst first.", of.IncidentsAnswer,
         api.ongoing),
    Look(ONE, "One incident.", Incident, api.incident),
    Look(f"{ONE}/timeline", "All that was recorded of it.", of.EntriesAnswer, api.timeline),
    Look(f"{ONE}/timers", "Its deadlines, and what is wrong with them.", of.OwnTimersAnswer,
         api.own_timers),
    Look(f"{ONE}/unmet", "What stands in the way of closing it.", of.UnmetAnswer, api.unmet),
    Look("/api/incident-timers", "Whether all timers did as they should.", of.TimersAnswer,
         api.timers),
    Look("/api/incident-holds", "What gates ask of incidents.", of.HoldsAnswer, api.holds),
    Look("/api/incident-figures", "The figures of a window.", AllFigures, api.figures),
    Look("/api/actions", "Actions, due first.", of.ActionsAnswer, api.actions),
    Look(WORK, "One action.", Action, api.one_action),
)  # fmt: skip

SENT = (
    Sent(ALL, "Declare an incident: a title is enough, and nothing else stops it.", Said, Declared,
         api.declaring, 201),
)  # fmt: skip

COMMANDS = (
    Command(f"{ONE}/accept", "Take command.", Body, Incident,
            lambda desk, which, body, by, key: desk.accept(which, by, key=key)),
    Command(f"{ONE}/offer", "Offer command to a person.", of.Offering, Incident,
            lambda desk, which, body, by, key: desk.offer(which, body.to, by, key=key)),
    Command(f"{ONE}/take-over", "Relieve a commander who cannot go on.", of.Because, Incident,
            lambda desk, which, body, by, key: desk.take_over(which, body.reason, by, key=key)),
    Command(f"{ONE}/join", "Be one of those who fix it.", Body, Incident,
            lambda desk, which, body, by, key: desk.join(which, by, key=key)),
    Command(f"{ONE}/leave", "Be no longer one of those who fix it.", Body, Incident,
            lambda desk, which, body, by, key: desk.leave(which, by, key=key)),
    Command(f"{ONE}/note", "Put something on the timeline.", of.Noting, Incident,
            lambda desk, which, body, by, key: desk.note(which, body.text, by, key=key)),
    Command(f"{ONE}/update", "Tell everybody how it stands.", of.Updating, Incident,
            lambda desk, which, body, by, key: desk.update(
                which, body.facts, body.impact, body.status, by, key=key)),
    Command(f"{ONE}/attach", "Link something with it.", of.Attaching, Incident,
            lambda desk, which, body, by, key: desk.attach(
                which, body.kind, body.id, by, body.suspected, key=key)),
    Command(f"{ONE}/reclassify", "Say how bad it is, or of which domain.", of.Reclassifying,
            Incident,
            lambda desk, which, body, by, key: desk.reclassify(
                which, body.reason, by, body.severity, body.domain, key=key)),
    Command(f"{ONE}/claim", "Say when it started or was detected.", of.Claiming, Incident,
            lambda desk, which, body, by, key: desk.claim(
                which, body.milestone, body.at, by, key=key)),
    Command(f"{ONE}/mitigate", "It no longer hurts.", of.Mitigating, Incident,
            lambda desk, which, body, by, key: desk.mitigate(which, by, body.at or "", key=key)),
    Command(f"{ONE}/resolve", "It is mended.", of.Resolving, Incident,
            lambda desk, which, body, by, key: desk.resolve(
                which, by, body.at or "", body.mitigated_at or "", key=key)),
    Command(f"{ONE}/close", "End it.", Body, Incident,
            lambda desk, which, body, by, key: desk.close(which, by, key=key)),
    Command(f"{ONE}/reopen", "It is back.", of.Because, Incident,
            lambda desk, which, body, by, key: desk.reopen(which, body.reason, by, key=key)),
    Command(f"{ONE}/decline", "It is no incident.", of.Because, Incident,
            lambda desk, which, body, by, key: desk.decline(which, body.reason, by, key=key)),
    Command(f"{ONE}/merge", "It is the same event as another one.", of.Merging, Incident,
            lambda desk, which, body, by, key: desk.merge(which, body.into, by, key=key)),
    Command(f"{ONE}/dismiss-repeat", "Another one had another cause.", of.Dismissing, Incident,
            lambda desk, which, body, by, key: desk.dismiss_repeat(
                which, body.earlier, by, body.reason, key=key)),
    Command(f"{ONE}/actions", "Open an action.", of.Opening, Action,
            lambda desk, which, body, by, key: desk.open_action(
                which, body.title, body.owner, body.due_at, body.work, body.component, by,
                blocker=body.blocker, severity=body.severity, key=key), 201),
    Command(f"{WORK}/begin", "Work on it.", Body, Action,
            lambda desk, which, body, by, key: desk.begin_action(which, by, key=key)),
    Command(f"{WORK}/done", "Say that it is done.", of.Doing, Action,
            lambda desk, which, body, by, key: desk.claim_action(which, by, body.note, key=key)),
    Command(f"{WORK}/send-back", "Say what is still to do.", of.Because, Action,
            lambda desk, which, body, by, key: desk.send_back_action(
                which, body.reason, by, key=key)),
    Command(f"{WORK}/verify", "It is done: evidence was looked at.", of.Verifying, Action,
            lambda desk, which, body, by, key: desk.verify_action(
                which, body.proof, by, key=key)),
    Command(f"{WORK}/drop", "It will not be done.", of.Because, Action,
            lambda desk, which, body, by, key: desk.drop_action(which, body.reason, by, key=key)),
    Command(f"{WORK}/move", "Give it another owner or date.", of.Moving, Action,
            lambda desk, which, body, by, key: desk.move_action(
                which, body.reason, by, body.owner, body.due_at or "", key=key)),
)  # fmt: skip

ROUTES = (
    *(Route(each.path, each.look, methods=["GET"]) for each in LOOKS),
    *(Route(each.path, each.handler, methods=["POST"]) for each in SENT),
    *(
        Route(each.path, api.commanding(each.body, each.do, each.status), methods=["POST"])
        for each in COMMANDS
    ),
)
