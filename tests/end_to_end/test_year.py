"""A year of a team, judged through the real probes, records and ceremonies: levels behave.

They rise a step at a time, fall at once on a repeated incident, lapse without a re-check, and each
transition says why. What happens in the year is in `year_story`, how it is lived in `year`.
"""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from tests.end_to_end.year import FORMAL, SCALING, Row, Told, live, table
from tests.end_to_end.year_practice import RUNS_A_WEEK
from tests.end_to_end.year_story import GRAVE, REPEAT_WEEK, WEEKS, happenings, look_at

from pawl.base.times import format_time, seconds_between
from pawl.maturity.ceremony_terms import Ceremony, State
from pawl.maturity.confirm import AssessmentKind
from pawl.maturity.difference import Cause, difference, values_of
from pawl.maturity.inputs import made_again
from pawl.maturity.verdict import Assessment, DimensionResult

WHY = {
    "first": r"The evidence (still )?proves .+\.",
    "raised": r"The evidence proves level \d\.|One step up; the evidence reaches level \d\.",
    "kept": r"The evidence still proves it\.|An assessment after an incident keeps or lowers; .+\.",
    "lowered": r"INC-\d+ contradicts it; the evidence proves less\.",
    "lapsed": r"Level \d was not re-checked in time .+\.|What was confirmed on .+ has ended\.",
}
"""What a reason says, by what happened."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The year, lived once."""
    return live(tmp_path_factory.mktemp("year"))


@pytest.fixture(scope="module")
def looks(told: Told) -> tuple[Assessment, ...]:
    """Every assessment of the year, oldest first."""
    return tuple(msgspec.json.decode(each, type=Assessment) for each in told.assessments)


def _moves(told: Told, model: str, dimension: str) -> list[Row]:
    return [
        each
        for each in told.rows
        if (each.model, each.dimension) == (model, dimension) and each.before != each.after
    ]


def _operation(look: Assessment) -> DimensionResult:
    return next(each for each in look.models if each.model == "ops").dimensions[0]


def _held(told: Told, fits: Callable[[Ceremony], bool]) -> list[Ceremony]:
    return [each for each in told.held if fits(each)]


def _day(week: int) -> str:
    return format_time(look_at(week))[:10]


def test_the_year_of_operation_goes_as_it_should(told: Told) -> None:
    """From the lowest level to the top, down on the repeat, up again, and down by time alone."""
    repeat = next(each for each in happenings(look_at(WEEKS)) if each.week == REPEAT_WEEK)
    assert repeat.at > look_at(REPEAT_WEEK - 1)
    assert [
        (each.day, each.kind, each.before, each.after) for each in _moves(told, "ops", "overall")
    ] == [
        (_day(0), "formal", None, 1),
        (_day(12), "formal", 1, 2),
        (_day(24), "formal", 2, 3),
        (_day(28), "mandatory", 3, 4),
        ("2025-07-31", "focused", 4, 3),
        (_day(36), "formal", 3, 4),
        ("2025-12-14", "none", 4, 3),
    ]


def test_no_level_rises_by_more_than_a_step(told: Told) -> None:
    """Whatever the evidence would allow, in every dimension of both models."""
    for row in told.rows:
        assert row.after - (1 if row.before is None else row.before) <= 1, row
    one = next(each for each in told.rows if each.reason.startswith("One step up"))
    assert (one.model, one.day, one.after) == ("ops", _day(24), 3)
    assert "reaches level 4" in one.reason


def test_every_transition_says_why(told: Told) -> None:
    """The reason fits what happened, and a level that fell names the criteria that made it."""
    for row in told.rows:
        assert re.fullmatch(WHY[row.change], row.reason), row
        assert bool(row.because) is (row.change == "lowered"), row
    assert {each.change for each in told.rows} == WHY.keys()
    fell = {each.model: each.because for each in told.rows if each.change == "lowered"}
    assert "ops.overall.L4.learning is unmet" in fell["ops"]
    assert "eng.reliability.L4.repeats is unmet" in fell["eng"]


def test_only_the_repeat_lowers_and_at_once(told: Told) -> None:
    """Three grave incidents are looked at the day after; the one known before costs a level."""
    focused = _held(told, lambda each: each.trigger.kind is AssessmentKind.FOCUSED)
    assert len(focused) == 2 * len(GRAVE)
    names = {f"INC-{200 + week}": week for week in GRAVE}
    for held in focused:
        lowered = {each.dimension for each in held.confirmed if each.change == "lowered"}
        repeats = names[held.trigger.ref] == REPEAT_WEEK
        expected = {"ops": {"overall"}, "eng": {"reliability"}}[held.model] if repeats else set()
        assert lowered == expected, held.trigger
        assert not any(each.change == "raised" for each in held.confirmed)


