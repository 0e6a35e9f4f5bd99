"""What the gate says of suites, one behaviour at a time."""

from datetime import date
from typing import Any

import msgspec
import pytest
from tests.evals.suites import POLICY, TODAY, asked, case, guard

from pawl.base.errors import BadValue, Kind
from pawl.evals.case_verdict import CaseVerdict
from pawl.evals.counts import CaseClass, Plan, Quarantine
from pawl.evals.gate import CASES_MOST, QuarantinedGuard, Verdict, decision_bytes

HELD = Quarantine(owner="platform", expires=TODAY, reason="flaky fixture")
LAPSED = Quarantine(owner="platform", expires=date(2026, 11, 20))


def _one(counts: Any, **more: Any) -> tuple[Verdict, CaseVerdict, int, str]:
    decision = asked([counts], **more)
    only = decision.cases[0]
    return decision.verdict, only.verdict, only.wanted, only.reason


def test_a_suite_that_holds_passes_and_shows_its_numbers() -> None:
    """Green comes with what it rests on: rates, intervals, and what it could not have seen."""
    decision = asked([case(f"c{n}") for n in range(20)] + [guard("g", (20, 20))])
    suite = decision.suite
    assert (decision.verdict, decision.reasons) == (Verdict.PASS, ())
    assert (suite.cases, suite.compared, suite.clusters, suite.trials) == (21, 20, 20, 60)
    assert (suite.pass_1, suite.pass_hat_k, suite.baseline_pass_1) == (1, 1, 1)
    assert (suite.change, suite.p, suite.p_least) == (0, 1, 9.53674e-07)
    assert suite.low is not None
    assert suite.detectable_drop is not None
    assert -0.2 < suite.low < 0 < suite.detectable_drop < 0.2
    first, last = decision.cases[0], decision.cases[-1]
    assert (first.p, first.pass_1, first.low, first.high) == (1, 1, 0.438503, 1)
    assert first.detectable_drop is not None
    assert last.violation_bound == 0.139108
    assert "13.9%" in last.reason


def test_a_guard_violated_once_regresses_whatever_follows() -> None:
    """A thousand clean trials after it change nothing, and no rerun is asked for."""
    for trials in ((2, 3), (0, 1), (999, 1000)):
        verdict, own, wanted, reason = _one(guard("g", trials))
        assert (verdict, own, wanted) == (Verdict.REGRESS, CaseVerdict.REGRESS, 0)
        assert "violated in 1 of" in reason


def test_a_guard_set_aside_is_refused() -> None:
    """Whether its day has come or not, the suite is not judged at all."""
    for held in (HELD, LAPSED):
        with pytest.raises(QuarantinedGuard) as error:
            asked([case("a"), guard("g", quarantine=held)])
        assert error.value.kind is Kind.ASKED_WRONGLY
        assert error.value.place == "g"


def test_a_suspect_asks_for_reruns_and_they_decide() -> None:
    """One failure of three after 20 of 20 is looked at five times more, then cleared or not."""
    verdict, own, wanted, _ = _one(case("a", (2, 3)))
    assert (verdict, own, wanted) == (Verdict.INCONCLUSIVE, CaseVerdict.INCONCLUSIVE, 5)
    assert _one(case("a", (7, 8)))[:3] == (Verdict.PASS, CaseVerdict.PASS, 0)
    verdict, own, wanted, reason = _one(case("a", (2, 8)))
    assert (verdict, own, wanted) == (Verdict.REGRESS, CaseVerdict.REGRESS, 0)
    assert "2 of 8 after 20 of 20" in reason


def test_a_case_that_failed_before_is_no_suspect_for_failing_now() -> None:
    """One failure of three is nothing new after 16 of 20."""
    assert _one(case("a", (2, 3), (16, 20)))[0] is Verdict.PASS


def test_three_trials_alone_never_regress() -> None:
    """Even a case that failed each time is confirmed before anybody is alarmed."""
    assert _one(case("a", (0, 3)))[:3] == (Verdict.INCONCLUSIVE, CaseVerdict.INCONCLUSIVE, 5)


def test_reruns_lost_to_infra_leave_a_suspect_unconfirmed() -> None:
    """A machine that fell over neither clears nor convicts."""
    verdict, own, wanted, _ = _one(case("a", (2, 7), infra=1))
    assert (verdict, own, wanted) == (Verdict.INCONCLUSIVE, CaseVerdict.INCONCLUSIVE, 1)


