"""What a condition is: one claim about a change that must hold before it ships.

A condition file exposes `CONDITION`; its id is its file name in kebab-case and reads as a claim.
It is pure: it is asked a `Question` with all that is known, and answers with a verdict and its
reason. "Could not tell" is never a pass, and nothing that it was not shown was there.
"""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from pawl.changes.approval import Judged
from pawl.changes.change import Change
from pawl.changes.evidence import Evidence
from pawl.changes.facts import Facts, Where
from pawl.changes.gate_file import Gate
from pawl.changes.policy import Policy
from pawl.changes.risk import RiskResult
from pawl.changes.verdict import Verdict
from pawl.governance.exceptions import Emergency, GateException
from pawl.governance.raci import Work
from pawl.governance.roster import Behind, Person, Roster


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a decision rests on, as values: judging it again gives the same bytes.

    `recorded` are the ids of all evidence that the ledger knows of this content; a piece that is
    recorded and not here was lost, which is never in the change's favour. `exceptions` are all of
    the change and of its scope, also those that have ended: glass that was broken is among them.
    """

    schema: Literal["pawl.gate-snapshot/1"] = "pawl.gate-snapshot/1"
    moment: Where
    now: str
    change: Change
    policy: Policy
    roster: Roster
    facts: Facts = Facts()
    evidence: tuple[Evidence, ...] = ()
    recorded: tuple[str, ...] = ()
    exceptions: tuple[GateException, ...] = ()
    emergencies: tuple[Emergency, ...] = ()


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a condition is asked: one gate about one change.

    `components` are those that change, `works` who answers for them. `evidence` is what may count:
    of this content and base, whole, from whom the gate believes, no pass too old. `lost` are
    pieces that were recorded and are not here. `answers` are all approvals, judged.
    """

    snapshot: Snapshot
    gate: Gate
    risk: RiskResult
    works: frozenset[Work]
    components: tuple[str, ...]
    authors: Behind
    known: dict[str, Person]
    answers: tuple[Judged, ...]
    evidence: tuple[Evidence, ...]
    lost: tuple[str, ...]

    @property
    def facts(self) -> Facts:
        """What is known of the world."""
        return self.snapshot.facts

    @property
    def change(self) -> Change:
        """The change that is asked about."""
        return self.snapshot.change

    @property
    def now(self) -> str:
        """The one time at which everything is judged."""
        return self.snapshot.now


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """How a condition stands. `cites` are ids of what it rests on, `asks` roles who could act."""

    verdict: Verdict
    reason: str
    cites: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    hint: str = ""


class NoArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition that is given nothing."""


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One condition. `judge` takes a question and an instance of `arguments`.

    `evidence` names the kind of evidence it reads, empty where it reads none. `stricter` says of
    its arguments which way is stricter; one that is not named there cannot be changed by a
    narrower scope.
    """

    claim: str
    judge: Callable[[Question, Any], Answer]
    arguments: type[msgspec.Struct] = NoArguments
    evidence: str = ""
    stricter: dict[str, Literal["more", "less"]] = {}


def holds(reason: str, *cites: str) -> Answer:
    """Return the answer that the claim holds."""
    return Answer(verdict=Verdict.PASS, reason=reason, cites=cites)


def fails(reason: str, *cites: str, hint: str = "", asks: tuple[str, ...] = ()) -> Answer:
    """Return the answer that it does not."""
    return Answer(verdict=Verdict.FAIL, reason=reason, cites=cites, hint=hint, asks=asks)


def inconclusive(reason: str, *cites: str, hint: str = "", asks: tuple[str, ...] = ()) -> Answer:
    """Return the answer that what is known does not say."""
    return Answer(verdict=Verdict.INCONCLUSIVE, reason=reason, cites=cites, hint=hint, asks=asks)


def not_applicable(reason: str) -> Answer:
    """Return the answer that the claim is not about this change."""
    return Answer(verdict=Verdict.NOT_APPLICABLE, reason=reason)
