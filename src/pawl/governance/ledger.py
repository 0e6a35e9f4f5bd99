"""The ledger: an append-only chain of what was decided, where no entry can change unnoticed.

Each entry is hashed together with the one before it:
`hash = SHA-256(0x01 || seq as 8 bytes, big endian || previous hash || header)`, where the header
is the RFC 8785 form of everything an entry says, with its body as a digest. Whoever keeps a
checkpoint (the number and hash of one entry) can later tell that nothing up to there changed;
without one, entries cut off the end leave no trace.

Pure: entries in, answers out. Where they are kept is `pawl.store.records`.
"""

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from json import JSONEncoder
from typing import Any, Literal

import msgspec

from pawl.base import typed
from pawl.base.canonical import canonical_json, sha256_hex
from pawl.base.errors import BadFile

_HEADER = JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
)
"""Writes texts and small numbers under ASCII names, which is all a header has, as RFC 8785 does.

A third of the time: every entry of a ledger is hashed again whenever it is verified.
"""
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
    EXCEPTION_REQUESTED = "exception.requested"
    EXCEPTION_APPROVED = "exception.approved"
    EXCEPTION_REVOKED = "exception.revoked"
    EXCEPTION_RATIFIED = "exception.ratified"
    EXCEPTION_USED = "exception.used"
    EXCEPTION_GLASS_BROKEN = "exception.glass-broken"
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


class ChainReport(msgspec.Struct, frozen=True, kw_only=True):
    """What recomputing the chain found. `against` is the checkpoint compared with, if any.

    `forgotten` counts entries in which a later entry says that a person's name was replaced.
    """

    entries: int
    head: str
    forgotten: int = 0
    difference: Difference | None = None
    against: Checkpoint | None = None

    @property
    def intact(self) -> bool:
        """Whether every entry, and the checkpoint if given, agrees."""
        return self.difference is None

    @property
    def truncation_excluded(self) -> bool:
        """Whether a checkpoint proves that nothing up to it was cut off the end."""
        return self.intact and self.against is not None


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
    """Return the hash an entry should have, from everything else it says."""
    header = msgspec.to_builtins(entry)
    del header["body"], header["hash"]
    message = b"\x01" + entry.seq.to_bytes(8, "big") + bytes.fromhex(entry.prev_hash)
    return hashlib.sha256(message + _HEADER.encode(header).encode()).hexdigest()


def verify(entries: Iterable[Entry], against: Checkpoint | None = None) -> ChainReport:
    """Recompute a chain in its stored order and return the first difference, if there is one.

    Holds one entry at a time, and what is known of each altered one until a later entry accounts
    for it, so a ledger of any length can be streamed through it.
    """
    count, head, difference = 0, GENESIS, None
    reached = against is None or (against.seq == 0 and against.hash == GENESIS)
    altered: dict[int, tuple[str, Difference]] = {}
    forgotten: set[int] = set()
    for entry in entries:
        difference = _place_difference(entry, count + 1, head)
        if difference is not None:
            break
        changed = _text_difference(entry)
        if changed is not None:
            altered[entry.seq] = (stored_digest(entry), changed)
        if entry.type == EntryType.PERSON_FORGOTTEN:
            forgotten |= _accounted_for(entry, altered)
        count, head = entry.seq, entry.hash
        if against is not None and entry.seq == against.seq:
            reached = True
            if entry.hash != against.hash:
                difference = _checkpoint_difference(against, f"hash {entry.hash}")
                break
    if altered and (difference is None or min(altered) <= count):
        count = min(altered) - 1
        difference = altered[count + 1][1]
    if difference is None and not reached and against is not None:
        difference = _checkpoint_difference(against, f"the ledger ends at entry {count}")
    return ChainReport(
        entries=count, head=head, forgotten=len(forgotten), difference=difference, against=against
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


def _place_difference(entry: Entry, seq: int, prev_hash: str) -> Difference | None:
    place = f"entry {seq}"
    if entry.seq != seq:
        return Difference(
            kind="sequence", place=place, expected=f"entry {seq}", found=f"entry {entry.seq}"
        )
    if entry.prev_hash != prev_hash:
        return Difference(kind="link", place=place, expected=prev_hash, found=entry.prev_hash)
    return None


def _text_difference(entry: Entry) -> Difference | None:
    place = f"entry {entry.seq}"
    body_digest = sha256_hex(entry.body.encode())
    if entry.body_digest != body_digest:
        return Difference(kind="body", place=place, expected=entry.body_digest, found=body_digest)
    expected = entry_hash(entry)
    if entry.hash != expected:
        return Difference(kind="hash", place=place, expected=expected, found=entry.hash)
    return None


def _accounted_for(entry: Entry, altered: dict[int, tuple[str, Difference]]) -> set[int]:
    """Take out of `altered` what an entry says was replaced, and is stored as it says."""
    try:
        said = typed.decode(entry.body, type=_Forgotten)
    except msgspec.DecodeError:
        return set()
    found = {seq for seq, digest in said.entries if seq in altered and altered[seq][0] == digest}
    for seq in found:
        del altered[seq]
    return found


class _Forgotten(msgspec.Struct, frozen=True):
    """The part of a `person.forgotten` body that verifying needs."""

    entries: tuple[tuple[int, str], ...]


def _checkpoint_difference(against: Checkpoint, found: str) -> Difference:
    return Difference(
        kind="checkpoint",
        place=f"entry {against.seq}",
        expected=f"hash {against.hash}",
        found=found,
    )
