"""Blessing: what becomes a baseline, what is refused, and what the ledger and the file hold."""

from pathlib import Path

import pytest
from tests.services.eval_repository import (
    ACTOR,
    SKILL,
    Decisions,
    Repository,
    bless_all,
    blessed,
)

from pawl.base.errors import BadValue
from pawl.evals.baseline import baselines_digest, read_baselines
from pawl.evals.gate import Verdict
from pawl.evals.shelf import BASELINES, RECORDS
from pawl.governance.ledger import EntryType
from pawl.services.eval_blessing import DecisionLedger
from pawl.store.records.engine import open_records, reading
from pawl.store.records.forgetting import forget
from pawl.store.records.ledger import entries


def test_the_file_names_nobody_and_the_entry_binds_it() -> None:
    """The entry holds the digest of the file, the file the entry's hash, and who it was no file."""
    repository = Repository()
    repository.add(repository.case(), ["done"] * 4)
    ledger = Decisions()
    told = bless_all(repository, ledger=ledger, reason="good enough")
    text = repository.tree.held[BASELINES].decode()
    found = read_baselines(text, place="b").baselines
    (draft,) = ledger.drafts
    assert draft.type == EntryType.EVAL_BLESSED
    assert draft.actor == ACTOR
    assert draft.body["digest"] == told.digest == baselines_digest(found)
    assert draft.body["reason"] == "good enough"
    assert draft.policy_digest is not None
    assert found[0].ledger == told.ledger
    assert ACTOR.person not in text
    assert (found[0].passes, found[0].trials) == (4, 4)
    assert told.blessed[0].note


def test_the_same_blessing_writes_the_same_text() -> None:
    """The file depends on what was blessed and not on the order of files."""
    one, two = Repository(), Repository()
    for repository in (one, two):
        for name in ("b", "a"):
            repository.add(repository.case(name), ["done"] * 3)
    two.tree.held = dict(reversed(list(two.tree.held.items())))
    bless_all(one)
    bless_all(two)
    assert one.tree.held[BASELINES] == two.tree.held[BASELINES]


def test_what_proves_nothing_is_refused_and_the_others_are_blessed() -> None:
    """Violated guards, stale records, too few, altered ones and invalid cases stay as they were."""
    repository = Repository()
    repository.add(repository.case("good"), ["done"] * 3)
    repository.add(repository.case("violated", "guard"), ["done"] * 9 + ["no"])
    repository.add(repository.case("few"), ["done"] * 2)
    repository.add(repository.case("invalid", shipped=False), ["done"] * 3)
    paths = repository.add(repository.case("altered"), ["done"] * 4)
    repository.tree.held[paths[0]] = b"x"
    repository.add(repository.case("untold"), ["done"] * 3)
    repository.add(repository.cases["untold"], ["?"], sees=())
    repository.add(repository.case("old"), ["done"] * 3, assets={SKILL: "0" * 64})
    told = bless_all(repository)
    assert [each.case for each in told.blessed] == ["good"]
    why = {each.case: each.why for each in told.refused}
    assert "violated in 1 of 10" in why["violated"]
    assert why["few"] == "2 of 3 trials are there"
    assert "oracle record is missing" in why["invalid"]
    assert paths[0] in why["altered"]
    assert "do not say" in why["untold"]
    assert why["old"] == "its 3 records are stale"


def test_nothing_blessed_records_nothing() -> None:
    """Neither the file nor the ledger is touched, and a reason is asked for first."""
    repository = Repository()
    repository.case()
    ledger = Decisions()
    told = bless_all(repository, ledger=ledger)
    assert (told.blessed, told.digest, told.ledger) == ((), "", "")
    assert not ledger.drafts
    assert BASELINES not in repository.tree.held
    with pytest.raises(BadValue):
        bless_all(blessed(), reason=" ")


def test_a_new_version_takes_the_place_of_the_one_before() -> None:
    """Its own records are blessed, and the older version's ask for no baseline any more."""
    repository = blessed(guard=False)
    case = repository.cases["release"]
    repository.add(case, ["done"] * 3, agent_version="2.2.0")
    repository.add(case, ["done"] * 3, model="haiku")
    told = bless_all(repository)
    assert {each.key.agent_version for each in told.blessed if each.key.model == "haiku"} == {
        "2.1.0"
    }
    found = read_baselines(repository.tree.held[BASELINES].decode(), place="b").baselines
    assert {(each.agent_version, each.model) for each in found} == {
        ("2.2.0", "sonnet"),
        ("2.1.0", "haiku"),
    }
    assert repository.grade().verdict in (Verdict.PASS, Verdict.INCONCLUSIVE)
    assert len(repository.grade().cases) == 2


def test_a_violation_on_a_version_that_was_replaced_still_counts() -> None:
    """Moving on to another version does not take back what a guard saw."""
    repository = Repository()
    case = repository.case("guard", "guard")
    repository.add(case, ["done"] * 3)
    bless_all(repository)
    repository.add(case, ["done"] * 3, agent_version="2.2.0")
    bless_all(repository)
    assert repository.grade().verdict is Verdict.PASS
    repository.add(case, ["no"])
    assert repository.grade().verdict is Verdict.REGRESS


def test_lost_trials_are_known_once_blessed() -> None:
    """What was lost before a blessing counts against no later look, after two of them either."""
    repository = Repository()
    case = repository.case()
    repository.add(case, ["done"] * 20)
    for _ in range(9):
        repository.lost(case)
    assert repository.grade().exit_code == 3
    bless_all(repository)
    assert repository.grade().verdict is Verdict.PASS
    bless_all(repository)
    assert repository.grade().verdict is Verdict.PASS


def test_blessing_again_tells_what_it_was_before() -> None:
    """Both numbers are in the answer and in the entry."""
    repository = blessed(guard=False)
    repository.add(repository.cases["release"], ["no"])
    ledger = Decisions()
    told = bless_all(repository, ledger=ledger)
    assert (told.blessed[0].before, told.blessed[0].after) == ((20, 20), (20, 21))
    assert ledger.drafts[0].body["blessed"][0]["after"] == (20, 21)
    assert ledger.drafts[0].body["before"] != told.digest


def test_a_forgotten_person_leaves_file_and_chain_whole(tmp_path: Path) -> None:
    """Who blessed is erased in the ledger; the hash that the file holds is still an entry's."""
    repository = Repository()
    repository.add(repository.case(), ["done"] * 3)
    engine = open_records(tmp_path)
    try:
        told = bless_all(repository, ledger=DecisionLedger(engine))
        forget(
            engine,
            (ACTOR.person,),
            ACTOR,
            "2026-11-21T11:00:00.000000Z",
            reason="asked",
            key="k",
        )
        with reading(engine) as connection:
            (entry,) = entries(connection, "eval.")
        assert entry.hash == told.ledger
        assert ACTOR.person not in entry.actor.person
    finally:
        engine.dispose()
    text = repository.tree.held[BASELINES].decode()
    assert read_baselines(text, place="b").baselines[0].ledger == entry.hash


def test_records_of_other_cases_do_not_matter() -> None:
    """Only the cases asked for are looked at and blessed; the others keep what they have."""
    repository = blessed()
    before = read_baselines(repository.tree.held[BASELINES].decode(), place="b").baselines
    repository.tree.held[f"{RECORDS}/guard/{'0' * 64}.trial.gz"] = b"x"
    repository.add(repository.cases["release"], ["done"])
    assert not bless_all(repository, "release").refused
    after = read_baselines(repository.tree.held[BASELINES].decode(), place="b").baselines
    assert [each for each in after if each.case == "guard"] == [
        each for each in before if each.case == "guard"
    ]
