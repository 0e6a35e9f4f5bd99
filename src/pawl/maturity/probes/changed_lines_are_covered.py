"""Changed lines are covered: tests ran the lines that were changed last.

Looks at: the newest exported coverage report of the last 30 days that names a commit of the
history, and the lines that each source file's last change before that commit added, within 90
days. Only each file's last change counts, because its line numbers are still true.
Fooled by: files left out of the report. A changed source file that the report does not know,
while it knows others of that language, counts with all its changed lines as not covered, and
`omitted` counts such files; what the settings omit is printed. Lines that hold no statement are
left out where the report says so; files of languages that the report does not cover at all are
counted in `unmeasured`.
Yes: tests ran some changed lines. No: they ran none. Cannot tell: no report for a known commit, or
the changed lines' numbers are not known.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Assurance, Depth, Kind, Share
from pawl.maturity.extracts.coverage_config import CoverageConfig
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.history import Commit, History
from pawl.maturity.facts.reports import Coverage, CoveredFile
from pawl.maturity.looking.hot_files import is_mass_change
from pawl.maturity.looking.recent import WINDOW_DAYS, days_before, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes
from pawl.parsing.languages import is_source, language_of

REPORT_DAYS = 30
"""The maturity study's window for provider runs: 30 days."""

Changed = dict[str, set[int]]


def judge(facts: Facts) -> Answer:
    """Hold the newest changed lines against the newest coverage report."""
    for section in (facts.reports, facts.history):
        if isinstance(section, Absent):
            return cannot_tell(section)
    assert not isinstance(facts.reports, Absent)
    assert not isinstance(facts.history, Absent)
    report = _newest(facts.reports.coverage, facts.history, facts.as_of)
    if report is None:
        return cannot_tell(
            "No coverage report of 30 days names a commit of the history; "
            "export one with its commit."
        )
    changed = _changed(facts.history, report.commit or "", facts.as_of)
    if changed is None:
        return cannot_tell("The numbers of the changed lines are not known.")
    return _measured(facts, report, changed)


def _newest(reports: tuple[Coverage, ...], history: History, as_of: str) -> Coverage | None:
    commits = {commit.id: commit.committed_at for commit in history.commits}
    usable = [
        (report.at or commits[report.commit], report.digest, report)
        for report in reports
        if report.commit in commits
        and within(report.at or commits[report.commit], as_of, REPORT_DAYS)
    ]
    return max(usable, key=lambda each: each[:2])[2] if usable else None


def _changed(history: History, measured: str, as_of: str) -> Changed | None:
    """Return the lines that each source file's last change added, up to the measured commit."""
    start = days_before(as_of, WINDOW_DAYS)
    changed: Changed = {}
    known = reached = False
    for commit in history.commits:
        reached = reached or commit.id == measured
        if not reached or commit.committed_at < start or is_mass_change(commit):
            continue
        known = _add(commit, changed) or known
    return changed if known else None


def _add(commit: Commit, changed: Changed) -> bool:
    """Add a commit's lines for files that no later commit changed; say whether it had numbers."""
    known = False
    for change in commit.files:
        if change.lines is not None:
            known = True
        if change.path in changed or not is_source(change.path) or change.lines is None:
            continue
        changed[change.path] = {
            line for first, last in change.lines[:500] for line in range(first, last + 1)[:20_000]
        }
    return known


def _measured(facts: Facts, report: Coverage, changed: Changed) -> Answer:
    present = None if isinstance(facts.tree, Absent) else {each.path for each in facts.tree.files}
    languages = {language_of(file.path) for file in report.files}
    covered = missed = unmeasured = 0
    omitted: list[str] = []
    worst: list[tuple[int, str, int]] = []
    for path, lines in sorted(changed.items()):
        if not lines or (present is not None and path not in present):
            continue
        file = _find(report.files, path)
        if file is None and language_of(path) not in languages:
            unmeasured += 1
            continue
        if file is None:
            omitted.append(path)
            missed += len(lines)
            worst.append((len(lines), path, min(lines)))
            continue
        covered += len(lines & file.covered)
        lost = lines & file.missed
        missed += len(lost)
        if lost:
            worst.append((len(lost), path, min(lost)))
    if not covered + missed:
        return cannot_tell("No changed line of the window is one that the report measures.")
    worst.sort(key=lambda each: (-each[0], each[1]))
    told = {
        "values": {
            "covered": Share(covered, covered + missed),
            "omitted": len(omitted),
            "unmeasured": unmeasured,
        },
        "places": tuple(Place(path, line) for _, path, line in worst),
        "claimed_at": report.at,
        "assurance": Assurance.OBSERVED,
        "inputs": [report.digest, report.commit],
    }
    settings = _omit_list(facts, report)
    reason = (
        f"Tests ran {covered} of {covered + missed} changed lines; "
        f"the report leaves out {len(omitted)} changed files"
        f"{', and settings omit ' + ', '.join(settings) if settings else ''}."
    )
    if not covered:
        return no(reason, Kind.CI, Kind.HISTORY, **told)
    return yes(reason, Depth.RUNS, Kind.CI, Kind.HISTORY, **told)


def _find(files: tuple[CoveredFile, ...], path: str) -> CoveredFile | None:
    """Return a report's entry for a path; reports name paths from some folder inside or above."""
    exact = [file for file in files if file.path.removeprefix("./") == path]
    if exact:
        return exact[0]
    alike = [
        file for file in files if path.endswith(f"/{file.path}") or file.path.endswith(f"/{path}")
    ]
    return alike[0] if len(alike) == 1 else None


def _omit_list(facts: Facts, report: Coverage) -> list[str]:
    """Return what the settings and the report say is left out, a few of them."""
    omitted = list(report.omitted)
    if not isinstance(facts.tree, Absent):
        for _, config in facts.tree.read("coverage-config", CoverageConfig):
            omitted.extend(config.omit)
    return [f"`{pattern[:60]}`" for pattern in dict.fromkeys(omitted)][:5]


PROBE = Probe(
    claim="Tests ran the lines that were changed last.",
    area="code",
    version=1,
    kinds=(Kind.CI, Kind.HISTORY),
    depth=Depth.RUNS,
    values={
        "covered": "changed lines that tests ran, among those measured or left out",
        "omitted": "changed source files that the report leaves out",
        "unmeasured": "changed source files in languages that the report does not cover",
    },
    remedy=Remedy("Cover the changed lines named first, and take source out of the omit list.", 2),
    judge=judge,
)
