"""No trick lifts the Potemkin repository: each is denied by depth or caught by a detector."""

from pathlib import Path

import pytest
from tests.maturity.potemkin.bench import TRICKS, criteria_of, highest, play
from tests.maturity.potemkin.repositories import assessed
from tests.maturity.potemkin.staged import potemkin

from pawl.base.finding import Outcome
from pawl.maturity.verdict import Verdict


def test_the_potemkin_repository_reaches_nothing(tmp_path: Path) -> None:
    """Forty-five files of show meet next to nothing, and no dimension of any model rises."""
    stage = potemkin()
    assert len(stage.files) == 45
    made = assessed(stage, tmp_path)
    assert all(model.complete for model in made.assessment.models)
    assert highest(made.assessment) <= 1
    met = [each.id for each in criteria_of(made.assessment) if each.verdict is Verdict.MET]
    # What nothing contradicts: it has no exception, so none has outlived its end.
    assert set(met) <= {"eng.security.L2.exceptions"}


def test_the_potemkin_repository_is_noticed(tmp_path: Path) -> None:
    """Hollow pages, empty tests and disabled gates are each noticed, and no probe fails."""
    made = assessed(potemkin(), tmp_path)
    assert {"G06", "G07", "G08"} <= {hit.detector for hit in made.assessment.hits}
    assert not [each for each in made.records if each.outcome is Outcome.ERROR]


def test_there_are_tricks_enough() -> None:
    """At least forty single tricks are played, each told apart from the others."""
    assert len(TRICKS) >= 40
    assert len({trick.what for trick in TRICKS.values()}) == len(TRICKS)


@pytest.mark.parametrize("name", sorted(TRICKS))
def test_a_trick_is_denied_or_caught(name: str, tmp_path: Path) -> None:
    """What a trick is after is not met, or a detector keeps it from being confirmed."""
    played = play(TRICKS[name], tmp_path)
    assert played.highest <= 1
    assert played.is_stopped, played.aims
    assert played.aims or played.refused


@pytest.mark.parametrize("name", sorted(TRICKS))
def test_a_trick_changes_something(name: str) -> None:
    """Each mutant differs from the Potemkin repository that it mutates."""
    stage, plain = TRICKS[name].stage(), potemkin()
    assert (stage.files, stage.commits, stage.handed) != (plain.files, plain.commits, plain.handed)


def test_the_page_tells_of_every_trick() -> None:
    """The published table has one row for each trick that is played, with what it does."""
    page = (Path(__file__).resolve().parents[3] / "docs" / "potemkin.md").read_text()
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in page.splitlines()}
    for name, trick in TRICKS.items():
        assert f"| {name} | {trick.what} |" in rows.get(name, ""), f"{name}: benchmarks/potemkin.py"
    assert f"Tricks played: {len(TRICKS)}." in page
