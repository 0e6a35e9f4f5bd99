"""Answers that somebody signed with an SSH key: made offline, verified offline.

Whose key counts stands in `.pawl/allowed_signers` of the protected branch, in the form that git and
ssh-keygen use; keys in `.pawl/revoked_signers` never do. Whose the key is, the roster says by its
fingerprint.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from pawl.base.errors import Refused
from pawl.changes.approval import Approval
from pawl.changes.change import Refusal
from pawl.changes.reviews import Asked, Proposal
from pawl.changes.signed_statement import (
    NAMESPACE,
    SignedApproval,
    Statement,
    proposal_of,
    signed_for,
    statement_bytes,
)
from pawl.services.change_terms import Told
from pawl.services.changes import ChangeDesk

SIGNERS = ".pawl/allowed_signers"
REVOKED = ".pawl/revoked_signers"
TakeSigned = Callable[[ChangeDesk, str, SignedApproval], Told]
"""Verifies a signed answer about the change with an id, and records it."""


class Keygen(Protocol):
    """Signs and verifies. Raises CannotTell where that cannot be done here."""

    def verify(
        self,
        signed: bytes,
        signature: str,
        *,
        namespace: str,
        signers: bytes,
        revoked: bytes,
        now: str,
    ) -> str:
        """Return the fingerprint of the listed key that signed; raises Refused."""

    def sign(self, content: bytes, key: Path, *, namespace: str) -> str:
        """Return the signature by a key; raises BadValue."""


class Signers(msgspec.Struct, frozen=True, kw_only=True):
    """Which keys may sign, and which never may, as the protected branch has it."""

    allowed: bytes
    revoked: bytes = b""


def sign(statement: Statement, key: Path, keygen: Keygen) -> SignedApproval:
    """Return a statement signed by a key; raises BadValue where the key does not sign."""
    content = statement_bytes(statement)
    signature = keygen.sign(content, key, namespace=NAMESPACE)
    return SignedApproval(statement=content.decode(), signature=signature)


def verify_signed(
    signed: SignedApproval,
    signers: Signers,
    asked: Asked,
    answers: tuple[Approval, ...],
    keygen: Keygen,
    *,
    now: str,
    skew_s: float,
) -> Proposal | Refusal:
    """Return the answer that a signed statement is, or why it is none.

    `answers` are those that the change has. Raises CannotTell where nothing can be verified.
    """
    read = signed_for(signed)
    if isinstance(read, Refusal):
        return read
    statement, signature = read
    if not signers.allowed.strip():
        return Refusal(
            code="bad-signature",
            reasons=(f"The protected branch lists no signers in {SIGNERS}.",),
            hint=f"Add the keys of those who approve to {SIGNERS}.",
        )
    try:
        key = keygen.verify(
            signed.statement.encode(),
            signed.signature,
            namespace=NAMESPACE,
            signers=signers.allowed,
            revoked=signers.revoked,
            now=now,
        )
    except Refused as refused:
        return Refusal(code="bad-signature", reasons=(refused.message,), hint=refused.hint)
    if key != signature.fingerprint:
        return Refusal(
            code="bad-signature", reasons=("It names another key than the one that signed.",)
        )
    return proposal_of(statement, signature, asked, answers, now=now, skew_s=skew_s)
