"""The exercises: the cause is found offline, whatever the day, the names and the decoys."""

from pathlib import Path

import pytest
from tests.investigation.variants import variant

from pawl.app.investigating import exercised, rank_of
from pawl.investigation.exercise import Exercise, exercise_names, load_exercise, shipped_exercise

BUNDLED = "user-cache"
OTHERS = tuple(name for name in exercise_names() if name != BUNDLED)
SEEDS = (1, 2, 3, 4)
UNSEEN = tuple(sorted((Path(__file__).parent / "unseen").glob("*.yaml")))


def rank(exercise: Exercise) -> int:
    """Return the rank of the expected cause; 99 where it is not among the hypotheses."""
    return rank_of(exercise, *exercised(exercise)) or 99


def test_the_bundled_scenario_names_the_cause_first() -> None:
    """The workshop's cache behind a flag is the likely cause, and its flag is to be switched back.

    All that is said cites evidence that is there, and its retry storms are told as effects.
    """
    exercise = shipped_exercise(BUNDLED)
    found, place = exercised(exercise)
    first = found.hypotheses[0]
    assert first.change == place.commits["cache"]
    assert first.level == "likely"
    assert "flag enableUserCache" in first.cause
    assert found.began_at.startswith("2026-11-19T14:45")
    measured = {
        (str(each.values["measure"]), round(float(each.values["peak"]), 1))
        for each in found.evidence
        if each.kind == "metric"
    }
    assert {name for name, _ in measured} == {"errors", "latency", "saturation"}
    ids = {each.id for each in found.evidence}
    claims = [claim for answer in found.answers for claim in answer.claims]
    assert claims
    assert all(claim.evidence and set(claim.evidence) <= ids for claim in claims)
    cited = [each.evidence for each in found.hypotheses]
    cited += [each.evidence for each in found.actions]
    assert all(set(each) <= ids for each in cited)
    assert [each.text for each in found.actions if each.hypothesis == 1] == [
        "Switch flag enableUserCache back to what it was."
    ]


def test_five_other_causes_are_found() -> None:
    """Of five scenarios with other causes at least four name theirs first, and all within three."""
    assert len(OTHERS) == 5
    ranks = {name: rank(shipped_exercise(name)) for name in OTHERS}
    assert sum(each == 1 for each in ranks.values()) >= 4, ranks
    assert all(each <= 3 for each in ranks.values()), ranks


@pytest.mark.heavy
@pytest.mark.parametrize("name", exercise_names())
def test_names_times_and_decoys_do_not_matter(name: str) -> None:
    """The same cause is found under other names, on another day, with decoys moved about."""
    ranks = [rank(variant(shipped_exercise(name), seed)) for seed in SEEDS]
    assert all(each <= 3 for each in ranks), ranks
    assert sum(each == 1 for each in ranks) >= 3, ranks


def test_causes_that_no_number_was_set_by_are_found() -> None:
    """Scenarios that were written after the ranking: at least three of four first, all in three."""
    recipes = [load_exercise(path.read_text(), place=path.name) for path in UNSEEN]
    ranks = {each.id: rank(each) for each in recipes}
    assert len(ranks) == 4
    assert sum(each == 1 for each in ranks.values()) >= 3, ranks
    assert all(each <= 3 for each in ranks.values()), ranks


@pytest.mark.heavy
@pytest.mark.parametrize("path", UNSEEN, ids=lambda path: path.stem)
def test_variants_of_these_are_found(path: Path) -> None:
    """Under other names, on other days, with decoys moved about."""
    recipe = load_exercise(path.read_text(), place=path.name)
    ranks = [rank(variant(recipe, seed)) for seed in SEEDS]
    assert all(each <= 3 for each in ranks), ranks


def test_an_exercise_is_the_same_each_time() -> None:
    """Playing an exercise twice gives the same evidence, hypotheses and commits."""
    once, first = exercised(shipped_exercise("tool-refused"))
    again, second = exercised(shipped_exercise("tool-refused"))
    assert first.commits == second.commits
    assert once.evidence == again.evidence
    assert once.hypotheses == again.hypotheses
