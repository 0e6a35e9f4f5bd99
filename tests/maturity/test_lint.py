"""Each rule of the lint of maturity models fires, on the sound model spoiled in one way."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tests.maturity.sound import SHAPES, content, model

from pawl.maturity.crosswalk import Crosswalk, Disagreement, Touch
from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.lint import CONTEXT_ONLY, RULES, lint_crosswalk, lint_model
from pawl.maturity.model import Threshold
from pawl.maturity.probe import Probe, Remedy, cannot_tell
from pawl.maturity.shape import Shape, ValueTypes, shapes

Said = dict[str, Any]
Spoil = Callable[[Said], object]


def _criterion(said: Said, level: int) -> Said:
    found: Said = said["criteria"][level - 2]
    return found


def _need(said: Said, level: int) -> Said:
    found: Said = next(iter(_criterion(said, level)["needs"].values()))
    return found


def _where(said: Said, **bounds: Said) -> None:
    _need(said, 2)["where"] = bounds


def _twice(said: Said, key: str) -> None:
    said[key].append(said[key][-1])


def _without_second_level_proof(said: Said) -> None:
    del said["criteria"][0]
    said["descriptors"][1]["carried_by"] = "Nothing tells it."


def _attested(said: Said) -> None:
    _criterion(said, 3)["needs"] = {"said": {"probe": "somebody-says-so"}}
    _criterion(said, 3)["min_kinds"] = 1


SPOILED: list[tuple[str, str, Spoil]] = [
    ("unknown-probe", "house.doors.L2.shut.needs.shut", lambda s: _need(s, 2).update(probe="no")),
    (
        "unknown-probe",
        "house.doors.L2.shut.applies_when",
        lambda s: _criterion(s, 2).update(applies_when={"probe": "no"}),
    ),
    (
        "context-only",
        "house.doors.L2.shut.needs.shut",
        lambda s: _need(s, 2).update(probe="signals-are-heard"),
    ),
    (
        "undeclared-value",
        "house.doors.L2.shut.needs.shut.where.windows",
        lambda s: _where(s, windows={"at_least": 1}),
    ),
    ("duplicate-id", "doors", lambda s: _twice(s, "dimensions")),
    ("duplicate-id", "house.L2.shut", lambda s: _twice(s, "descriptors")),
    ("duplicate-id", "house.doors.L3.locked", lambda s: _twice(s, "criteria")),
    (
        "duplicate-id",
        "house.doors.L2.shut",
        lambda s: _criterion(s, 3).update(replaces=["house.doors.L2.shut"]),
    ),
    ("duplicate-id", "house.L2", lambda s: s["levels"][2].update(id="house.L2")),
    ("ill-named-id", "house.L9", lambda s: s["levels"][2].update(id="house.L9")),
    ("ill-named-id", "eng.L3", lambda s: s["levels"][2].update(id="eng.L3")),
    (
        "ill-named-id",
        "house.doors.L2.Shut",
        lambda s: _criterion(s, 2).update(id="house.doors.L2.Shut"),
    ),
    (
        "ill-named-id",
        "house.doors.L3.shut",
        lambda s: _criterion(s, 2).update(id="house.doors.L3.shut"),
    ),
    ("ill-named-id", "L1.open", lambda s: s["descriptors"][0].update(id="L1.open")),
    ("dangling-reference", "house.doors.L2.shut", lambda s: _criterion(s, 2).update(level=7)),
    (
        "dangling-reference",
        "house.doors.L2.shut",
        lambda s: _criterion(s, 2).update(dimension="roof"),
    ),
    ("dangling-reference", "house.L1.open", lambda s: s["descriptors"][0].update(level=0)),
    ("dangling-reference", "level 9 of doors", lambda s: s["empty_cells"][0].update(level=9)),
    ("dangling-reference", "baseline", lambda s: s.update(baseline=5)),
    ("level-order", "house.L3", lambda s: s["levels"][2].update(ordinal=4)),
    ("level-order", "house.L3", lambda s: s["levels"][2].update(min_depth="E1")),
    ("level-order", "house.L2", lambda s: s["levels"][1].update(entry=True)),
    ("empty-cell", "level 2 of doors", _without_second_level_proof),
    (
        "empty-cell",
        "level 3 of doors",
        lambda s: s["empty_cells"][0].update(treatment="unrated"),
    ),
    ("empty-cell", "level 3 of doors", lambda s: s.update(empty_cells=[])),
    ("empty-cell", "house.doors.L3.locked", lambda s: _criterion(s, 3).update(origin="seed")),
    ("empty-cell", "level 2 of doors", lambda s: s["empty_cells"][0].update(level=2)),
    (
        "empty-cell",
        "level 1 of doors",
        lambda s: s["criteria"].append({**_criterion(s, 2), "level": 1}),
    ),
    ("attested-only", "house.doors.L3.locked", _attested),
    ("unreachable", "house.doors.L2.shut", lambda s: _criterion(s, 2).update(needs={})),
    ("unreachable", "house.doors.L2.shut", lambda s: _criterion(s, 2).update(min_kinds=3)),
    ("unreachable", "house.doors.L2.shut.needs.shut", lambda s: _need(s, 2).update(depth="E5")),
    (
        "unreachable",
        "house.doors.L2.shut.applies_when",
        lambda s: _criterion(s, 2).update(
            applies_when={"probe": "somebody-says-so", "depth": "E4"}
        ),
    ),
    (
        "self-excusing",
        "house.doors.L2.shut",
        lambda s: _criterion(s, 2).update(applies_when={"probe": "doors-are-locked"}),
    ),
    (
        "shallow-need",
        "house.doors.L3.locked.needs.locked",
        lambda s: _need(s, 3).update(depth="E2"),
    ),
    (
        "shallow-cell",
        "level 3 of doors",
        lambda s: _need(s, 3).update(depth="E2", because="It says so."),
    ),
    ("unproved-descriptor", "house.L2.shut", lambda s: _criterion(s, 2).update(descriptors=[])),
    (
        "unproved-descriptor",
        "house.L2.shut",
        lambda s: s["descriptors"][1].update(carried_by="Nothing tells it."),
    ),
    (
        "unproved-descriptor",
        "house.doors.L2.shut",
        lambda s: _criterion(s, 2).update(descriptors=["house.L2.shut", "house.L2.barred"]),
    ),
    (
        "unproved-descriptor",
        "house.doors.L3.locked",
        lambda s: _criterion(s, 3).update(descriptors=["house.L2.shut"]),
    ),
    ("bad-duration", "validity", lambda s: s.update(validity="soon")),
    ("bad-duration", "house.L2.fresh_for", lambda s: s["levels"][1].update(fresh_for="P180D")),
    ("bad-duration", "house.L3.recheck", lambda s: s["levels"][2].update(recheck="-1d")),
    (
        "bad-duration",
        "house.doors.L3.locked.hold_for",
        lambda s: _criterion(s, 3).update(hold_for="0d"),
    ),
    (
        "bad-duration",
        "house.doors.L3.locked.max_gap",
        lambda s: _criterion(s, 3).update(max_gap="x"),
    ),
    (
        "bad-duration",
        "house.doors.L3.locked.needs.locked.fresh_for",
        lambda s: _need(s, 3).update(fresh_for="a month"),
    ),
    ("unknown-pair", "house.doors.L3.locked", lambda s: _criterion(s, 3).update(pairs=["luck"])),
    ("unusable-row", "house.doors.L2.shut", lambda s: _criterion(s, 2).update(indicator=" ")),
    ("unusable-row", "house.doors.L2.shut", lambda s: _criterion(s, 2).update(risk=0)),
    ("unusable-row", "house.doors.L2.shut", lambda s: _criterion(s, 2).update(min_kinds=0)),
    ("unusable-row", "met_share", lambda s: s.update(met_share=0.0)),
    ("unusable-row", "max_step", lambda s: s.update(max_step=0)),
]

UNFIT = [
    ("locked", {}, "bounds nothing"),
    ("locked", {"at_least": 90}, "from 0 to 1"),
    ("locked", {"equals": 1}, "from 0 to 1"),
    ("locked", {"at_least": 0.8, "at_most": 0.2}, "nothing can hold it"),
    ("locked", {"at_least": float("nan")}, "nothing can hold it"),
    ("doors", {"equals": True}, "equals a number"),
    ("doors", {"at_least": 3, "equals": 2}, "nothing can hold it"),
    ("doors", {"at_least": 3, "equals": "x"}, "nothing can hold it"),
    ("alarm", {"at_least": 1}, "no order"),
    ("alarm", {"equals": 1}, "does not equal 1"),
    ("maker", {"at_most": 1}, "no order"),
    ("maker", {"equals": False}, "does not equal False"),
]

FIT = [
    ("locked", {"at_least": 0, "at_most": 1}),
    ("doors", {"equals": 3}),
    ("doors", {"at_least": 90}),
    ("alarm", {"equals": False}),
    ("maker", {"equals": "x"}),
]


def test_the_sound_model_has_no_finding() -> None:
    """The model that the other tests spoil is sound, so that each finding is of the spoiling."""
    assert lint_model(model(), SHAPES) == []


@pytest.mark.parametrize(("rule", "row", "spoil"), SPOILED)
def test_a_rule_fires_and_names_the_row(rule: str, row: str, spoil: Spoil) -> None:
    """A model spoiled in one way has the rule's finding, on the row that was spoiled."""
    said = content()
    spoil(said)
    probes = SHAPES | {"signals-are-heard": SHAPES["doors-are-locked"]}
    found = lint_model(model(said), probes, place="house.yaml")
    assert (rule, row) in [(each.id, each.evidence[0]) for each in found], found
    assert all(str(each.place) == "house.yaml" for each in found)


