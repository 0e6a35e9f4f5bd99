"""Wiring of answers that are signed with an SSH key: made here, verified against the branch's keys.

A key counts that `.pawl/allowed_signers` of the protected branch lists; whose it is, the roster
says by its fingerprint. Nothing of the working tree is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pawl.base.errors import BadValue, Refused

if TYPE_CHECKING:
    from pathlib import Path

    from pawl.app.change_commands import Here
    from pawl.changes.approval import Said
    from pawl.changes.change import Change, Refusal
    from pawl.changes.reviews import Proposal
    from pawl.changes.signed_statement import SignedApproval
    from pawl.services.change_terms import By, Told
    from pawl.services.signed_approvals import Signers


def signed(found: Here, change: Change, said: Said, key: Path, note: str) -> SignedApproval:
    """Return an answer to what a change asks now, signed by a key; raises BadValue."""
    from pawl.app import now
    from pawl.changes.signed_statement import Statement
    from pawl.services.signed_approvals import sign
    from pawl.world.ssh_keygen import SshKeygen

    asked = found.desk.asked(change.id)
    statement = Statement(
        change=change.id,
        digest=asked.digest,
        base_digest=asked.base_digest,
        policy_digest=asked.policy_digest,
        said=said,
        at=now(),
        note=note,
    )
    return sign(statement, key, SshKeygen())


def bring(found: Here, statement: SignedApproval) -> Told:
    """Hand a signed answer to the desk; what is badly signed, or about something else, is refused.

    The same statement brought twice is one answer.
    """
    from pawl.changes.change import Refusal
    from pawl.services.approvals import answer
    from pawl.services.change_terms import By

    proposal = _proposal(found, statement)
    if isinstance(proposal, Refusal):
        return proposal
    by = By(identity=proposal.identity, source=proposal.source, assurance="authenticated")
    return answer(proposal, found.desk, by)


def signer(found: Here, change: Change, key: Path) -> By:
    """Return who shows with a key who they are; raises Refused for a key that does not count.

    What is signed is an abstention on the change, which is not recorded.
    """
    from pawl.changes.approval import Said
    from pawl.changes.change import Refusal
    from pawl.services.change_terms import By

    proposal = _proposal(found, signed(found, change, Said.ABSTAIN, key, ""))
    if isinstance(proposal, Refusal):
        raise Refused(" ".join(proposal.reasons), place=str(key), hint=proposal.hint)
    return By(identity=proposal.identity, source=proposal.source, assurance="authenticated")


def _proposal(found: Here, statement: SignedApproval) -> Proposal | Refusal:
    from pawl.app import now
    from pawl.changes.reviews import Asked
    from pawl.changes.signed_statement import read_statement
    from pawl.services.signed_approvals import verify_signed
    from pawl.world.ssh_keygen import SshKeygen

    change = found.desk.get(read_statement(statement.statement).change)
    asked = found.desk.asked(change.id)
    policy = found.desk.sources.policy(change.manifest.scope).policy
    return verify_signed(
        statement,
        _signers(found),
        Asked(
            change=change.id,
            digest=asked.digest,
            base_digest=asked.base_digest,
            policy_digest=asked.policy_digest,
            since=change.submitted_at or change.opened_at,
        ),
        change.answers,
        SshKeygen(),
        now=now(),
        skew_s=policy.terms.skew_s,
    )


def _signers(found: Here) -> Signers:
    from pawl.app.change_sources import RepositorySources
    from pawl.services.signed_approvals import REVOKED, SIGNERS, Signers

    sources = found.desk.sources
    if not isinstance(sources, RepositorySources):
        raise BadValue(
            "a server verifies signatures itself.",
            place="PAWL_SERVER",
            hint="Hand it the statement with --signed, or approve in your session.",
        )
    return Signers(
        allowed=sources.protected_file(SIGNERS) or b"",
        revoked=sources.protected_file(REVOKED) or b"",
    )
