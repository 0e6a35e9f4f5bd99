"""What each command does to an incident in each state: (state, command, now) → events.

A pair that is not in the table is refused with the states in which the command does something.
Whatever leaves the first state without the promise of a commander having been kept says so first,
so a breach is told once, whether the clock told it or whoever came too late.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from pawl.incidents.closing import unmet
from pawl.incidents.commanding import accept, join, leave, offer, take_over
from pawl.incidents.commands import (
    Accept,
    Attach,
    BeginPostmortem,
    Claim,
    Close,
    Command,
    ConfirmRepeat,
    Decline,
    DismissRepeat,
    Join,
    Leave,
    Merge,
    Mitigate,
    Note,
    Offer,
    PublishPostmortem,
    Reclassify,
    Reopen,
    Resolve,
    TakeOver,
    Tick,
    Update,
)
from pawl.incidents.event import Answer, Happened, Refusal, refused
from pawl.incidents.incident import ONGOING, OVER, Happening, Incident, Milestone, State
from pawl.incidents.paging import breach_if_late, fire
from pawl.incidents.postmortem import State as Paper
from pawl.incidents.recording import (
    attach,
    claim,
    confirm_repeat,
    dismiss_repeat,
    note,
    reclassify,
    update,
)
from pawl.incidents.step import ended, no_reason, one, stamps_of


def decide(incident: Incident, command: Command, now: str) -> Answer:
    """Return what a command makes happen to an incident now, or every reason why it does not.

    A clock that has gone back does not make history go back: events are never older than the last.
    """
    handler = TABLE.get((incident.state, type(command)))
    if handler is None:
        return _not_now(incident.state, type(command))
    return handler(incident, command, max(now, incident.changed_at))


def _mitigate(incident: Incident, command: Mitigate, now: str) -> Answer:
    stamps = stamps_of(incident, {Milestone.MITIGATED: command.at}, now)
    if isinstance(stamps, Refusal):
        return stamps
    return one(
        incident, Happening.MITIGATED, now, command.by, state=State.MITIGATED, milestones=stamps
    )


def _resolve(incident: Incident, command: Resolve, now: str) -> Answer:
    claims = {Milestone.RESOLVED: command.at}
    if incident.state is State.COMMANDED:
        if not command.at or not command.mitigated_at:
            return refused(
                "not-mitigated",
                "Nobody has said when it no longer hurt.",
                hint="Say that it is mitigated, or give both times: mitigated and resolved.",
            )
        claims = {Milestone.MITIGATED: command.mitigated_at, **claims}
    stamps = stamps_of(incident, claims, now)
    if isinstance(stamps, Refusal):
        return stamps
    return (
        *breach_if_late(incident, now, command.by),
        *one(
            incident,
            Happening.RESOLVED,
            now,
            command.by,
            state=State.RESOLVED,
            milestones=stamps,
            commanders=ended(incident, now),
            offered_to="",
            unproved=False,
            next_update_at=None,
        ),
    )


def _begin_postmortem(incident: Incident, command: BeginPostmortem, now: str) -> Answer:
    return one(incident, Happening.POSTMORTEM_BEGUN, now, command.by, state=State.POSTMORTEM)


def _publish(incident: Incident, command: PublishPostmortem, now: str) -> Answer:
    paper = command.postmortem
    if paper.incident != incident.id or paper.state is not Paper.PUBLISHED:
        return refused("not-published", "Its postmortem is not published.")
    stamps = stamps_of(incident, {Milestone.PUBLISHED: ""}, now)
    if isinstance(stamps, Refusal):
        return stamps
    return one(
        incident,
        Happening.POSTMORTEM_PUBLISHED,
        now,
        command.by,
        {"postmortem": paper.id},
        state=State.ACTIONS_OPEN,
        milestones=stamps,
        root_cause_key=paper.root_cause_key,
    )


def _close(incident: Incident, command: Close, now: str) -> Answer:
    reasons = unmet(
        incident, command.postmortem, command.actions, command.terms, command.budget_used
    )
    if reasons:
        hint = "Write it with `pawl incident postmortem`, and see `pawl action list`; then close."
        return refused("not-done", *reasons, hint=hint)
    stamps = stamps_of(incident, {Milestone.CLOSED: ""}, now)
    if isinstance(stamps, Refusal):
        return stamps
    return one(
        incident,
        Happening.CLOSED,
        now,
        command.by,
        state=State.CLOSED,
        milestones=stamps,
        ended_at=now,
    )


def _reopen(incident: Incident, command: Reopen, now: str) -> Answer:
    bad = no_reason(command.reason)
    if bad:
        return bad
    if command.holder and command.holder != incident.id:
        return refused(
            "open-already",
            f"{command.holder} is the same and is open.",
            hint="Go on there, and confirm that it is a repeat if the cause is the same.",
        )
    kept = (Milestone.MITIGATED, Milestone.RESOLVED, Milestone.PUBLISHED)
    return one(
        incident,
        Happening.REOPENED,
        now,
        command.by,
        {"reason": command.reason},
        state=State.DECLARED,
        spell=incident.spell + 1,
        paging=command.paging,
        breached_at=None,
        milestones={each: at for each, at in incident.milestones.items() if each not in kept},
    )


def _decline(incident: Incident, command: Decline, now: str) -> Answer:
    bad = no_reason(command.reason)
    if bad:
        return bad
    end = _gone(incident, Happening.DECLINED, now, command.by, State.DECLINED, command.reason)
    return (*breach_if_late(incident, now, command.by), end)


def _merge(incident: Incident, command: Merge, now: str) -> Answer:
    target = command.target
    if target.id == incident.id:
        return refused("itself", "It is that incident.")
    if target.state is State.MERGED:
        return refused(
            "merged-itself",
            f"{target.id} was merged into {target.merged_into}.",
            hint=f"Merge into {target.merged_into}.",
        )
    if target.state not in ONGOING:
        return refused(
            "not-ongoing",
            f"{target.id} is {target.state}; only one that goes on is the same event.",
            hint="If the cause is the same, it is a repeat.",
        )
    end = _gone(incident, Happening.MERGED, now, command.by, State.MERGED, f"It is {target.id}.")
    sets = {**end.sets, "merged_into": target.id}
    return (
        *breach_if_late(incident, now, command.by),
        msgspec.structs.replace(end, sets=sets, tells={"into": target.id}),
    )


def _gone(
    incident: Incident, type: Happening, now: str, by: str, state: State, why: str
) -> Happened:
    return one(
        incident,
        type,
        now,
        by,
        state=state,
        why=why,
        ended_at=now,
        commanders=ended(incident, now),
        offered_to="",
        unproved=False,
        next_update_at=None,
    )[0]


def _tick(incident: Incident, command: Tick, now: str) -> Answer:
    return fire(incident, now, command.by)


def _not_now(state: State, command: type[Command]) -> Refusal:
    where = [held for held, allowed in TABLE if allowed is command]
    led = state is State.DECLARED and State.COMMANDED in where
    first = "Somebody takes command first: `pawl incident accept`. " if led else ""
    return refused(
        "not-now",
        f"{command.__struct_config__.tag} does nothing while it is {state}.",
        hint=f"{first}It can be done while it is {' or '.join(where)}.",
    )


Handler = Callable[[Incident, Any, str], Answer]
_LED = (State.COMMANDED, State.MITIGATED)
_ENDED = (State.RESOLVED, State.POSTMORTEM, State.ACTIONS_OPEN)
_LIVING = tuple(each for each in State if each not in OVER)
_TRUE = tuple(each for each in State if each not in (State.DECLINED, State.MERGED))
TABLE: Mapping[tuple[State, type[Command]], Handler] = {
    **{(state, Accept): accept for state in (State.DECLARED, *_LED)},
    **{(state, Offer): offer for state in _LED},
    **{(state, TakeOver): take_over for state in _LED},
    **{(state, Join): join for state in (State.DECLARED, *_LED)},
    **{(state, Leave): leave for state in (State.DECLARED, *_LED)},
    **{(state, Note): note for state in State},
    **{(state, Update): update for state in _LIVING},
    **{(state, Attach): attach for state in _TRUE},
    **{(state, Reclassify): reclassify for state in (State.DECLARED, *_LED)},
    **{(state, Claim): claim for state in _LIVING},
    (State.COMMANDED, Mitigate): _mitigate,
    (State.COMMANDED, Resolve): _resolve,
    (State.MITIGATED, Resolve): _resolve,
    (State.RESOLVED, BeginPostmortem): _begin_postmortem,
    (State.POSTMORTEM, PublishPostmortem): _publish,
    (State.RESOLVED, Close): _close,
    (State.ACTIONS_OPEN, Close): _close,
    **{(state, Reopen): _reopen for state in _ENDED},
    **{(state, Decline): _decline for state in (State.DECLARED, State.COMMANDED)},
    **{(state, Merge): _merge for state in (State.DECLARED, *_LED)},
    **{(state, ConfirmRepeat): confirm_repeat for state in _TRUE},
    **{(state, DismissRepeat): dismiss_repeat for state in _TRUE},
    **{(state, Tick): _tick for state in State},
}
"""What each command does in each state. A pair that is not here is refused."""
