"""Played out many times, the gate rarely cries wolf and finds what it says it finds."""

import random

import pytest
from tests.evals.suites import POLICY, look, rates_of

from pawl.evals.case_verdict import CaseVerdict
from pawl.evals.gate import Verdict


@pytest.mark.parametrize("cases", [20, 50])
def test_an_unchanged_suite_raises_hardly_an_alarm(cases: int) -> None:
    """Of 200 looks at a suite that did not change, at most 4 end as a regression."""
    rates, chance = rates_of(cases), random.Random(20)
    verdicts = [look(rates, rates, POLICY, chance).verdict for _ in range(200)]
    assert verdicts.count(Verdict.REGRESS) <= 4
    # Reruns settle every suspect: what is no regression is a pass, and not a shrug.
    assert set(verdicts) <= {Verdict.PASS, Verdict.REGRESS}


def test_a_suite_of_flaky_cases_raises_hardly_an_alarm() -> None:
    """Neither does one where every case passes four times out of five."""
    rates, chance = [0.8] * 50, random.Random(21)
    verdicts = [look(rates, rates, POLICY, chance).verdict for _ in range(200)]
    assert verdicts.count(Verdict.REGRESS) <= 4


@pytest.mark.parametrize(("cases", "power", "looks"), [(20, 0.92, 200), (200, 0.85, 60)])
def test_a_broken_case_is_found(cases: int, power: float, looks: int) -> None:
    """One case of a suite that always fails now is found as often as simulated before."""
    rates, chance, found = rates_of(cases), random.Random(22), 0
    for _ in range(looks):
        broken = chance.randrange(cases)
        now = [0.0 if n == broken else rate for n, rate in enumerate(rates)]
        decision = look(rates, now, POLICY, chance)
        found += decision.cases[broken].verdict is CaseVerdict.REGRESS
    spread = (power * (1 - power) / looks) ** 0.5
    assert found / looks == pytest.approx(power, abs=2.5 * spread)


def test_a_drop_of_all_cases_is_found_over_the_suite() -> None:
    """Fifty cases that each lost 15 points regress nearly always."""
    rates, chance = rates_of(50), random.Random(23)
    now = [rate - 0.15 for rate in rates]
    verdicts = [look(rates, now, POLICY, chance).verdict for _ in range(60)]
    assert verdicts.count(Verdict.REGRESS) >= 54
