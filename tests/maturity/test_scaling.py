"""A request to scale is decided by what it leans on; nobody is ever graded."""

from typing import Any

import msgspec
import pytest
from tests.maturity.judged import NOW, SUBJECT, ago, criterion, model

from pawl.base.errors import Refused
from pawl.maturity.ceremony_terms import Ceremony, State
from pawl.maturity.confirm import Trigger
from pawl.maturity.scaling import (
    NEVER,
    ScaleDecision,
    ScaleRequest,
    Use,
    decide_scaling,
    require_use,
)
from pawl.maturity.verdict import DimensionResult, ModelResult

ENG = msgspec.structs.replace(
    model(criterion(), criterion("d", dimension="two")), baseline=3, digest="d" * 64
)
OPS = msgspec.structs.replace(
    ENG, id="ops", name="Operation", forbidden_uses=("Grading  teams", "counting tools")
)
REQUEST = ScaleRequest(id="SR-1", area="Autonomous deployment", at=ago(2))


def stands(name: str, measured: int, confirmed: int | None, **told: Any) -> DimensionResult:
    """Return a dimension measured and confirmed."""
    return DimensionResult(
        id=name,
        name=name,
        measured=measured,
        level_id="",
        level_name="",
        risk="",
        criteria=(),
        confirmed=confirmed,
        confirmed_until=ago(-10),
        **told,
    )


def result(*dimensions: DimensionResult, complete: bool = True) -> ModelResult:
    """Return what the model says."""
    return ModelResult(
        model="eng",
        version="1",
        digest="d" * 64,
        name="Engineering",
        complete=complete,
        weakest=(),
        dimensions=dimensions,
    )


HELD = Ceremony(
    id="cer-1",
    subject=SUBJECT,
    model="eng",
    trigger=Trigger(cause="scale-request", ref="SR-1", at=ago(2)),
    opened_at=ago(1),
    state=State.CLOSED,
    ended_at=NOW,
)
GOOD = result(stands("one", 3, 3), stands("two", 4, 3))


def decided(
    found: ModelResult = GOOD, ceremony: Ceremony | None = HELD, request: ScaleRequest = REQUEST
) -> ScaleDecision:
    """Return the decision on the request."""
    return decide_scaling(request, ENG, found, ceremony)


def test_a_request_is_allowed_when_all_it_leans_on_stands_at_the_baseline() -> None:
    """Confirmed, valid, measured, and at level 3 or above."""
    found = decided()
    assert found.allowed
    assert found.reason == "Nothing that Autonomous deployment leans on is below level 3."


@pytest.mark.parametrize(
    ("risky", "words"),
    [
        (stands("two", 2, 2, blocking=("d",)), "level 2, risk: risk 2; level 3 is the baseline"),
        (stands("two", 2, 4), "level 2"),
        (stands("two", 5, 2), "level 2"),
        (stands("two", 0, 0), "level 0; level 3"),
        (stands("two", 4, None), "never confirmed"),
        (stands("two", 4, 4, confirmed_lapsed=True), "ended on"),
    ],
)
def test_one_risky_dimension_blocks_with_its_reason(risky: DimensionResult, words: str) -> None:
    """The lower of measured and confirmed counts, and what is unknown blocks as well."""
    found = decided(result(stands("one", 3, 3), risky))
    assert not found.allowed
    assert found.reason == "Autonomous deployment waits for: two."
    (ground,) = [each for each in found.grounds if not each.allows]
    assert words in ground.reason
    assert ground.blocking == risky.blocking


def test_only_what_a_request_leans_on_counts() -> None:
    """A weak dimension elsewhere does not stand in its way; an unknown one does."""
    weak = result(stands("one", 3, 3), stands("two", 1, 1))
    leaning = msgspec.structs.replace(REQUEST, dimensions=("one",))
    assert decided(weak, request=leaning).allowed
    strange = msgspec.structs.replace(REQUEST, dimensions=("three",))
    assert not decided(weak, request=strange).allowed


@pytest.mark.parametrize(
    "ceremony",
    [
        None,
        msgspec.structs.replace(HELD, state=State.ACTIONS),
        msgspec.structs.replace(HELD, model="ops"),
        msgspec.structs.replace(HELD, trigger=Trigger(cause="quarter", ref="SR-1", at=NOW)),
        msgspec.structs.replace(HELD, trigger=Trigger(cause="scale-request", ref="SR-2", at=NOW)),
    ],
)
def test_the_assessment_before_scaling_is_mandatory(ceremony: Ceremony | None) -> None:
    """Held for this request, of this model, and closed."""
    found = decided(ceremony=ceremony)
    assert not found.allowed
    assert "has not been held" in found.reason


def test_nobody_decides_on_half_an_assessment() -> None:
    """Incomplete, of another version, or without a baseline: blocked, and why."""
    assert "incomplete" in decided(result(complete=False)).reason
    other = msgspec.structs.replace(GOOD, digest="f" * 64)
    assert "another model or version" in decided(other).reason
    bare = msgspec.structs.replace(ENG, baseline=None)
    assert "names no baseline" in decide_scaling(REQUEST, bare, GOOD, HELD).reason


@pytest.mark.parametrize("use", sorted(NEVER))
@pytest.mark.parametrize("asked", [ENG, OPS])
def test_no_model_is_used_on_persons(use: Use, asked: Any) -> None:
    """Whatever its file says, nobody is ranked or paid by it."""
    with pytest.raises(Refused, match="No maturity model"):
        require_use(asked, use)


def test_a_model_refuses_the_uses_that_it_forbids() -> None:
    """The operations model never grades teams; the engineering one says nothing about it."""
    with pytest.raises(Refused, match="Operation must not be used for grading teams"):
        require_use(OPS, Use.GRADE_TEAMS)
    require_use(ENG, Use.GRADE_TEAMS)
    require_use(OPS, Use.INVEST)


def test_a_model_may_forbid_deciding_on_scaling() -> None:
    """Then a request is refused before anything is looked at."""
    never = msgspec.structs.replace(ENG, forbidden_uses=(Use.SCALE.value,))
    with pytest.raises(Refused, match="deciding on a request to scale"):
        decide_scaling(REQUEST, never, GOOD, HELD)
