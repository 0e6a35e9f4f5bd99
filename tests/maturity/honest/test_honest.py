"""Detectors leave honest repositories alone."""

import pytest
from tests.maturity.honest.bench import Weighed, weigh
from tests.maturity.honest.honest import honest

from pawl.base.finding import Outcome
from pawl.maturity.evidence import Record

FALSELY_AT_MOST = 0.02
"""Share of honest criteria from which a detector may take credit."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> list[Weighed]:
    others: dict[str, tuple[Record, ...]] = {}
    found = []
    for name, stage in honest().items():
        weighed = weigh(name, stage, tmp_path_factory.mktemp(name), others)
        others[f"repo:{name}"] = weighed.records
        found.append(weighed)
    return found


def test_the_corpus_is_large_enough(corpus: list[Weighed]) -> None:
    """There are at least twenty repositories, and each meets several criteria."""
    assert len(corpus) >= 20
    assert all(each.met >= 8 for each in corpus)


def test_honest_criteria_are_rarely_flagged(corpus: list[Weighed]) -> None:
    """Of what honest repositories meet, detectors take at most two in a hundred."""
    flagged = [each for weighed in corpus for each in weighed.flagged]
    met = sum(weighed.met for weighed in corpus)
    assert met >= 300
    assert len(flagged) <= FALSELY_AT_MOST * met, flagged


def test_honest_repositories_make_no_probe_fail(corpus: list[Weighed]) -> None:
    """No probe fails on any of them."""
    errors = [
        (weighed.name, record.probe, record.reason)
        for weighed in corpus
        for record in weighed.records
        if record.outcome is Outcome.ERROR
    ]
    assert not errors


def test_detectors_have_something_to_look_at(corpus: list[Weighed]) -> None:
    """Reviews, pipelines, deployments and incidents are there to be suspected wrongly."""
    seen = {
        record.probe
        for weighed in corpus
        for record in weighed.records
        if record.outcome is Outcome.PASS
    }
    assert {
        "reviews-are-independent",
        "gates-are-not-swallowed",
        "tests-assert",
        "runbooks-have-substance",
        "deploys-are-automated",
        "instructions-are-shared",
    } <= seen
