"""Levels: the highest with all at and below it, never a mean."""

from typing import Any

import msgspec
import pytest
from tests.maturity.judged import SUBJECT, ago, assessed, criterion, dimension, model, record
from tests.maturity.test_exempting import exemption, register

from pawl.base.finding import Outcome
from pawl.maturity.assess import evidence_root
from pawl.maturity.confirm import AssessmentKind, Confirmed
from pawl.maturity.evidence import Record
from pawl.maturity.exemption import Register
from pawl.maturity.model import Criterion, Model, Need
from pawl.maturity.verdict import Assessment, Hit

FAIL = Outcome.FAIL


def asks(name: str, level: int, dimension: str = "one") -> Criterion:
    """Return a criterion that asks the probe of its own name."""
    needs = {"main": Need(probe=name)}
    return criterion(name, level=level, dimension=dimension, needs=needs)


def ladder(*levels: int, **told: Any) -> Model:
    """Return a model with one criterion at each of these levels: `l2` asks the probe `l2`."""
    return model(*(asks(f"l{level}", level) for level in levels), **told)


def proved(*levels: int) -> list[Record]:
    """Return a yes of each of these probes."""
    return [record(f"l{level}") for level in levels]


@pytest.mark.parametrize(
    ("there", "found", "measured"),
    [
        ((2, 3, 4, 5), (), 1),
        ((2, 3, 4, 5), (2,), 2),
        ((2, 3, 4, 5), (2, 3, 4, 5), 5),
        ((2, 3, 4, 5), (3, 4, 5), 1),
        ((2, 3, 4, 5), (2, 4, 5), 2),
        ((2, 4), (2,), 2),
        ((2, 4), (2, 4), 4),
        ((3,), (3,), 3),
        ((1, 2), (), 0),
        ((1, 2), (1,), 1),
        ((), (), 1),
    ],
)
def test_a_level_needs_every_level_below_it(
    there: tuple[int, ...], found: tuple[int, ...], measured: int
) -> None:
    """A gap holds everything above it; a level without criteria is passed and never reported."""
    assert dimension(ladder(*there), *proved(*found)).measured == measured


def test_what_stands_in_the_way_of_the_next_level_is_named() -> None:
    """Blocking criteria stand in the model's order; at the top there are none."""
    asked = model(asks("b", 2), asks("a", 2), asks("c", 2), asks("d", 3))
    assert dimension(asked, record("a")).blocking == ("b", "c")
    assert dimension(asked, *(record(name) for name in "abcd")).blocking == ()


def test_a_level_has_its_name_and_its_risk() -> None:
    """The risk is in the source's words; below the lowest level there is none."""
    found = dimension(ladder(2), *proved(2))
    assert (found.level_id, found.level_name, found.risk) == ("eng.L2", "level 2", "risk 2")
    below = dimension(ladder(1, 2))
    assert (below.level_id, below.level_name) == ("", "none yet")


@pytest.mark.parametrize(
    ("outcomes", "measured"),
    [
        ((Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.NOT_APPLICABLE), 2),
        ((Outcome.NOT_APPLICABLE,) * 3, 1),
        ((Outcome.PASS, Outcome.PASS, Outcome.CANNOT_TELL), 1),
        ((Outcome.PASS, Outcome.PASS, FAIL), 1),
    ],
)
def test_at_least_one_criterion_must_be_met(outcomes: tuple[Outcome, ...], measured: int) -> None:
    """What does not apply does not block, but a level of only such is not reached."""
    asked = model(*(asks(f"p{place}", 2) for place in range(3)))
    records = [record(f"p{place}", outcome) for place, outcome in enumerate(outcomes)]
    assert dimension(asked, *records).measured == measured


def test_exempt_is_not_met() -> None:
    """Of two criteria with one exempt only half are met, which is below the share asked for."""
    entry = exemption(criterion="p0")
    two = model(asks("p0", 2), asks("p1", 2))
    half = dimension(two, record("p1"), register=register(entry))
    assert (half.measured, half.blocking) == (1, ("p0",))
    three = model(asks("p0", 2), asks("p1", 2), asks("p2", 2))
    most = dimension(three, record("p1"), record("p2"), register=register(entry))
    assert (most.measured, most.exempt) == (2, 1)
    assert most.first_exemption_ends == "2026-12-31T00:00:00.000000Z"


def exempting(*names: str) -> Register:
    """Return a register that exempts these criteria."""
    return register(*(exemption(id=f"x-{name}", criterion=name) for name in names))


