"""The explanation: every address finds its branch, every leaf is the record that was sealed."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from tests.maturity.judged import SUBJECT, assessed, criterion, model, record
from tests.maturity.test_invariants import batches, models

from pawl.base.errors import BadValue
from pawl.base.finding import Outcome, Place
from pawl.maturity.evidence import Record
from pawl.maturity.explain import MAX_RECORDS, Explanation, explain
from pawl.maturity.model import Descriptor, Model, Need
from pawl.maturity.verdict import Hit, Verdict

ASKED = model(
    criterion("eng.one.L2.first", descriptors=("d1",), hold_for="3d", risk=4, indicator="Share"),
    criterion("eng.one.L3.second", level=3, needs={"n": Need(probe="other")}, replaces=("old.id",)),
    criterion("eng.two.L2.third", dimension="two"),
    descriptors=(Descriptor(id="d1", level=2, dimension="one", text="In its own words."),),
)


def explained(address: str, *records: Record, asked: Model = ASKED, **given: Any) -> Explanation:
    """Return what an address explains of an assessment of these records."""
    return explain(assessed(asked, *records, **given), [asked], records, address)


def ids(found: Explanation) -> list[str]:
    """Return the ids of all criteria that are shown."""
    return [
        each.result.id
        for dimension in found.dimensions
        for level in dimension.levels
        for each in level.criteria
    ]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("eng", ["eng.one.L2.first", "eng.one.L3.second", "eng.two.L2.third"]),
        ("one", ["eng.one.L2.first", "eng.one.L3.second"]),
        ("eng.two", ["eng.two.L2.third"]),
        ("eng.L2", ["eng.one.L2.first", "eng.two.L2.third"]),
        ("eng.one.L3", ["eng.one.L3.second"]),
        ("ENG.ONE.l3", ["eng.one.L3.second"]),
        ("eng.one.L2.first", ["eng.one.L2.first"]),
        ("old.id", ["eng.one.L3.second"]),
    ],
)
def test_each_kind_of_address_finds_its_branch(address: str, shown: list[str]) -> None:
    """A model, dimension, level, criterion or an old id of one, in any case of letters."""
    assert ids(explained(address, record())) == shown


@pytest.mark.parametrize("address", ["", "eng.one.L9", "first", "\x1b[31m" * 400])
def test_an_unknown_name_lists_near_ones(address: str) -> None:
    """The error names what is close by, and is short whatever was typed."""
    with pytest.raises(BadValue) as raised:
        explained(address, record())
    assert "eng." in raised.value.hint or "one" in raised.value.hint
    assert len(str(raised.value)) < 3_000


def test_a_dimension_of_two_models_is_explained_in_both() -> None:
    """Without its model's name, a dimension answers for every model that has it."""
    other = msgspec.structs.replace(model(criterion("x.c")), id="x")
    both = assessed(ASKED, record())
    second = assessed(other, record())
    both = msgspec.structs.replace(both, models=(*both.models, *second.models))
    found = explain(both, [ASKED, other], [record()], "one")
    assert [each.model for each in found.dimensions] == ["eng", "x"]


def test_the_leaf_is_the_record_with_its_place_age_and_proof() -> None:
    """Down at the bottom stands the sealed record that decides, with file and line."""
    seen = record(outcome=Outcome.FAIL, days=2, places=(Place(path="src/a.py", line=7),))
    found = explained("eng.one.L2.first", seen)
    (node,) = found.dimensions[0].levels[0].criteria
    (need,) = node.needs
    (leaf,) = need.evidence
    assert leaf.cited
    assert leaf.record == seen
    assert leaf.age_days == pytest.approx(2)
    assert str(leaf.record.places[0]) == "src/a.py:7"
    assert node.descriptors[0].text == "In its own words."
    assert (node.hold_for, node.risk, node.indicator) == ("3d", 4, "Share")


def test_the_deciding_record_is_shown_first_and_the_rest_counted() -> None:
    """However many records a probe has, the one that decides is there and nothing is silent."""
    records = [record(days=day) for day in range(MAX_RECORDS + 3)]
    (node,) = explained("eng.two.L2.third", *records).dimensions[0].levels[0].criteria
    (need,) = node.needs
    assert need.evidence[0].cited
    assert len(need.evidence) == MAX_RECORDS
    assert need.more_records == 3


def test_what_was_seen_later_is_not_explained_with() -> None:
    """A record that the assessment could not know is no part of its explanation."""
    (node,) = explained("eng.two.L2.third", record(days=-3)).dimensions[0].levels[0].criteria
    assert node.result.verdict is Verdict.UNKNOWN
    assert node.needs[0].evidence == ()


def test_a_hit_stands_with_what_it_took_credit_from() -> None:
    """A criterion that lost credit shows the hit and its innocent explanation."""
    hit = Hit(
        detector="G07",
        indicator="It looks odd.",
        strength="strong",
        action="contested",
        innocent="It may be a helper.",
        remedy="Show it.",
        probes=("asked",),
    )
    found = explained("eng.two.L2.third", record(), hits=[hit])
    (node,) = found.dimensions[0].levels[0].criteria
    assert node.hits == (hit,)
    assert (
        explained("eng.one.L3.second", record("other"), hits=[hit])
        .dimensions[0]
        .levels[0]
        .criteria[0]
        .hits
        == ()
    )


def test_an_unrated_level_says_that_it_is_passed_through() -> None:
    """A level without criteria neither holds nor fails."""
    found = explained("eng.one", record())
    assert found.dimensions[0].levels[0].stands is None


@given(models, batches)
@settings(max_examples=60)
def test_order_of_the_records_changes_nothing(asked: Model, records: list[Record]) -> None:
    """The tree is the same bytes whatever order the evidence comes in, and holds every verdict."""
    made = assessed(asked, *records)
    first = explain(made, [asked], records, asked.id)
    second = explain(made, [asked], records[::-1], asked.id)
    assert msgspec.json.encode(first) == msgspec.json.encode(second)
    assert first.subject == SUBJECT
    shown = {
        node.result.id: node.result
        for dimension in first.dimensions
        for level in dimension.levels
        for node in level.criteria
    }
    judged = {each.id: each for one in made.models[0].dimensions for each in one.criteria}
    assert shown == judged
    for dimension in first.dimensions:
        for level in dimension.levels:
            for node in level.criteria:
                for need in node.needs:
                    cited = [leaf.record.id for leaf in need.evidence if leaf.cited]
                    assert cited == ([need.result.evidence] if need.result.evidence else [])
