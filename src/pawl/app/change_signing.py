"""Wiring of commands that only somebody may give who is known for certain: shown by an SSH key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pawl.base.errors import BadValue, Refused

if TYPE_CHECKING:
    from pathlib import Path

    from pawl.app.change_commands import Here
    from pawl.changes.change import Change
    from pawl.services.change_terms import By


def signer(found: Here, change: Change, key: Path) -> By:
    """Return who shows with a key who they are; raises Refused for a key that does not count.

    A key counts that `.pawl/allowed_signers` of the protected branch lists. What is signed is an
    abstention on the change, which nothing records.
    """
    from pawl.app import now
    from pawl.app.approvals import sign, signers_of
    from pawl.changes.approval import Said
    from pawl.changes.change import Refusal
    from pawl.changes.reviews import Asked
    from pawl.services.change_terms import By
    from pawl.services.signed_approvals import verify_signed
    from pawl.world.ssh_keygen import SshKeygen

    if found.remote:
        raise BadValue(
            "the server knows who you are by your session.", place="--ssh-key", hint="Leave it out."
        )
    asked = found.desk.asked(change.id)
    policy = found.desk.sources.policy(change.manifest.scope).policy
    proposal = verify_signed(
        sign(found.desk, change.id, Said.ABSTAIN, key),
        signers_of(found.place),
        Asked(
            change=change.id,
            digest=asked.digest,
            base_digest=asked.base_digest,
            policy_digest=asked.policy_digest,
            since=change.opened_at,
        ),
        (),
        SshKeygen(),
        now=now(),
        skew_s=policy.terms.skew_s,
    )
    if isinstance(proposal, Refusal):
        raise Refused(" ".join(proposal.reasons), place=str(key), hint=proposal.hint)
    return By(identity=proposal.identity, source=proposal.source.value, assurance="authenticated")
