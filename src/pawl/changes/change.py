"""A change, where it stands, and what has happened to it."""

from enum import StrEnum
from typing import Any

import msgspec

from pawl.base import typed
from pawl.changes.approval import Approval
from pawl.changes.manifest import Manifest


class State(StrEnum):
    """Where a change stands."""

    DRAFT = "draft"
    IN_REVIEW = "in-review"
    APPROVED = "approved"
    ROLLING_OUT = "rolling-out"
    LIVE = "live"
    ROLLING_BACK = "rolling-back"
    ROLLED_BACK = "rolled-back"
    ROLLBACK_FAILED = "rollback-failed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    UNMANAGED = "unmanaged"
    """Found to be live without ever having been a change here; it counts as unapproved."""


OUT = frozenset({State.ROLLING_OUT, State.LIVE, State.ROLLBACK_FAILED, State.UNMANAGED})
"""States in which something of the change is out and can be taken back."""


class Happening(StrEnum):
    """What can happen to a change: the types of its ledger entries."""

    OPENED = "change.opened"
    FOUND = "change.found-unmanaged"
    EDITED = "change.edited"
    SUBMITTED = "change.submitted"
    ANSWERED = "change.answered"
    ANSWER_REVOKED = "change.answer-revoked"
    APPROVED = "change.approved"
    REJECTED = "change.rejected"
    WITHDRAWN = "change.withdrawn"
    EXPIRED = "change.expired"
    STARTED = "change.rollout-started"
    ADVANCED = "change.stage-advanced"
    LIVE = "change.live"
    ROLLBACK_STARTED = "change.rollback-started"
    ROLLED_BACK = "change.rolled-back"
    ROLLBACK_FAILED = "change.rollback-failed"


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change. `authors` are identities of everybody who wrote any of it; they only grow.

    `digest` is of the manifest. `decision` is the digest of the decision it was started by,
    `approved_by` and `evidence` what that rested on. `stage` counts from 0, -1 before. `why` is
    the reason of the last rejection, withdrawal or rollback; `ended_as_planned` is of an experiment
    that ran its time. `version` counts events.
    """

    id: str
    manifest: Manifest
    digest: str
    state: State
    authors: tuple[str, ...]
    opened_at: str
    changed_at: str
    version: int = 1
    answers: tuple[Approval, ...] = ()
    submitted_at: str | None = None
    approved_at: str | None = None
    started_at: str | None = None
    stage: int = -1
    stage_at: str | None = None
    live_at: str | None = None
    trigger_at: str | None = None
    rollback_at: str | None = None
    ended_at: str | None = None
    decision: str = ""
    approved_by: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    ended_as_planned: bool = False
    why: str = ""


class Happened(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One event: what, when, by which identity, and the fields it sets, as JSON values."""

    type: Happening
    change: str
    at: str
    by: str
    sets: dict[str, Any]


class Refusal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a command changes nothing: every reason, and what to do instead."""

    code: str
    reasons: tuple[str, ...]
    hint: str = ""


Answer = tuple[Happened, ...] | Refusal


def after(change: Change | None, happened: Happened) -> Change:
    """Return the change after an event; the first event makes it of nothing.

    Events are JSON all through, so replaying a ledger gives the very same change.
    """
    if change is None:
        return typed.convert(happened.sets, Change)
    known = {name: getattr(change, name) for name in Change.__struct_fields__}
    said = typed.convert({**_KEPT, **happened.sets}, _Sets)
    new = {name: getattr(said, name) for name in happened.sets}
    return Change(**{**known, **new, "version": change.version + 1, "changed_at": happened.at})


def plain_values(value: Any) -> dict[str, Any]:
    """Return the fields of a value as JSON has them, lists and all, for an event to carry."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(value))
    return found


class _Sets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of a change that later events may set, with their types."""

    manifest: Manifest | None
    digest: str | None
    state: State | None
    authors: tuple[str, ...] | None
    answers: tuple[Approval, ...] | None
    submitted_at: str | None
    approved_at: str | None
    started_at: str | None
    stage: int | None
    stage_at: str | None
    live_at: str | None
    trigger_at: str | None
    rollback_at: str | None
    ended_at: str | None
    decision: str | None
    approved_by: tuple[str, ...] | None
    evidence: tuple[str, ...] | None
    exceptions: tuple[str, ...] | None
    ended_as_planned: bool | None
    why: str | None


_KEPT: dict[str, None] = dict.fromkeys(_Sets.__struct_fields__)
