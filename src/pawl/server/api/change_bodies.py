"""What is sent to the addresses of changes and gates, and what they answer with."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pawl.changes.approval import Said
from pawl.changes.change import Change, Refusal
from pawl.changes.concern import Concern
from pawl.changes.evidence import Evidence
from pawl.changes.facts import Where
from pawl.changes.manifest import Manifest
from pawl.changes.policy import Policy
from pawl.changes.registry import Live
from pawl.changes.rollout import StageVerdict
from pawl.changes.simulate import Played
from pawl.changes.verdict import Verdict
from pawl.governance.exceptions import Declared
from pawl.incidents import event
from pawl.server.api.described import Fault
from pawl.services.change_terms import Excepted, Kept, Moment

Text = Annotated[str, Meta(max_length=2_000)]
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Authors = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=300)], ...], Meta(max_length=1_000)
]


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a command may bring; one that brings nothing is sent with `{}` or with nothing."""


class Proposed(Body, frozen=True, kw_only=True):
    """A change's content, and who wrote it besides whoever sends it."""

    manifest: Manifest
    authors: Authors = ()


class Because(Body, frozen=True, kw_only=True):
    """Why."""

    reason: Annotated[str, Meta(min_length=1, max_length=2_000)]


class Answering(Body, frozen=True, kw_only=True):
    """An answer, with the three digests of what it is about, as `asked` tells them."""

    said: Said
    digest: Digest
    base_digest: Digest
    policy_digest: Digest
    note: Text = ""


class Staged(Body, frozen=True, kw_only=True):
    """What telemetry says of the stage: verdicts on record, which count as they were recorded."""

    verdicts: Annotated[tuple[StageVerdict, ...], Meta(max_length=1_000)]


class Finishing(Body, frozen=True, kw_only=True):
    """What telemetry says of the last stage, and the digest of what was read back."""

    verdicts: Annotated[tuple[StageVerdict, ...], Meta(max_length=1_000)]
    read_back: Annotated[str, Meta(max_length=64)]


class GoingBack(Body, frozen=True, kw_only=True):
    """Why to go back, and when what caused it was seen."""

    reason: Annotated[str, Meta(min_length=1, max_length=2_000)]
    trigger_at: Time | None = None
    ended: bool = False


class ReadBack(Body, frozen=True, kw_only=True):
    """The digest of what was read back."""

    read_back: Annotated[str, Meta(max_length=64)]


class Asking(Body, frozen=True, kw_only=True):
    """The moment for which the gates are asked."""

    moment: Where = "approve"


class Found(Body, frozen=True, kw_only=True):
    """A piece of evidence. Who hands it over, and when, is noted by the server."""

    kind: Annotated[str, Meta(min_length=1, max_length=100)]
    digest: Digest
    base_digest: Digest
    verdict: Verdict
    produced_at: Time
    payload: dict[str, Any] = {}
    events: Annotated[int, Meta(ge=0)] | None = None


class Drilled(Body, frozen=True, kw_only=True):
    """A rollback that was exercised."""

    component: Annotated[str, Meta(min_length=1, max_length=300)]
    succeeded: bool
    at: Time | None = None
    ref: Text = ""


class Excepting(Body, frozen=True, kw_only=True):
    """A rule to set aside for a change, for how long, who owns that, and what stands in."""

    rule: Annotated[str, Meta(min_length=1, max_length=100)]
    reason: Text
    owner: Text
    compensating_control: Text
    hours: Annotated[float, Meta(gt=0, le=10_000)]
    follow_up: Text = ""
    max_uses: Annotated[int, Meta(ge=1, le=1_000)] = 1


class Breaking(Body, frozen=True, kw_only=True):
    """A rule to set aside in an emergency."""

    rule: Annotated[str, Meta(min_length=1, max_length=100)]
    incident: Annotated[str, Meta(min_length=1, max_length=200)]
    reason: Text
    compensating_control: Text
    hours: Annotated[float, Meta(gt=0, le=10_000)]


class Declaring(Body, frozen=True, kw_only=True):
    """An emergency: how severe, 1 being the worst, and what is wrong."""

    severity: Annotated[int, Meta(ge=1, le=9)]
    why: Annotated[str, Meta(min_length=1, max_length=2_000)]


class Playing(Body, frozen=True, kw_only=True):
    """A policy to play over the newest decisions, and over how many."""

    policy: Policy
    last: Annotated[int, Meta(ge=1, le=500)] = 50


class ChangesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Changes, last changed first; `counts` are all there are, by state."""

    schema: Literal["pawl.changes/1"] = "pawl.changes/1"
    changes: tuple[Change, ...]
    counts: dict[str, int]


class TimelineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded about a change, oldest first."""

    schema: Literal["pawl.change-timeline/1"] = "pawl.change-timeline/1"
    moments: tuple[Moment, ...]


class ConcernsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has to see to about a change, as it is now."""

    schema: Literal["pawl.change-concerns/1"] = "pawl.change-concerns/1"
    concerns: tuple[Concern, ...]


class DecisionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions on a change, newest first."""

    schema: Literal["pawl.change-decisions/1"] = "pawl.change-decisions/1"
    decisions: tuple[Kept, ...]


class EvidenceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence about the present content of a change, oldest first."""

    schema: Literal["pawl.change-evidence/1"] = "pawl.change-evidence/1"
    evidence: tuple[Evidence, ...]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an explanation, and how deep it stands."""

    depth: int
    text: str


class ExplainAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Why the gates say what they say now."""

    schema: Literal["pawl.gate-explanation/1"] = "pawl.gate-explanation/1"
    lines: tuple[Line, ...]


class ReplayAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A decision judged again: the same bytes or not, and both as text."""

    schema: Literal["pawl.gate-replay/1"] = "pawl.gate-replay/1"
    decision_id: str
    identical: bool
    stored: str
    again: str
    why: str
    names_replaced: bool


class EmergenciesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Emergencies that were declared, newest first."""

    schema: Literal["pawl.emergencies/1"] = "pawl.emergencies/1"
    emergencies: tuple[Declared, ...]


class ExceptionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Exceptions with how they stand, newest first."""

    schema: Literal["pawl.exceptions/1"] = "pawl.exceptions/1"
    exceptions: tuple[Excepted, ...]


class LiveAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a component is now; null where nothing is known of it."""

    schema: Literal["pawl.live/1"] = "pawl.live/1"
    live: Live | None


class PlayedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy would have said of decisions, newest first."""

    schema: Literal["pawl.gate-simulation/1"] = "pawl.gate-simulation/1"
    played: tuple[Played, ...]


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer binds to now."""

    digest: str
    base_digest: str
    policy_digest: str


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A command that changed nothing: every reason, and what an answer binds to if that moved."""

    error: Fault
    refusal: Refusal | event.Refusal
    now: Bound | None = None
