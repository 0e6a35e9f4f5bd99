"""What an assessment may be used for: a request to scale is allowed or blocked, never a person.

A request is decided by the dimensions it leans on. Each must be confirmed, still valid, and at
the model's baseline or above; what is unknown blocks as well, and says so. Every model names the
uses that it forbids, and some are forbidden for all: nothing here ranks, pays or grades anybody.
"""

from enum import StrEnum

import msgspec

from pawl.base.errors import Refused
from pawl.maturity.ceremony_terms import Ceremony, State
from pawl.maturity.confirm import AssessmentKind
from pawl.maturity.model import Model
from pawl.maturity.verdict import DimensionResult, ModelResult


class Use(StrEnum):
    """What somebody may want to use a model for, in the words that models forbid uses with."""

    GRADE_PERSONS = "ranking or grading individuals"
    PAY = "pay and promotion"
    GRADE_TEAMS = "grading teams"
    SCALE = "deciding on a request to scale"
    INVEST = "deciding where to invest"


NEVER = frozenset({Use.GRADE_PERSONS, Use.PAY})
"""Uses that no model permits, whatever its file says: there is no output about a person, ever."""


class ScaleRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wish to grow something: more users, more autonomy, more repositories.

    `dimensions` are those that it leans on, all when empty.
    """

    id: str
    area: str
    at: str
    dimensions: tuple[str, ...] = ()


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What one dimension says about a request. `blocking` criteria would lift it."""

    dimension: str
    allows: bool
    reason: str
    level: int | None = None
    risk: str = ""
    blocking: tuple[str, ...] = ()


class ScaleDecision(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a request is allowed, and on which grounds."""

    request: str
    allowed: bool
    reason: str
    grounds: tuple[Ground, ...] = ()


def require_use(model: Model, use: Use) -> None:
    """Raise Refused for a use that the model forbids, or that all do."""
    if use in NEVER:
        raise Refused(
            f"No maturity model may be used for {use}.",
            place=model.id,
            hint="Levels speak of practice: look at the gaps, not at people.",
        )
    if use in {" ".join(each.casefold().split()) for each in model.forbidden_uses}:
        raise Refused(
            f"{model.name} must not be used for {use}.",
            place=model.id,
            hint=f"It is for this: {model.purpose}",
        )


def decide_scaling(
    request: ScaleRequest, model: Model, result: ModelResult, ceremony: Ceremony | None
) -> ScaleDecision:
    """Decide on a request by the assessment that was held for it.

    Raises Refused where the model must not be used for that.
    """
    require_use(model, Use.SCALE)
    missing = _missing(request, model, result, ceremony)
    if missing:
        return ScaleDecision(request=request.id, allowed=False, reason=missing)
    wanted = request.dimensions or tuple(each.id for each in result.dimensions)
    by_id = {each.id: each for each in result.dimensions}
    grounds = tuple(_ground(name, by_id.get(name), model) for name in wanted)
    against = [ground for ground in grounds if not ground.allows]
    if against:
        names = ", ".join(ground.dimension for ground in against)
        reason = f"{request.area} waits for: {names}."
    else:
        reason = f"Nothing that {request.area} leans on is below level {model.baseline}."
    return ScaleDecision(request=request.id, allowed=not against, reason=reason, grounds=grounds)


def _missing(
    request: ScaleRequest, model: Model, result: ModelResult, ceremony: Ceremony | None
) -> str:
    """Return what keeps anybody from deciding, or nothing."""
    if model.baseline is None:
        return f"{model.name} names no baseline, so it cannot tell what is too low."
    if result.model != model.id or result.digest != model.digest:
        return "The result was judged by another model or version."
    held = (
        ceremony is not None
        and ceremony.state is State.CLOSED
        and ceremony.model == model.id
        and ceremony.trigger.kind is AssessmentKind.MANDATORY
        and ceremony.trigger.ref == request.id
    )
    if not held:
        return "The assessment before scaling has not been held for this request."
    if not result.complete:
        return "The assessment is incomplete: a probe failed, or nothing could be looked at."
    return ""


def _ground(name: str, found: DimensionResult | None, model: Model) -> Ground:
    baseline = model.baseline or 0
    if found is None:
        return Ground(dimension=name, allows=False, reason=f"{model.id} has no dimension {name}.")
    if found.confirmed is None:
        return Ground(dimension=name, allows=False, reason="Its level was never confirmed.")
    level = min(found.confirmed, found.measured)
    definition = next((each for each in model.levels if each.ordinal == level), None)
    risk = "" if definition is None else definition.risk
    told = f", risk: {risk}" if risk else ""
    if found.confirmed_lapsed:
        reason = f"What was confirmed ended on {(found.confirmed_until or '')[:10]}."
    elif level < baseline:
        reason = f"It stands at level {level}{told}; level {baseline} is the baseline."
    else:
        return Ground(
            dimension=name,
            allows=True,
            reason=f"It stands at level {level}{told}.",
            level=level,
            risk=risk,
        )
    return Ground(
        dimension=name,
        allows=False,
        reason=reason,
        level=level,
        risk=risk,
        blocking=found.blocking,
    )
