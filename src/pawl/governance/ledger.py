"""The ledger: an append-only chain of what was decided, where no entry can change unnoticed.

Each entry is hashed together with the one before it:
`hash = SHA-256(0x01 || seq as 8 bytes, big endian || previous hash || header)`, where the header
is the RFC 8785 form of everything an entry says, with its body as a digest. Whoever keeps a
checkpoint (the number and hash of one entry) can later tell that nothing up to there changed;
without one, entries cut off the end leave no trace.

Pure: entries in, answers out. Where they are kept is `pawl.store.records`.
"""

import hashlib
from enum import StrEnum
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from typing import Any, Literal

import msgspec

from pawl.base import typed
from pawl.base.canonical import canonical_json, sha256_hex
from pawl.base.errors import BadFile

GENESIS = "0" * 64
"""The previous hash of the first entry."""


class EntryType(StrEnum):
    """What an entry decided or recorded: `<aggregate>.<past participle>`."""

    RUN_STARTED = "run.started"
    RUN_STOPPED = "run.stopped"
    RUN_SETTLED = "run.settled"
    RUN_INTERRUPTED = "run.interrupted"
    EVIDENCE_RECORDED = "evidence.recorded"
    ASSESSMENT_OPENED = "assessment.opened"
    ASSESSMENT_EVIDENCE_ATTACHED = "assessment.evidence-attached"
    ASSESSMENT_STRENGTH_NOTED = "assessment.strength-noted"
    ASSESSMENT_GAP_NOTED = "assessment.gap-noted"
    ASSESSMENT_FINDINGS_AGREED = "assessment.findings-agreed"
    ASSESSMENT_ACTION_PLANNED = "assessment.action-planned"
    ASSESSMENT_TARGET_SET = "assessment.target-set"
    ASSESSMENT_CLOSED = "assessment.closed"
    ASSESSMENT_INTERVENTION_RAISED = "assessment.intervention-raised"
    ASSESSMENT_ABANDONED = "assessment.abandoned"
    SCALE_DECIDED = "scale.decided"
    BUDGET_DECLARED = "budget.declared"
    BUDGET_RAISED = "budget.raised"
    BUDGET_WITHDRAWN = "budget.withdrawn"
    BUDGET_RESERVED = "budget.reserved"
    BUDGET_REFUSED = "budget.refused"
    BUDGET_NOTICED = "budget.noticed"
    PERSON_FORGOTTEN = "person.forgotten"
    """Names in earlier entries were replaced; the body lists which, with what they say now."""
    ALERT_PENDING = "alert.pending"
    ALERT_FIRING = "alert.firing"
    ALERT_RESOLVED = "alert.resolved"
    ALERT_INACTIVE = "alert.inactive"
    ALERT_BLIND = "alert.blind"
    ALERT_SEEING = "alert.seeing"
    ALERT_ACKNOWLEDGED = "alert.acknowledged"
    ALERT_FORGOTTEN = "alert.forgotten"
    SILENCE_PLACED = "silence.placed"
    SILENCE_LIFTED = "silence.lifted"
    NOTICE_RESENT = "notice.resent"
    RULES_TESTED = "rules.tested"
    EVAL_BLESSED = "eval.blessed"
    EVAL_JUDGED = "eval.judged"
    REVIEW_RECORDED = "review.recorded"
    REVIEW_JUDGED = "review.judged"
    CHANGE_OPENED = "change.opened"
    CHANGE_FOUND = "change.found-unmanaged"
    CHANGE_EDITED = "change.edited"
    CHANGE_SUBMITTED = "change.submitted"
    CHANGE_ANSWERED = "change.answered"
    CHANGE_ANSWER_REVOKED = "change.answer-revoked"
    CHANGE_APPROVED = "change.approved"
    CHANGE_REJECTED = "change.rejected"
    CHANGE_WITHDRAWN = "change.withdrawn"
    CHANGE_EXPIRED = "change.expired"
    CHANGE_ROLLOUT_STARTED = "change.rollout-started"
    CHANGE_STAGE_ADVANCED = "change.stage-advanced"
    CHANGE_LIVE = "change.live"
    CHANGE_ROLLBACK_STARTED = "change.rollback-started"
    CHANGE_ROLLED_BACK = "change.rolled-back"
    CHANGE_ROLLBACK_FAILED = "change.rollback-failed"
    GATE_DECIDED = "gate.decided"
    GATE_EVIDENCE_RECORDED = "gate.evidence-recorded"
    GATE_OWNERSHIP_ATTESTED = "gate.ownership-attested"
    DRILL_RECORDED = "drill.recorded"
    """Going back was rehearsed."""
    DRILL_PLANNED = "drill.planned"
    DRILL_STARTED = "drill.started"
    DRILL_FINISHED = "drill.finished"
    DRILL_ABORTED = "drill.aborted"
    DRILL_ACTION_OPENED = "drill.action-opened"
    EXCEPTION_REQUESTED = "exception.requested"
    EXCEPTION_APPROVED = "exception.approved"
    EXCEPTION_REVOKED = "exception.revoked"
    EXCEPTION_RATIFIED = "exception.ratified"
    EXCEPTION_USED = "exception.used"
    EXCEPTION_GLASS_BROKEN = "exception.glass-broken"
    EMERGENCY_DECLARED = "emergency.declared"
    EMERGENCY_ENDED = "emergency.ended"
    STAGE_JUDGED = "stage.judged"
    CONCERN_TOLD = "concern.told"
    """People were told that somebody has to see to a change."""
    INCIDENT_DECLARED = "incident.declared"
    INCIDENT_SIGNALLED = "incident.signalled"
    INCIDENT_PAGED = "incident.paged"
    INCIDENT_COMMAND_BREACHED = "incident.command-breached"
    INCIDENT_COMMAND_OFFERED = "incident.command-offered"
    INCIDENT_COMMAND_TAKEN = "incident.command-taken-unproved"
    INCIDENT_COMMAND_ACCEPTED = "incident.command-accepted"
    INCIDENT_RESPONDER_JOINED = "incident.responder-joined"
    INCIDENT_RESPONDER_LEFT = "incident.responder-left"
    INCIDENT_NOTED = "incident.noted"
    INCIDENT_UPDATED = "incident.updated"
    INCIDENT_LINKED = "incident.linked"
    INCIDENT_RECLASSIFIED = "incident.reclassified"
    INCIDENT_MILESTONE_CLAIMED = "incident.milestone-claimed"
    INCIDENT_MITIGATED = "incident.mitigated"
    INCIDENT_RESOLVED = "incident.resolved"
    INCIDENT_POSTMORTEM_BEGUN = "incident.postmortem-begun"
    INCIDENT_POSTMORTEM_PUBLISHED = "incident.postmortem-published"
    INCIDENT_CLOSED = "incident.closed"
    INCIDENT_REOPENED = "incident.reopened"
    INCIDENT_DECLINED = "incident.declined"
    INCIDENT_MERGED = "incident.merged"
    INCIDENT_REPEAT_CONFIRMED = "incident.repeat-confirmed"
    INCIDENT_REPEAT_DISMISSED = "incident.repeat-dismissed"
    ACTION_OPENED = "action.opened"
    ACTION_BEGUN = "action.begun"
    ACTION_CLAIMED = "action.claimed"
    ACTION_SENT_BACK = "action.sent-back"
    ACTION_VERIFIED = "action.verified"
    ACTION_WONT_DO = "action.wont-do"
    ACTION_MOVED = "action.moved"
    POSTMORTEM_BEGUN = "postmortem.begun"
    POSTMORTEM_REVISED = "postmortem.revised"
    POSTMORTEM_IN_REVIEW = "postmortem.in-review"
    POSTMORTEM_SENT_BACK = "postmortem.sent-back"
    POSTMORTEM_PUBLISHED = "postmortem.published"
    DEBT_OWED = "debt.owed"
    DEBT_SEEN_AGAIN = "debt.seen-again"
    DEBT_PLANNED = "debt.planned"
    DEBT_CASE_ADDED = "debt.case-added"
    DEBT_PAID = "debt.paid"
    DEBT_TAKEN_BACK = "debt.taken-back"
    LEARNING_STEP_DONE = "learning.step-done"
    CADENCE_ADOPTED = "cadence.adopted"
    ROUTINE_DONE = "routine.done"
    ROUTINE_EXCUSED = "routine.excused"
    ROUTINE_MISSED = "routine.missed"
    ROUTINE_TOLD = "routine.told"
    """People were told that a routine is due, or that it is overdue."""
    INVESTIGATION_FINISHED = "investigation.finished"
    QUIRK_RECORDED = "quirk.recorded"
    QUIRK_RETIRED = "quirk.retired"
    TOKEN_CREATED = "token.created"
    TOKEN_REVOKED = "token.revoked"