def test_without_a_recheck_the_highest_level_lapses(
    told: Told, looks: tuple[Assessment, ...]
) -> None:
    """The last quarter's assessment is not held: 90 days after the one before, level 4 is gone."""
    formal = _held(told, lambda each: each.trigger.kind is AssessmentKind.FORMAL)
    assert {each.trigger.ref for each in formal} == set(FORMAL.values())
    last = max(each.ended_at or "" for each in formal)
    standing = [each for each in looks if each.as_of > last]
    for look in standing:
        days = seconds_between(last, look.as_of) / 86_400
        found = _operation(look)
        assert found.confirmed_lapsed is (days >= 90), look.as_of
        assert found.confirmed == (3 if days >= 90 else 4), look.as_of
    assert _operation(standing[0]).measured == 4
    assert _operation(standing[-1]).measured == 3


def test_scaling_waits_until_nothing_it_leans_on_is_risky(told: Told) -> None:
    """The same request is blocked in spring, with the risk in the model's words, and later not."""
    first, second = told.scaled
    assert (first.request, second.request) == tuple(SCALING.values())
    assert not first.allowed
    assert {each.dimension for each in first.grounds if not each.allows} == {
        "delivery",
        "reliability",
    }
    assert all(each.risk == "High" and each.blocking for each in first.grounds)
    assert second.allowed
    assert all((each.level or 0) >= 3 for each in second.grounds)


def test_two_flat_assessments_call_for_an_intervention(told: Told) -> None:
    """The same gap in two formal assessments in a row, in a dimension that did not rise."""
    formal = _held(
        told, lambda each: each.model == "eng" and each.trigger.kind is AssessmentKind.FORMAL
    )
    assert formal[0].interventions == ()
    assert {each.dimension for each in formal[1].interventions} == {"code", "security"}
    for earlier, later in pairwise(formal):
        level = {each.dimension: each.level for each in earlier.confirmed}
        rose = {each.dimension for each in later.confirmed if each.level > level[each.dimension]}
        assert not rose & {each.dimension for each in later.interventions}
    risen = {each.dimension for each in formal[2].confirmed if each.change == "raised"}
    assert {"code", "security"} <= risen
    assert all(each.state is State.CLOSED for each in told.held)


def test_the_ledger_verifies_and_its_tables_replay(told: Told) -> None:
    """Runs, evidence, assessments, ceremonies and decisions are what the chain makes of them."""
    assert told.ledger.intact, told.ledger.difference
    assert told.runs == RUNS_A_WEEK * WEEKS
    assert told.ledger.entries > 2 * told.runs + len(told.assessments)


def test_each_change_between_quarters_has_exactly_one_cause(told: Told) -> None:
    """What differs is listed once, with a step that arrives at what is there now, and no more."""
    causes = set()
    for before, after in pairwise(told.ends):
        old, new = values_of(made_again(before)), values_of(made_again(after))
        differing = {
            key: (old.get(key), new.get(key))
            for key in old.keys() | new.keys()
            if old.get(key) != new.get(key)
        }
        found = difference(before, after)
        listed = [
            ((each.model, each.dimension, each.criterion, each.what), (each.before, each.after))
            for each in found.changes
        ]
        assert len(listed) == len(differing) > 0
        assert dict(listed) == differing
        for each in found.changes:
            assert (each.passed[-1].cause, each.passed[-1].became) == (each.cause, each.after)
            causes.add(each.cause)
    # Neither models nor probes nor exemptions changed in the year: nothing is blamed on them.
    assert causes == {Cause.CLOCK, Cause.EVIDENCE, Cause.CONFIRMATION}


def test_an_assessment_is_made_again_from_the_records(told: Told) -> None:
    """What is read back from the records makes the same bytes, at the end of every quarter."""
    for inputs in told.ends:
        assert msgspec.json.encode(made_again(inputs)) in told.assessments


def test_an_honest_year_is_not_suspected(looks: tuple[Assessment, ...]) -> None:
    """No detector finds anything but the swallowed tests, and those while they were swallowed."""
    for week in range(WEEKS + 1):
        found = [each for each in looks if each.as_of == format_time(look_at(week))]
        hits = {hit.detector for look in found for hit in look.hits}
        assert hits == ({"G08"} if 2 <= week < 8 else set()), week


def test_the_table_tells_each_transition(told: Told) -> None:
    """One line each: the day, the assessment, the dimension, the levels and the reason."""
    text = table(told.rows)
    for row in told.rows:
        if row.before != row.after:
            (line,) = [
                each
                for each in text.splitlines()
                if each.startswith(f"{row.day}  {row.kind}")
                and f"{row.model}.{row.dimension} " in each
            ]
            assert row.reason in line


def test_the_same_weeks_give_the_same_bytes(told: Told, tmp_path: Path) -> None:
    """Lived again in another place up to the first grave incident, each assessment is the same."""
    again = live(tmp_path / "again", weeks=min(GRAVE))
    assert len(again.assessments) == min(GRAVE) + 3
    assert again.assessments == told.assessments[: len(again.assessments)]
    assert again.rows == told.rows[: len(again.rows)]


@pytest.mark.heavy
def test_the_same_year_gives_the_same_bytes(told: Told, tmp_path: Path) -> None:
    """Lived again in another place, every assessment and every entry of the chain is the same."""
    again = live(tmp_path / "again")
    assert again.assessments == told.assessments
    assert again.rows == told.rows
    assert again.ledger == told.ledger
