"""Differences: every change of every verdict and level has one cause, and none is missed."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.maturity.judged import NOW, NUMBERS, SUBJECT, ago, criterion, model, record
from tests.maturity.test_exempting import exemption, register
from tests.maturity.test_invariants import batches, hits, models

import pawl.maturity.difference as module
from pawl.base.errors import BadValue
from pawl.base.finding import Outcome
from pawl.maturity.assess import About
from pawl.maturity.confirm import AssessmentKind, Confirmed
from pawl.maturity.difference import ORDER, Cause, Difference, difference, swapped, values_of
from pawl.maturity.dossier import FreshnessEvent
from pawl.maturity.evidence import Record, sealed
from pawl.maturity.exemption import Register
from pawl.maturity.inputs import Inputs, made_again
from pawl.maturity.model import Model, Need, Threshold
from pawl.maturity.verdict import Hit

MODEL = model(criterion("c"), criterion("d", level=3, needs={"n": Need(probe="other")}))


def inputs(*records: Record, now: str = NOW, asked: Model = MODEL, **told: Any) -> Inputs:
    """Return what an assessment of these records is made of."""
    about = About(subject=told.pop("subject", SUBJECT), as_of=now)
    return Inputs(about=about, models=(asked,), records=records, numbers=NUMBERS, **told)


def changed(given: Inputs, **told: Any) -> Inputs:
    """Return the inputs with some parts changed."""
    return msgspec.structs.replace(given, **told)


def causes(before: Inputs, after: Inputs) -> set[Cause]:
    """Return the causes of all changes; there must be some."""
    found = difference(before, after)
    assert found.changes
    return {each.cause for each in found.changes}


def test_nothing_changed_is_no_difference() -> None:
    """The same inputs on both sides have no changes and no counts."""
    found = difference(inputs(record()), inputs(record()))
    assert (found.changes, found.counts) == ((), {})


def test_a_new_answer_is_evidence() -> None:
    """A record that says no where one said yes lowers the level by evidence."""
    before = inputs(record(days=2), now=ago(1))
    after = inputs(record(days=2), record(outcome=Outcome.FAIL))
    found = difference(before, after)
    assert {each.cause for each in found.changes} == {Cause.EVIDENCE}
    level = next(each for each in found.changes if each.what == "level")
    assert (level.before, level.after) == ("2", "1")
    verdict = next(each for each in found.changes if each.criterion == "c")
    assert (verdict.before, verdict.after, verdict.why) == ("met", "unmet", "asked says fail.")


def test_time_alone_is_the_clock() -> None:
    """The same evidence half a year later is stale, and nobody is said to have changed anything."""
    assert causes(inputs(record()), inputs(record(), now=ago(-180))) == {Cause.CLOCK}


def test_an_expired_answer_is_not_blamed_on_other_new_evidence() -> None:
    """What expired meanwhile is the clock's, though new evidence about other things came in."""
    found = difference(
        inputs(record()), inputs(record(), record("other", days=-179), now=ago(-180))
    )
    by_criterion = {each.criterion: each.cause for each in found.changes if each.criterion}
    assert by_criterion == {"c": Cause.CLOCK, "d": Cause.EVIDENCE}


def test_an_answer_of_another_version_is_the_probe() -> None:
    """A question asked in another version answers differently because it is another question."""
    before = inputs(record(days=2), now=ago(1))
    after = inputs(record(days=2), record(outcome=Outcome.FAIL, probe_version=2))
    assert causes(before, after) == {Cause.PROBE}


def test_a_register_is_the_exemption() -> None:
    """An exemption that came in force moves the verdict to exempt."""
    before = inputs(record(outcome=Outcome.FAIL))
    after = changed(before, register=register(exemption(criterion="c")))
    assert causes(before, after) == {Cause.EXEMPTION}


def test_an_exemption_that_ended_is_the_clock() -> None:
    """The register stays the same and its day comes: that is time."""
    before = inputs(record(outcome=Outcome.FAIL), register=register(exemption(criterion="c")))
    after = changed(before, about=changed_time(before, ago(-60)))
    assert causes(before, after) == {Cause.CLOCK}


