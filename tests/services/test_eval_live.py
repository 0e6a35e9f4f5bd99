"""Live trials: rounds, what is wanted more, what is kept."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tests.services.eval_repository import Repository

from pawl.base.errors import BadValue, CannotTell
from pawl.evals.case import Case
from pawl.evals.record import Ending
from pawl.evals.sealing import Sealed, seal
from pawl.evals.shelf import Placed, Shelf
from pawl.runs.record import Outcome
from pawl.services.eval_keeping import keep_record
from pawl.services.eval_live import (
    MAX_ROUNDS,
    Done,
    Lot,
    lacking,
    passing_record,
    read_done,
    run_live,
    skipped_of,
)


class Here:
    """A crew that works at once."""

    def __init__(self) -> None:
        self._ended: list[tuple[int, bytes | None]] = []

    def start(self, number: int, work: Callable[[], bytes]) -> None:
        """Do the work."""
        self._ended.append((number, work()))

    def wait(self) -> Sequence[tuple[int, bytes | None]]:
        """Return what ended."""
        ended, self._ended = self._ended, []
        return ended


class Desk:
    """Two cases whose trials can be made to fail; what is kept is noted."""

    def __init__(self) -> None:
        self.repository = Repository()
        self.cases = [self.repository.case("one"), self.repository.case("two")]
        self.kept: list[str] = []
        self.broken: dict[str, Exception] = {}
        self.infra: set[str] = set()

    def lots(self) -> list[Lot]:
        return [
            Lot(case=each, trial=lambda each=each: self._trial(each), put=self._put)  # type: ignore[misc]
            for each in self.cases
        ]

    def run(self, counts: dict[str, int], wanted: Any = None) -> tuple[Done, ...]:
        self.told: list[tuple[int, int, str]] = []
        return run_live(
            self.lots(),
            counts,
            Here(),
            jobs=2,
            wanted=wanted,
            told=lambda ended, of, done: self.told.append((ended, of, done.case)),
        )

    def _trial(self, case: Case) -> Sealed:
        if case.id in self.broken:
            raise self.broken[case.id]
        ending = Ending(
            outcome=Outcome.SUCCEEDED, infra="overloaded" if case.id in self.infra else ""
        )
        return seal(self.repository.trial(case, ending=ending), {})

    def _put(self, case: str, sealed: Sealed) -> str:
        self.kept.append(case)
        return f"{case}/{sealed.address}"


def test_every_case_gets_its_first_trial_before_any_gets_its_second() -> None:
    """Trials are told of and kept as they end, in turns; results stand in the order of asking."""
    desk = Desk()
    done = desk.run({"one": 3, "two": 1})
    assert [each.case for each in done] == ["one", "two", "one", "one"] == desk.kept
    assert desk.told[0][:2] == (1, 4)
    assert len({each.address for each in done}) == 4
    assert all(each.counts and each.path.endswith(each.address) for each in done)


def test_suspects_are_tried_again_until_nobody_wants_more() -> None:
    """The gate is asked with all that was run so far, and gets what it wants."""
    desk, asked = Desk(), []

    def wanted(done: Sequence[Done]) -> dict[str, int]:
        asked.append(len(done))
        return {"one": 5} if len(done) == 4 else {}

    done = desk.run({"one": 2, "two": 2}, wanted)
    assert asked == [4, 9]
    assert [each.case for each in done[4:]] == ["one"] * 5


def test_what_broke_is_not_tried_for_ever() -> None:
    """A case of which nothing could be told gets no more, whatever the gate wants."""
    desk = Desk()
    desk.infra = {"one"}
    desk.broken = {"two": CannotTell("no workspace", place="two: x", hint="Make one.")}
    done = desk.run({"one": 2, "two": 2}, lambda _: {"one": 1, "two": 1})
    assert len(done) == 4
    assert skipped_of(done) == {"two": 2}
    assert done[1].problem == "two: x: no workspace Make one."
    assert not any(each.counts for each in done)


def test_a_gate_that_always_wants_more_is_heard_so_often() -> None:
    """There is an end to confirming."""
    desk = Desk()
    assert len(desk.run({"one": 1}, lambda _: {"one": 1})) == MAX_ROUNDS


@pytest.mark.parametrize("result", [None, b"", b"{", b'{"case": 1}', b"\xff"])
def test_a_worker_that_breaks_off_is_no_record(result: bytes | None) -> None:
    """Nothing, or nonsense, is told as a trial without a record."""
    done = read_done("one", result)
    assert done.problem
    assert not done.counts


def _shelf(desk: Desk) -> Shelf:
    return Shelf(desk.repository.tree)


class _Into:
    def __init__(self, desk: Desk) -> None:
        self._held = desk.repository.tree.held

    def write_bytes(self, path: str, content: bytes) -> None:
        """Keep a file."""
        self._held[path] = content


def test_a_pool_lacks_what_is_not_fresh() -> None:
    """Fresh records of a case are taken off its pool; infra and stale ones are not."""
    desk = Desk()
    case = desk.cases[0]
    placed = Placed(case=case, file=".pawl/evals/one.yaml")
    for final, infra in (("done", ""), ("other", ""), ("x", "overloaded")):
        ending = Ending(outcome=Outcome.SUCCEEDED, infra=infra)
        sealed = seal(desk.repository.trial(case, final, ending=ending), {})
        keep_record(_Into(desk), case.id, sealed)
    assert lacking(_shelf(desk), placed) == 18
    desk.repository.tree.held[".claude/skills/release/SKILL.md"] = b"changed"
    assert lacking(_shelf(desk), placed) == 20


def test_only_a_record_that_passes_becomes_the_oracle() -> None:
    """By the beginning of its address; one that fails, is unknown or not alone is refused."""
    desk = Desk()
    case = desk.cases[0]
    placed = Placed(case=case, file=".pawl/evals/one.yaml")
    good, bad = (seal(desk.repository.trial(case, final), {}) for final in ("done", "no"))
    for each in (good, bad):
        keep_record(_Into(desk), case.id, each)
    assert passing_record(_shelf(desk), placed, good.address[:20]) == good
    for address, words in ((bad.address, "graded fail"), ("zz", "no record"), ("", "no record")):
        with pytest.raises(BadValue, match=words):
            passing_record(_shelf(desk), placed, address)
