"""What commands about changes answer as JSON: one documented, versioned object each."""

from typing import Any, Literal

import msgspec

from pawl.changes.change import Change, Refusal
from pawl.changes.concern import Concern
from pawl.changes.evidence import Evidence
from pawl.changes.facts import Attested, Drill
from pawl.changes.gate import Decision
from pawl.changes.manifest import Changed, Manifest
from pawl.changes.registry import Live
from pawl.changes.risk import RiskResult
from pawl.changes.simulate import Played
from pawl.governance.exceptions import Declared, GateException, Standing
from pawl.services.change_terms import Moment


class AskedTold(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer binds to now, what changes, and how risky that is."""

    digest: str
    base_digest: str
    policy_digest: str
    difference: tuple[Changed, ...]
    risk: RiskResult


class ChangeTold(msgspec.Struct, frozen=True, kw_only=True):
    """A change as it is after a command. `refusal` says why nothing happened, where nothing did.

    There is no change where opening one was refused. `asked`, `evidence`, `timeline`,
    `decisions` and `concerns` are told by `show`.
    """

    schema: Literal["pawl.change/1"] = "pawl.change/1"
    change: Change | None = None
    refusal: Refusal | None = None
    attested: Attested | None = None
    asked: AskedTold | None = None
    evidence: tuple[Evidence, ...] = ()
    timeline: tuple[Moment, ...] = ()
    decisions: tuple[str, ...] = ()
    concerns: tuple[Concern, ...] = ()


class DraftTold(msgspec.Struct, frozen=True, kw_only=True):
    """A manifest that was made and not opened, with its digest and who wrote any of it."""

    schema: Literal["pawl.change-draft/1"] = "pawl.change-draft/1"
    digest: str
    manifest: Manifest
    authors: tuple[str, ...]
    works: tuple[str, ...]


class ChangesTold(msgspec.Struct, frozen=True, kw_only=True):
    """Changes, last changed first, and how many there are in each state."""

    schema: Literal["pawl.changes/1"] = "pawl.changes/1"
    changes: tuple[Change, ...]
    counts: dict[str, int]


class LiveTold(msgspec.Struct, frozen=True, kw_only=True):
    """What a component is now; None where no change here ever set it. The newest is last."""

    schema: Literal["pawl.live/1"] = "pawl.live/1"
    component: str
    live: Live | None
    content: Any = None
    goes_back_to: Any = None
    history: tuple[Live, ...] = ()


class GateTold(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as it was taken. `decision_id` is its digest, by which it can be replayed."""

    schema: Literal["pawl.gate/1"] = "pawl.gate/1"
    decision_id: str
    allowed: bool
    status: int
    decision: Decision
    notes: tuple[str, ...] = ()


class ReplayTold(msgspec.Struct, frozen=True, kw_only=True):
    """A stored decision judged again: whether it gave the same bytes, and why not."""

    schema: Literal["pawl.gate-replay/1"] = "pawl.gate-replay/1"
    decision_id: str
    identical: bool
    why: str
    names_replaced: bool
    stored_digest: str
    again_digest: str


class SimulationTold(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy would have said of decisions that were taken, newest first."""

    schema: Literal["pawl.gate-simulation/1"] = "pawl.gate-simulation/1"
    policy_digest: str
    decisions: int
    would_allow: int
    would_block: int
    newly_blocked: int
    newly_allowed: int
    played: tuple[Played, ...]
    notes: tuple[str, ...] = ()


class ExceptionLine(msgspec.Struct, frozen=True, kw_only=True):
    """An exception and how it stands; None where the policy has no such gate any more."""

    exception: GateException
    standing: Standing | None


class ExceptionTold(msgspec.Struct, frozen=True, kw_only=True):
    """An exception after a command, or why nothing happened."""

    schema: Literal["pawl.exception/1"] = "pawl.exception/1"
    exception: GateException | None = None
    refusal: Refusal | None = None


class ExceptionsTold(msgspec.Struct, frozen=True, kw_only=True):
    """Exceptions with how they stand now, newest first."""

    schema: Literal["pawl.exceptions/1"] = "pawl.exceptions/1"
    exceptions: tuple[ExceptionLine, ...]


class EmergencyTold(msgspec.Struct, frozen=True, kw_only=True):
    """An emergency after a command, or why nothing happened."""

    schema: Literal["pawl.emergency/1"] = "pawl.emergency/1"
    declared: Declared | None = None
    refusal: Refusal | None = None


class EmergenciesTold(msgspec.Struct, frozen=True, kw_only=True):
    """Emergencies that were declared, newest first."""

    schema: Literal["pawl.emergencies/1"] = "pawl.emergencies/1"
    emergencies: tuple[Declared, ...]


class EvidenceTold(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence about the present content of a change, oldest first, or why none was taken."""

    schema: Literal["pawl.change-evidence/1"] = "pawl.change-evidence/1"
    evidence: tuple[Evidence, ...] = ()
    refusal: Refusal | None = None


class DrillTold(msgspec.Struct, frozen=True, kw_only=True):
    """A drill that was recorded, or why it was not."""

    schema: Literal["pawl.change-drill/1"] = "pawl.change-drill/1"
    drill: Drill | None = None
    refusal: Refusal | None = None


CHANGE_ANSWERS: dict[str, type[msgspec.Struct]] = {
    "change": ChangeTold,
    "change-draft": DraftTold,
    "change-drill": DrillTold,
    "change-evidence": EvidenceTold,
    "changes": ChangesTold,
    "emergencies": EmergenciesTold,
    "emergency": EmergencyTold,
    "exception": ExceptionTold,
    "exceptions": ExceptionsTold,
    "gate": GateTold,
    "gate-replay": ReplayTold,
    "gate-simulation": SimulationTold,
    "live": LiveTold,
}
"""Every answer by its name, without `pawl.` and the version."""


def told_json(told: msgspec.Struct) -> str:
    """Return one object as JSON."""
    return msgspec.json.encode(told).decode()