class Actor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who acted, who says so, and how far that can be trusted.

    `person` is a name or address, or `pawl` itself. `source` is where the name comes from, such
    as `git-config`, `ci`, `token` or `pawl`. `assurance` is `declared` (typed by somebody),
    `observed` (read from the machine) or `authenticated`.
    """

    person: str
    source: str
    assurance: str


PAWL = Actor(person="pawl", source="pawl", assurance="observed")
"""Pawl itself: a limit that struck, a run found dead."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An entry before it has a place in the chain.

    `body` is a JSON value. `claimed_at` is when the actor says it happened, `recorded_at` is our
    own first sight; both canonical times. The ledger takes one entry for an idempotency key,
    ever. `policy_digest` binds to the policy that allowed it, where there was one.
    """

    type: str
    subject: str
    actor: Actor
    body: dict[str, Any]
    claimed_at: str
    recorded_at: str
    idempotency_key: str
    policy_digest: str | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry as stored. `body` is its RFC 8785 text; hashes are lower-case hex."""

    seq: int
    prev_hash: str
    type: str
    subject: str
    actor: Actor
    body_digest: str
    policy_digest: str | None
    claimed_at: str
    recorded_at: str
    idempotency_key: str
    body: str
    hash: str


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The number and hash of the newest entry at a time, to be kept out of the store's reach."""

    schema: Literal["pawl.checkpoint/1"] = "pawl.checkpoint/1"
    seq: int
    hash: str
    at: str


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The first place where what is stored is not what the chain says.

    `kind` is `sequence`, `link`, `body`, `hash`, `checkpoint` or `table`; `place` names the entry
    or the table row.
    """

    kind: str
    place: str
    expected: str
    found: str


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkpoint says of the first `size` entries: the newest one's hash, or their root.

    Both in hex; `place` names the checkpoint, for whoever has several.
    """

    size: int
    hash: str | None = None
    root: str | None = None
    place: str = ""


