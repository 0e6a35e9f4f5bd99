"""The score is monotone, bounded, adds up, and never takes a typed figure for evidence."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.maturity.told import AS_OF

import pawl.maturity
from pawl.base.errors import BadFile, BadValue
from pawl.base.finding import Outcome
from pawl.maturity.evidence import Assurance, Depth, Kind, Record, Share, Value, sealed
from pawl.maturity.score import Input, Score, Told, declared, load_formula, score
from pawl.maturity.score_evidence import from_evidence

TEXT = (Path(pawl.maturity.__path__[0]) / "score.yaml").read_text()
FORMULA = load_formula(TEXT, place="score.yaml")
IDS = [each.id for each in FORMULA.inputs]
SEED = {
    "quality-gate-coverage": 0.85,
    "rollback-mttr-min": 12.0,
    "policy-audit-pass-rate": 0.97,
    "incident-repeat-rate": 0.08,
}
_VALUES = st.fixed_dictionaries(
    {each.id: st.floats(each.low, each.high, allow_subnormal=False) for each in FORMULA.inputs}
)


def _typed(values: dict[str, float]) -> Score:
    return score(FORMULA, declared(FORMULA, values))


def _record(probe: str, outcome: Outcome = Outcome.PASS, **values: Value) -> Record:
    return sealed(
        Record(
            probe=probe,
            probe_version=1,
            subject="repo:example",
            outcome=outcome,
            depth=Depth.RUNS,
            kinds=(Kind.HOST,),
            assurance=Assurance.OBSERVED,
            values=values,
            reason="So it is.",
            observed_at="2026-11-20T00:00:00.000000Z",
        )
    )


def _records(*records: Record) -> dict[str, Record]:
    return {each.probe: each for each in records}


WHOLE = _records(
    _record("every-change-is-built", built=Share(9, 10)),
    _record("gates-are-not-swallowed", gates=4, swallowed=1),
    _record("rollback-is-drilled", minutes=12.0, drills=1, days_since=3),
    _record("risky-paths-are-approved", approved=Share(8, 10), changes=10),
    _record("exceptions-expire", Outcome.FAIL, live=3, expired=1, with_end=Share(4, 4)),
    _record("incidents-rarely-repeat", repeat=Share(1, 20), unkeyed=Share(0, 20)),
)


def test_the_inputs_are_the_four_flags_of_the_source() -> None:
    """The flags are those of the source's script, in its order, and its sample is scored."""
    assert [each.flag for each in FORMULA.inputs] == [
        "--quality-gate-coverage",
        "--rollback-mttr-min",
        "--policy-audit-pass-rate",
        "--incident-repeat-rate",
    ]
    found = _typed(SEED)
    assert [each.tenths for each in found.parts] == [255, 232, 220, 146]
    assert found.total == 85.3
    assert found.formula == FORMULA.version == "1.0.0"


def test_the_score_feeds_no_gate_and_grades_nobody() -> None:
    """The data say so, and a formula that says otherwise does not load."""
    assert FORMULA.feeds_gates is False
    assert _typed(SEED).feeds_gates is False
    assert "never grades a team" in FORMULA.use
    with pytest.raises(BadFile, match="never reaches a gate"):
        load_formula(TEXT.replace("feeds_gates: false", "feeds_gates: true"), place="score.yaml")


@given(values=_VALUES, other=_VALUES, turn=st.sampled_from(FORMULA.inputs))
def test_a_better_figure_never_lowers_the_score(
    values: dict[str, float], other: dict[str, float], turn: Input
) -> None:
    """The score is monotone in each input, whatever the others are."""
    worse, better = sorted((values[turn.id], other[turn.id]))
    if turn.better == "lower":
        worse, better = better, worse
    low, high = _typed(values | {turn.id: worse}), _typed(values | {turn.id: better})
    assert low.total is not None
    assert high.total is not None
    assert low.total <= high.total


@given(values=_VALUES)
def test_the_breakdown_adds_up_to_a_total_between_0_and_100(values: dict[str, float]) -> None:
    """The total is the sum of the parts, exactly, and lies between 0 and 100."""
    found = _typed(values)
    assert found.total is not None
    assert 0 <= found.total <= 100
    assert sum(each.tenths or 0 for each in found.parts) == round(found.total * 10)
    assert all(0 <= (each.tenths or 0) <= each.tenths_max for each in found.parts)
    assert found.low == found.total == found.high


def test_the_ends_of_the_scale_are_reached() -> None:
    """The best of everything is 100, the worst of everything 0."""
    best = {each.id: each.high if each.better == "higher" else each.low for each in FORMULA.inputs}
    worst = {each.id: each.low if each.better == "higher" else each.high for each in FORMULA.inputs}
    assert _typed(best).total == 100
    assert _typed(worst).total == 0


@given(values=_VALUES, known=st.sets(st.sampled_from(IDS)))
def test_without_every_figure_there_is_a_range_and_no_total(
    values: dict[str, float], known: set[str]
) -> None:
    """A missing figure is not zero: the total with any value of it lies within the range told."""
    partly = _typed({name: values[name] for name in known})
    whole = _typed(values).total
    assert whole is not None
    assert partly.low <= whole <= partly.high
    assert set(partly.missing) == set(IDS) - known
    assert (partly.total is None) == bool(partly.missing)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quality-gate-coverage", 1.01),
        ("quality-gate-coverage", 85),
        ("quality-gate-coverage", -0.1),
        ("rollback-mttr-min", -1),
        ("rollback-mttr-min", float("inf")),
        ("policy-audit-pass-rate", float("nan")),
        ("incident-repeat-rate", 8),
        ("velocity", 1),
    ],
)
def test_a_value_out_of_range_is_refused_by_its_flag(name: str, value: float) -> None:
    """The error names the flag, and says what to write."""
    with pytest.raises(BadValue) as caught:
        declared(FORMULA, {name: value})
    assert caught.value.place == f"--{name}"
    assert caught.value.hint


