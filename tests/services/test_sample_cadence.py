"""The sample's cadence: most of it kept, some missed; every routine has something to look at."""

from collections.abc import Iterator

import pytest
from tests.server.fakes import NOW

from pawl.governance.cadence import State, shipped_cadence
from pawl.services.sample_cadence import SampleCadence
from pawl.services.serving_cadence import load_cadence
from pawl.services.serving_changes import SampleChanges
from pawl.store.records.check import check
from pawl.store.records.engine import open_records

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleCadence]:
    """Load the sample's changes and its cadence once."""
    engine = open_records(tmp_path_factory.mktemp("sample"))
    changes = SampleChanges(engine, lambda: NOW)
    changes.load()
    made = SampleCadence(engine, lambda: NOW, changes=changes.desk)
    made.load()
    before = check(engine, replay=True)
    load_cadence(made)
    again = check(engine, replay=True)
    assert before.difference is None
    assert again.entries == before.entries, "it happens once"
    yield made
    engine.dispose()


def test_most_of_it_was_kept(sample: SampleCadence) -> None:
    """Done, excused, missed and what is still ahead are all there to be seen."""
    whole = sample.desk.adherence("2000-01-01", NOW).whole
    assert whole.value is not None
    assert 0.7 < whole.value < 1
    assert whole.late < whole.done / 4
    assert whole.missed
    assert whole.excused
    found = sample.desk.calendar("2000-01-01", "2030-01-01").lines
    assert {State.DONE, State.MISSED, State.EXCUSED, State.UPCOMING} <= {
        line.state for line in found
    }


@pytest.mark.parametrize("routine", [each.id for each in shipped_cadence().routines])
def test_every_routine_opens_with_its_numbers(sample: SampleCadence, routine: str) -> None:
    """Every part holds figures or rows, or says what cannot be told; the same twice is the same."""
    shown = sample.desk.show(routine)
    for part in shown.numbers.parts:
        assert part.figures or part.columns or part.unknown
        keys = {key for key, _ in part.columns}
        assert all(set(row) == keys for row in part.rows)
        assert all(isinstance(value, str) for row in part.rows for value in row.values())
    assert sample.desk.show(routine).seen == shown.seen


@pytest.mark.parametrize(
    ("routine", "title"),
    [
        ("release-gate-review", "Blocked by gates"),
        ("release-gate-review", "Releases"),
        ("policy-audit", "Audit"),
        ("governance-reset", "Roles held by nobody, or by one"),
        ("governance-reset", "Rules that cannot be kept"),
        ("governance-reset", "Gates that never said no"),
    ],
)
def test_what_happened_to_changes_is_in_them(
    sample: SampleCadence, routine: str, title: str
) -> None:
    """The story of the sample's changes is what these routines look at."""
    parts = {part.title: part for part in sample.desk.show(routine).numbers.parts}
    assert parts[title].rows or any(each.value not in ("-", "0") for each in parts[title].figures)
