"""Tests are executed: CI runs them, and they are not all skipped.

Looks at: exported JUnit reports of the last 30 days that name a CI run and its commit, beside the
code host's runs where those were exported.
Fooled by: an old report handed in again, which counts once and only for the run and commit that
it names; a report of a run that the host does not know, which does not count; a run in which every
test was skipped, which executed nothing.
Yes: a run executed tests. No: every run that counts executed none. Cannot tell: no report, or
none that names a run and commit in the window.
"""

from pawl.maturity.evidence import Assurance, Depth, Kind, Share
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.recent import newest, whole_days
from pawl.maturity.looking.runs_of_tests import Runs, counted_runs
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes
from pawl.parsing.junit import TestRun

WINDOW_DAYS = 30
"""The maturity study's window for provider runs: 30 days."""
_HINT = "Export JUnit reports with the CI run's id and commit beside them."


def _executed(run: TestRun) -> int:
    return run.passed + run.failed + run.errors


def judge(facts: Facts) -> Answer:
    """Count the runs of the window that executed tests."""
    if isinstance(facts.reports, Absent):
        return cannot_tell(facts.reports)
    runs = counted_runs(facts, WINDOW_DAYS)
    if runs is None or not runs.counted:
        return cannot_tell(_why_not(runs))
    by_run: dict[str, list[TestRun]] = {}
    for report in runs.counted:
        by_run.setdefault(report.run or "", []).append(report)
    executing = sum(any(_executed(each) for each in reports) for reports in by_run.values())
    executed = sum(map(_executed, runs.counted))
    skipped = sum(report.skipped for report in runs.counted)
    last = newest(report.at for report in runs.counted if _executed(report))
    values: dict[str, int | Share] = {
        "runs": len(by_run),
        "executing": Share(executing, len(by_run)),
        "skipped": Share(skipped, skipped + executed),
    }
    if last is not None:
        values["days_since"] = whole_days(last, facts.as_of)
    told = {
        "values": values,
        "assurance": Assurance.PROVIDER if runs.vouched else Assurance.OBSERVED,
        "claimed_at": last,
        "inputs": sorted(report.digest for report in runs.counted),
    }
    kinds = (Kind.CI, Kind.HOST) if runs.vouched else (Kind.CI,)
    if not executing:
        return no(f"None of {len(by_run)} runs in 30 days executed a test.", *kinds, **told)
    reason = (
        f"{executing} of {len(by_run)} runs in 30 days executed tests; "
        f"{skipped} of {skipped + executed} test results are skips."
    )
    return yes(reason, Depth.RUNS, *kinds, **told)


def _why_not(runs: Runs | None) -> str:
    if runs is None or not (runs.unbound or runs.unknown or runs.old):
        return f"No test report was given. {_HINT}"
    parts = (
        (runs.unbound, "name no CI run, commit or time"),
        (runs.unknown, "name a run or commit that the code host does not know"),
        (runs.old, f"are older than {WINDOW_DAYS} days"),
    )
    why = ", ".join(f"{count} {what}" for count, what in parts if count)
    return f"No test report counts: {why}. {_HINT}"


PROBE = Probe(
    claim="Tests are executed by CI, and not all of them are skipped.",
    area="code",
    version=1,
    kinds=(Kind.CI,),
    depth=Depth.RUNS,
    values={
        "runs": "CI runs in 30 days whose test reports count",
        "executing": "runs that executed at least one test, among those",
        "skipped": "skipped test results among all",
        "days_since": "days since a run executed tests",
    },
    remedy=Remedy("Run the tests in CI on every change and keep their JUnit reports.", 1),
    judge=judge,
)
