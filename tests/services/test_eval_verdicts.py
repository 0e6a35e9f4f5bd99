"""What the gate of the evals said stands in the ledger, and an assessment is told of it."""

from pathlib import Path

from tests.services.eval_repository import ACTOR, Repository, blessed

from pawl.evals.case import case_digest
from pawl.services.eval_verdicts import record_verdict
from pawl.services.practice_stores import MachineStores
from pawl.store.records.engine import open_records
from pawl.store.records.eval_history import judged

AT = "2026-11-21T10:00:00.000000Z"
LATER = "2026-11-22T00:00:00.000000Z"


def _recorded(folder: Path, repository: Repository, *, at: str = AT, project: str = "shop") -> None:
    engine = open_records(folder)
    try:
        record_verdict(
            engine,
            repository.grade(),
            repository.cases,
            project=project,
            live=False,
            actor=ACTOR,
            now=at,
        )
    finally:
        engine.dispose()


def _stores(folder: Path) -> MachineStores:
    def no_prices() -> object:
        raise AssertionError("no price is asked for")

    return MachineStores(folder, no_prices, lambda: LATER)  # type: ignore[arg-type]


def test_a_verdict_names_the_cases_it_took_into_account(tmp_path: Path) -> None:
    """By id, by file and by what they said: an incident that names a case by digest finds it."""
    repository = blessed()
    _recorded(tmp_path, repository)
    engine = open_records(tmp_path)
    (found,) = judged(engine, "", LATER)
    engine.dispose()
    assert (found.verdict, found.live, found.subject) == ("pass", False, "evals of shop")
    assert {each.case: each.digest for each in found.cases} == {
        name: case_digest(case) for name, case in repository.cases.items()
    }


def test_an_assessment_is_told_of_the_verdicts_of_its_project(tmp_path: Path) -> None:
    """A regression is a failure; another project's verdict, and a later one, are not told."""
    repository = blessed(guard=False)
    _recorded(tmp_path, repository)
    repository.add(repository.cases["release"], ["nothing"] * 8)
    _recorded(tmp_path, repository, at="2026-11-21T11:00:00.000000Z")
    _recorded(tmp_path, repository, at="2026-11-21T12:00:00.000000Z", project="other")
    _recorded(tmp_path, repository, at=LATER)
    with _stores(tmp_path) as stores:
        found = stores.evals("2026-11-01", LATER, "shop")
        everything = stores.evals("2026-11-01", LATER, None)
        none_since = stores.evals("2026-11-21T23:00:00.000000Z", LATER, "shop")
    assert found is not None
    assert everything is not None
    assert [each.verdict for each in found] == ["pass", "fail"]
    assert "release" in found[0].considers
    assert len(everything) == 3
    assert none_since == ()


def test_where_no_verdict_was_ever_recorded_nobody_can_tell(tmp_path: Path) -> None:
    """No records, and records without a verdict, are not the same as no failure."""
    with _stores(tmp_path) as stores:
        assert stores.evals("2026-11-01", LATER, None) is None
    open_records(tmp_path).dispose()
    with _stores(tmp_path) as stores:
        assert stores.evals("2026-11-01", LATER, None) is None


def test_a_case_that_nobody_tried_or_that_is_set_aside_was_not_taken_into_account(
    tmp_path: Path,
) -> None:
    """A case that was only written, one in quarantine and one that shows nothing run for nobody."""
    repository = blessed()
    repository.case("written")
    unproved = repository.case("unproved", shipped=False)
    repository.add(unproved, ["done"] * 8)
    aside = repository.case("aside")
    repository.add(aside, ["done"] * 8)
    repository.quarantine("aside")
    _recorded(tmp_path, repository)
    engine = open_records(tmp_path)
    (found,) = judged(engine, "", LATER)
    engine.dispose()
    named = {each.case for each in found.cases}
    assert named.isdisjoint({"written", "unproved", "aside"})
    assert "release" in named