class ChainReport(msgspec.Struct, frozen=True, kw_only=True):
    """What recomputing the chain found. `against` is the checkpoint compared with, if any.

    `forgotten` counts entries in which a later entry says that a person's name was replaced.
    `claims` are all checkpoints compared with, the one in `against` among them.
    """

    entries: int
    head: str
    forgotten: int = 0
    difference: Difference | None = None
    against: Checkpoint | None = None
    claims: tuple[Claim, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether every entry, and each checkpoint given, agrees."""
        return self.difference is None

    @property
    def truncation_excluded(self) -> bool:
        """Whether a checkpoint proves that nothing up to it was cut off the end."""
        return self.intact and bool(self.claims)


def seal(draft: Draft, seq: int, prev_hash: str) -> Entry:
    """Return a draft as entry number `seq` (from 1) after the entry hashed `prev_hash`.

    Raises ValueError for a body that has no RFC 8785 form (NaN, integers beyond 2**53).
    """
    body = canonical_json(draft.body)
    entry = Entry(
        seq=seq,
        prev_hash=prev_hash,
        type=draft.type,
        subject=draft.subject,
        actor=draft.actor,
        body_digest=sha256_hex(body),
        policy_digest=draft.policy_digest,
        claimed_at=draft.claimed_at,
        recorded_at=draft.recorded_at,
        idempotency_key=draft.idempotency_key,
        body=body.decode(),
        hash="",
    )
    return msgspec.structs.replace(entry, hash=entry_hash(entry))


def entry_hash(entry: Entry) -> str:
    """Return the hash an entry should have, from everything else it says.

    The header is put together by hand, with its names in their order: every entry of a ledger is
    hashed again whenever it is verified. Texts are quoted as RFC 8785 does, and numbers are whole.
    """
    policy = entry.policy_digest
    header = (
        f'{{"actor":{_actor_said(entry.actor)},"body_digest":{_quoted(entry.body_digest)},'
        f'"claimed_at":{_quoted(entry.claimed_at)},'
        f'"idempotency_key":{_quoted(entry.idempotency_key)},'
        f'"policy_digest":{"null" if policy is None else _quoted(policy)},'
        f'"prev_hash":{_quoted(entry.prev_hash)},"recorded_at":{_quoted(entry.recorded_at)},'
        f'"seq":{entry.seq},"subject":{_quoted(entry.subject)},"type":{_quoted(entry.type)}}}'
    )
    message = b"\x01" + entry.seq.to_bytes(8, "big") + bytes.fromhex(entry.prev_hash)
    return hashlib.sha256(message + header.encode()).hexdigest()


@lru_cache(maxsize=4096)
def _actor_said(actor: Actor) -> str:
    return (
        f'{{"assurance":{_quoted(actor.assurance)},"person":{_quoted(actor.person)},'
        f'"source":{_quoted(actor.source)}}}'
    )


def stored_digest(entry: Entry) -> str:
    """Return the digest of an entry as it is stored: what `person.forgotten` lists by number."""
    return sha256_hex(canonical_json(msgspec.to_builtins(entry)))


def read_checkpoint(text: bytes, *, place: str) -> Checkpoint:
    """Return the checkpoint in a file's text; raises BadFile."""
    try:
        return typed.decode(text, type=Checkpoint)
    except msgspec.DecodeError as error:
        raise BadFile(
            f"not a ledger checkpoint: {error}.",
            place=place,
            hint="Write one with `pawl ledger checkpoint`.",
        ) from error
