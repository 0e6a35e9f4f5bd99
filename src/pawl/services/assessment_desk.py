"""Holding an assessment: what a person does at the desk, decided by the ceremony's own rules.

Each command is decided and kept in one transaction. What is refused comes back as a Refusal with
its remedy and changes nothing.
"""

from collections.abc import Callable
from typing import Protocol

from pawl.base.canonical import digest
from pawl.base.errors import BadValue, CannotTell
from pawl.governance.ledger import Actor
from pawl.maturity.ceremony import decide, open_ceremony, summary
from pawl.maturity.ceremony_terms import (
    Abandon,
    Action,
    AgreeFindings,
    Answer,
    AttachEvidence,
    Ceremony,
    Close,
    Command,
    Gap,
    NoteGap,
    NoteStrength,
    PlanAction,
    Refusal,
    SetTarget,
    State,
    Strength,
)
from pawl.maturity.confirm import Confirmed, Measured, Trigger
from pawl.maturity.inputs import Inputs
from pawl.maturity.model import Model
from pawl.maturity.scaling import ScaleDecision, ScaleRequest, decide_scaling
from pawl.maturity.verdict import Assessment, ModelResult
from pawl.services.maturity_rules import Rules


class PointLike(Protocol):
    """What one assessment measured, as the records tell it."""

    @property
    def digest(self) -> str:
        """The digest of the whole assessment."""

    @property
    def as_of(self) -> str:
        """The canonical time it speaks of."""

    @property
    def levels(self) -> dict[str, dict[str, int] | None]:
        """Measured levels by model and dimension; None where none was published."""


class Evidence(Protocol):
    """Assessments as they were made."""

    def assessment(self, subject: str, name: str | None = None) -> Assessment | None:
        """Return a subject's newest assessment, or the one whose digest begins with `name`."""

    def inputs(self, subject: str, name: str | None = None) -> Inputs | None:
        """Return everything that an assessment was made of, its records included."""

    def trend(self, subject: str) -> "tuple[PointLike, ...]":
        """Return what every assessment of a subject measured, oldest first."""


class Ceremonies(Protocol):
    """Assessments as people hold them."""

    def open(
        self,
        identity: str,
        decide: Callable[[str], Ceremony | Refusal],
        actor: Actor,
        now: str,
        *,
        subject: str,
        model: str,
    ) -> Ceremony | Refusal:
        """Open one; `decide` is told the id of one that is still open, or ''."""

    def tell(
        self, identity: str, decide: Callable[[Ceremony], Answer], actor: Actor, now: str
    ) -> Ceremony | Refusal:
        """Apply what a command makes happen; raises KeyError for a ceremony that is none."""

    def get(self, identity: str) -> Ceremony | None:
        """Return one, or None."""

    def of(self, subject: str | None = None) -> tuple[Ceremony, ...]:
        """Return ceremonies, newest first: of one subject, or all."""

    def confirmed(self, subject: str) -> tuple[Confirmed, ...]:
        """Return every level that was confirmed of a subject, oldest first."""

    def decided(self, decision: ScaleDecision, subject: str, actor: Actor, now: str) -> bool:
        """Record the answer to a request to scale; False when it was recorded before."""