def test_too_many_exemptions_of_a_level_cap_it_and_say_so() -> None:
    """Two of eight criteria exempt is more than a tenth: the level is held below, with why."""
    asked = model(*(asks(f"p{place}", 2) for place in range(8)))
    records = [record(f"p{place}") for place in range(2, 8)]
    capped = dimension(asked, *records, register=exempting("p0", "p1"))
    assert capped.measured == 1
    assert capped.capped == "2 of the 8 criteria of level 2 are exempt; 1 may be."
    assert capped.blocking == ("p0", "p1")
    one = dimension(asked, *records, record("p1"), register=exempting("p0"))
    assert (one.measured, one.capped) == (2, None)


def test_too_many_exemptions_of_a_dimension_cap_it() -> None:
    """The fourth live exemption caps the level at which it comes in."""
    criteria = [asks(f"l{level}p{place}", level) for level in (2, 3, 4, 5) for place in range(4)]
    names = [f"l{level}p0" for level in (2, 3, 4, 5)]
    records = [record(each.id) for each in criteria if each.id not in names]
    capped = dimension(model(*criteria), *records, register=exempting(*names))
    assert capped.measured == 4
    assert capped.capped == "4 exemptions are live in this dimension; 3 may be."


def test_a_capped_level_that_is_not_reached_anyway_says_nothing() -> None:
    """The reason for holding a level down is given where it does hold it down."""
    asked = model(*(asks(f"p{place}", 2) for place in range(8)))
    assert dimension(asked, register=exempting("p0", "p1")).capped is None


def test_the_result_is_a_vector_with_its_weakest_named() -> None:
    """No mean anywhere: dimensions stand apart, the lowest are named."""
    asked = model(asks("a", 2, "one"), asks("b", 2, "three"), asks("c", 2, "two"))
    found = assessed(asked, record("b")).models[0]
    assert [each.measured for each in found.dimensions] == [1, 2, 1]
    assert found.weakest == ("one", "two")


def test_a_probe_in_error_leaves_the_model_incomplete() -> None:
    """A defect of ours publishes no level; neither does a scan in which nothing ran."""
    asked = ladder(2, 3)
    assert assessed(asked, *proved(2)).models[0].complete
    failed = assessed(asked, *proved(2), record("l3", Outcome.ERROR))
    assert not failed.models[0].complete
    assert not assessed(asked).models[0].complete
    assert not assessed(asked, record("l2", Outcome.CANNOT_TELL)).models[0].complete
    assert not assessed(asked, record("of-another-model")).models[0].complete


def test_what_is_provisional_counts_but_not_for_confirmation() -> None:
    """Measured includes it, the firm level does not."""
    hit = Hit(
        detector="G01",
        indicator="A sprint.",
        strength="medium",
        action="provisional",
        innocent="",
        remedy="",
        probes=("l3",),
    )
    found = dimension(ladder(2, 3), *proved(2, 3), hits=[hit])
    assert (found.measured, found.firm) == (3, 2)


def test_what_was_confirmed_stands_beside_what_is_measured() -> None:
    """Confirmed comes from the history of this subject, with when it ends."""
    told: dict[str, Any] = {
        "subject": SUBJECT,
        "model": "eng",
        "dimension": "one",
        "level": 3,
        "change": "first",
        "reason": "",
        "kind": AssessmentKind.FORMAL,
        "assessment": "a1",
        "at": ago(10),
        "until": ago(-82),
    }
    history = [Confirmed(**told), Confirmed(**{**told, "subject": "repo:other", "level": 5})]
    found = dimension(ladder(2, 3), *proved(2), confirmed=history)
    assert (found.measured, found.confirmed, found.confirmed_until) == (2, 3, ago(-82))
    assert not found.confirmed_lapsed


def test_an_assessment_counts_what_was_looked_at() -> None:
    """Probes that ran, those that could not tell, and the root over every record used."""
    records = [*proved(2), record("l3", Outcome.CANNOT_TELL), record("l2", days=-2)]
    found = assessed(ladder(2, 3), *records)
    assert (found.probes_run, found.probes_cannot_tell) == (2, 1)
    assert found.evidence_root == evidence_root(each.id for each in records[:2])


def test_expired_exemptions_are_reported_and_count_as_absent() -> None:
    """Both silent directions would be defects."""
    expired = register(exemption(criterion="l2", expires="2026-11-20"))
    found = assessed(ladder(2), record("l2", FAIL), register=expired)
    assert found.exemptions_expired == ("x1",)
    assert found.models[0].dimensions[0].criteria[0].verdict == "unmet"


def test_an_assessment_is_a_value_that_survives_storage() -> None:
    """Written and read as JSON it is the same, and has no number that means a mean."""
    found = assessed(ladder(2, 3), *proved(2), register=exempting("l3"))
    assert msgspec.json.decode(msgspec.json.encode(found), type=Assessment) == found
