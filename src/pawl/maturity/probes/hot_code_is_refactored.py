"""Hot code is refactored: part of the work on the most changed files makes them simpler.

Looks at: the files changed most often in 180 days (see `pawl.maturity.looking.hot_files`), and
which of their commits say by subject that they restructure. A commit counts as restructuring
only when it also takes lines away: at least one for every three it adds.
Fooled by: mass renames and reformatting, which are left out; a "refactor" that only adds, which
does not count. Deepest when repairs of the hot files became fewer from the window's first half to
its second, after refactoring in the first.
Yes: some churn of hot files is restructuring. No: none is. Cannot tell: no history of the window,
or no file is hot. Subjects and dates are their authors' claims.
"""

import re

from pawl.base.finding import Place
from pawl.base.patterns import regex
from pawl.maturity.evidence import Assurance, Depth, Kind, Share
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.history import Commit, FileChange, History
from pawl.maturity.looking.hot_files import (
    HotFile,
    hot_files,
    is_mass_change,
    own_changes,
    recent_commits,
)
from pawl.maturity.looking.recent import days_before
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

WINDOW_DAYS = 180
"""Two quarters: one to refactor in, one to see whether it paid."""
ADDED_PER_REMOVED = 3
"""A restructuring adds at most so many lines for each it takes away; above, it is new code."""
MIN_FIXES = 5
"""Repairs in the first half below which fewer in the second prove nothing."""
_RESTRUCTURES = regex(
    r"^(?:refactor|simplif|clean[- ]?up|cleanup|tidy|restructur|extract|split|inline|dedup"
    r"|remove dead|decouple|untangle|consolidat|rework)",
    re.IGNORECASE,
)
_REPAIRS = regex(r"^(?:fix|bug|hotfix|repair|revert)", re.IGNORECASE)
_SCOPE = regex(r"^(?:\[[^\]]{1,40}\]\s*|[\w./-]{1,40}:\s+(?=\w))")


def judge(facts: Facts) -> Answer:
    """Weigh restructuring against all churn of the hot files."""
    if isinstance(facts.history, Absent):
        return cannot_tell(facts.history)
    hot = hot_files(facts.history, facts.as_of, days=WINDOW_DAYS)
    if not hot:
        return cannot_tell("No source file was changed by three commits within 180 days.")
    paths = {file.path for file in hot}
    commits = [
        commit
        for commit in recent_commits(facts.history, facts.as_of, WINDOW_DAYS)
        if not is_mass_change(commit)
    ]
    touching = [
        (commit, [change for change in own_changes(commit) if change.path in paths])
        for commit in commits
    ]
    churn = sum(map(_churn, (changes for _, changes in touching)))
    restructuring = [
        (commit, changes) for commit, changes in touching if _is_better(commit, changes)
    ]
    moved = sum(_churn(changes) for _, changes in restructuring)
    touched = {change.path for _, changes in restructuring for change in changes}
    told = {
        "values": {"refactoring": Share(moved, churn), "hot_files": len(hot)},
        "assurance": Assurance.DECLARED,
        "places": _places(hot, touched),
        "claimed_at": commits[0].committed_at if commits else None,
        "inputs": [commit.id for commit in commits[:1]] + sorted(paths),
    }
    reason = (
        f"{moved} of {churn} changed lines in the {len(hot)} hottest files came with commits "
        "that restructure"
    )
    if not moved:
        return no(f"{reason}.", Kind.HISTORY, **told)
    before, after = _repairs(facts, touching)
    early = any(commit.committed_at < _middle(facts) for commit, _ in restructuring)
    if early and before >= MIN_FIXES and after < before and _is_whole(facts.history, facts.as_of):
        reason += f"; repairs of them fell from {before} to {after}"
        return yes(f"{reason}.", Depth.PAYS, Kind.HISTORY, **told)
    return yes(f"{reason}.", Depth.RUNS, Kind.HISTORY, **told)


def _churn(changes: list[FileChange]) -> int:
    return sum((change.added or 0) + (change.removed or 0) for change in changes)


def _is_better(commit: Commit, changes: list[FileChange]) -> bool:
    """Say whether a commit claims to restructure and takes enough away to be believed."""
    if not _says(_RESTRUCTURES, commit):
        return False
    added = sum(change.added or 0 for change in changes)
    removed = sum(change.removed or 0 for change in changes)
    return removed > 0 and added <= ADDED_PER_REMOVED * removed


def _says(rule: re.Pattern[str], commit: Commit) -> bool:
    """Say whether a subject begins so, with or without a scope before it."""
    subject = commit.subject.strip()
    return bool(rule.match(subject) or rule.match(_SCOPE.sub("", subject)))


def _is_whole(history: History, as_of: str) -> bool:
    """Say whether every commit of the window is here with its files."""
    since = max(history.complete_since, history.files_since or "")
    return since <= days_before(as_of, WINDOW_DAYS)


def _middle(facts: Facts) -> str:
    return days_before(facts.as_of, WINDOW_DAYS / 2)


def _repairs(facts: Facts, touching: list[tuple[Commit, list[FileChange]]]) -> tuple[int, int]:
    """Return how many commits repaired hot files in the window's first and second half."""
    fixes = [
        commit.committed_at for commit, changes in touching if changes and _says(_REPAIRS, commit)
    ]
    early = sum(at < _middle(facts) for at in fixes)
    return early, len(fixes) - early


def _places(hot: tuple[HotFile, ...], touched: set[str]) -> tuple[Place, ...]:
    """Return the hot files that no restructuring reached, the hottest first."""
    return tuple(Place(file.path) for file in hot if file.path not in touched)


PROBE = Probe(
    claim="Part of the work on the most changed files makes them simpler.",
    area="code",
    version=1,
    kinds=(Kind.HISTORY,),
    depth=Depth.PAYS,
    values={
        "refactoring": "lines changed by restructuring, among all changed in hot files",
        "hot_files": "files changed by three commits or more in 180 days, at most 50",
    },
    remedy=Remedy("Give the file changed most often a restructuring of its own.", 3),
    judge=judge,
)
