"""Tests are stable: on the same commit they give the same result.

Looks at: exported JUnit reports of the last 90 days. Where two or more CI runs tested one commit,
each test with a result in two of them is compared.
Fooled by: copies of one report posing as repeats, which count once; reports of one run's parallel
jobs, which are one run. A run that broke as a whole, with more than half of its results failed
where another run of the commit failed at most half, is taken for an infrastructure failure and
set aside; `infrastructure` says how often.
Yes: some repeated tests gave the same result every time; the share says how many. No: none did.
Cannot tell: no commit was tested twice.
"""

from pawl.maturity.evidence import Assurance, Depth, Kind, Share
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.recent import WINDOW_DAYS, newest
from pawl.maturity.looking.runs_of_tests import Runs, counted_runs
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes
from pawl.parsing.junit import TestRun

Results = dict[str, bool]
"""A run's tests and whether each failed; skipped ones left out."""


def judge(facts: Facts) -> Answer:
    """Compare the results of tests that ran more than once on a commit."""
    if isinstance(facts.reports, Absent):
        return cannot_tell(facts.reports)
    runs = counted_runs(facts, WINDOW_DAYS)
    if runs is None or not runs.counted:
        return cannot_tell("No test report names a CI run and commit within 90 days.")
    repeated = {commit: group for commit, group in _by_commit(runs).items() if len(group) > 1}
    infrastructure = 0
    repeats = 0
    outcomes: dict[str, bool] = {}
    for group in repeated.values():
        kept = _without_outages(group)
        infrastructure += len(group) - len(kept)
        repeats += max(0, len(kept) - 1)
        for name in {name for results in kept for name in results}:
            told = [results[name] for results in kept if name in results]
            if len(told) > 1:
                outcomes[name] = outcomes.get(name, True) and len(set(told)) == 1
    if not outcomes:
        return cannot_tell("No test ran twice on one commit within 90 days; re-run one to compare.")
    stable = sum(outcomes.values())
    details = {
        "values": {
            "stable": Share(stable, len(outcomes), census=False),
            "repeats": repeats,
            "infrastructure": infrastructure,
        },
        "assurance": Assurance.PROVIDER if runs.vouched else Assurance.OBSERVED,
        "claimed_at": newest(report.at for report in runs.counted),
        "inputs": sorted(report.digest for report in runs.counted),
    }
    reason = (
        f"{stable} of {len(outcomes)} tests gave the same result in all runs of one commit, "
        f"over {repeats} repeats."
    )
    if not stable:
        return no(reason, Kind.CI, **details)
    return yes(reason, Depth.RUNS, Kind.CI, **details)


def _by_commit(runs: Runs) -> dict[str, list[Results]]:
    """Return each commit's runs; the parallel reports of one run are one, failed if any failed."""
    merged: dict[tuple[str, str], Results] = {}
    for report in runs.counted:
        results = merged.setdefault((report.commit or "", report.run or ""), {})
        for name, failed in _results(report).items():
            results[name] = results.get(name, False) or failed
    found: dict[str, list[Results]] = {}
    for (commit, _), results in sorted(merged.items()):
        found.setdefault(commit, []).append(results)
    return found


def _results(report: TestRun) -> Results:
    return {
        case.name: case.status in ("failed", "error")
        for case in report.cases
        if case.status != "skipped"
    }


def _without_outages(group: list[Results]) -> list[Results]:
    """Leave out runs that broke as a whole where another run of the commit did not."""
    broke = [bool(results) and sum(results.values()) * 2 > len(results) for results in group]
    if all(broke):
        return group
    return [results for results, is_broken in zip(group, broke, strict=True) if not is_broken]


PROBE = Probe(
    claim="Tests give the same result on the same commit.",
    area="code",
    version=1,
    kinds=(Kind.CI,),
    depth=Depth.RUNS,
    values={
        "stable": "tests whose results agreed, among those run more than once on a commit",
        "repeats": "runs beyond the first of their commit",
        "infrastructure": "runs set aside because they broke as a whole",
    },
    remedy=Remedy("Find what the unstable tests share: time, order, network; and take it away.", 3),
    judge=judge,
)
