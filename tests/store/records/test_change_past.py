"""What figures read by index: the same bytes as from all that ever happened, on both engines."""

import pytest
from tests.changes.made_changes import manifest
from tests.services.made_desk import DEPLOYER, PIA, Made, change, excepted
from tests.store.records.test_change_exceptions import asked_for, costly
from tests.store.records.test_change_invariants import figures_are_the_plain_fold

from pawl.changes.manifest import parts_digest
from pawl.services.change_figures import figures_of
from pawl.services.change_terms import PAWL_ITSELF
from pawl.store.records.connection import Engine


@pytest.fixture
def made(engine: Engine) -> Made:
    """A desk on one engine."""
    return Made(engine)


def test_an_exception_counts_as_used_whenever_that_was(made: Made) -> None:
    """Given in one window and used in another; and a change that only went back in the last."""
    known = costly(made)
    wanted = asked_for(made, known)
    before = made.clock()
    excepted(made.desk.approve_exception(wanted.id, PIA))
    between = made.clock()
    made.clock.wind(hours=1)
    change(made.desk.start(known.id, DEPLOYER))
    after = made.clock()
    made.clock.wind(hours=1)
    change(made.desk.roll_back(known.id, "No.", PIA))
    change(made.desk.confirm(known.id, parts_digest(known.manifest.base), PIA))
    made.desk.found_unmanaged(manifest("Be rude.", scope="shop"), PAWL_ITSELF)
    end = made.clock()
    assert figures_of(made.records, before, end).exceptions.used.numerator == 1
    # It was given then, and what used it came later than the window.
    assert figures_of(made.records, before, between).exceptions.used.numerator == 0
    assert figures_of(made.records, after, end).earlier_failures == 1
    assert figures_of(made.records, after, end).releases == 1
    figures_are_the_plain_fold(made)


def test_a_window_reads_only_what_is_in_it(made: Made) -> None:
    """What went live before it and did nothing since is not read."""
    old = made.live()
    edge = made.clock()
    made.desk.found_unmanaged(manifest("Be rude.", scope="shop"), PAWL_ITSELF)
    read = made.records.window(edge, made.clock())
    assert {each.change for each in read.events}.isdisjoint({old.id})
    assert len(read.events) == 1
    assert read.decisions == {}