def test_every_rule_is_seen_to_fire() -> None:
    """No rule is without a model that breaks it."""
    assert {rule for rule, _, _ in SPOILED} | {"unfit-threshold"} == set(RULES)


@pytest.mark.parametrize(("value", "bounds", "why"), UNFIT)
def test_a_threshold_fits_the_type_of_its_value(value: str, bounds: Said, why: str) -> None:
    """A threshold that its value can never hold, or that means nothing, is refused."""
    said = content()
    _where(said, **{value: bounds})
    found = [each for each in lint_model(model(said), SHAPES) if each.id == "unfit-threshold"]
    assert [why in each.message for each in found] == [True], found


@pytest.mark.parametrize(("value", "bounds"), FIT)
def test_a_fitting_threshold_passes(value: str, bounds: Said) -> None:
    """Bounds from 0 to 1 fit a share, any bound or number a number, an exact value the rest."""
    said = content()
    _where(said, **{value: bounds})
    assert lint_model(model(said), SHAPES) == []


def test_a_value_of_unknown_type_takes_any_threshold() -> None:
    """What nobody typed is not judged by a guess."""
    said = content()
    _criterion(said, 2)["needs"]["odd"] = {
        "probe": "somebody-says-so",
        "where": {"odd": {"equals": "x"}},
    }
    assert lint_model(model(said), SHAPES) == []