def changed_time(given: Inputs, now: str) -> About:
    """Return what is assessed, at another time."""
    return msgspec.structs.replace(given.about, as_of=now)


def test_a_stricter_threshold_is_the_model() -> None:
    """The same evidence under a stricter definition fails by the model."""
    strict = criterion("c", needs={"n": Need(probe="asked", where={"x": Threshold(at_least=3)})})
    loose = criterion("c", needs={"n": Need(probe="asked", where={"x": Threshold(at_least=1)})})
    before = inputs(record(values={"x": 2}), asked=model(loose))
    assert causes(before, changed(before, models=(model(strict),))) == {Cause.MODEL}


def test_a_criterion_that_came_or_went_is_the_model() -> None:
    """A verdict that one side does not have is told as not there, by the model."""
    before = inputs(record(), asked=model(criterion("c")))
    after = inputs(record(), asked=MODEL)
    for one, other in ((before, after), (after, before)):
        found = difference(one, other)
        assert {each.cause for each in found.changes} == {Cause.MODEL}
        assert any(
            each.criterion == "d" and None in (each.before, each.after) for each in found.changes
        )


def hit(action: Any = "contested") -> Hit:
    """Return a hit on the probe `asked`."""
    return Hit(
        detector="G07",
        indicator="It looks odd.",
        strength="strong",
        action=action,
        innocent="It may be honest.",
        remedy="Show it.",
        probes=("asked",),
    )


def test_an_integrity_hit_is_evidence_unless_thresholds_changed() -> None:
    """What a detector newly sees is evidence; with other thresholds it is the definitions."""
    before = inputs(record())
    after = changed(before, hits=(hit(),))
    assert causes(before, after) == {Cause.EVIDENCE}
    about = msgspec.structs.replace(after.about, thresholds_digest="other")
    assert causes(before, changed(after, about=about)) == {Cause.MODEL}


def test_an_event_is_evidence() -> None:
    """An incident that ends freshness is something that happened, not time alone."""
    before = inputs(record(days=3))
    event = FreshnessEvent(name="incident", at=ago(1), reason="It broke.")
    assert causes(before, changed(before, events=(event,))) == {Cause.EVIDENCE}


def test_a_confirmed_level_is_the_confirmation_and_moves_nothing_else() -> None:
    """What an assessment confirmed changes the confirmed level alone; its end is the clock's."""
    row = Confirmed(
        subject=SUBJECT, model="eng", dimension="one", level=2, change="first", reason="",
        kind=AssessmentKind.FORMAL, assessment="a", at=ago(0), until=ago(-92),
    )  # fmt: skip
    before = inputs(record())
    (change,) = difference(before, changed(before, confirmed=(row,))).changes
    assert (change.what, change.before, change.after) == ("confirmed", None, "2")
    assert change.cause is Cause.CONFIRMATION


def test_a_subject_on_one_side_is_the_subject_set() -> None:
    """What only one side assessed came or went with its subject."""
    one, two = inputs(record()), inputs(subject="repo:two")
    found = difference([one], [one, two])
    assert {each.cause for each in found.changes} == {Cause.SUBJECT}
    assert {each.subject for each in found.changes} == {"repo:two"}
    assert {each.after for each in difference([one, two], [one]).changes} == {None}


def test_a_subject_twice_on_one_side_is_refused() -> None:
    """There is no telling which of two assessments of one subject to compare."""
    with pytest.raises(BadValue, match="twice"):
        difference([inputs(), inputs()], inputs())


def test_a_value_that_moved_twice_belongs_to_the_last_step() -> None:
    """Time made it stale and new evidence made it fail: it is evidence, and both are told."""
    before = inputs(record())
    after = inputs(record(), record(outcome=Outcome.FAIL, days=-180), now=ago(-180))
    verdict = next(each for each in difference(before, after).changes if each.criterion == "c")
    assert verdict.cause is Cause.EVIDENCE
    assert [(step.cause, step.became) for step in verdict.passed] == [
        (Cause.CLOCK, "stale"),
        (Cause.EVIDENCE, "unmet"),
    ]


