"""Evidence is kept batch by batch; what was altered, lost or slipped in is found."""

from typing import Any

import msgspec
import pytest
from tests.conftest import ROOT

from pawl.base.finding import Outcome, Place
from pawl.governance.ledger import Actor
from pawl.maturity.assess import About
from pawl.maturity.engine_numbers import load_numbers
from pawl.maturity.evidence import Assurance, Depth, Kind, Record, Share, sealed
from pawl.maturity.inputs import Inputs
from pawl.maturity.verdict import Assessment, DimensionResult, ModelResult
from pawl.store.records.check import check
from pawl.store.records.engine import Engine, writing
from pawl.store.records.evidence import Batch, EvidenceRecords, root_of

ACTOR = Actor(person="ana@example.org", source="git-config", assurance="declared")
ENGINE = ROOT / "src" / "pawl" / "maturity" / "engine.yaml"
DAY = "2026-11-{:02d}T00:00:00.000000Z"


def _record(day: int, probe: str = "tests-assert", **changed: Any) -> Record:
    told: dict[str, Any] = {
        "probe": probe,
        "probe_version": 1,
        "subject": "repo:a",
        "outcome": Outcome.PASS,
        "depth": Depth.SUBSTANTIVE,
        "kinds": (Kind.TREE,),
        "assurance": Assurance.OBSERVED,
        "values": {"asserting": Share(9, 10), "functions": 10, "odd": "a\0b"},
        "places": (Place("tests/test_a.py", 3),),
        "reason": "9 of 10 test functions assert something.",
        "observed_at": DAY.format(day),
    }
    return sealed(Record(**(told | changed)))


def _batch(day: int, *records: Record, subject: str = "repo:a", level: int = 1) -> Batch:
    dimension = DimensionResult(
        id="code",
        name="Code Quality",
        measured=level,
        level_id=f"eng.L{level}",
        level_name="Reactive",
        risk="",
        criteria=(),
    )
    model = ModelResult(
        model="eng",
        version="1.0.0",
        digest="0" * 64,
        name="Engineering maturity",
        complete=level > 0,
        weakest=("code",),
        dimensions=(dimension,),
    )
    assessment = Assessment(
        subject=subject,
        as_of=DAY.format(day),
        commit="c" * 40,
        tree="d" * 40,
        engine="pawl",
        probes_digest="1" * 64,
        thresholds_digest="2" * 64,
        evidence_root=root_of(record.id for record in records),
        models=(model,),
    )
    inputs = Inputs(
        about=About(subject=subject, as_of=assessment.as_of),
        models=(),
        records=records,
        numbers=load_numbers((ENGINE).read_text()),
    )
    return Batch(assessment=assessment, inputs=inputs, records=records)


def test_records_come_back_as_they_were_oldest_first(engine: Engine) -> None:
    """A subject's records return in the order of their first sight, within the window asked for."""
    kept = EvidenceRecords(engine)
    late, early = _record(9), _record(2)
    assert kept.add(_batch(9, late), ACTOR, DAY.format(9))
    assert kept.add(_batch(2, early, _record(2, "tests-are-present")), ACTOR, DAY.format(9))
    assert [record.observed_at for record in kept.of("repo:a")] == [
        DAY.format(d) for d in (2, 2, 9)
    ]
    assert kept.of("repo:a")[-1] == late
    assert kept.of("repo:a", since=DAY.format(3)) == (late,)
    assert kept.of("repo:a", until=DAY.format(2)) == ()
    assert kept.subjects() == ("repo:a",)
    assert (kept.count("repo:a", DAY.format(3)), kept.count("repo:a", DAY.format(10))) == (1, 0)


def test_records_of_one_time_come_by_probe(engine: Engine) -> None:
    """Records that were seen at once have an order too: that of their probes."""
    kept = EvidenceRecords(engine)
    for name in ("c", "a", "b"):
        assert kept.add(_batch(2, _record(2, name)), ACTOR, DAY.format(2))
    assert [record.probe for record in kept.of("repo:a")] == ["a", "b", "c"]


def test_the_same_batch_twice_is_one(engine: Engine) -> None:
    """Telling a batch again changes nothing; a record of two batches is one record."""
    kept = EvidenceRecords(engine)
    assert kept.add(_batch(2, _record(2)), ACTOR, DAY.format(2))
    assert not kept.add(_batch(2, _record(2)), ACTOR, DAY.format(3))
    assert kept.add(_batch(2, _record(2), _record(2, "tests-are-present")), ACTOR, DAY.format(3))
    assert len(kept.of("repo:a")) == kept.count("repo:a", "") == 2
    assert check(engine, replay=True).intact