def test_a_word_may_carry_the_second_level() -> None:
    """Up to level 2 somebody's word is enough for a criterion."""
    said = content()
    _criterion(said, 2)["needs"] = {"said": {"probe": "somebody-says-so"}}
    assert lint_model(model(said), SHAPES) == []


def test_a_shallow_need_that_says_why_passes_beside_a_deep_one() -> None:
    """A need below the level's depth is allowed with a reason, while another one reaches it."""
    said = content()
    _criterion(said, 3)["needs"]["doc"] = {
        "probe": "doors-are-locked",
        "depth": "E1",
        "because": "It counts.",
    }
    assert lint_model(model(said), SHAPES) == []


def test_an_added_criterion_does_not_deepen_a_cell() -> None:
    """The model's own criteria reach the level's depth; an organisation's cannot do it for them."""
    said = content()
    _need(said, 3).update(depth="E2", because="It says so.")
    said["criteria"].append(
        {
            **_criterion(said, 3),
            "id": "house.doors.L3.own",
            "added": True,
            "needs": {"own": {"probe": "doors-are-locked"}},
        }
    )
    assert [each.id for each in lint_model(model(said), SHAPES)] == ["shallow-cell"]


def test_notes_on_culture_are_the_two_context_probes() -> None:
    """Blameless postmortems and surveys never become a criterion."""
    assert sorted(CONTEXT_ONLY) == ["postmortems-are-blameless", "signals-are-heard"]


def test_shapes_are_read_from_probes_and_types() -> None:
    """A probe gives depth, kinds and names; the file of types adds the types that it knows."""
    probe = Probe(
        claim="Doors are locked.",
        area="code",
        version=1,
        kinds=(Kind.TREE,),
        depth=Depth.RUNS,
        values={"locked": "share of doors", "new": "not typed yet"},
        remedy=Remedy("Lock them.", 1),
        judge=lambda facts: cannot_tell("Nobody looked."),
    )
    types = ValueTypes(schema="pawl.probe-values/1", values={"doors": {"locked": "share"}})
    assert shapes({"doors": probe}, types) == {
        "doors": Shape(
            depth=Depth.RUNS, kinds=(Kind.TREE,), values={"locked": "share", "new": None}
        )
    }


def test_a_crosswalk_names_levels_of_different_models() -> None:
    """A touch of unknown levels, or of two levels of one model, is a finding."""
    walk = Crosswalk(
        schema="pawl.maturity-crosswalk/1",
        version="1",
        as_of="2026-11-21",
        standing="opinion",
        never=(),
        touches=(
            Touch(between=("house.L1", "tent.L1"), relation="similar", why="Both are open."),
            Touch(between=("house.L1", "house.L2"), relation="similar", why="Both are houses."),
        ),
        disagreements=(Disagreement(topic="Roof", says={"house": "yes", "cave": "no"}),),
    )
    messages = [each.message for each in lint_crosswalk(walk, {"house": model()})]
    assert messages == [
        "tent.L1: no model has this level.",
        "house.L1 and house.L2: both levels are of one model.",
        "cave: no model has this id.",
    ]


def test_a_threshold_has_no_other_bounds_than_the_lint_knows() -> None:
    """A new bound of thresholds needs a rule of its own."""
    assert {each.name for each in msgspec.structs.fields(Threshold)} == {
        "at_least",
        "at_most",
        "equals",
    }
