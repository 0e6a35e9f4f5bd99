"""What can be asked of a change. Whoever asks is named by an identity; people are looked up."""

import msgspec

from pawl.changes.approval import Approval
from pawl.changes.condition import Snapshot
from pawl.changes.manifest import Manifest
from pawl.changes.rollout import StageVerdict


class Edit(msgspec.Struct, frozen=True, kw_only=True, tag="edit"):
    """Give it other content. Whoever edits becomes one of its authors, as do `authors`.

    With the same content it only puts on record who else is found to have written it.
    """

    by: str
    manifest: Manifest
    authors: tuple[str, ...] = ()


class Submit(msgspec.Struct, frozen=True, kw_only=True, tag="submit"):
    """Ask for a review of exactly this content."""

    by: str


class GiveAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="answer"):
    """Record an approval, a rejection or an abstention.

    `base_digest` and `policy_digest` are what they are now: an answer to anything else is refused
    at once, and whoever gave it is told.
    """

    answer: Approval
    base_digest: str
    policy_digest: str


class RevokeAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="revoke"):
    """Take an answer back. A yes can be taken back by anybody, a no only by who gave it."""

    by: str
    answer: str


class Judge(msgspec.Struct, frozen=True, kw_only=True, tag="judge"):
    """Approve it if its gates say so now; the snapshot is of the moment `approve`."""

    by: str
    snapshot: Snapshot


class Reject(msgspec.Struct, frozen=True, kw_only=True, tag="reject"):
    """End it with a no, and why."""

    by: str
    reason: str


class Withdraw(msgspec.Struct, frozen=True, kw_only=True, tag="withdraw"):
    """Take it back before it is out, and why."""

    by: str
    reason: str


class Tick(msgspec.Struct, frozen=True, kw_only=True, tag="tick"):
    """Let time do what is due: approvals expire, rollbacks time out."""

    by: str
    approval_hours: float


class Start(msgspec.Struct, frozen=True, kw_only=True, tag="start"):
    """Start its first stage if its gates say so now; the snapshot is of the moment `start`."""

    by: str
    snapshot: Snapshot


class Advance(msgspec.Struct, frozen=True, kw_only=True, tag="advance"):
    """Go on to the next stage if this one has passed."""

    by: str
    verdicts: tuple[StageVerdict, ...]


class Finish(msgspec.Struct, frozen=True, kw_only=True, tag="finish"):
    """Call it live if the last stage has passed and what was read back is what was approved."""

    by: str
    verdicts: tuple[StageVerdict, ...]
    read_back: str


class RollBack(msgspec.Struct, frozen=True, kw_only=True, tag="roll-back"):
    """Go back. No gate is asked. `trigger_at` is when it was first known that this is needed.

    `ended` says that nothing failed and an experiment has run its time.
    """

    by: str
    reason: str
    trigger_at: str
    automatic: bool = False
    ended: bool = False


class ConfirmRollback(msgspec.Struct, frozen=True, kw_only=True, tag="confirm"):
    """Call it rolled back if what was read back is what stood before."""

    by: str
    read_back: str


class FailRollback(msgspec.Struct, frozen=True, kw_only=True, tag="fail-rollback"):
    """Give a rollback up, and why: an incident follows."""

    by: str
    reason: str


Command = (
    Edit
    | Submit
    | GiveAnswer
    | RevokeAnswer
    | Judge
    | Reject
    | Withdraw
    | Tick
    | Start
    | Advance
    | Finish
    | RollBack
    | ConfirmRollback
    | FailRollback
)
COMMANDS: tuple[type[Command], ...] = (
    Edit, Submit, GiveAnswer, RevokeAnswer, Judge, Reject, Withdraw, Tick, Start, Advance, Finish,
    RollBack, ConfirmRollback, FailRollback,
)  # fmt: skip
"""Every command there is."""
