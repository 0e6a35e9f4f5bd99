"""How many automated actions failed in a row, as the desk of changes has it on record."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.made_desk import PIA, Made, change

from pawl.services.investigation_records import failed_in_a_row
from pawl.store.records.engine import open_records

SINCE, UNTIL = "2026-01-01T00:00:00.000000Z", "2027-12-31T00:00:00.000000Z"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """A desk of changes of its own."""
    engine = open_records(tmp_path / "data")
    yield Made(engine)
    engine.dispose()


def counted(made: Made, since: str = SINCE, until: str = UNTIL) -> int:
    """Return the count of a window."""
    return failed_in_a_row(made.desk.list(limit=1_000), since, until)


def test_a_rollback_that_failed_after_its_rollout_is_two(made: Made) -> None:
    """A live change is none, one that goes back is one, one that cannot is two."""
    known = made.live()
    assert counted(made) == 0
    change(made.desk.roll_back(known.id, "It fails.", PIA))
    assert counted(made) == 1
    failed = change(made.desk.fail_rollback(known.id, "Unreachable.", PIA))
    assert counted(made) == 2
    assert counted(made, until=known.changed_at) == 0
    assert counted(made, since=failed.changed_at) == 1
