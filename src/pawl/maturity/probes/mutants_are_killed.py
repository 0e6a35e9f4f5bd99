"""Mutants are killed: when the code is changed for the worse, a test notices.

Looks at: exported results of mutation testing of the last 90 days, each of which names its commit
or time. The share is a sample, judged by its interval, because some mutants change nothing.
Fooled by: a run over files that are not in the tree, which does not count; a run over tests alone;
the same report handed in again. `recent` says how many mutants lie in files that the window
changed, where the report names its files.
Yes: some mutants were killed. No: none was. Cannot tell: no run in the window.
"""

from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.reports import MutationRun
from pawl.maturity.looking.recent import WINDOW_DAYS, newest, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes
from pawl.parsing.languages import is_source


def judge(facts: Facts) -> Answer:
    """Add up the window's mutants."""
    if isinstance(facts.reports, Absent):
        return cannot_tell(facts.reports)
    unique = {run.digest: run for run in facts.reports.mutations}
    runs = [run for _, run in sorted(unique.items()) if _counts(facts, run)]
    mutants = sum(run.killed + run.survived for run in runs)
    if not mutants:
        return cannot_tell(
            "No mutation run of 90 days over files of this tree was given; "
            "export the results of a mutation tester with their commit and time."
        )
    killed = sum(run.killed for run in runs)
    changed = _changed(facts)
    told = {
        "values": {
            "killed": Share(killed, mutants, census=False),
            "mutants": mutants,
            "recent": sum(
                run.killed + run.survived for run in runs if not changed.isdisjoint(run.files)
            ),
        },
        "claimed_at": newest(run.at for run in runs),
        "inputs": [run.digest for run in runs],
    }
    reason = f"Tests noticed {killed} of {mutants} changes for the worse."
    if not killed:
        return no(reason, Kind.CI, **told)
    return yes(reason, Depth.BITES, Kind.CI, **told)


def _counts(facts: Facts, run: MutationRun) -> bool:
    """Say whether a run lies in the window, names its time or commit, and is about this tree."""
    at = run.at or _committed(facts, run.commit)
    if not within(at, facts.as_of, WINDOW_DAYS):
        return False
    if not run.files:
        return True
    if not any(map(is_source, run.files)):
        return False
    if isinstance(facts.tree, Absent):
        return True
    return not facts.tree.paths.isdisjoint(run.files)


def _committed(facts: Facts, commit: str | None) -> str | None:
    if commit is None or isinstance(facts.history, Absent):
        return None
    return next((each.committed_at for each in facts.history.commits if each.id == commit), None)


def _changed(facts: Facts) -> set[str]:
    if isinstance(facts.history, Absent):
        return set()
    return {
        change.path
        for commit in facts.history.commits
        if within(commit.committed_at, facts.as_of, WINDOW_DAYS)
        for change in commit.files
    }


PROBE = Probe(
    claim="When the code is changed for the worse, a test notices.",
    area="code",
    version=1,
    kinds=(Kind.CI,),
    depth=Depth.BITES,
    values={
        "killed": "mutants that a test noticed, a sample",
        "mutants": "mutants tried in 90 days",
        "recent": "mutants of runs that touch files changed in 90 days",
    },
    remedy=Remedy("Try 20 mutants in recently changed functions and add the tests they miss.", 3),
    judge=judge,
)