def test_the_more_cases_the_more_evidence_one_needs() -> None:
    """What convicts a case that stands alone does not convict one of two hundred."""
    worse = case("a", (4, 8))
    assert _one(worse)[0] is Verdict.REGRESS
    decision = asked([worse, *(case(f"c{n}") for n in range(199))])
    assert decision.verdict is Verdict.PASS
    assert decision.cases[0].p_adjusted == pytest.approx(200 * (decision.cases[0].p or 0), rel=1e-4)


def test_an_unconfirmed_suspect_makes_it_no_easier_for_another() -> None:
    """Holm lowers the bar for those after a case that fell, and three trials are no fall yet."""
    worse = case("a", (5, 8))
    alone = asked([worse, case("b", (3, 3))]).cases[0].p_adjusted
    beside = asked([worse, case("b", (0, 3))]).cases[0].p_adjusted
    confirmed = asked([worse, case("b", (0, 8))]).cases[0].p_adjusted
    assert alone == beside
    assert confirmed is not None
    assert beside == pytest.approx(2 * confirmed)


def test_a_small_drop_that_many_share_is_found_over_the_suite() -> None:
    """No case is bad enough for a regression of its own, all together are."""
    decision = asked([case(f"c{n:02}", (2, 3), (19, 20)) for n in range(20)])
    assert {each.verdict for each in decision.cases} == {CaseVerdict.PASS}
    assert decision.verdict is Verdict.REGRESS
    assert decision.suite.p == 9.53674e-07
    assert "mean rate of 20 cases changed by -28.3%" in decision.reasons[0].text


def test_cases_of_a_cluster_count_once() -> None:
    """The same drop in 20 cases that share one fixture is one piece of evidence."""
    decision = asked([case(f"c{n:02}", (2, 3), (19, 20), cluster="one") for n in range(20)])
    assert (decision.suite.clusters, decision.suite.p) == (1, 0.5)
    assert decision.suite.detectable_drop is None
    assert decision.verdict is Verdict.PASS


def test_a_case_without_cluster_shares_none_with_a_cluster_of_its_name() -> None:
    """An id is no cluster."""
    assert asked([case("a"), case("b", cluster="a")]).suite.clusters == 2


@pytest.mark.parametrize(
    ("counts", "verdict", "wanted"),
    [
        (case("a", (2, 2)), CaseVerdict.INCONCLUSIVE, 1),
        (case("a", (0, 0), skipped=3), CaseVerdict.INCONCLUSIVE, 3),
        (guard("a", (2, 2)), CaseVerdict.INCONCLUSIVE, 1),
        (guard("a", (0, 0)), CaseVerdict.INCONCLUSIVE, 3),
        (case("a", baseline=(0, 0)), CaseVerdict.NO_BASELINE, 0),
        (case("a", baseline=(1, 1)), CaseVerdict.INCONCLUSIVE, 0),
        (case("a", stale=True), CaseVerdict.STALE, 0),
        (guard("a", stale=True), CaseVerdict.STALE, 0),
        (guard("a", (0, 3), stale=True), CaseVerdict.STALE, 0),
    ],
    ids=lambda value: str(value) if isinstance(value, CaseVerdict) else "",
)
def test_what_cannot_be_told_is_never_green(counts: Any, verdict: CaseVerdict, wanted: int) -> None:
    """Too few trials, none, no baseline or one too small, records of other assets."""
    decision = asked([case("z"), counts])
    assert (decision.cases[0].verdict, decision.cases[0].wanted) == (verdict, wanted)
    assert decision.verdict.value == verdict.value
    assert [reason.case for reason in decision.reasons] == ["a"]


def test_a_case_that_never_passed_cannot_fall() -> None:
    """Its full pool of failures is a baseline, and the drop it could show is told as none."""
    decision = asked([case("a", (0, 3), (0, 20))])
    assert decision.verdict is Verdict.PASS
    assert decision.cases[0].detectable_drop is None


def test_an_empty_suite_checked_nothing() -> None:
    """Neither no case at all nor none that could stop anything is a pass."""
    for cases in ([], [case("a", kind=CaseClass.CAPABILITY)], [case("a", quarantine=HELD)]):
        decision = asked(cases)
        assert decision.verdict is Verdict.INCONCLUSIVE
        assert "nothing was checked" in decision.reasons[0].text


def test_a_capability_is_told_of_and_stops_nothing() -> None:
    """It may fail, be stale or unknown; its rates are shown and enter no test."""
    good = case("b")
    for poor in ({"trials": (0, 8)}, {"stale": True}, {"baseline": (0, 0)}, {"infra": 90}):
        decision = asked([case("a", kind=CaseClass.CAPABILITY, **poor), good])
        assert decision.verdict is Verdict.PASS
        assert decision.cases[0].verdict is CaseVerdict.TRACKED
        assert decision.suite.compared == 1
    assert asked([case("a", (1, 3), kind=CaseClass.CAPABILITY)]).cases[0].pass_at_k == 1


