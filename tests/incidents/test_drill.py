"""What a drill says, and what comes of what was measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile
from pawl.incidents.drill import (
    Expectation,
    Measured,
    Outcome,
    gaps_of,
    judged,
    load_drill,
    score_of,
    verdict_of,
)
from pawl.incidents.shipped_drills import shipped_drills

TEXT = """\
schema: pawl.drill/1
title: Nothing is lost while the receiver is away
kind: chaos
hypothesis: Every notice arrives once.
run_by: platform-eng
fault: {plugin: notifier-down, parameters: {notices: 5}}
abort: {after_s: 60}
expectations:
  - {id: none-lost, claim: Every notice arrives, measure: lost, unit: notices, at_most: 0}
  - {id: soon, claim: Soon, measure: after_return_s, unit: s, at_most: 3600, gap: Wait less}
"""
DRILL = load_drill(TEXT, id="notifier-down", place="notifier-down.yaml")


def test_a_drill_is_named_after_its_file_and_its_digest_is_of_all_it_says() -> None:
    """The id is the file's, and another bound is another drill."""
    assert DRILL.id == "notifier-down"
    other = load_drill(TEXT.replace("3600", "60"), id="notifier-down", place="x.yaml")
    assert other.digest != DRILL.digest
    again = load_drill(TEXT, id="notifier-down", place="elsewhere.yaml")
    assert again.digest == DRILL.digest


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("at_most: 0}", "}", "no bound"),
        ("at_most: 0}", "at_most: 0, at_least: 1}", "more than"),
        ("at_most: 0}", "at_most: .inf}", "no bound"),
        ("at_most: 0}", "at_most: .nan}", "no bound"),
        ("id: soon", "id: none-lost", "taken"),
        ("after_s: 60", "after_s: 0", "after_s"),
        ("after_s: 60", "after_s: 601", "after_s"),
        ("after_s: 60", "spend_usd_max: .nan", "spend_usd_max"),
        ("after_s: 60", "written_mb_max: 1.0e+12", "written_mb_max"),
        ("after_s: 60", "processes_max: 1000000000", "processes_max"),
        ("hypothesis: Every notice arrives once.", "hypothesis: ' '", "hypothesis"),
        ("kind: chaos", "kind: havoc", "havoc"),
        ("run_by: platform-eng", "run_by: platform-eng\nshell: rm -rf", "shell"),
        ("title:", "id: other\ntitle:", "other"),
    ],
)
def test_a_drill_that_could_not_fail_or_never_ends_is_refused(
    before: str, after: str, said: str
) -> None:
    """The message names the file, the place in it and what is wrong."""
    assert before in TEXT
    with pytest.raises(BadFile, match=said) as caught:
        load_drill(TEXT.replace(before, after, 1), id="notifier-down", place="a.yaml")
    assert caught.value.place.startswith("a.yaml")


def test_without_expectations_there_is_no_drill() -> None:
    """Whatever happens would be a success."""
    text = TEXT[: TEXT.index("expectations:")] + "expectations: []\n"
    with pytest.raises(BadFile, match="0 expectations"):
        load_drill(text, id="a", place="a.yaml")


def test_a_name_that_leads_elsewhere_is_none() -> None:
    """The name of a file becomes the name of a run; it holds nothing odd."""
    with pytest.raises(BadFile):
        load_drill(TEXT, id="../a", place="a.yaml")


_NUMBERS = st.one_of(st.none(), st.floats(-1e6, 1e6))


@given(value=_NUMBERS, bounds=st.tuples(_NUMBERS, _NUMBERS).filter(any))
def test_a_measure_within_its_bounds_is_met_and_one_that_is_none_is_never(
    value: float | None, bounds: tuple[float | None, float | None]
) -> None:
    """Met is exactly: known, and within each bound that is given."""
    low, high = bounds
    told = Expectation(id="a", claim="a", measure="m", unit="s", at_least=low, at_most=high)
    result = judged(told, Measured(value=value))
    if value is None:
        assert result.outcome is Outcome.CANNOT_TELL
        assert result.why
        return
    within = (low is None or value >= low) and (high is None or value <= high)
    assert result.outcome is (Outcome.MET if within else Outcome.NOT_MET)


@given(outcomes=st.lists(st.sampled_from(list(Outcome)), max_size=6))
def test_the_hypothesis_holds_only_where_everything_is_met(outcomes: list[Outcome]) -> None:
    """One that is unmet refutes it; without that one that nobody can tell leaves it open."""
    told = DRILL.expectations[0]
    values = {Outcome.MET: 0.0, Outcome.NOT_MET: 1.0, Outcome.CANNOT_TELL: None}
    results = tuple(judged(told, Measured(value=values[each])) for each in outcomes)
    verdict = verdict_of(results)
    assert (verdict is Outcome.MET) == (set(outcomes) == {Outcome.MET})
    assert (verdict is Outcome.NOT_MET) == (Outcome.NOT_MET in outcomes)
    score = score_of(results)
    assert score.met + score.not_met + score.cannot_tell == len(outcomes)
    assert (score.share is None) == (not outcomes)
    assert score.share is None or (score.share == 1) == (verdict is Outcome.MET)


def test_a_gap_is_owned_and_dated_and_says_what_to_do() -> None:
    """What is unmet asks for the work that the drill names, what cannot be told for a measure."""
    lost, late = DRILL.expectations
    results = (judged(lost, None), judged(late, Measured(value=7200)))
    gaps = gaps_of(DRILL, results, "2026-12-06T00:00:00.000000Z")
    assert [each.owner for each in gaps] == ["platform-eng"] * 2
    assert "can be measured" in gaps[0].title
    assert gaps[1].title == "Wait less (drill notifier-down)"
    assert gaps_of(DRILL, (judged(lost, Measured(value=0)),), "2026-12-06") == ()


def test_the_shipped_drills_cover_every_kind_with_a_source() -> None:
    """The quarter's three and chaos, each with where its numbers are from."""
    found = shipped_drills()
    assert {each.kind for each in found} == set(type(found[0].kind))
    assert all(each.source and each.as_of for each in found)
    assert all(each.abort.after_s <= 60 for each in found)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_meets_nothing(value: float) -> None:
    """A fault that divided nothing by nothing has not kept a bound; nobody can tell."""
    (expectation, *_) = DRILL.expectations
    told = judged(expectation, Measured(value=value))
    assert (told.outcome, told.value) == (Outcome.CANNOT_TELL, None)
    assert "no number" in told.why
