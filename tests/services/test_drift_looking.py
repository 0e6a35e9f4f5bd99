"""What was changed outside is found once, whether parts, digests or a branch tell of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.made_desk import ANN, change
from tests.services.made_rollouts import Rolling, planned

from pawl.changes.change import Change, State
from pawl.changes.executing import Errand
from pawl.changes.manifest import part_digest
from pawl.changes.parts import Part, Prompt
from pawl.store.records.check import check
from pawl.store.records.engine import open_records

NAME = "prompt/support"
BY_HAND = Prompt(text="Moved by hand.")


@pytest.fixture
def rolling(tmp_path: Path) -> Iterator[Rolling]:
    """A desk on records of its own; in the end they are what a replay of the ledger makes."""
    engine = open_records(tmp_path)
    yield Rolling(engine)
    report = check(engine, replay=True)
    engine.dispose()
    assert report.intact, report.difference


def live(rolling: Rolling) -> Change:
    """Return a change that went live by its stages."""
    known = rolling.made.started(planned())
    for _ in range(4):
        rolling.tick(hours=1)
    known = rolling.desk.get(known.id)
    assert known.state is State.LIVE
    return known


def found(rolling: Rolling) -> tuple[Change, ...]:
    """Return what was found so far after some looks more, none of which went wrong."""
    for _ in range(3):
        assert rolling.tick(hours=1).troubles == ()
    return rolling.desk.list((State.UNMANAGED,))


def test_drift_that_is_read_back_by_digest_is_found_once(rolling: Rolling) -> None:
    """On record is the digest that was read, and going back puts the approved part there."""
    known = live(rolling)
    rolling.place.digests = True
    assert found(rolling) == ()
    rolling.place.there[NAME] = BY_HAND
    (one,) = found(rolling)
    assert one.manifest.parts == {NAME: Prompt(text=f"sha256:{part_digest(BY_HAND)}")}
    assert one.manifest.base == known.manifest.parts
    rolling.place.there[NAME] = Prompt(text="Moved again.")
    assert len(found(rolling)) == 2
    newest = found(rolling)[0]
    assert newest.manifest.base == known.manifest.parts, "nobody goes back to a digest"
    change(rolling.desk.roll_back(newest.id, "Nobody approved it.", ANN))
    rolling.tick()
    assert rolling.desk.get(newest.id).state is State.ROLLED_BACK
    assert rolling.place.there == dict(known.manifest.parts)


def test_what_went_back_by_hand_is_told_whole(rolling: Rolling) -> None:
    """A digest of what stood before the change is of a part that is known."""
    known = live(rolling)
    rolling.place.digests = True
    rolling.place.there = dict(known.manifest.base)
    (one,) = found(rolling)
    assert one.manifest.parts == known.manifest.base
    rolling.place.there.clear()
    assert {each.manifest.parts[NAME] for each in found(rolling)} == {
        None, known.manifest.base[NAME],
    }  # fmt: skip


@pytest.mark.parametrize("digests", [False, True])
def test_what_somebody_put_back_is_no_longer_live(rolling: Rolling, digests: bool) -> None:
    """It counts as rolled back, is not found again, and the approved part is live again."""
    known = live(rolling)
    rolling.place.digests = digests
    rolling.place.there[NAME] = BY_HAND
    (one,) = found(rolling)
    rolling.place.there = dict(known.manifest.parts)
    assert found(rolling) == ()
    assert rolling.desk.get(one.id).state is State.ROLLED_BACK
    shown = rolling.desk.live(NAME)
    assert shown is not None
    assert (shown.change, shown.managed) == (known.id, True)
    assert len(rolling.desk.list()) == 2


def test_what_was_pushed_to_the_branch_is_found_once(rolling: Rolling) -> None:
    """No change here ever was it; what the executor still reads back is no second drift."""
    known = live(rolling)
    rolling.on_branch = dict(known.manifest.parts)
    assert found(rolling) == ()
    rolling.on_branch[NAME] = BY_HAND
    (one,) = found(rolling)
    assert one.manifest.parts == {NAME: BY_HAND}
    assert one.manifest.base == known.manifest.parts
    assert "protected branch" in one.manifest.why
    rolling.on_branch[NAME] = Prompt(text="Pushed again.")
    assert len(found(rolling)) == 2
    rolling.on_branch[NAME] = known.manifest.parts[NAME]
    assert len(found(rolling)) == 1, "the newest was put back"
    assert rolling.place.there == dict(known.manifest.parts)


def test_a_branch_that_a_change_here_explains_is_no_drift(rolling: Rolling) -> None:
    """Not merged yet, approved and merged, rolled back and left there: none is a wolf."""
    known = live(rolling)
    rolling.on_branch = dict(known.manifest.base)
    assert found(rolling) == ()
    following: dict[str, Part | None] = {NAME: Prompt(text="Next.")}
    plan = planned(parts=following, base=dict(known.manifest.parts), title="Next")
    rolling.on_branch = dict(following)
    approved = rolling.made.started(plan)
    assert rolling.tick().troubles == ()
    change(rolling.desk.roll_back(approved.id, "It is worse.", ANN))
    assert found(rolling) == ()
    assert rolling.desk.get(approved.id).state is State.ROLLED_BACK
    assert rolling.place.kinds[-1] is Errand.ROLLBACK


def test_a_draft_that_is_pushed_is_found_on_the_branch(rolling: Rolling) -> None:
    """Nobody approved it, so that it is a draft here explains nothing."""
    known = live(rolling)
    following: dict[str, Part | None] = {NAME: Prompt(text="Next.")}
    rolling.made.opened(planned(parts=following, base=dict(known.manifest.parts)))
    rolling.on_branch = dict(following)
    assert len(found(rolling)) == 1
