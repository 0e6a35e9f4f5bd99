"""An answer to a change as a statement that somebody signs, where no server and no host is at hand.

A statement is canonical JSON (RFC 8785) of what the signer says, of which change, and of exactly
which content, base and policy. One statement has one text: another order of keys, a space more or a
field more is no statement, so nobody can make two of one that was signed.
"""

from typing import Literal

import msgspec

from pawl.base import typed
from pawl.base.canonical import canonical_json, sha256_hex
from pawl.base.errors import BadFile, BadValue
from pawl.base.times import canonical_time, seconds_between
from pawl.changes.approval import MAX_NOTE, Approval, Said, Source
from pawl.changes.change import Refusal
from pawl.changes.reviews import Asked, Proposal
from pawl.changes.ssh_signature import MAX_BYTES as MAX_SIGNATURE
from pawl.changes.ssh_signature import SshSignature, read_signature

NAMESPACE = "pawl-approval@v1"
"""What a signature must be for: one for git, or for a file, is no approval."""
MAX_BYTES = 16 * 1024
"""Of one statement."""


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a signer says. `at` is when, by the signer's clock."""

    schema: Literal["pawl.approval-statement/1"] = "pawl.approval-statement/1"
    change: str
    digest: str
    base_digest: str
    policy_digest: str
    said: Said
    at: str
    note: str = ""


class SignedApproval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A statement as it was signed, byte for byte, and its armoured SSH signature."""

    schema: Literal["pawl.signed-approval/1"] = "pawl.signed-approval/1"
    statement: str
    signature: str


def statement_bytes(statement: Statement) -> bytes:
    """Return what is signed; raises BadValue for a note that is too long or not plain text."""
    if len(statement.note) > MAX_NOTE:
        raise BadValue(f"The note has more than {MAX_NOTE:,} characters.", place="--note")
    try:
        return canonical_json(msgspec.to_builtins(statement))
    except ValueError as error:
        raise BadValue(f"The note cannot be written down: {error}.", place="--note") from error


def read_statement(text: str) -> Statement:
    """Return a statement; raises BadFile for any text but the one that it would be signed as."""
    if len(text) > MAX_BYTES:
        raise _no_statement(f"it is larger than {MAX_BYTES:,} characters")
    try:
        found = typed.decode(text, type=Statement)
        same = statement_bytes(found) == text.encode()
        timely = canonical_time(found.at) == found.at
    except (msgspec.DecodeError, ValueError, RecursionError, BadValue, OverflowError) as error:
        raise _no_statement(str(error)) from error
    if not same:
        raise _no_statement("it is not in its canonical form")
    if not timely:
        raise _no_statement("its time is not in its canonical form")
    return found


def read_signed(text: bytes, *, place: str) -> SignedApproval:
    """Return a signed statement as a file holds it; raises BadFile."""
    if len(text) > 4 * (MAX_BYTES + MAX_SIGNATURE):
        raise BadFile("too large for a signed statement.", place=place)
    try:
        return typed.decode(text, type=SignedApproval)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise BadFile(
            f"not a signed statement: {error}.",
            place=place,
            hint="Write it with `pawl change approve CHANGE --ssh-key KEY --out FILE`.",
        ) from error


def signed_for(signed: SignedApproval) -> tuple[Statement, SshSignature] | Refusal:
    """Return what was said and which key is named, or why it can be no approval."""
    try:
        statement = read_statement(signed.statement)
        signature = read_signature(signed.signature)
    except (BadFile, BadValue) as error:
        return Refusal(code="bad-signature", reasons=(error.message,), hint=error.hint)
    if signature.namespace != NAMESPACE:
        return Refusal(
            code="bad-signature",
            reasons=(f"It was signed for {signature.namespace[:60]!r} and not for {NAMESPACE}.",),
            hint="Sign with `pawl change approve CHANGE --ssh-key FILE`.",
        )
    return statement, signature


def proposal_of(
    statement: Statement,
    signature: SshSignature,
    asked: Asked,
    answers: tuple[Approval, ...],
    *,
    now: str,
    skew_s: float,
) -> Proposal | Refusal:
    """Return the answer that a statement with a good signature is to what is asked now.

    A statement about anything else, of another time, or that was taken back, is refused.
    """
    reasons = tuple(_against(statement, asked, now, skew_s))
    if reasons:
        return Refusal(
            code="stale", reasons=reasons, hint="Look at what is asked now, and sign that."
        )
    ref = f"ssh-statement:{sha256_hex(statement_bytes(statement))}/{signature.fingerprint}"
    if any(each.source_ref == ref and each.revoked_at is not None for each in answers):
        return Refusal(
            code="taken-back",
            reasons=("This very statement was recorded and taken back.",),
            hint="Sign a new one.",
        )
    return Proposal(
        change=statement.change,
        digest=statement.digest,
        base_digest=statement.base_digest,
        policy_digest=statement.policy_digest,
        identity=f"ssh:{signature.fingerprint}",
        said=statement.said,
        source=Source.SSH_SIGNATURE,
        source_ref=ref,
        claimed_at=statement.at,
        note=statement.note,
    )


def _against(statement: Statement, asked: Asked, now: str, skew_s: float) -> list[str]:
    bound = (
        ("change", statement.change, asked.change),
        ("content", statement.digest, asked.digest),
        ("base", statement.base_digest, asked.base_digest),
        ("policy", statement.policy_digest, asked.policy_digest),
    )
    found = [
        f"It is about another {what}: {said[:12]}, and {is_now[:12]} is asked."
        for what, said, is_now in bound
        if said != is_now
    ]
    if seconds_between(now, statement.at) > skew_s:
        found.append(f"It says to be of {statement.at[:19]}Z, which is still to come.")
    if seconds_between(statement.at, asked.since) > skew_s:
        found.append(
            f"It is of {statement.at[:19]}Z; answers given before {asked.since[:19]}Z are about "
            "something else, or hold no more."
        )
    return found


def _no_statement(why: str) -> BadFile:
    return BadFile(
        f"not a statement of approval: {why}.",
        place="statement",
        hint="Write and sign it with `pawl change approve CHANGE --ssh-key FILE`.",
    )
