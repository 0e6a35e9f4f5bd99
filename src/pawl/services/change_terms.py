"""What the use cases of changes take and give back: who commands, what the world tells, answers."""

from typing import Literal, Protocol

import msgspec

from pawl.base.errors import BadValue
from pawl.changes.change import Change, Refusal
from pawl.changes.condition import Snapshot
from pawl.changes.evidence import Evidence
from pawl.changes.facts import Facts
from pawl.changes.gate import Decision
from pawl.changes.manifest import Changed
from pawl.changes.policy_files import PolicyRead
from pawl.changes.risk import RiskResult
from pawl.governance.exceptions import Emergency, GateException, Standing
from pawl.governance.roster import Roster

Assurance = Literal["declared", "observed", "authenticated"]
"""How far a name is to be believed: typed by somebody, read from the machine, or proved."""


class By(msgspec.Struct, frozen=True, kw_only=True):
    """Who gives a command.

    `identity` is `provider:id`, such as `ssh:SHA256:…`, `github:583231`, `session:…`, `git:a@b`.
    `source` is where it comes from: `ssh-signature`, `session`, `token`, `git-config`, `pawl`.
    Only code of ours may write `pawl` there: it is Pawl itself, and counts as a service.
    """

    identity: str
    source: str
    assurance: Assurance


PAWL_ITSELF = By(identity="pawl", source="pawl", assurance="observed")
"""Pawl: time that ran out, a rollback that goes by itself, drift that was found."""


class Sources(Protocol):
    """The world as far as a change asks of it. Each may raise BadFile, CannotTell, Unavailable."""

    def policy(self, scope: str) -> PolicyRead:
        """Return the policy of a scope, of the texts as committed on the protected branch."""

    def roster(self) -> Roster:
        """Return who is who, of the protected branch and of the server's own people."""

    def facts(self, change: Change, now: str) -> Facts:
        """Return what is known around a change; what moves and what was rolled back is added."""

    def emergencies(self, scope: str) -> tuple[Emergency, ...]:
        """Return the incidents whose commanders may break glass on changes of a scope."""


class NoSuchChange(BadValue):
    """A change, decision or exception that is none."""

    code = "no-such-change"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever answers binds to, and what they must have looked at before."""

    change: Change
    digest: str
    base_digest: str
    policy_digest: str
    difference: tuple[Changed, ...]
    risk: RiskResult

    @property
    def bound(self) -> tuple[str, str, str]:
        """The three digests in the order in which `answer` takes them."""
        return self.digest, self.base_digest, self.policy_digest


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as it was taken and stored; `decision_id` is the digest of its bytes.

    `notes` say where a file of a narrower scope tried to loosen the policy.
    """

    snapshot: Snapshot
    decision: Decision
    decision_id: str
    notes: tuple[str, ...] = ()


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """A stored decision judged again. `why` says what differs, or why that cannot be told.

    With `names_replaced` a person in it was forgotten since, so the bytes cannot be the same.
    """

    decision_id: str
    identical: bool
    stored: bytes
    again: bytes
    why: str = ""
    names_replaced: bool = False

    @property
    def status(self) -> int:
        """The exit status that says the same: 0 identical, 1 different, 3 cannot tell."""
        if self.identical:
            return 0
        return 3 if self.names_replaced else 1


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A stored decision."""

    decision_id: str
    decision: Decision


class Excepted(msgspec.Struct, frozen=True, kw_only=True):
    """An exception with how it stands now; None where the policy has no such gate any more."""

    exception: GateException
    standing: Standing | None


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One entry about a change. `sets` are the names of the fields of the change that it set."""

    seq: int
    at: str
    type: str
    by: str
    source: str
    assurance: str
    sets: tuple[str, ...] = ()
    text: str = ""
    hash: str = ""


Told = Change | Refusal
"""What a command comes to: the change as it is now, or why nothing happened."""
Piece = Evidence
"""A piece of evidence, whose id, producer and time of record the desk itself fills in."""
