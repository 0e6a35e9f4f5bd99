"""The sample's maturity is judged by the real engine, and tells the story it is meant to tell."""

from itertools import pairwise
from pathlib import Path

import pytest

from pawl.app.maturity_rules import rules
from pawl.base import catalogue
from pawl.base.loading import load_yaml
from pawl.governance.ledger import Actor
from pawl.maturity import probes
from pawl.maturity.ceremony_terms import State
from pawl.maturity.inputs import made_again
from pawl.maturity.probe import Probe
from pawl.maturity.verdict import Verdict
from pawl.services.assessment_desk import AssessmentDesk
from pawl.services.sample_maturity import STORY, Kept, Story, load_sample_maturity
from pawl.store.records.ceremonies import CeremonyRecords
from pawl.store.records.check import check
from pawl.store.records.engine import Engine, open_records
from pawl.store.records.evidence import EvidenceRecords

NOW = "2026-11-21T12:00:00.000000Z"
FIRST = "repo:example.org/shop/checkout"
ACTOR = Actor(person="sample", source="sample", assurance="declared")


def load(folder: Path) -> Engine:
    """Return records that hold the sample; the caller disposes of them."""
    engine = open_records(folder)
    evidence, ceremonies, read = EvidenceRecords(engine), CeremonyRecords(engine), rules()
    desk = AssessmentDesk(evidence, ceremonies, read)
    load_sample_maturity(Kept(evidence.add, ceremonies.confirmed, desk), read, NOW, ACTOR)
    return engine


@pytest.fixture(scope="module")
def story() -> Story:
    """The story as written."""
    return load_yaml(STORY.read_text(), Story, place=STORY.name)


def test_levels_rise_one_step_at_a_time_and_fall_once(tmp_path: Path) -> None:
    """Six assessments: no level ever rises by more than one, and exactly one falls."""
    engine = load(tmp_path)
    try:
        points = EvidenceRecords(engine).trend(FIRST)
        assert len(points) == 6
        assert points[-1].as_of < NOW
        moves = [
            (name, after - (before.levels["eng"] or {})[name])
            for before, later in pairwise(points)
            for name, after in (later.levels["eng"] or {}).items()
        ]
        assert max(step for _, step in moves) == 1
        assert [name for name, step in moves if step < 0] == ["reliability"]
        newest = points[-1].levels["eng"] or {}
        assert newest == {
            "code": 3, "delivery": 3, "reliability": 2, "security": 4, "culture": 2,
        }  # fmt: skip
        assert check(engine, replay=True).intact
    finally:
        engine.dispose()


def test_every_kind_of_verdict_a_page_must_show_is_there(tmp_path: Path) -> None:
    """The newest assessment has each verdict that may occur, an exemption, and both hits."""
    engine = load(tmp_path)
    try:
        made = EvidenceRecords(engine).assessment(FIRST)
        assert made is not None
        found = {
            each.verdict
            for model in made.models
            for dimension in model.dimensions
            for each in dimension.criteria
        }
        assert found >= {
            Verdict.MET, Verdict.UNMET, Verdict.UNKNOWN, Verdict.STALE, Verdict.CONTESTED,
            Verdict.EXEMPT,
        }  # fmt: skip
        assert made.exemptions_expired
        assert made.exemptions_refused
        assert {hit.action for hit in made.hits} == {"note", "provisional"}
        inputs = EvidenceRecords(engine).inputs(FIRST)
        assert inputs is not None
        assert made_again(inputs) == made
        states = [each.state for each in CeremonyRecords(engine).of(FIRST)]
        assert states == [State.ACTIONS, State.CLOSED, State.CLOSED]
    finally:
        engine.dispose()


def test_the_same_sample_for_the_same_time_and_only_once(tmp_path: Path) -> None:
    """Two loads at one time are alike byte for byte, and loading again changes nothing."""
    digests = []
    for name in ("one", "two"):
        engine = load(tmp_path / name)
        try:
            digests.append([point.digest for point in EvidenceRecords(engine).trend(FIRST)])
        finally:
            engine.dispose()
    assert digests[0] == digests[1]
    engine = load(tmp_path / "one")
    try:
        assert [point.digest for point in EvidenceRecords(engine).trend(FIRST)] == digests[0]
    finally:
        engine.dispose()


def test_the_story_tells_what_the_probes_could_tell(story: Story) -> None:
    """Each probe of the story exists, and answers with its own values, as deep as it can reach."""
    known = catalogue.discover(probes, "PROBE", Probe)
    for name, asked in story.probes.items():
        probe = known[name]
        for told in asked.told:
            assert set(told.values) <= set(probe.values), name
            assert told.depth <= probe.depth, name