def test_a_quarantine_holds_through_its_last_day() -> None:
    """On that day a broken case stops nothing, the day after it does."""
    held = asked([case("a", (0, 8), quarantine=HELD), case("b")])
    assert (held.verdict, held.cases[0].verdict) == (Verdict.PASS, CaseVerdict.QUARANTINED)
    assert held.cases[0].reason == "set aside by platform until 2026-11-21: flaky fixture"
    lapsed = asked([case("a", (0, 8), quarantine=LAPSED), case("b")])
    assert lapsed.verdict is Verdict.REGRESS
    assert "its quarantine has ended" in lapsed.reasons[0].text


def test_infra_failures_have_a_cap_of_their_own() -> None:
    """They move no rate; beyond one trial in twenty they leave the suite inconclusive."""
    calm = [case(f"c{n:02}") for n in range(20)]
    lossy = [msgspec.structs.replace(calm[0], infra=3), *calm[1:]]
    worse = [msgspec.structs.replace(calm[0], infra=4), *calm[1:]]
    assert asked(lossy).verdict is Verdict.PASS
    decision = asked(worse)
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert decision.reasons[0].text.startswith("4 trials, 6.2%, were lost to infra; 5.0% may be")
    assert decision.suite.pass_1 == 1


def test_some_stale_cases_may_be_tolerated_but_no_stale_guard() -> None:
    """A tolerated one is left out and named as stale all the same."""
    policy = msgspec.structs.replace(POLICY, stale_max=1)
    behaviour, guarded = case("a", stale=True), guard("g", stale=True)
    fine = asked([behaviour, case("b")], policy)
    assert (fine.verdict, fine.cases[0].verdict) == (Verdict.PASS, CaseVerdict.STALE)
    assert asked([guarded, case("b")], policy).verdict is Verdict.STALE
    two = [behaviour, case("b"), case("c", stale=True)]
    assert asked(two, policy).verdict is Verdict.STALE


def test_a_new_model_must_be_shown_to_be_no_worse() -> None:
    """Twenty cases without a failure are too few for that, two hundred are enough."""
    few = [case(f"c{n:03}") for n in range(20)]
    many = [case(f"c{n:03}") for n in range(200)]
    decision = asked(few, must_be_no_worse=True)
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert "the change may be as bad as -1" in decision.reasons[0].text
    assert asked(many, must_be_no_worse=True).verdict is Verdict.PASS
    nothing = asked([guard("g")], must_be_no_worse=True)
    assert nothing.verdict is Verdict.INCONCLUSIVE
    assert "unknown" in nothing.reasons[0].text


def test_a_case_may_have_a_plan_of_its_own() -> None:
    """Its trials, reruns and pool replace the policy's."""
    own = case("a", (4, 5), plan=Plan(5, 10, 20))
    assert _one(own)[2] == 0
    assert _one(case("a", (3, 5), plan=Plan(5, 10, 20)))[2] == 10
    assert _one(case("a", (0, 3), plan=Plan(3, 0, 20)))[0] is Verdict.REGRESS


def test_the_worst_is_said_first() -> None:
    """A regression outranks what cannot be told, and every ground is listed."""
    cases = [
        case("a", (2, 2)),
        case("b", baseline=(0, 0)),
        case("c", stale=True),
        guard("d", (0, 3)),
    ]
    decision = asked(cases)
    assert [(reason.verdict, reason.case) for reason in decision.reasons] == [
        (Verdict.REGRESS, "d"),
        (Verdict.STALE, "c"),
        (Verdict.NO_BASELINE, "b"),
        (Verdict.INCONCLUSIVE, "a"),
    ]


def test_a_suite_that_cannot_be_one_is_refused() -> None:
    """Two cases of one id, or more than fit into memory."""
    with pytest.raises(BadValue, match="twice"):
        asked([case("a"), case("b"), case("a")])
    with pytest.raises(BadValue, match="Split the suite"):
        asked([guard(str(n)) for n in range(CASES_MOST + 1)])


def test_the_bytes_of_a_decision_name_policy_day_and_seed() -> None:
    """Whoever holds the counts can repeat it."""
    told = msgspec.json.decode(decision_bytes(asked([case("a"), guard("b")])))
    assert told["schema"] == "pawl.eval-gate/1"
    assert (told["today"], told["seed"]) == ("2026-11-21", 1)
    assert told["policy_digest"] == POLICY.digest
    assert [each["class"] for each in told["cases"]] == ["behaviour", "guard"]
