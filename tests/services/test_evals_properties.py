"""What holds of every suite: nothing that is unknown is green, and no violation helps."""

from datetime import date
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.services.eval_repository import CASE, Repository

from pawl.evals.baseline import Baseline, key_of
from pawl.evals.case import case_digest, stimulus_digest
from pawl.evals.case_reading import read_suite
from pawl.evals.counts import CaseClass
from pawl.evals.gate import Verdict
from pawl.evals.gate_policy import shipped_policy
from pawl.evals.grade import Mark
from pawl.evals.lines import CaseNow, Seen, lines_of
from pawl.evals.record import Manifest
from pawl.evals.suite_result import Judged, Judging, Refused, SuiteResult, judge

TODAY = date(2026, 11, 21)
ASSETS = {"CLAUDE.md": "1"}
MADE = Repository()
TEMPLATE = MADE.trial(MADE.case()).manifest
ORDER = list(Verdict)
MARKS = (Mark.PASS, Mark.FAIL, Mark.INFRA, Mark.CANNOT_TELL)


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """Drawn cases, each with its records and, where it has any, its baseline."""

    cases: tuple[CaseNow, ...]
    seen: dict[str, tuple[Seen, ...]]
    baselines: tuple[Baseline, ...]
    problems: dict[str, tuple[str, ...]]


def result_of(suite: Suite, refused: tuple[Refused, ...] = ()) -> SuiteResult:
    """Return the result of a drawn suite."""
    policy = shipped_policy()
    judged = [
        Judged(line=line, file="x.yaml", problems=suite.problems.get(now.case.id, ()))
        for now in suite.cases
        for line in lines_of(now, suite.seen[now.case.id], suite.baselines, policy)
    ]
    judging = Judging(policy=policy, policy_place="as shipped", today=TODAY)
    return judge(judged, judging, refused=refused)


def seen(now: CaseNow, number: int, mark: Mark, **manifest: Any) -> Seen:
    """Return a record of a case; without more it is fresh."""
    fields: dict[str, Any] = {
        **msgspec.structs.asdict(TEMPLATE),
        "case": now.case.id,
        "stimulus": now.stimulus,
        "assets": dict(now.assets),
        "recorded_at": f"2026-11-20T00:00:00.{number:06}Z",
        **manifest,
    }
    address = f"{sum(now.case.id.encode()):04x}{number:060x}"
    return Seen(address=address, manifest=Manifest(**fields), mark=mark, why="as drawn")


@st.composite
def suites(draw: st.DrawFn) -> Suite:
    """Draw suites of a few cases: any class, any marks, stale or fresh, blessed or not."""
    cases, records, baselines = [], {}, []
    problems: dict[str, tuple[str, ...]] = {}
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(list(CaseClass)))
        case = read_suite(CASE.format(id=f"case-{number}", kind=kind.value), place="x").cases[0]
        now = CaseNow(
            case=case,
            case_digest=case_digest(case),
            stimulus=stimulus_digest(case),
            assets=ASSETS,
        )
        marks = draw(st.lists(st.sampled_from(MARKS), max_size=12))
        stale = draw(st.sets(st.integers(0, 11)))
        found = [
            seen(now, at, mark, **({"assets": {"CLAUDE.md": "0"}} if at in stale else {}))
            for at, mark in enumerate(marks)
        ]
        pool = [each for each in found if each.mark in (Mark.PASS, Mark.FAIL)]
        pool = pool[: draw(st.integers(0, len(pool)))]
        if pool:
            baselines.append(_baseline(now, pool))
        if draw(st.integers(0, 5)) == 0:
            problems[case.id] = ("The oracle record is missing.",)
        cases.append(now)
        records[case.id] = tuple(found)
    return Suite(cases=tuple(cases), seen=records, baselines=tuple(baselines), problems=problems)


def _baseline(now: CaseNow, pool: list[Seen]) -> Baseline:
    key = key_of(pool[0].manifest)
    return Baseline(
        case=now.case.id,
        agent=key.agent,
        agent_version=key.agent_version,
        model=key.model,
        sandbox=key.sandbox,
        passes=sum(each.mark is Mark.PASS for each in pool),
        trials=len(pool),
        case_digest=now.case_digest,
        stimulus=now.stimulus,
        assets=dict(now.assets),
        records=tuple(each.address for each in pool),
        blessed_at="2026-11-20T00:00:00.000000Z",
        reason="drawn",
    )


@given(suites(), st.randoms(use_true_random=False))
def test_order_changes_nothing(suite: Suite, chance: Any) -> None:
    """Cases, records and baselines in any order give the same bytes."""
    turned = Suite(
        cases=tuple(chance.sample(suite.cases, len(suite.cases))),
        seen={name: tuple(chance.sample(each, len(each))) for name, each in suite.seen.items()},
        baselines=tuple(chance.sample(suite.baselines, len(suite.baselines))),
        problems=suite.problems,
    )
    assert msgspec.json.encode(result_of(turned)) == msgspec.json.encode(result_of(suite))


@given(suites())
def test_what_is_not_known_is_never_a_pass(suite: Suite) -> None:
    """No line passes without enough fresh trials, nor an invalid one, nor an untold one."""
    result = result_of(suite)
    for case in result.cases:
        if case.verdict == "pass":
            assert case.numbers is not None
            assert case.numbers.trials.n >= case.numbers.k
            assert not case.problems
            assert not case.cannot_tell
            assert case.fresh >= case.numbers.k
    if result.verdict is Verdict.PASS:
        gating = [case for case in result.cases if case.kind is not CaseClass.CAPABILITY]
        assert gating
        assert all(case.verdict == "pass" for case in gating)
        assert result.reasons == ()
    assert (result.exit_code == 0) == (result.verdict is Verdict.PASS)


@given(suites())
def test_a_violation_more_never_helps(suite: Suite) -> None:
    """A fresh record of a violated guard makes a suite regress, whatever it was before."""
    for now in suite.cases:
        if now.case.case_class is CaseClass.GUARD:
            more = (*suite.seen[now.case.id], seen(now, 999, Mark.FAIL))
            worse = msgspec.structs.replace(suite, seen={**suite.seen, now.case.id: more})
            assert result_of(worse).verdict is Verdict.REGRESS


@given(suites())
def test_a_refused_record_is_never_green(suite: Suite) -> None:
    """It can only make a verdict worse."""
    refused = (Refused(path="x", case="case-0", why="altered"),)
    before, after = result_of(suite).verdict, result_of(suite, refused).verdict
    assert after is not Verdict.PASS
    assert ORDER.index(after) >= ORDER.index(before)


@given(suites(), st.integers(0, 3))
def test_making_a_case_invalid_never_helps(suite: Suite, number: int) -> None:
    """Taking a case's oracle away cannot turn what is not green green."""
    name = f"case-{number}"
    worse = msgspec.structs.replace(suite, problems={**suite.problems, name: ("gone",)})
    if result_of(suite).verdict is not Verdict.PASS:
        assert result_of(worse).verdict is not Verdict.PASS


@given(suites())
def test_stale_records_alone_are_never_green(suite: Suite) -> None:
    """With every record of another asset there is nothing to decide by."""
    aged = {
        name: tuple(
            msgspec.structs.replace(
                each, manifest=msgspec.structs.replace(each.manifest, assets={"CLAUDE.md": "0"})
            )
            for each in found
        )
        for name, found in suite.seen.items()
    }
    result = result_of(msgspec.structs.replace(suite, seen=aged))
    assert result.exit_code == 3
