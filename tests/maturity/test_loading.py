"""Models load with their digest, and an overlay can only make them stricter."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.maturity.sound import SHAPES, content, model

from pawl.base.canonical import digest
from pawl.base.errors import BadFile, BadValue
from pawl.maturity.lint import lint_model
from pawl.maturity.loading import Overlay, load_model, load_overlay, tightened, with_digest
from pawl.maturity.model import Model, Threshold

SHUT = "house.doors.L2.shut"
LOCKED = "house.doors.L3.locked"

ADDED: dict[str, Any] = {
    "id": "house.doors.L2.own",
    "dimension": "doors",
    "level": 2,
    "origin": "authored",
    "statement": "Doors have a maker.",
    "needs": {"made": {"probe": "doors-are-locked", "where": {"maker": {"equals": "Smith"}}}},
    "indicator": "Maker of the doors",
}


def _overlay(**rows: Any) -> Overlay:
    head = {"schema": "pawl.maturity-overlay/1", "model": "house", "name": "acme", "version": "2"}
    return msgspec.convert(head | rows, Overlay)


def _tightened(**rows: Any) -> Model:
    return tightened(model(), _overlay(**rows), place="acme.yaml")


def _as_text(said: dict[str, Any]) -> str:
    return msgspec.json.encode(said).decode()


def test_a_model_loads_with_the_digest_of_its_content() -> None:
    """The digest is of everything that the model says, and of nothing else."""
    loaded = load_model(_as_text(content()), place="house.yaml")
    said = msgspec.to_builtins(loaded)
    assert said.pop("digest") == digest(said | {"digest": ""})
    assert msgspec.structs.replace(loaded, digest="") == model()


def test_layout_does_not_change_the_digest() -> None:
    """The order of keys in the file is not content; a changed threshold is."""
    said = content()
    turned = dict(reversed(said.items()))
    same = load_model(_as_text(turned), place="house.yaml")
    assert same.digest == load_model(_as_text(said), place="house.yaml").digest
    said["criteria"][0]["needs"]["shut"]["where"]["locked"]["at_least"] = 0.4
    assert load_model(_as_text(said), place="house.yaml").digest != same.digest


def test_a_model_cannot_name_its_own_digest() -> None:
    """A digest is computed; one that is written is refused."""
    with pytest.raises(BadFile, match="never written"):
        load_model(_as_text(content() | {"digest": "0" * 64}), place="house.yaml")


@pytest.mark.parametrize(
    "text", ["- a list", "id: house\nlevels: many", "id: house\nid: house", "what: is this"]
)
def test_an_unreadable_model_names_its_file(text: str) -> None:
    """What is no model is refused with the place."""
    with pytest.raises(BadFile) as caught:
        load_model(text, place="house.yaml")
    assert caught.value.place.startswith("house.yaml")


@pytest.mark.parametrize(
    ("row", "key", "value", "why"),
    [
        (0, "id", LOCKED, "the criterion's id is taken"),
        (0, "level", 7, "the model has no level 7"),
        (0, "hold_for", "P28D", "'P28D' is not a duration"),
        (1, "risk", 6, "risk goes from 1 to 5"),
    ],
)
def test_a_model_that_nothing_could_judge_by_does_not_load(
    row: int, key: str, value: Any, why: str
) -> None:
    """Taken ids, levels that do not exist and odd durations are refused with their row."""
    said = content()
    said["criteria"][row][key] = value
    with pytest.raises(BadFile, match=r"house\.doors") as caught:
        load_model(_as_text(said), place="house.yaml")
    assert why in caught.value.message
    assert caught.value.place == "house.yaml"


def test_an_overlay_adds_no_id_twice() -> None:
    """Two added criteria of one id are refused like those of a model."""
    with pytest.raises(BadFile, match="the criterion's id is taken"):
        _tightened(add=[ADDED, ADDED])


def test_an_overlay_tightens_every_bound_that_it_names() -> None:
    """Thresholds, depth, freshness, kinds, assurance, continuity and exemptions become stricter."""
    found = _tightened(
        tighten={
            LOCKED: {
                "needs": {
                    "locked": {
                        "depth": "E4",
                        "fresh_for": "20d",
                        "where": {
                            "locked": {"at_least": 0.95},
                            "doors": {"at_most": 50},
                            "maker": {"equals": "Smith"},
                        },
                    }
                },
                "min_kinds": 3,
                "min_assurance": "A2",
                "hold_for": "60d",
                "max_gap": "3d",
            },
            SHUT: {"exemptible": False},
        },
        levels={"house.L3": {"min_depth": "E4", "fresh_for": "60d", "recheck": "30d"}},
        validity="60d",
        met_share=0.8,
        max_step=1,
        forbidden_uses=["insurance"],
    )
    shut, locked = found.criteria
    need = locked.needs["locked"]
    assert need.where == {
        "locked": Threshold(at_least=0.95),
        "doors": Threshold(at_least=1, at_most=50),
        "alarm": Threshold(equals=True),
        "maker": Threshold(equals="Smith"),
    }
    assert (need.depth, need.fresh_for) == ("E4", "20d")
    assert (locked.min_kinds, locked.min_assurance) == (3, "A2")
    assert (locked.hold_for, locked.max_gap, locked.exemptible) == ("60d", "3d", False)
    assert shut.exemptible is False
    assert shut.needs == model().criteria[0].needs
    level = found.level(3)
    assert (level.min_depth, level.fresh_for, level.recheck) == ("E4", "60d", "30d")
    assert (found.validity, found.met_share, found.max_step) == ("60d", 0.8, 1)
    assert found.forbidden_uses == ("pay", "insurance")
    assert found.version == "1.0.0+acme.2"
    assert found.digest == with_digest(found).digest
    assert found.digest != with_digest(model()).digest


def test_an_empty_overlay_keeps_every_row() -> None:
    """Without rows only the version and the digest tell that there was an overlay."""
    found = msgspec.structs.replace(_tightened(), version="1.0.0", digest="")
    assert found == model()


LOOSER: list[tuple[dict[str, Any], str, str]] = [
    (
        {"tighten": {LOCKED: {"needs": {"locked": {"where": {"locked": {"at_least": 0.8}}}}}}},
        f"tighten.{LOCKED}.needs.locked.where.locked.at_least",
        "lower 0.9 to 0.8",
    ),
    (
        {"tighten": {LOCKED: {"needs": {"locked": {"where": {"doors": {"at_most": 200}}}}}}},
        f"tighten.{LOCKED}.needs.locked.where.doors.at_most",
        "raise 100 to 200",
    ),
    (
        {"tighten": {LOCKED: {"needs": {"locked": {"where": {"alarm": {"equals": False}}}}}}},
        f"tighten.{LOCKED}.needs.locked.where.alarm.equals",
        "replace True by False",
    ),
    (
        {"tighten": {LOCKED: {"needs": {"locked": {"where": {"alarm": {"equals": 1}}}}}}},
        f"tighten.{LOCKED}.needs.locked.where.alarm.equals",
        "replace True by 1",
    ),
    (
        {"tighten": {LOCKED: {"needs": {"locked": {"where": {"doors": {"at_least": 101}}}}}}},
        f"tighten.{LOCKED}.needs.locked.where.doors",
        "nothing can hold",
    ),
    (
        {"tighten": {SHUT: {"needs": {"shut": {"where": {"doors": {"at_most": float("nan")}}}}}}},
        f"tighten.{SHUT}.needs.shut.where.doors",
        "nothing can hold",
    ),
    (
        {"tighten": {SHUT: {"needs": {"shut": {"depth": "E1"}}}}},
        f"tighten.{SHUT}.needs.shut.depth",
        "lower E2 to E1",
    ),
    (
        {"tighten": {SHUT: {"needs": {"shut": {"fresh_for": "200d"}}}}},
        f"tighten.{SHUT}.needs.shut.fresh_for",
        "lengthen 180d to 200d",
    ),
    (
        {"tighten": {SHUT: {"needs": {"further": {}}}}},
        f"tighten.{SHUT}.needs.further",
        "no such need",
    ),
    (
        {"tighten": {LOCKED: {"min_kinds": 1}}},
        f"tighten.{LOCKED}.min_kinds",
        "lower 2 to 1",
    ),
    (
        {"tighten": {SHUT: {"min_assurance": "A0"}}},
        f"tighten.{SHUT}.min_assurance",
        "lower A1 to A0",
    ),
    (
        {"tighten": {LOCKED: {"hold_for": "7d"}}},
        f"tighten.{LOCKED}.hold_for",
        "shorten 28d to 7d",
    ),
    (
        {"tighten": {SHUT: {"max_gap": "30d"}}},
        f"tighten.{SHUT}.max_gap",
        "lengthen 7d to 30d",
    ),
    (
        {"tighten": {LOCKED: {"exemptible": True}}},
        f"tighten.{LOCKED}.exemptible",
        "allow exemptions",
    ),
    ({"tighten": {"house.doors.L2.gone": {}}}, "tighten.house.doors.L2.gone", "no criterion"),
    ({"levels": {"house.L7": {}}}, "levels.house.L7", "no level"),
    (
        {"levels": {"house.L3": {"min_depth": "E2"}}},
        "levels.house.L3.min_depth",
        "lower E3 to E2",
    ),
    (
        {"levels": {"house.L3": {"recheck": "180d"}}},
        "levels.house.L3.recheck",
        "lengthen 90d to 180d",
    ),
    ({"validity": "365d"}, "validity", "lengthen 92d to 365d"),
    ({"met_share": 0.5}, "met_share", "lower 0.6 to 0.5"),
    ({"met_share": 1.5}, "met_share", "nothing can reach"),
    ({"max_step": 0}, "max_step", "nothing can reach"),
    ({"add": [ADDED | {"id": SHUT}]}, f"add.{SHUT}.id", "tighten it instead"),
    ({"add": [ADDED | {"origin": "seed"}]}, "add.house.doors.L2.own.origin", "authored"),
    ({"add": [ADDED | {"dimension": "roof"}]}, "add.house.doors.L2.own.dimension", "'roof'"),
    ({"add": [ADDED | {"level": 1}]}, "add.house.doors.L2.own.level", "asks for nothing"),
    ({"add": [ADDED | {"replaces": [SHUT]}]}, "add.house.doors.L2.own.replaces", "take over"),
    (
        {"add": [ADDED | {"descriptors": ["house.L2.shut"]}]},
        "add.house.doors.L2.own.descriptors",
        "own criteria",
    ),
]


@pytest.mark.parametrize(("rows", "row", "why"), LOOSER)
def test_a_row_that_loosens_is_refused_by_name(rows: dict[str, Any], row: str, why: str) -> None:
    """The error names the file, the row and what it would have loosened."""
    with pytest.raises(BadFile) as caught:
        _tightened(**rows)
    assert caught.value.place == "acme.yaml"
    assert caught.value.message.startswith(f"{row}: ")
    assert why in caught.value.message


def test_a_step_that_has_a_bound_is_not_raised() -> None:
    """A model of one step an assessment stays one of one step."""
    said = content() | {"max_step": 1}
    with pytest.raises(BadFile, match="raise 1 to 2"):
        tightened(model(said), _overlay(max_step=2), place="acme.yaml")


def test_a_duration_that_is_none_names_the_row() -> None:
    """A typing error in a duration is told with its row."""
    with pytest.raises(BadValue) as caught:
        _tightened(tighten={SHUT: {"hold_for": "P28D"}})
    assert caught.value.place == f"acme.yaml: tighten.{SHUT}.hold_for"


def test_an_overlay_is_of_one_model() -> None:
    """An overlay of another model is refused before any row is read."""
    other = msgspec.structs.replace(_overlay(), model="tent")
    with pytest.raises(BadFile, match="'tent', not 'house'"):
        tightened(model(), other, place="acme.yaml")


@pytest.mark.parametrize(
    "row", ["remove: [house.doors.L2.shut]", "criteria: []", "empty_cells: []", "rates: team"]
)
def test_an_overlay_has_no_word_for_removing(row: str) -> None:
    """Rows that would take something away do not exist."""
    head = "schema: pawl.maturity-overlay/1\nmodel: house\nname: acme\nversion: '2'\n"
    assert load_overlay(head, place="acme.yaml").name == "acme"
    with pytest.raises(BadFile):
        load_overlay(head + row, place="acme.yaml")


def test_an_added_criterion_is_marked_and_sound() -> None:
    """What an organisation adds is required, and marked, so that it lifts nothing by being easy."""
    found = _tightened(add=[ADDED])
    assert [each.added for each in found.criteria] == [False, False, True]
    assert lint_model(found, SHAPES) == []


def test_an_addition_rates_a_cell_that_was_unrated() -> None:
    """Criteria of an organisation make a level count that the model passes through."""
    said = content()
    said["empty_cells"][0]["treatment"] = "unrated"
    del said["criteria"][1]
    added = ADDED | {"id": "house.doors.L3.own", "level": 3}
    found = tightened(model(said), _overlay(add=[added]), place="acme.yaml")
    assert [each.treatment for each in found.empty_cells] == ["authored"]


_BOUND = st.one_of(st.none(), st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0, 60.0, 100.0, 200.0]))
_THRESHOLD = st.fixed_dictionaries(
    {},
    optional={
        "at_least": _BOUND,
        "at_most": _BOUND,
        "equals": st.sampled_from([None, True, False, 1.0, 90.0]),
    },
)
_NEED = st.fixed_dictionaries(
    {},
    optional={
        "where": st.dictionaries(st.sampled_from(["locked", "doors", "alarm"]), _THRESHOLD),
        "depth": st.sampled_from(["E1", "E2", "E3", "E4"]),
        "fresh_for": st.sampled_from(["1d", "30d", "90d", "365d"]),
    },
)
_CRITERION = st.fixed_dictionaries(
    {"needs": st.fixed_dictionaries({}, optional={"locked": _NEED})},
    optional={
        "min_kinds": st.integers(0, 3),
        "min_assurance": st.sampled_from(["A0", "A1", "A2", "A3"]),
        "hold_for": st.sampled_from(["1d", "28d", "90d"]),
        "max_gap": st.sampled_from(["1d", "7d", "30d"]),
        "exemptible": st.booleans(),
    },
)


def _holds(threshold: Threshold, value: float | bool) -> bool:
    """Say whether a value holds a threshold, written apart from the code under test."""
    exact = threshold.equals is None or (
        isinstance(value, bool) == isinstance(threshold.equals, bool) and value == threshold.equals
    )
    return (
        exact
        and (threshold.at_least is None or value >= threshold.at_least)
        and (threshold.at_most is None or value <= threshold.at_most)
    )


@given(row=_CRITERION, value=st.sampled_from([0.0, 0.4, 0.9, 0.95, 1.0, 50.0, 150.0, True, False]))
def test_whatever_holds_after_an_overlay_held_before(
    row: dict[str, Any], value: float | bool
) -> None:
    """An overlay is refused, or everything that meets the stricter row met the model's own."""
    old = model().criteria[1]
    try:
        new = _tightened(tighten={LOCKED: row}).criteria[1]
    except BadFile:
        return
    before, after = old.needs["locked"], new.needs["locked"]
    for name, threshold in before.where.items():
        assert _holds(threshold, value) or not _holds(after.where[name], value)
    assert (after.depth or "E3") >= (before.depth or "E3")
    assert int(str(after.fresh_for).rstrip("d")) <= 30
    assert new.min_kinds >= old.min_kinds
    assert new.min_assurance >= old.min_assurance
    assert int(str(new.hold_for).rstrip("d")) >= 28
    assert int(new.max_gap.rstrip("d")) <= 7
    assert not new.exemptible
