"""What each command does to an action, and which actions hold releases up."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from pawl.base.times import canonical_time
from pawl.changes.facts import OpenAction
from pawl.incidents.action import DONE, Action, Proof, State, Work
from pawl.incidents.declaring import plain_words
from pawl.incidents.event import Answer, Happened, Refusal, plain, refused
from pawl.incidents.incident import MAX_TEXT
from pawl.incidents.people import People, answers_for, human, persons_behind


class Begin(msgspec.Struct, frozen=True, kw_only=True, tag="begin"):
    """Work on it."""

    by: str


class ClaimDone(msgspec.Struct, frozen=True, kw_only=True, tag="claim-done"):
    """Say that it is done."""

    by: str
    note: str = ""


class SendBack(msgspec.Struct, frozen=True, kw_only=True, tag="send-back"):
    """Say what is still to do."""

    by: str
    reason: str


class Verify(msgspec.Struct, frozen=True, kw_only=True, tag="verify"):
    """Say that it is done, having looked at evidence; not for its owner or who claimed it."""

    by: str
    proof: Proof
    people: People


class WontDo(msgspec.Struct, frozen=True, kw_only=True, tag="wont-do"):
    """Say that it will not be done, and why; only for who answers for it."""

    by: str
    reason: str
    people: People


class Move(msgspec.Struct, frozen=True, kw_only=True, tag="move"):
    """Give it another owner or date, and say why; only for who answers for it."""

    by: str
    reason: str
    people: People
    owner: str = ""
    due_at: str = ""


Command = Begin | ClaimDone | SendBack | Verify | WontDo | Move
COMMANDS: tuple[type[Command], ...] = (Begin, ClaimDone, SendBack, Verify, WontDo, Move)


def opened(action: Action, now: str, *, by: str) -> Answer:
    """Return the event that an action was opened; it has an owner, a date and a title."""
    action = msgspec.structs.replace(
        action,
        **{
            name: plain_words(getattr(action, name)).strip()
            for name in ("title", "owner", "component")
        },
    )
    empty = tuple(
        f"Its {name.replace('_', ' ')} is empty."
        for name in ("title", "owner", "due_at", "incident")
        if not getattr(action, name).strip()
    )
    if empty:
        return refused("not-whole", *empty)
    new = msgspec.structs.replace(
        action,
        state=State.OPEN,
        opened_at=now,
        changed_at=now,
        version=1,
        first_due_at=action.due_at,
    )
    return (Happened(type="action.opened", subject=action.id, at=now, by=by, sets=plain(new)),)


def decide(action: Action, command: Command, now: str) -> Answer:
    """Return what a command makes happen to an action now, or every reason why it does not."""
    handler = TABLE.get((action.state, type(command)))
    if handler is None:
        return refused("not-now", f"That does nothing while it is {action.state}.")
    return handler(action, command, max(now, action.changed_at))


def open_actions(actions: Iterable[Action]) -> tuple[OpenAction, ...]:
    """Return the actions that hold releases of their component up, as gates ask for them.

    Of high risk at once, of every risk once overdue; the change that closes one is exempt. That is
    the gate's to say: here is only what is open.
    """
    return tuple(
        OpenAction(
            id=each.id,
            component=each.component,
            incident=each.incident,
            due_at=each.due_at,
            owner=each.owner,
        )
        for each in sorted(actions, key=lambda one: one.id)
        if each.blocker and each.state not in DONE
    )


def _begin(action: Action, command: Begin, now: str) -> Answer:
    return _one(action, "action.begun", now, command.by, state=State.IN_PROGRESS)


def _claim(action: Action, command: ClaimDone, now: str) -> Answer:
    told = {"note": command.note[:MAX_TEXT]}
    return _one(
        action, "action.claimed", now, command.by, told, state=State.CLAIMED, claimed_by=command.by
    )


def _send_back(action: Action, command: SendBack, now: str) -> Answer:
    told = {"reason": command.reason[:MAX_TEXT]}
    return _no_reason(command.reason) or _one(
        action, "action.sent-back", now, command.by, told, state=State.IN_PROGRESS, claimed_by=""
    )


def _verify(action: Action, command: Verify, now: str) -> Answer:
    person = human(command.people, command.by, now)
    if isinstance(person, Refusal):
        return person
    interested = persons_behind(command.people, (action.owner, action.claimed_by))
    if person.id in interested | {action.owner}:
        return refused(
            "own-work",
            f"{person.id} owns it or has claimed it.",
            hint="Somebody else looks at the evidence.",
        )
    if action.claimed_by and not persons_behind(command.people, (action.claimed_by,)):
        return refused(
            "unknown-person",
            f"Nobody knows who {action.claimed_by} is, who claimed it: that may be {person.id}.",
            hint="Send it back, and let somebody of the roster claim it.",
        )
    lacking = _lacking(action.work, command.proof)
    if lacking:
        return refused("no-proof", *lacking)
    return _one(
        action,
        "action.verified",
        now,
        command.by,
        state=State.VERIFIED,
        verified_by=person.id,
        done_at=now,
        proof=command.proof,
    )


def _lacking(work: Work, proof: Proof) -> tuple[str, ...]:
    """Return what a proof does not show."""
    found = []
    if not proof.place.strip() or not proof.digest.strip():
        found.append("It names no evidence, by place and digest.")
    if proof.digest.strip().lower().rpartition(":")[2] in _OF_NOTHING:
        found.append("Its digest is that of nothing: an empty file shows nothing.")
    if work is Work.EVAL_CASE and proof.fails_on_bad is not True:
        found.append("The case was not seen to fail on what was bad.")
    if work is Work.EVAL_CASE and proof.passes_on_fixed is not True:
        found.append("The case was not seen to pass on what is mended.")
    return tuple(found)


def _wont_do(action: Action, command: WontDo, now: str) -> Answer:
    bad = _no_reason(command.reason) or _not_accountable(action, command.by, command.people, now)
    return bad or _one(
        action,
        "action.wont-do",
        now,
        command.by,
        state=State.WONT_DO,
        why=command.reason,
        done_at=now,
    )


def _move(action: Action, command: Move, now: str) -> Answer:
    bad = _no_reason(command.reason) or _not_accountable(action, command.by, command.people, now)
    if bad:
        return bad
    try:
        due_at = canonical_time(command.due_at) if command.due_at else action.due_at
    except (ValueError, OverflowError) as error:
        return refused("bad-time", f"{error}.", hint="Write a time such as 2026-11-21.")
    owner = plain_words(command.owner).strip() or action.owner
    if (due_at, owner) == (action.due_at, action.owner):
        return ()
    told = {"reason": command.reason, "due_at": action.due_at, "owner": action.owner}
    return _one(action, "action.moved", now, command.by, told, due_at=due_at, owner=owner)


def _not_accountable(action: Action, by: str, people: People, now: str) -> Refusal | None:
    person = human(people, by, now)
    if isinstance(person, Refusal):
        return person
    if answers_for(people, person.id, action.domain, action.scope, now):
        return None
    return refused(
        "not-accountable", f"{person.id} answers for neither incidents nor {action.domain} there."
    )


def _no_reason(text: str) -> Refusal | None:
    if text.strip() and len(text) <= MAX_TEXT:
        return None
    return refused("no-reason", "Say why, in a few sentences.")


def _one(
    action: Action, type: str, now: str, by: str, tells: dict[str, Any] | None = None, **sets: Any
) -> tuple[Happened, ...]:
    return (
        Happened(type=type, subject=action.id, at=now, by=by, sets=plain(sets), tells=tells or {}),
    )


_OF_NOTHING = frozenset(
    {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "d41d8cd98f00b204e9800998ecf8427e",
    }
)
"""SHA-256, SHA-1, git's blob and MD5 of no bytes at all."""

Handler = Callable[[Action, Any, str], Answer]
TABLE: Mapping[tuple[State, type[Command]], Handler] = {
    (State.OPEN, Begin): _begin,
    (State.OPEN, ClaimDone): _claim,
    (State.IN_PROGRESS, ClaimDone): _claim,
    (State.CLAIMED, SendBack): _send_back,
    (State.CLAIMED, Verify): _verify,
    **{
        (state, command): handler
        for state in State
        if state not in DONE
        for command, handler in ((WontDo, _wont_do), (Move, _move))
    },
}
"""What each command does in each state. A pair that is not here is refused."""