def test_the_order_is_the_one_that_is_documented() -> None:
    """The steps are swapped in the declared order, which the module's text lists by number."""
    assert [cause for cause, _ in swapped(inputs(), inputs())] == list(ORDER[1:])
    text = module.__doc__ or ""
    assert all(f"{number}. {cause}:" in text for number, cause in enumerate(ORDER, start=1))


sides = st.tuples(
    batches, st.integers(-60, 5), st.lists(hits, max_size=2), st.sets(st.integers(0, 3), max_size=2)
)


def _side(asked: Model, side: Any, version: int, rules: str) -> Inputs:
    records, days, found, exempt = side
    entries = [exemption(id=f"x{n}", criterion=f"c{n}") for n in sorted(exempt)]
    if version:
        records = [
            sealed(
                msgspec.structs.replace(each, probe_version=2 if each.probe == "p0" else 1, id="")
            )
            for each in records
        ]
    given = inputs(
        *records, now=ago(days), asked=asked, hits=tuple(found), register=Register() if not entries
        else register(*entries),
    )  # fmt: skip
    return changed(given, about=msgspec.structs.replace(given.about, thresholds_digest=rules))


@given(models, models, sides, sides, st.booleans(), st.sampled_from(["a", "b"]))
@settings(max_examples=150)
def test_every_change_is_explained_once(
    old: Model, new: Model, one: Any, other: Any, version: bool, rules: str
) -> None:
    """The changes are exactly the values that differ, each once, each with one cause."""
    before, after = _side(old, one, 0, "a"), _side(new, other, version, rules)
    found = difference(before, after)
    first, last = values_of(made_again(before)), values_of(made_again(after))
    differing = {
        key: (first.get(key), last.get(key))
        for key in first.keys() | last.keys()
        if first.get(key) != last.get(key)
    }
    told = {
        (each.model, each.dimension, each.criterion, each.what): (each.before, each.after)
        for each in found.changes
    }
    assert told == differing
    assert len(told) == len(found.changes)
    assert sum(found.counts.values()) == len(found.changes)
    for each in found.changes:
        assert each.passed[-1].cause is each.cause
        assert each.passed[-1].became == each.after


@given(models, models, sides, sides)
@settings(max_examples=60)
def test_the_last_step_is_the_second_assessment(
    old: Model, new: Model, one: Any, other: Any
) -> None:
    """Swapping every cause arrives at the second inputs themselves."""
    before, after = _side(old, one, 0, "a"), _side(new, other, 1, "b")
    at = before
    for _, step in swapped(before, after):
        at = at if step is None else step
    assert at == after


@given(models, sides, sides, st.sampled_from(["clock", "evidence", "exemption", "model"]), models)
@settings(max_examples=150)
def test_only_what_differs_is_a_cause(
    asked: Model, one: Any, other: Any, part: str, another: Model
) -> None:
    """Where a single part differs between the sides, no other cause is named."""
    before, donor = _side(asked, one, 0, "a"), _side(another, other, 0, "a")
    after = {
        "clock": changed(before, about=donor.about),
        "evidence": changed(before, records=donor.records, hits=donor.hits),
        "exemption": changed(before, register=donor.register),
        "model": changed(before, models=donor.models),
    }[part]
    assert {each.cause.value for each in difference(before, after).changes} <= {part}


@given(models, sides, sides)
@settings(max_examples=40)
def test_back_again_undoes_the_same_values(asked: Model, one: Any, other: Any) -> None:
    """From the second to the first the same values change, the other way round."""
    before, after = _side(asked, one, 0, "a"), _side(asked, other, 0, "a")

    def moved(found: Difference) -> set[Any]:
        return {
            (each.dimension, each.criterion, each.what, each.before, each.after)
            for each in found.changes
        }

    there, back = moved(difference(before, after)), moved(difference(after, before))
    assert there == {(*key, new, old) for *key, old, new in back}
