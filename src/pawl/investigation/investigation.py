"""An investigation: what was seen, what may explain it, how sure that is, what nobody looked at."""

from typing import Literal

import msgspec

from pawl.investigation.evidence import Claim, Evidence
from pawl.investigation.facts import Look, Window
from pawl.investigation.weighing import Reason

SCHEMA: Literal["pawl.investigation/1"] = "pawl.investigation/1"
Level = Literal["likely", "possible", "unlikely"]
ActionClass = Literal["informational", "reversible", "irreversible"]
Asks = Literal["nobody", "policy", "people"]


class Hypothesis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One explanation. `confidence` is its share of all, of what is unexplained as well.

    `kind` is of what sort the cause is, `change` the id of the change, empty where it is none.
    `tell_apart` is how to find out whether it is this one.
    """

    rank: int
    kind: str
    cause: str
    change: str
    confidence: float
    level: Level
    reasons: tuple[Reason, ...]
    evidence: tuple[str, ...]
    tell_apart: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What there is to say to one question; `unknown` says what is not known of it, and why."""

    id: str
    question: str
    claims: tuple[Claim, ...]
    unknown: tuple[str, ...] = ()


class Action(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something to do: a text. Nothing of it is done here.

    `asks` is who decides: nobody for what only looks, a policy for what can be taken back, people
    for the rest and wherever a trigger of escalation holds.
    """

    id: str
    text: str
    action: ActionClass
    asks: Asks
    evidence: tuple[str, ...]
    hypothesis: int = 0


class Trigger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why people decide and no policy."""

    id: str
    why: str


class AgentPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an agent added. `problem` says why its answer was not used; `dropped` what of it."""

    run_id: str
    template: str
    used: bool
    problem: str = ""
    claims: tuple[Claim, ...] = ()
    actions: tuple[Action, ...] = ()
    dropped: tuple[str, ...] = ()


class Investigation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of it. `unexplained` is the confidence that it is none of the hypotheses."""

    schema: Literal["pawl.investigation/1"] = SCHEMA
    incident: str
    window: Window
    made_at: str
    terms_version: str
    knowledge_version: str
    began_at: str
    ended_at: str
    components: tuple[str, ...]
    looks: tuple[Look, ...]
    evidence: tuple[Evidence, ...]
    answers: tuple[Answer, ...]
    hypotheses: tuple[Hypothesis, ...]
    unexplained: float
    actions: tuple[Action, ...]
    escalation: tuple[Trigger, ...]
    agent: AgentPart | None = None

    @property
    def unknown(self) -> tuple[str, ...]:
        """What could not be looked at, and why."""
        return tuple(f"{each.title}: {each.why}" for each in self.looks if each.outcome != "looked")

    @property
    def flagged(self) -> tuple[Evidence, ...]:
        """The evidence that tries to give orders."""
        return tuple(each for each in self.evidence if each.flagged)
