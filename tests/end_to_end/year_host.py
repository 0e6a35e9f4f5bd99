"""The year's code host, history and CI: four changes a week, as the host recorded them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

from tests.end_to_end.year_story import FIRST_WEEK, LANDED, OWNERS, WEEKS, in_week, moment, sha

from pawl.maturity.facts.history import Commit, FileChange, History
from pawl.maturity.facts.host import ChangeRequest, Check, CiRun, Host, Review, Ruleset
from pawl.maturity.facts.reports import Reports, Scan

WRITERS = (*OWNERS, "dan")
"""Who writes changes; only owners approve them."""


def _merged(now: datetime) -> Iterator[tuple[int, int, datetime]]:
    """Yield the number, week and time of each merged change, oldest first."""
    for week in range(FIRST_WEEK + 1, WEEKS + 1):
        for slot in range(4):
            at = in_week(week, days=1 + slot, hours=9)
            if at <= now:
                yield 4 * (week - FIRST_WEEK) + slot, week, at


def _touched(number: int) -> tuple[str, ...]:
    parts = ("orders", "agent", "cart", "prices")
    # A part is changed by everybody in turn, and the pipeline now and then.
    own = f"src/shop/{parts[(number // 4 + number) % 4]}.py"
    return (own, ".github/workflows/ci.yml") if number % 7 == 0 else (own,)


def host(now: datetime) -> Host:
    """Return what the host exports at a time."""
    merged = list(_merged(now))
    approves, builds = LANDED["owners approve"], LANDED["CI runs"]
    ruled = now >= in_week(approves)
    return Host(
        product="github",
        repository="acme/shop",
        exported_at=moment(now),
        complete_since=moment(in_week(FIRST_WEEK + 1)),
        default_branch="main",
        ruleset=Ruleset(
            requires_change_request=ruled,
            required_approvals=1 if ruled else 0,
            dismisses_stale=ruled,
            requires_code_owners=ruled,
            required_checks=("test",) if ruled else (),
            blocks_force_push=ruled,
            applies_to_admins=ruled,
            bypass_actors=0,
        ),
        changes=tuple(
            _change(number, at, reviewed=week >= approves, built=week >= builds)
            for number, week, at in merged
        ),
        runs=tuple(
            run for number, week, at in merged if week >= builds for run in _ci_runs(number, at)
        ),
        direct_pushes=(),
        members={},
        source="host-export",
    )


def _was_red(number: int) -> bool:
    return number % 9 == 4


@cache
def _ci_runs(number: int, at: datetime) -> tuple[CiRun, ...]:
    """Return what CI ran for a change: of its head, a red one before where it was, and merged."""
    ran = [("success", "pull_request", sha("head", number), at - timedelta(hours=2))]
    if _was_red(number):
        ran.insert(0, ("failure", "pull_request", sha("red", number), at - timedelta(hours=8)))
    ran.append(("success", "push", sha("merge", number), at))
    return tuple(
        CiRun(
            id=f"ci-{number}-{order}",
            workflow="ci",
            path=".github/workflows/ci.yml",
            event=event,
            branch="main" if event == "push" else f"change-{number}",
            commit=commit,
            conclusion=conclusion,
            started_at=moment(start),
            finished_at=moment(start + timedelta(minutes=6)),
        )
        for order, (conclusion, event, commit, start) in enumerate(ran)
    )


@cache
def _change(number: int, at: datetime, *, reviewed: bool, built: bool) -> ChangeRequest:
    author = WRITERS[number % len(WRITERS)]
    reviewer = next(each for each in (*OWNERS[number % 3 :], *OWNERS) if each != author)
    head, tree = sha("head", number), sha("tree", number)
    review = Review(
        author=reviewer,
        state="approved",
        commit=head,
        at=moment(at - timedelta(hours=1)),
        comments=number % 3,
        words=4 + number % 17,
    )
    # Now and then the first try is red, and what is merged is the repaired one.
    tries = (("failure", 8), ("success", 2)) if _was_red(number) else (("success", 2),)
    checks = tuple(
        Check(
            name="test",
            required=True,
            conclusion=conclusion,
            commit=head if conclusion == "success" else sha("red", number),
            tree=tree if conclusion == "success" else sha("red tree", number),
            completed_at=moment(at - timedelta(hours=hours)),
        )
        for conclusion, hours in tries
    )
    return ChangeRequest(
        number=number,
        author=author,
        opened_at=moment(at - timedelta(hours=20 + number % 9)),
        merged_at=moment(at),
        closed_at=moment(at),
        head=head,
        merge_commit=sha("merge", number),
        head_tree=tree,
        merge_tree=tree,
        merged_by=author,
        additions=20 + number % 40,
        deletions=5 + number % 11,
        files=_touched(number),
        reviews=(review,) if reviewed else (),
        checks=checks if built else (),
        comments=number % 3,
    )


def history(now: datetime) -> History:
    """Return the default branch's commits up to a time."""
    commits = [_commit(number, at) for number, _, at in _merged(now)]
    return History(commits=tuple(reversed(commits)), complete_since=moment(in_week(FIRST_WEEK + 1)))


@cache
def _commit(number: int, at: datetime) -> Commit:
    return Commit(
        id=sha("merge", number),
        parents=(sha("merge", number - 1),),
        author=f"{WRITERS[number % len(WRITERS)]}@acme.invalid",
        committer="host@acme.invalid",
        authored_at=moment(at),
        committed_at=moment(at),
        subject=f"Change {number}",
        files=tuple(
            FileChange(path, 20 + number % 40, 5 + number % 11) for path in _touched(number)
        ),
    )


def reports(now: datetime) -> Reports:
    """Return what CI exported: a scan for secrets after each week's last change."""
    scans = [
        Scan(
            source=f"gitleaks-{number}.sarif",
            digest=sha256(f"scan {number}".encode()).hexdigest(),
            tool="gitleaks",
            tool_version="8.21.0",
            at=moment(at + timedelta(minutes=5)),
            commit=sha("merge", number),
            succeeded=True,
            rules=160,
        )
        for number, week, at in _merged(now)
        if week >= LANDED["secrets are scanned"] and number % 4 == 3
    ]
    return Reports(scans=tuple(reversed(scans)))