def test_typed_figures_are_declared() -> None:
    """A figure typed by hand is labelled, one by one and for the whole."""
    told = from_evidence(FORMULA, WHOLE, as_of=AS_OF)
    assert not score(FORMULA, told).declared
    mixed = score(FORMULA, told | declared(FORMULA, {"rollback-mttr-min": 5}))
    assert mixed.declared
    assert [each.standing for each in mixed.parts] == [
        "evidence",
        "declared",
        "evidence",
        "evidence",
    ]


def test_records_tell_all_four_figures() -> None:
    """Each figure is joined from the records of its probes, and names them."""
    told = from_evidence(FORMULA, WHOLE, as_of=AS_OF)
    assert {name: each.value for name, each in told.items()} == {
        "quality-gate-coverage": pytest.approx(0.9 * 0.75),
        "rollback-mttr-min": 12.0,
        "policy-audit-pass-rate": pytest.approx(0.8 * 0.75),
        "incident-repeat-rate": 0.05,
    }
    assert told["quality-gate-coverage"].evidence == (
        WHOLE["every-change-is-built"].id,
        WHOLE["gates-are-not-swallowed"].id,
    )
    assert all(each.reason.endswith(".") for each in told.values())
    assert score(FORMULA, told).total is not None


@pytest.mark.parametrize(
    "record",
    [
        _record("exceptions-expire", live=0, expired=0, with_end=Share(0, 0)),
        _record("exceptions-expire", Outcome.NOT_APPLICABLE),
    ],
)
def test_without_exceptions_the_approvals_alone_count(record: Record) -> None:
    """Where nothing is set aside, nothing is past its end."""
    told = from_evidence(FORMULA, WHOLE | _records(record), as_of=AS_OF)
    assert told["policy-audit-pass-rate"].value == 0.8


@pytest.mark.parametrize(
    ("probe", "input", "record", "why"),
    [
        (
            "rollback-is-drilled",
            "rollback-mttr-min",
            _record("rollback-is-drilled", Outcome.CANNOT_TELL),
            "cannot-tell: So it is.",
        ),
        (
            "rollback-is-drilled",
            "rollback-mttr-min",
            _record("rollback-is-drilled", Outcome.ERROR, minutes=3),
            "error",
        ),
        (
            "rollback-is-drilled",
            "rollback-mttr-min",
            _record("rollback-is-drilled", minutes=True),
            "tells no minutes",
        ),
        (
            "every-change-is-built",
            "quality-gate-coverage",
            _record("every-change-is-built", built=Share(0, 0)),
            "tells no built",
        ),
        (
            "gates-are-not-swallowed",
            "quality-gate-coverage",
            _record("gates-are-not-swallowed", gates=0, swallowed=0),
            "no gate to look at",
        ),
        (
            "incidents-rarely-repeat",
            "incident-repeat-rate",
            msgspec.structs.replace(WHOLE["incidents-rarely-repeat"], valid_to=AS_OF),
            "no current record",
        ),
    ],
)
def test_what_the_records_do_not_tell_is_missing(
    probe: str, input: str, record: Record, why: str
) -> None:
    """An inconclusive, empty or outdated record leaves its figure missing, and says why."""
    told = from_evidence(FORMULA, WHOLE | {probe: record}, as_of=AS_OF)
    assert told[input].standing == "missing"
    assert told[input].value is None
    assert why in told[input].reason
    assert score(FORMULA, told).missing == (input,)


def test_no_record_at_all_tells_nothing() -> None:
    """Without evidence the score is anything from 0 to 100, and has no total."""
    found = score(FORMULA, from_evidence(FORMULA, {}, as_of=AS_OF))
    assert (found.total, found.low, found.high) == (None, 0, 100)


def test_a_computed_figure_beyond_the_range_counts_as_its_end() -> None:
    """A rollback of two months is as bad as the worst that can be typed."""
    slow = Told(input="rollback-mttr-min", standing="evidence", value=90_000.0, reason="Slow.")
    part = score(FORMULA, {"rollback-mttr-min": slow}).parts[1]
    assert (part.value, part.tenths) == (90_000.0, 0)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("points: 30", "points: 31", "do not add up to 100"),
        ("[[0, 0], [1, 1]]", "[[0, 1], [1, 0]]", "a better value would bring fewer points"),
        ("[0.05, 0.85]", "[0.05, 1.1]", "lie from 0 to 1"),
        ("[0.05, 0.85]", "[0.2, 0.85]", "rising values"),
        ("[[0, 0], [1, 1]]", "[[0, 0]]", "two points or more"),
        ("id: rollback-mttr-min", "id: incident-repeat-rate", "stands twice"),
        ("high: 43200", "high: 0", "low is below high"),
    ],
)
def test_a_formula_that_is_no_score_does_not_load(old: str, new: str, why: str) -> None:
    """A formula that is not monotone, or not of 100 points, is refused with the reason."""
    assert old in TEXT
    with pytest.raises(BadFile, match=why) as caught:
        load_formula(TEXT.replace(old, new), place="score.yaml")
    assert caught.value.place == "score.yaml"
