"""What each command does to a change in each state: one table, (state, command, now) → events.

A pair that is not in the table is refused with the states in which the command does something.
Guards that need the world look at a snapshot that comes with the command, and the gate is asked
again at the very time of the start: that it was green once counts for nothing. Going back is in
the table for everything that is out, and has no guard but who it is said to be automatic for.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from pawl.base.errors import BadValue
from pawl.base.times import format_time, parse_time, seconds_between
from pawl.changes.approval import MAX_NOTE, Said
from pawl.changes.asking import asked, rests_on
from pawl.changes.change import (
    OUT,
    Answer,
    Change,
    Happened,
    Happening,
    Refusal,
    State,
    plain_values,
)
from pawl.changes.commands import (
    Advance,
    Command,
    ConfirmRollback,
    Edit,
    FailRollback,
    Finish,
    GiveAnswer,
    Judge,
    Reject,
    RevokeAnswer,
    RollBack,
    Start,
    Submit,
    Tick,
    Withdraw,
)
from pawl.changes.manifest import Risk, manifest_digest, parts_digest, problems
from pawl.changes.opening import identities
from pawl.changes.rollout import Move, next_step
from pawl.governance.roster import plain_identity

MAX_AUTHORS = 1_000
MAX_ANSWERS = 1_000
ROLLBACK_S = 900.0
"""How long a rollback may take that no manifest says it of, in seconds."""


def decide(change: Change, command: Command, now: str) -> Answer:
    """Return what a command makes happen to a change now, or every reason why it does not.

    A clock that has gone back does not make history go back: events are never older than the last.
    """
    handler = TABLE.get((change.state, type(command)))
    if handler is None:
        return _not_now(change.state, type(command))
    return handler(change, command, max(now, change.changed_at))


def _edit(change: Change, command: Edit, now: str) -> Answer:
    try:
        new = manifest_digest(command.manifest)
    except BadValue as error:
        return Refusal(code="bad-manifest", reasons=(error.message,), hint=error.hint)
    same = new == change.digest
    # Writing down again what stands there makes nobody an author; being found out does.
    by = () if same else (command.by,)
    authors = identities((*change.authors, *command.authors, *by))
    if len(authors) > MAX_AUTHORS:
        return Refusal(code="too-many", reasons=(f"More than {MAX_AUTHORS:,} authors.",))
    if same and authors == change.authors:
        return ()
    if same:
        return _one(change, Happening.EDITED, now, command.by, authors=authors)
    return _one(
        change,
        Happening.EDITED,
        now,
        command.by,
        manifest=command.manifest,
        digest=new,
        authors=authors,
        state=State.DRAFT,
        submitted_at=None,
        **_ANEW,
    )


def _submit(change: Change, command: Submit, now: str) -> Answer:
    found = problems(change.manifest)
    if found:
        return Refusal(code="not-ready", reasons=found, hint="Edit the manifest and submit again.")
    return _one(
        change,
        Happening.SUBMITTED,
        now,
        command.by,
        state=State.IN_REVIEW,
        submitted_at=now,
        **_ANEW,
    )


_ANEW: dict[str, Any] = {
    "approved_at": None,
    "started_at": None,
    "stage": -1,
    "stage_at": None,
    "live_at": None,
    "trigger_at": None,
    "rollback_at": None,
    "ended_at": None,
    "decision": "",
    "approved_by": (),
    "evidence": (),
    "exceptions": (),
    "why": "",
}
"""What a change knows of its last time through, when it begins again; the ledger knows it all."""


def _answer(change: Change, command: GiveAnswer, now: str) -> Answer:
    answer = command.answer
    bound = (answer.digest, answer.base_digest, answer.policy_digest)
    wanted = (change.digest, command.base_digest, command.policy_digest)
    if answer.change != change.id or bound != wanted:
        return Refusal(
            code="stale",
            reasons=(
                f"It answers {answer.digest[:12]} on {answer.base_digest[:12]}; asked is "
                f"{change.digest[:12]} on {wanted[1][:12]} under {wanted[2][:12]}.",
            ),
            hint="Look at what it is now, and answer that.",
        )
    if any(each.id == answer.id or each.seq == answer.seq for each in change.answers):
        return ()
    if len(change.answers) >= MAX_ANSWERS or len(answer.note) > MAX_NOTE:
        return Refusal(
            code="too-many", reasons=("There are too many answers, or too long a note.",)
        )
    said = msgspec.structs.replace(answer, identity=plain_identity(answer.identity))
    answers = (*change.answers, said)
    return _one(change, Happening.ANSWERED, now, said.identity, answers=answers)


def _revoke(change: Change, command: RevokeAnswer, now: str) -> Answer:
    known = {each.id: each for each in change.answers}
    found = known.get(command.answer)
    if found is None:
        return Refusal(code="unknown-answer", reasons=(f"No answer is called {command.answer}.",))
    if found.revoked_at is not None:
        return ()
    if found.said is Said.REJECT and plain_identity(command.by) != found.identity:
        # Taking back a yes closes, taking back a no opens.
        return Refusal(
            code="not-theirs", reasons=(f"A no is taken back by {found.identity}, who gave it.",)
        )
    gone = msgspec.structs.replace(found, revoked_at=now)
    answers = tuple(gone if each.id == found.id else each for each in change.answers)
    return _one(change, Happening.ANSWER_REVOKED, now, command.by, answers=answers)


def _judge(change: Change, command: Judge, now: str) -> Answer:
    decision = asked(change, command.snapshot, "approve", now)
    if isinstance(decision, Refusal):
        return decision
    return _one(
        change,
        Happening.APPROVED,
        now,
        command.by,
        state=State.APPROVED,
        approved_at=now,
        **rests_on(decision),
    )


def _start(change: Change, command: Start, now: str) -> Answer:
    terms = command.snapshot.policy.terms
    decision = asked(change, command.snapshot, "start", now)
    if isinstance(decision, Refusal):
        return decision
    high = decision.risk.risk is Risk.HIGH
    hours = terms.approval_hours_high_risk if high else terms.approval_hours
    if change.approved_at is None or now >= _later(change.approved_at, hours * 3600):
        return Refusal(
            code="expired",
            reasons=(f"It was approved more than {hours:g} hours ago.",),
            hint="Submit it again.",
        )
    return _one(
        change,
        Happening.STARTED,
        now,
        command.by,
        state=State.ROLLING_OUT,
        started_at=now,
        stage=0,
        stage_at=now,
        exceptions=decision.used,
        **rests_on(decision),
    )


def _advance(change: Change, command: Advance, now: str) -> Answer:
    step = next_step(change, command.verdicts, now)
    if step.move is not Move.ADVANCE:
        return Refusal(code=step.move, reasons=(step.why,))
    return _one(change, Happening.ADVANCED, now, command.by, stage=change.stage + 1, stage_at=now)


def _finish(change: Change, command: Finish, now: str) -> Answer:
    step = next_step(change, command.verdicts, now)
    if step.move is not Move.FINISH:
        return Refusal(code=step.move, reasons=(step.why,))
    wanted = parts_digest(change.manifest.parts)
    if command.read_back != wanted:
        return Refusal(
            code="read-back-differs",
            reasons=(f"There is {command.read_back[:12]}; approved was {wanted[:12]}.",),
            hint="Something else is live. Roll back, then look for what moved it.",
        )
    return _one(change, Happening.LIVE, now, command.by, state=State.LIVE, live_at=now)


def _roll_back(change: Change, command: RollBack, now: str) -> Answer:
    if command.automatic and not change.manifest.rollout.automatic_rollback:
        return Refusal(
            code="not-automatic",
            reasons=("Its plan does not let it go back by itself.",),
            hint="A person rolls it back.",
        )
    return _one(
        change,
        Happening.ROLLBACK_STARTED,
        now,
        command.by,
        state=State.ROLLING_BACK,
        # A rollback that is tried again was triggered when it was first.
        trigger_at=change.trigger_at
        if change.state is State.ROLLBACK_FAILED and change.trigger_at
        else min(command.trigger_at, now),
        rollback_at=now,
        ended_as_planned=command.ended and _has_run_its_time(change, now),
        why=command.reason[:MAX_NOTE],
    )


def _has_run_its_time(change: Change, now: str) -> bool:
    experiment = change.manifest.experiment
    return (
        change.state is State.ROLLING_OUT
        and experiment is not None
        and parse_time(now) >= parse_time(experiment.ends_at)
    )


def _confirm(change: Change, command: ConfirmRollback, now: str) -> Answer:
    wanted = parts_digest(change.manifest.base)
    if command.read_back != wanted:
        return Refusal(
            code="read-back-differs",
            reasons=(f"There is {command.read_back[:12]}; before it was {wanted[:12]}.",),
            hint="Try again; after its time it counts as failed.",
        )
    return _one(
        change, Happening.ROLLED_BACK, now, command.by, state=State.ROLLED_BACK, ended_at=now
    )


def _fail(change: Change, command: FailRollback, now: str) -> Answer:
    return _one(
        change,
        Happening.ROLLBACK_FAILED,
        now,
        command.by,
        state=State.ROLLBACK_FAILED,
        why=command.reason[:MAX_NOTE],
    )


def _ended(state: State, happening: Happening) -> Callable[[Change, Any, str], Answer]:
    def end(change: Change, command: Reject | Withdraw, now: str) -> Answer:
        if not command.reason.strip() or len(command.reason) > MAX_NOTE:
            return Refusal(code="no-reason", reasons=("Say why, in a few sentences.",))
        return _one(
            change, happening, now, command.by, state=state, ended_at=now, why=command.reason
        )

    return end


def _tick_approved(change: Change, command: Tick, now: str) -> Answer:
    since = change.approved_at or change.changed_at
    if now < _later(since, command.approval_hours * 3600):
        return ()
    why = f"Approved on {since[:16]}Z and not started within {command.approval_hours:g} hours."
    return _one(change, Happening.EXPIRED, now, command.by, state=State.EXPIRED, why=why)


def _tick_rolling_back(change: Change, command: Tick, now: str) -> Answer:
    plan = change.manifest.rollback
    allowed = plan.timeout_s if plan else ROLLBACK_S
    since = change.rollback_at or change.changed_at
    if seconds_between(since, now) < allowed:
        return ()
    return _fail(
        change, FailRollback(by=command.by, reason=f"Not back within {allowed:g} seconds."), now
    )


def _one(change: Change, type: Happening, now: str, by: str, **sets: Any) -> tuple[Happened, ...]:
    return (Happened(type=type, change=change.id, at=now, by=by, sets=plain_values(sets)),)


def _later(start: str, seconds: float) -> str:
    return format_time(parse_time(start) + timedelta(seconds=seconds))


def _not_now(state: State, command: type[Command]) -> Refusal:
    where = [held for held, allowed in TABLE if allowed is command]
    return Refusal(
        code="not-now",
        reasons=(f"{command.__struct_config__.tag} does nothing while it is {state}.",),
        hint=f"It can be done while it is {' or '.join(where)}.",
    )


Handler = Callable[[Change, Any, str], Answer]
_BEFORE = (State.DRAFT, State.IN_REVIEW, State.APPROVED, State.EXPIRED)
_KEEPS_ANSWERS = (State.IN_REVIEW, State.APPROVED, State.ROLLING_OUT, State.LIVE)
TABLE: Mapping[tuple[State, type[Command]], Handler] = {
    **{(state, Edit): _edit for state in _BEFORE},
    **{(state, Submit): _submit for state in (State.DRAFT, State.EXPIRED, State.ROLLED_BACK)},
    (State.IN_REVIEW, GiveAnswer): _answer,
    (State.APPROVED, GiveAnswer): _answer,
    # After the start it is only put on record: what is out is taken back, not unapproved.
    **{(state, RevokeAnswer): _revoke for state in _KEEPS_ANSWERS},
    (State.IN_REVIEW, Judge): _judge,
    (State.IN_REVIEW, Reject): _ended(State.REJECTED, Happening.REJECTED),
    **{
        (state, Withdraw): _ended(State.WITHDRAWN, Happening.WITHDRAWN)
        for state in (State.DRAFT, State.IN_REVIEW, State.APPROVED, State.EXPIRED)
    },
    (State.APPROVED, Tick): _tick_approved,
    (State.ROLLING_BACK, Tick): _tick_rolling_back,
    (State.APPROVED, Start): _start,
    (State.ROLLING_OUT, Advance): _advance,
    (State.ROLLING_OUT, Finish): _finish,
    **{(state, RollBack): _roll_back for state in sorted(OUT)},
    (State.ROLLING_BACK, ConfirmRollback): _confirm,
    (State.ROLLING_BACK, FailRollback): _fail,
}
"""What each command does in each state. A pair that is not here is refused."""
