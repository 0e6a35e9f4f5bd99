"""A postmortem: what happened, why, which control failed, and what is done about it.

It is drafted, read by others and published. What it needs for that is one list, told whole.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from pawl.incidents.action import Action
from pawl.incidents.event import Answer, Happened, plain, refused
from pawl.incidents.incident import MAX_TEXT, Incident
from pawl.incidents.learning import IncidentLearning, NoChange, why_not_signed
from pawl.incidents.people import People
from pawl.incidents.root_cause import RootCause, root_cause_key
from pawl.incidents.terms import Terms


class State(StrEnum):
    """Where a postmortem stands."""

    DRAFT = "draft"
    IN_REVIEW = "in-review"
    PUBLISHED = "published"


class Content(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people write. `failed_control` is the one that should have stopped it."""

    summary: str = ""
    impact: str = ""
    what_happened: str = ""
    lucky: str = ""
    failed_control: str = ""
    root_cause: RootCause | None = None
    learning: IncidentLearning | None = None
    no_change: NoChange | None = None


class Postmortem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One postmortem. `owner` is a roster id; without one it cannot be published."""

    id: str
    incident: str
    owner: str
    changed_at: str
    state: State = State.DRAFT
    version: int = 1
    content: Content = Content()
    written_by: tuple[str, ...] = ()
    published_at: str | None = None
    root_cause_key: str = ""


class Revise(msgspec.Struct, frozen=True, kw_only=True, tag="revise"):
    """Write it anew, or give it to another owner."""

    by: str
    content: Content
    owner: str = ""


class AskReview(msgspec.Struct, frozen=True, kw_only=True, tag="ask-review"):
    """Let others read it."""

    by: str


class SendBack(msgspec.Struct, frozen=True, kw_only=True, tag="send-back"):
    """Say what it lacks."""

    by: str
    reason: str


class Publish(msgspec.Struct, frozen=True, kw_only=True, tag="publish"):
    """Make it final, with all actions of the incident."""

    by: str
    actions: tuple[Action, ...]
    people: People


Command = Revise | AskReview | SendBack | Publish
COMMANDS: tuple[type[Command], ...] = (Revise, AskReview, SendBack, Publish)


def required(incident: Incident, terms: Terms, budget_used: float | None) -> tuple[str, ...]:
    """Return every reason why an incident needs a postmortem.

    `budget_used` is its share of four weeks' error budget; None where no objective measures it.
    """
    reasons = []
    if incident.severity <= terms.postmortem_severity:
        reasons.append(f"It is of severity {incident.severity}.")
    if incident.domain in terms.postmortem_domains:
        reasons.append(f"It is one of {incident.domain}.")
    if incident.repeats:
        reasons.append(f"It repeats {', '.join(incident.repeats[:5])}.")
    if budget_used is not None and budget_used > terms.postmortem_budget_share:
        reasons.append(f"It used {budget_used:.0%} of four weeks' error budget.")
    return tuple(reasons)


def lacks(
    postmortem: Postmortem, actions: tuple[Action, ...], people: People, now: str
) -> tuple[str, ...]:
    """Return everything that a postmortem lacks to be published."""
    content = postmortem.content
    found = [
        f"Its {name.replace('_', ' ')} is empty."
        for name in ("summary", "impact", "what_happened", "failed_control")
        if not getattr(content, name).strip()
    ]
    if not postmortem.owner.strip():
        found.append("Nobody owns it.")
    if content.root_cause is None:
        found.append("It names no root cause.")
    found += _lacks_learning(postmortem, people, now)
    for each in actions:
        if each.incident == postmortem.incident and not (each.owner.strip() and each.due_at):
            found.append(f"The action {each.id} has no owner, or no date.")
    return tuple(found)


def _lacks_learning(postmortem: Postmortem, people: People, now: str) -> list[str]:
    learning, no_change = postmortem.content.learning, postmortem.content.no_change
    if learning is not None and learning.incidentId != postmortem.incident:
        return [f"What it teaches is of {learning.incidentId}."]
    if learning is not None and (learning.newEvalCases or learning.gateUpdates):
        return []
    if no_change is None:
        return ["It leaves neither an eval case nor a gate update, nor a signed reason why not."]
    why = why_not_signed(no_change, people, now, owner=postmortem.owner)
    return [why] if why else []


def decide(postmortem: Postmortem, command: Command, now: str) -> Answer:
    """Return what a command makes happen to a postmortem, or every reason why it does not."""
    handler = TABLE.get((postmortem.state, type(command)))
    if handler is None:
        return refused("not-now", f"That does nothing while it is {postmortem.state}.")
    return handler(postmortem, command, max(now, postmortem.changed_at))


def _revise(postmortem: Postmortem, command: Revise, now: str) -> Answer:
    texts = (getattr(command.content, each) for each in Content.__struct_fields__)
    if any(isinstance(text, str) and len(text) > MAX_TEXT for text in texts):
        return refused("too-long", f"One of its texts is longer than {MAX_TEXT:,} characters.")
    writers = tuple(dict.fromkeys((*postmortem.written_by, command.by)))
    return _one(
        postmortem,
        "postmortem.revised",
        now,
        command.by,
        content=command.content,
        owner=command.owner or postmortem.owner,
        written_by=writers,
        # What others read is not what it is now.
        state=State.DRAFT,
    )


def _ask_review(postmortem: Postmortem, command: AskReview, now: str) -> Answer:
    return _one(postmortem, "postmortem.in-review", now, command.by, state=State.IN_REVIEW)


def _send_back(postmortem: Postmortem, command: SendBack, now: str) -> Answer:
    if not command.reason.strip():
        return refused("no-reason", "Say what it lacks.")
    (event,) = _one(postmortem, "postmortem.sent-back", now, command.by, state=State.DRAFT)
    return (msgspec.structs.replace(event, tells={"reason": command.reason[:MAX_TEXT]}),)


def _publish(postmortem: Postmortem, command: Publish, now: str) -> Answer:
    found = lacks(postmortem, command.actions, command.people, now)
    cause = postmortem.content.root_cause
    if found or cause is None:
        return refused("not-ready", *found, hint="Write these down and publish again.")
    return _one(
        postmortem,
        "postmortem.published",
        now,
        command.by,
        state=State.PUBLISHED,
        published_at=now,
        root_cause_key=root_cause_key(cause),
    )


def _one(postmortem: Postmortem, type: str, now: str, by: str, **sets: Any) -> tuple[Happened, ...]:
    return (Happened(type=type, subject=postmortem.id, at=now, by=by, sets=plain(sets)),)


Handler = Callable[[Postmortem, Any, str], Answer]
TABLE: Mapping[tuple[State, type[Command]], Handler] = {
    (State.DRAFT, Revise): _revise,
    (State.IN_REVIEW, Revise): _revise,
    (State.DRAFT, AskReview): _ask_review,
    (State.IN_REVIEW, SendBack): _send_back,
    (State.IN_REVIEW, Publish): _publish,
}
"""What each command does in each state. A pair that is not here is refused."""
