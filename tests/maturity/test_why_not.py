"""Why not the next level, and the cheapest way there: minimal sets, each probe paid for once."""

from itertools import chain, combinations
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.maturity.judged import NOW, ago, assessed, criterion, model, record
from tests.maturity.test_exempting import exemption, register
from tests.maturity.test_invariants import batches, models

from pawl.base.errors import BadValue
from pawl.base.finding import Outcome, Place
from pawl.maturity.assess import climb
from pawl.maturity.compiled import compile_model
from pawl.maturity.evidence import Record
from pawl.maturity.gaps import next_rated
from pawl.maturity.model import Model, Need, Threshold
from pawl.maturity.probe import Remedy
from pawl.maturity.verdict import CriterionResult, DimensionResult, Verdict
from pawl.maturity.why_not import Path, WhyNot, cheapest_path, why_not

REMEDIES = {
    "asked": Remedy("Do it.", 1.0),
    "cheap": Remedy("Do a little.", 0.5),
    "dear": Remedy("Do a lot.", 5.0),
    "p0": Remedy("Do p0.", 1.0),
    "p1": Remedy("Do p1.", 3.0),
    "a0": Remedy("Do a0.", 0.5),
}


def why(asked: Model, *records: Record, **given: Any) -> WhyNot:
    """Return why not the next level of the first dimension."""
    found = assessed(asked, *records, **given).models[0].dimensions[0]
    return why_not(found, asked, now=NOW, remedies=REMEDIES)


def path(asked: Model, target: int, *records: Record, **given: Any) -> Path:
    """Return the cheapest path of the first dimension."""
    found = assessed(asked, *records, **given).models[0].dimensions[0]
    return cheapest_path(found, asked, target, now=NOW, remedies=REMEDIES)


def reached(found: DimensionResult, asked: Model, flipped: set[str]) -> int:
    """Return the level of a dimension if these criteria were met as well."""
    cells: dict[int, list[CriterionResult]] = {}
    for each in found.criteria:
        verdict = Verdict.MET if each.id in flipped else each.verdict
        changed = msgspec.structs.replace(each, verdict=verdict)
        cells.setdefault(each.level, []).append(changed)
    return climb(compile_model(asked), cells)


def needs(*probes: str) -> dict[str, Need]:
    """Return one need for each probe, named after it."""
    return {probe: Need(probe=probe) for probe in probes}


def test_what_failed_stands_apart_from_what_nobody_saw() -> None:
    """An unmet criterion is listed as unmet, an unknown one as blameless; both block."""
    asked = model(
        criterion("failed", needs=needs("cheap")), criterion("unseen", needs=needs("dear"))
    )
    found = why(asked, record("cheap", Outcome.FAIL, places=(Place(path="a.py", line=3),)))
    assert (found.level, found.level_id) == (2, "eng.L2")
    (unmet,) = found.unmet
    assert unmet.criterion == "failed"
    assert unmet.works[0].remedy == "Do a little."
    assert unmet.works[0].places == (Place(path="a.py", line=3),)
    assert not unmet.works[0].at_most
    (blameless,) = found.blameless
    assert blameless.criterion == "unseen"
    assert blameless.works[0].at_most


def test_at_the_top_nothing_is_missing() -> None:
    """A dimension whose last rated level holds has no next one."""
    found = why(model(criterion()), record())
    assert (found.level, found.unmet, found.blameless) == (None, (), ())


def test_a_level_that_the_model_lacks_is_refused() -> None:
    """Asking for level 9 of a model with five names the ones there are."""
    asked = model(criterion())
    found = assessed(asked).models[0].dimensions[0]
    with pytest.raises(BadValue, match="no level 9") as raised:
        cheapest_path(found, asked, 9, now=NOW, remedies=REMEDIES)
    assert "1, 2, 3, 4, 5" in raised.value.hint


def test_too_few_met_beside_exemptions_offers_a_choice() -> None:
    """Where nothing blocks but too little is met, the exempt ones that could be met are named."""
    asked = model(
        criterion("c"), criterion("d", needs=needs("dear")), criterion("e", needs=needs("cheap"))
    )
    entries = [exemption(id="x", criterion="d"), exemption(id="y", criterion="e")]
    found = why(asked, record(), register=register(*entries))
    assert (found.unmet, found.blameless) == ((), ())
    assert found.choose == 1
    assert {each.criterion for each in found.among} == {"d", "e"}
    way = path(asked, 2, record(), register=register(*entries))
    assert way.ended_exemptions == ("e",)
    assert way.days_at_most == 0.5


def test_one_probe_is_paid_for_once() -> None:
    """Two criteria that rest on one probe cost its effort once, and one step serves both."""
    asked = model(criterion("c"), criterion("d", level=3))
    way = path(asked, 3, record(outcome=Outcome.FAIL))
    (step,) = way.steps
    assert step.serves == ("c", "d")
    assert (way.days_at_least, way.days_at_most) == (1.0, 1.0)


def test_what_nobody_saw_is_only_the_most_it_can_cost() -> None:
    """Effort for an unknown criterion counts in the upper end alone."""
    way = path(model(criterion()), 2)
    assert (way.days_at_least, way.days_at_most) == (0.0, 1.0)


