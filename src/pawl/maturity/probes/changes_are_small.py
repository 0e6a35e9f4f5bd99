"""Changes are small: what is merged can be read with care.

Looks at: changes merged in the last 90 days in the code host's export, and their lines in the
history where the merged commit is there; without an export, the commits of the main line.
Fooled by: lock files, snapshots, generated and foreign files, which are left out of the count;
changes that leave nothing to count, which are left out; large work pushed directly, which counts
as a change of its own where the export tells of direct pushes.
Yes: the median change is at most 200 lines. No: it is more. Cannot tell: no change was merged, or
only totals are known that mix in lock files.
"""

from collections.abc import Mapping
from statistics import median

from pawl.maturity.evidence import Assurance, Depth, Kind
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.history import Commit, History
from pawl.maturity.facts.host import ChangeRequest, Host
from pawl.maturity.looking.recent import WINDOW_DAYS, days_before, newest, share_of, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes
from pawl.parsing.languages import is_fixture, is_foreign, is_generated_path

SMALL_LINES = 200
"""Lines that a review still reads with care: J. Cohen, "Best Kept Secrets of Peer Code Review"
(2006), the study of 2,500 reviews at Cisco, where finding defects fell off from 200 lines on."""


def judge(facts: Facts) -> Answer:
    """Take the median of merged changes' lines."""
    if isinstance(facts.host, Absent):
        if isinstance(facts.history, Absent):
            return cannot_tell(facts.host)
        return _from_history(facts.history, facts.as_of)
    if "changes" in facts.host.missing:
        return cannot_tell(
            f"The host's changes were not exported: {facts.host.missing['changes']}."
        )
    return _from_host(facts.host, facts.history, facts.as_of)


def _from_host(host: Host, history: History | Absent, as_of: str) -> Answer:
    commits = {} if isinstance(history, Absent) else {each.id: each for each in history.commits}
    merged = [change for change in host.changes if within(change.merged_at, as_of)]
    sizes: list[int] = []
    unknown = 0
    for change in merged:
        size = _size(change, commits)
        if size is None:
            unknown += 1
        elif size:
            sizes.append(size)
    for pushed in host.direct_pushes or ():
        commit = commits.get(pushed)
        if commit is not None and within(commit.committed_at, as_of):
            sizes.extend(size for size in [_lines(commit)] if size)
    told = {
        "claimed_at": newest(change.merged_at for change in merged),
        "inputs": [host.repository, [change.number for change in merged]],
    }
    kinds = (Kind.HOST, Kind.HISTORY) if commits else (Kind.HOST,)
    whole = not unknown and host.complete_since <= days_before(as_of, WINDOW_DAYS)
    return _judged(sizes, unknown, whole, Depth.RUNS, Assurance.PROVIDER, kinds, told)


def _from_history(history: History, as_of: str) -> Answer:
    commits = [
        commit
        for commit in history.commits
        if commit.first_parent and len(commit.parents) < 2 and within(commit.committed_at, as_of)
    ]
    sizes = [size for commit in commits for size in [_lines(commit)] if size]
    told = {
        "claimed_at": newest(commit.committed_at for commit in commits),
        "inputs": [commit.id for commit in commits[:1]],
    }
    # Git's dates and the shape of its history are whatever was pushed.
    since = max(history.complete_since, history.files_since or "")
    whole = since <= days_before(as_of, WINDOW_DAYS)
    return _judged(sizes, 0, whole, Depth.SUBSTANTIVE, Assurance.DECLARED, (Kind.HISTORY,), told)


def _judged(
    sizes: list[int],
    unknown: int,
    whole: bool,
    depth: Depth,
    assurance: Assurance,
    kinds: tuple[Kind, ...],
    told: Mapping[str, object],
) -> Answer:
    if not sizes:
        why = f" {unknown} mix in files that programs write." if unknown else ""
        return cannot_tell(f"No change of 90 days could be measured.{why}")
    middle = median(sizes)
    small = sum(size <= SMALL_LINES for size in sizes)
    values = {
        "median_lines": middle,
        "small": share_of(small, len(sizes), whole=whole),
        "changes": len(sizes),
    }
    reason = (
        f"The median of {len(sizes)} changes is {middle:g} lines; "
        f"{small} have at most {SMALL_LINES}."
    )
    details = {"values": values, "assurance": assurance, **told}
    if middle > SMALL_LINES:
        return no(reason, *kinds, **details)
    return yes(reason, depth, *kinds, **details)


def _size(change: ChangeRequest, commits: dict[str, Commit]) -> int | None:
    """Return the lines that people changed, or None when the totals mix in other files."""
    commit = commits.get(change.merge_commit or "")
    if commit is not None and len(commit.parents) < 2 and commit.files:
        return _lines(commit)
    if change.files and all(map(_is_written_by_programs, change.files)):
        return 0
    if any(map(_is_written_by_programs, change.files)):
        return None
    return change.additions + change.deletions


def _lines(commit: Commit) -> int:
    return sum(
        (each.added or 0) + (each.removed or 0)
        for each in commit.files
        if not _is_written_by_programs(each.path)
    )


def _is_written_by_programs(path: str) -> bool:
    return is_generated_path(path) or is_foreign(path) or is_fixture(path)


PROBE = Probe(
    claim="What is merged is small enough to be read with care.",
    area="code",
    version=1,
    kinds=(Kind.HOST,),
    depth=Depth.RUNS,
    values={
        "median_lines": "median of changed lines per merged change",
        "small": "changes of at most 200 lines, among all",
        "changes": "changes measured in 90 days",
    },
    remedy=Remedy("Split the next large change into steps that each can be merged alone.", 2),
    judge=judge,
)
