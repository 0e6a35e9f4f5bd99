"""What the buttons of the pages on incidents, actions and debts do, by the names they send."""

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from pawl.base.errors import BadValue
from pawl.governance.priority import Domain
from pawl.incidents.action import Proof, Work
from pawl.incidents.incident import Incident, LinkKind, Milestone
from pawl.incidents.terms import Severity
from pawl.services.change_terms import By
from pawl.services.incident_terms import Acted, Owed, Told, Written
from pawl.services.incidents import IncidentDesk

Done = Told | Acted | Written | Owed
"""What a form comes to: the value as it is now, or why nothing happened."""
Fields = Mapping[str, str]
T = TypeVar("T")

FIELDS = (
    *("command", "seen", "version", "to", "reason", "text", "facts", "impact", "status", "kind"),
    *("ref", "suspected", "severity", "domain", "milestone", "at", "mitigated_at", "into"),
    *("earlier", "title", "owner", "due_at", "work", "component", "blocker"),
)
"""Fields that the forms of an incident's room may send."""
ACTION_FIELDS = (
    *("command", "id", "version", "note", "reason", "place", "digest", "fails", "passes", "owner"),
    *("due_at", "back_owner", "back_incident"),
)
DEBT_FIELDS = ("command", "id", "version", "owner", "plan", "case")
ABOUT_STATE = frozenset(
    {"accept", "offer", "take-over", "mitigate", "resolve", "close", "reopen", "decline", "merge"}
)
"""Commands that are about exactly where an incident stood and who commanded when it was seen."""


def _reclassify(desk: IncidentDesk, it: Incident, said: Fields, by: By, key: str) -> Told:
    severity = said["severity"]
    if severity not in ("", "1", "2", "3", "4"):
        raise BadValue(f"There is no severity {severity[:20]!r}.", place="severity")
    return desk.reclassify(
        it.id,
        said["reason"],
        by,
        severity=cast("Severity", int(severity)) if severity else None,
        domain=_one_of(Domain, said["domain"], "domain") if said["domain"] else None,
        key=key,
    )


def _open_action(desk: IncidentDesk, it: Incident, said: Fields, by: By, key: str) -> Acted:
    return desk.open_action(
        it.id,
        said["title"],
        said["owner"],
        said["due_at"],
        _one_of(Work, said["work"], "work"),
        said["component"],
        by,
        blocker=said["blocker"] == "yes",
        key=key,
    )


def _verify(desk: IncidentDesk, of: str, said: Fields, by: By, key: str) -> Acted:
    proof = Proof(
        place=said["place"],
        digest=said["digest"],
        fails_on_bad=True if said["fails"] == "yes" else None,
        passes_on_fixed=True if said["passes"] == "yes" else None,
    )
    return desk.verify_action(of, proof, by, key=key)


def _one_of(kind: Callable[[str], T], text: str, place: str) -> T:
    try:
        return kind(text)
    except ValueError:
        raise BadValue(f"{text[:40]!r} is not one of the choices.", place=place) from None


Doing = Callable[[IncidentDesk, Incident, Fields, By, str], Done]
COMMANDS: Mapping[str, Doing] = {
    "accept": lambda desk, it, said, by, key: desk.accept(it.id, by, key=key),
    "offer": lambda desk, it, said, by, key: desk.offer(it.id, said["to"], by, key=key),
    "take-over": lambda desk, it, said, by, key: desk.take_over(it.id, said["reason"], by, key=key),
    "join": lambda desk, it, said, by, key: desk.join(it.id, by, key=key),
    "leave": lambda desk, it, said, by, key: desk.leave(it.id, by, key=key),
    "note": lambda desk, it, said, by, key: desk.note(it.id, said["text"], by, key=key),
    "update": lambda desk, it, said, by, key: desk.update(
        it.id, said["facts"], said["impact"], said["status"], by, key=key
    ),
    "attach": lambda desk, it, said, by, key: desk.attach(
        it.id,
        _one_of(LinkKind, said["kind"], "kind"),
        said["ref"],
        by,
        suspected=said["suspected"] == "yes",
        key=key,
    ),
    "reclassify": _reclassify,
    "claim": lambda desk, it, said, by, key: desk.claim(
        it.id, _one_of(Milestone, said["milestone"], "milestone"), said["at"], by, key=key
    ),
    "mitigate": lambda desk, it, said, by, key: desk.mitigate(it.id, by, said["at"], key=key),
    "resolve": lambda desk, it, said, by, key: desk.resolve(
        it.id, by, said["at"], said["mitigated_at"], key=key
    ),
    "close": lambda desk, it, said, by, key: desk.close(it.id, by, key=key),
    "reopen": lambda desk, it, said, by, key: desk.reopen(it.id, said["reason"], by, key=key),
    "decline": lambda desk, it, said, by, key: desk.decline(it.id, said["reason"], by, key=key),
    "merge": lambda desk, it, said, by, key: desk.merge(it.id, said["into"], by, key=key),
    "confirm-repeat": lambda desk, it, said, by, key: desk.confirm_repeat(
        it.id, said["earlier"], by, key=key
    ),
    "dismiss-repeat": lambda desk, it, said, by, key: desk.dismiss_repeat(
        it.id, said["earlier"], by, said["reason"], key=key
    ),
    "open-action": _open_action,
}
"""What the forms of an incident's room do."""

Acting = Callable[[IncidentDesk, str, Fields, By, str], Done]
ACTION_COMMANDS: Mapping[str, Acting] = {
    "begin": lambda desk, of, said, by, key: desk.begin_action(of, by, key=key),
    "claim-done": lambda desk, of, said, by, key: desk.claim_action(of, by, said["note"], key=key),
    "send-back": lambda desk, of, said, by, key: desk.send_back_action(
        of, said["reason"], by, key=key
    ),
    "verify": _verify,
    "wont-do": lambda desk, of, said, by, key: desk.drop_action(of, said["reason"], by, key=key),
    "move": lambda desk, of, said, by, key: desk.move_action(
        of, said["reason"], by, said["owner"], said["due_at"], key=key
    ),
}
"""What the forms of the board of actions do."""
DEBT_COMMANDS: Mapping[str, Acting] = {
    "plan": lambda desk, of, said, by, key: desk.plan_debt(
        of, said["owner"], said["plan"], by, key=key
    ),
    "add-case": lambda desk, of, said, by, key: desk.add_case(of, said["case"], by, key=key),
    "pay": lambda desk, of, said, by, key: desk.pay_debt(of, by, key=key),
}
"""What the forms of the page of debts do."""
PAPER_COMMANDS: Mapping[str, Acting] = {
    "ask-review": lambda desk, of, said, by, key: desk.ask_review(of, by, key=key),
    "send-back": lambda desk, of, said, by, key: desk.send_back(of, said["reason"], by, key=key),
    "publish": lambda desk, of, said, by, key: desk.publish(of, by, key=key),
    "sign-no-change": lambda desk, of, said, by, key: desk.sign_no_change(
        of, said["reason"], by, key=key
    ),
    "begin": lambda desk, of, said, by, key: desk.begin_postmortem(of, said["owner"], by, key=key),
}
"""What the forms of a postmortem's page do, besides saving it."""