class AssessmentDesk:
    """The commands of a ceremony. Each returns the ceremony's id, or why nothing changed."""

    def __init__(self, evidence: Evidence, ceremonies: Ceremonies, rules: Rules) -> None:
        self._evidence = evidence
        self._ceremonies = ceremonies
        self._rules = rules

    def knows_any(self) -> bool:
        """Say whether any assessment was ever held."""
        return bool(self._ceremonies.of())

    def open(
        self, subject: str, model: str, trigger: Trigger, actor: Actor, now: str
    ) -> str | Refusal:
        """Open an assessment by its trigger; raises BadValue for a model that is none."""
        definition = self._rules.models.get(model)
        if definition is None:
            known = ", ".join(self._rules.models)
            raise BadValue(f"{model!r} is no model.", place="model", hint=f"Choose from {known}.")
        if self._evidence.assessment(subject) is None:
            return Refusal(
                code="no-evidence",
                message=f"Nothing was ever assessed of {subject}.",
                hint="Make the first assessment with pawl assess in its checkout.",
            )
        identity = f"asm_{digest([subject, model, trigger.cause, trigger.ref, now])[:12]}"
        answer = self._ceremonies.open(
            identity,
            lambda running: open_ceremony(
                identity, subject, definition, trigger, now, running=running
            ),
            actor,
            now,
            subject=subject,
            model=model,
        )
        return answer if isinstance(answer, Refusal) else answer.id

    def attach(self, identity: str, actor: Actor, now: str) -> str | Refusal:
        """Attach the subject's newest assessment."""
        held = self._held(identity)
        points = self._evidence.trend(held.subject)
        name = points[-1].digest if points else None
        made = self._evidence.assessment(held.subject, name) if name else None
        result = None if made is None else _of_model(made, held.model)
        if result is None or name is None:
            return Refusal(
                code="no-evidence",
                message=f"No assessment of {held.subject} judged {held.model}.",
                hint=f"Run pawl assess --model {held.model} in its checkout, then attach again.",
            )
        return self._tell(identity, AttachEvidence(result=result, assessment=name), actor, now)

    def note_strength(
        self, identity: str, strength: Strength, actor: Actor, now: str
    ) -> str | Refusal:
        """Note something that holds and should be kept."""
        return self._tell(identity, NoteStrength(strength=strength), actor, now)

    def note_gap(self, identity: str, gap: Gap, actor: Actor, now: str) -> str | Refusal:
        """Note something that is missing."""
        return self._tell(identity, NoteGap(gap=gap), actor, now)

    def agree(self, identity: str, actor: Actor, now: str) -> str | Refusal:
        """Settle strengths and gaps."""
        return self._tell(identity, AgreeFindings(), actor, now)

    def plan(self, identity: str, action: Action, actor: Actor, now: str) -> str | Refusal:
        """Plan one piece of work for one gap."""
        return self._tell(identity, PlanAction(action=action), actor, now)

    def aim(
        self, identity: str, dimension: str, level: int, actor: Actor, now: str
    ) -> str | Refusal:
        """Set the level that a dimension aims at."""
        return self._tell(identity, SetTarget(dimension=dimension, level=level), actor, now)

    def abandon(self, identity: str, reason: str, actor: Actor, now: str) -> str | Refusal:
        """Give an assessment up, with the reason."""
        return self._tell(identity, Abandon(reason=reason), actor, now)

    def close(self, identity: str, actor: Actor, now: str) -> str | Refusal:
        """Close an assessment: its levels are confirmed."""
        held = self._held(identity)
        model = self._judge(held)
        series: dict[str, list[Measured]] = {}
        for point in self._evidence.trend(held.subject):
            for dimension, level in (point.levels.get(held.model) or {}).items():
                series.setdefault(dimension, []).append(Measured(at=point.as_of, level=level))
        command = Close(
            model=model,
            numbers=self._rules.numbers,
            history=self._ceremonies.confirmed(held.subject),
            series={name: tuple(row) for name, row in series.items()},
            past=tuple(
                summary(each)
                for each in self._ceremonies.of(held.subject)
                if each.state is State.CLOSED and each.model == held.model
            ),
        )
        return self._tell(identity, command, actor, now)

    def answer_scaling(self, identity: str, area: str, actor: Actor, now: str) -> ScaleDecision:
        """Decide on the request to scale that opened an assessment, and record the answer.

        Raises CannotTell where the assessment was not opened by one, Refused where the model must
        not be used for that.
        """
        held = self._held(identity)
        if held.trigger.cause != "scale-request":
            raise CannotTell(
                "This assessment was not opened by a request to scale.",
                place=identity,
                hint="Open one with the request as its trigger.",
            )
        request = ScaleRequest(
            id=held.trigger.ref, area=area, at=held.trigger.at, dimensions=held.trigger.dimensions
        )
        model = self._judge(held)
        result = self.latest(held.subject, held.model)
        decision = decide_scaling(request, model, result, held)
        self._ceremonies.decided(decision, held.subject, actor, now)
        return decision

    def latest(self, subject: str, model: str) -> ModelResult:
        """Return a subject's newest result of a model; raises CannotTell where there is none."""
        made = self._evidence.assessment(subject)
        found = None if made is None else _of_model(made, model)
        if found is None:
            raise CannotTell(f"{subject} was never assessed by {model}.", place=subject)
        return found

    def _judge(self, held: Ceremony) -> Model:
        """Return the very model that judged a ceremony's evidence; raises CannotTell."""
        inputs = self._evidence.inputs(held.subject, held.assessment) if held.assessment else None
        models = self._rules.models.values() if inputs is None else inputs.models
        found = next((each for each in models if each.id == held.model), None)
        if found is None:
            raise CannotTell(f"The model {held.model} is not here any more.", place=held.id)
        return found

    def _tell(self, identity: str, command: Command, actor: Actor, now: str) -> str | Refusal:
        try:
            answer = self._ceremonies.tell(
                identity, lambda held: decide(held, command, now), actor, now
            )
        except KeyError:
            raise _nobody(identity) from None
        return answer if isinstance(answer, Refusal) else answer.id

    def _held(self, identity: str) -> Ceremony:
        held = self._ceremonies.get(identity)
        if held is None:
            raise _nobody(identity)
        return held


def _nobody(identity: str) -> BadValue:
    return BadValue(f"No assessment is called {identity[:80]!r}.", place="assessment")


def _of_model(made: Assessment, model: str) -> ModelResult | None:
    return next((each for each in made.models if each.model == model), None)
