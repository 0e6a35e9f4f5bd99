"""What the assessed tree brought along as an export proves only that a file is there."""

from typing import Any

from tests.maturity.told import facts

from pawl.base.finding import Outcome
from pawl.maturity.claims import unclaimed
from pawl.maturity.evidence import Assurance, Depth, Kind
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Operations
from pawl.maturity.facts.reports import Reports
from pawl.maturity.probe import Answer, Probe, Remedy, ask, cannot_tell, no, not_applicable, yes

SINCE = "2026-01-01T00:00:00.000000Z"


def _probe(answer: Any) -> Probe:
    return Probe(
        claim="It is.",
        area="code",
        version=1,
        kinds=(Kind.CI,),
        depth=Depth.PAYS,
        values={},
        remedy=Remedy("Mend it.", 1.0),
        judge=answer,
    )


def _leans(facts: Facts) -> Answer:
    operations = facts.operations
    if isinstance(operations, Operations):
        return yes("It ran.", Depth.PAYS, Kind.INCIDENT, assurance=Assurance.PROVIDER)
    return not_applicable("Nothing is operated.")


def _operations(source: str) -> Facts:
    return facts(operations={"source": source, "complete_since": SINCE})


def test_what_was_handed_over_keeps_its_depth() -> None:
    """An export beside the tree is somebody else's word."""
    told = ask("p", _probe(_leans), _operations("exports/operations.jsonl"))
    assert (told.depth, told.assurance, told.kinds) == (
        Depth.PAYS,
        Assurance.PROVIDER,
        (Kind.INCIDENT,),
    )


def test_what_the_tree_brought_along_is_worth_a_file() -> None:
    """It is of the kind of the tree, exists and no more, and is observed at most."""
    told = ask("p", _probe(_leans), _operations("tree:.pawl/evidence/operations.jsonl"))
    assert (told.outcome, told.depth, told.assurance, told.kinds) == (
        Outcome.PASS,
        Depth.EXISTS,
        Assurance.OBSERVED,
        (Kind.TREE,),
    )


def test_nobody_excuses_themselves_by_a_file() -> None:
    """That a question does not arise counts only as declared when their own export says so."""

    def judge(facts: Facts) -> Answer:
        absent = isinstance(facts.operations, Absent)
        return cannot_tell("x") if absent else not_applicable("No incident happened.")

    told = ask("p", _probe(judge), _operations("tree:.pawl/evidence/operations.jsonl"))
    assert told.assurance is Assurance.DECLARED


def test_an_answer_that_does_not_lean_on_it_is_left_alone() -> None:
    """Whoever would say the same without the tree's export owes it nothing."""

    def judge(facts: Facts) -> Answer:
        return yes("It runs.", Depth.RUNS, Kind.CI, assurance=Assurance.PROVIDER)

    told = ask("p", _probe(judge), _operations("tree:x"))
    assert (told.depth, told.assurance) == (Depth.RUNS, Assurance.PROVIDER)


def test_what_was_handed_over_counts_before_what_lies_in_the_tree() -> None:
    """Where the question can be answered without the tree's export, that answer stands."""

    def judge(facts: Facts) -> Answer:
        assert isinstance(facts.reports, Reports)
        runs = len(facts.reports.tests)
        return yes(f"{runs} runs.", Depth.RUNS, Kind.CI) if runs else cannot_tell("No run.")

    theirs = {"source": "tree:.pawl/evidence/a.xml", "digest": "a"}
    given = {"source": "ci/b.xml", "digest": "b"}
    both = ask("p", _probe(judge), facts(reports={"tests": [theirs, given]}))
    assert (both.reason, both.depth) == ("1 runs.", Depth.RUNS)
    alone = ask("p", _probe(judge), facts(reports={"tests": [theirs]}))
    assert (alone.outcome, alone.depth) == (Outcome.PASS, Depth.EXISTS)


def test_a_no_of_the_tree_s_own_is_believed() -> None:
    """Whoever says themselves that it fails is not asked for better proof."""

    def judge(facts: Facts) -> Answer:
        return yes("x", Depth.RUNS) if isinstance(facts.operations, Absent) else no("It fails.")

    assert ask("p", _probe(judge), _operations("tree:x")).outcome is Outcome.FAIL


def test_only_the_tree_s_own_reports_are_left_out() -> None:
    """A report that was handed over stays; without any of the tree's nothing changes."""
    theirs = {"source": "tree:.pawl/evidence/a.xml", "digest": "a", "passed": 3}
    given = {"source": "ci/b.xml", "digest": "b", "passed": 3}
    both = facts(reports={"tests": [theirs, given]})
    left = unclaimed(both)
    assert isinstance(left.reports, Reports)
    assert [run.source for run in left.reports.tests] == ["ci/b.xml"]
    plain = facts(reports={"tests": [given]})
    assert unclaimed(plain) is plain