def test_many_records_go_in_one_batch(engine: Engine) -> None:
    """A batch larger than one statement takes goes in whole."""
    kept = EvidenceRecords(engine)
    records = [_record(2, f"probe-{number}") for number in range(1_234)]
    assert kept.add(_batch(2, *records), ACTOR, DAY.format(2))
    assert len(kept.of("repo:a")) == 1_234


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE evidence SET body = replace(body, 'pass', 'fail')",
        "UPDATE evidence SET body = 'x'",
        "DELETE FROM evidence WHERE probe = 'tests-assert'",
        "INSERT INTO evidence SELECT batch, 'new', subject, probe, outcome, observed_at, body"
        " FROM evidence WHERE probe = 'tests-assert'",
        "UPDATE evidence SET batch = 'other'",
        "UPDATE assessments SET body = 'x'",
        "DELETE FROM assessments",
        "INSERT INTO evidence SELECT 'other', id, subject, probe, outcome, observed_at, body"
        " FROM evidence",
    ],
)
def test_tampering_is_found(engine: Engine, tamper: str) -> None:
    """A record altered, removed, added or moved to another batch is the first difference."""
    kept = EvidenceRecords(engine)
    kept.add(_batch(2, _record(2), _record(2, "tests-are-present")), ACTOR, DAY.format(2))
    assert check(engine, replay=True).intact
    with writing(engine) as connection:
        connection.execute(tamper)
    report = check(engine, replay=True)
    assert report.difference is not None
    assert report.difference.kind == "table"


def test_the_trend_is_what_each_assessment_measured(engine: Engine) -> None:
    """Levels come from the ledger, oldest first; a model that published none says so."""
    kept = EvidenceRecords(engine)
    for day, level in ((9, 2), (2, 1), (5, 0)):
        assert kept.add(_batch(day, _record(day), level=level), ACTOR, DAY.format(9))
    assert [(point.as_of, point.levels) for point in kept.trend("repo:a")] == [
        (DAY.format(2), {"eng": {"code": 1}}),
        (DAY.format(5), {"eng": None}),
        (DAY.format(9), {"eng": {"code": 2}}),
    ]
    assert kept.trend("repo:b") == ()


def test_commits_of_the_default_branch_are_remembered(engine: Engine) -> None:
    """Those that assessments of a time looked at, with when they were committed; no others."""
    kept = EvidenceRecords(engine)
    for day, known in ((2, DAY.format(1)), (5, None), (9, DAY.format(8))):
        batch = _batch(day, _record(day))
        made = msgspec.structs.replace(batch.assessment, commit=f"c{day}")
        batch = msgspec.structs.replace(batch, assessment=made, on_default_since=known)
        kept.add(batch, ACTOR, DAY.format(day))
    assert kept.seen_commits("repo:a", DAY.format(1), DAY.format(10)) == {
        "c2": DAY.format(1),
        "c9": DAY.format(8),
    }
    assert kept.seen_commits("repo:a", DAY.format(1), DAY.format(9)) == {"c2": DAY.format(1)}
    assert kept.seen_commits("repo:b", DAY.format(1), DAY.format(9)) == {}


def test_an_assessment_is_found_by_its_digest(engine: Engine) -> None:
    """The newest comes back without a name, any other by the beginning of its digest."""
    kept = EvidenceRecords(engine)
    for day in (2, 9):
        kept.add(_batch(day, _record(day)), ACTOR, DAY.format(9))
    newest = kept.assessment("repo:a")
    assert newest is not None
    assert newest.as_of == DAY.format(9)
    first = kept.trend("repo:a")[0]
    assert kept.assessment("repo:a", first.digest[:12]) == _batch(2, _record(2)).assessment
    assert kept.assessment("repo:a", "%") is None
    assert kept.assessment("repo:b") is None


def test_an_assessment_comes_back_with_all_it_was_made_of(engine: Engine) -> None:
    """Its inputs hold its own records and the earlier ones, and none that came later."""
    kept = EvidenceRecords(engine)
    for day in (2, 9, 12):
        kept.add(_batch(day, _record(day)), ACTOR, DAY.format(12))
    inputs = kept.inputs("repo:a", kept.trend("repo:a")[1].digest)
    assert inputs is not None
    assert inputs.records == (_record(2), _record(9))
    assert kept.inputs("repo:b") is None