def test_an_undeclared_effort_is_told_and_not_zero() -> None:
    """A probe without a remedy is listed as uncounted."""
    way = path(model(criterion(needs=needs("strange"))), 2)
    assert way.uncounted == ("strange",)
    assert way.steps[0].days is None


def test_lower_levels_come_first_then_the_longest_wait() -> None:
    """Steps are ordered by level, then by how long they must be seen to hold, then by worth."""
    asked = model(
        criterion("high", level=3, needs=needs("p0")),
        criterion("waits", needs=needs("dear"), hold_for="28d"),
        criterion("worth", needs=needs("cheap"), risk=5),
        criterion("less", needs=needs("p1"), risk=5),
    )
    way = path(asked, 3)
    assert [step.probe for step in way.steps] == ["dear", "cheap", "p1", "p0"]
    assert way.waits_days == 28


def test_what_only_waits_needs_no_work() -> None:
    """A criterion whose needs are met but not for long enough costs nothing but days."""
    asked = model(criterion(hold_for="10d"))
    way = path(asked, 2, record(days=4), record(days=0))
    assert way.steps == ()
    assert way.waiting == ("c",)
    assert way.waits_days == pytest.approx(6)


def test_whether_it_applies_being_unknown_brings_all_its_needs() -> None:
    """A criterion that may not apply names the deciding probe and the needs behind it."""
    asked = model(criterion(applies_when=Need(probe="a0"), needs=needs("cheap")))
    (gap,) = why(asked).blameless
    assert [work.probe for work in gap.works] == ["a0", "cheap"]


def test_a_threshold_missed_is_the_reason_told() -> None:
    """The reason of a gap is the assessment's own, with the figure filled in."""
    asked = model(criterion(needs={"n": Need(probe="asked", where={"x": Threshold(at_least=0.9)})}))
    (gap,) = why(asked, record(values={"x": 0.5})).unmet
    assert gap.reason == "x is 0.5; at least 0.9 is needed."


@given(models, batches, st.sets(st.integers(0, 3), max_size=2))
@settings(max_examples=150)
def test_the_set_is_enough_and_minimal(
    asked: Model, records: list[Record], numbers: set[int]
) -> None:
    """Meeting exactly what is listed reaches the level; leaving any of it out does not."""
    entries = [exemption(id=f"x{n}", criterion=f"c{n}") for n in sorted(numbers)]
    found = assessed(asked, *records, register=register(*entries)).models[0].dimensions[0]
    missing = why_not(found, asked, now=NOW, remedies=REMEDIES)
    assume(missing.level is not None and missing.reachable and not missing.capped)
    assert missing.level is not None
    wanted = {each.criterion for each in (*missing.unmet, *missing.blameless)}
    wanted |= {each.criterion for each in missing.among[: missing.choose]}
    assert wanted
    assert reached(found, asked, wanted) >= missing.level
    for each in wanted:
        assert reached(found, asked, wanted - {each}) < missing.level


@given(models, batches, st.sets(st.integers(0, 3), max_size=2), st.integers(1, 4))
@settings(max_examples=150)
def test_no_way_is_cheaper(
    asked: Model, records: list[Record], numbers: set[int], target: int
) -> None:
    """Among all sets of criteria that reach the target, none declares less effort."""
    entries = [exemption(id=f"x{n}", criterion=f"c{n}") for n in sorted(numbers)]
    found = assessed(asked, *records, register=register(*entries)).models[0].dimensions[0]
    way = cheapest_path(found, asked, target, now=NOW, remedies=REMEDIES)
    assume(way.reachable and found.capped is None and (next_rated(found) or 9) <= target)
    left = [each.id for each in found.criteria if each.verdict is not Verdict.MET]
    goal = max(each.level for each in found.criteria if each.level <= target)

    def cost(some: tuple[str, ...]) -> float:
        probes: set[str] = set()
        for level in range(1, 5):
            missing = why_not(found, asked, now=NOW, remedies=REMEDIES, level=level)
            for gap in (*missing.unmet, *missing.blameless, *missing.among):
                if gap.criterion in some:
                    probes |= {work.probe for work in gap.works}
        return sum(REMEDIES[probe].days for probe in probes)

    subsets = chain.from_iterable(combinations(left, count) for count in range(len(left) + 1))
    # What does not apply cannot be made to, so sets with it are no way to go.
    moot = {each.id for each in found.criteria if each.verdict is Verdict.NOT_APPLICABLE}
    costs = [
        cost(some)
        for some in subsets
        if not moot.intersection(some) and reached(found, asked, set(some)) >= goal
    ]
    assert way.days_at_most == pytest.approx(min(costs))


def test_the_time_of_the_last_observation_does_not_matter_to_the_path() -> None:
    """Waiting is counted from since when it held, as of the time given."""
    asked = model(criterion(hold_for="10d"))
    found = assessed(asked, record(days=4), record(days=1)).models[0].dimensions[0]
    later = why_not(found, asked, now=ago(-1), remedies=REMEDIES)
    assert later.blameless[0].waits_days == pytest.approx(5)
