"""Somebody other than the author, and none of the author's agents, approved what was merged.

Claims: changes merged into the default branch were approved by an independent person.

Looks at: the code host's record of 90 days: who opened each merged change, who reviewed it, when,
and at which commit; with it trailers of the merge commits. Dependency bumps by bots that touch
lock files alone are left out, and counted.

Fooled by: an approval of a bot or an agent (does not count), of a co-author whom a squash hides
(trailers count as authors), of an earlier version of the change (counts as reviewed, not as
independent), after the merge (does not count), reviews claimed in a commit message without the
host's record (never read). Staged reviews are a detector's business.

Yes: at least one merged change was approved by somebody independent; `independent` says how many.
No: changes were merged and none was. Cannot tell: no host export of 90 days, or nothing merged.
"""

from pawl.maturity.evidence import Assurance, Depth, Kind
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.host import ChangeRequest
from pawl.maturity.looking.merges import Approval, approval_of, authors_of, merged_changes
from pawl.maturity.looking.recent import WINDOW_DAYS, newest, share_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes
from pawl.parsing.languages import is_generated_path


def _judge(facts: Facts) -> Answer:
    changes = merged_changes(facts, "reviews")
    if isinstance(changes, Answer):
        return changes
    assert not isinstance(facts.host, Absent)
    product = facts.host.product
    weighed = [change for change in changes if not _is_bump(change)]
    if not weighed:
        return cannot_tell(
            f"No change was merged in {WINDOW_DAYS} days that a person should have reviewed."
        )
    approvals = [
        approval_of(change, authors_of(change, facts.history), product) for change in weighed
    ]
    independent = sum(bool(each.by) for each in approvals)
    told = {
        "values": {
            "independent": share_of(independent, len(weighed)),
            "reviewed": share_of(sum(each.reviewed for each in approvals), len(weighed)),
            "bumps": len(changes) - len(weighed),
        },
        "assurance": Assurance.PROVIDER,
        "claimed_at": newest(change.merged_at for change in weighed),
        "inputs": sorted([change.number, change.head or ""] for change in weighed),
    }
    reason = (
        f"{independent} of {len(weighed)} changes merged in {WINDOW_DAYS} days were approved by "
        f"somebody independent{_shortfall(approvals)}."
    )
    if not independent:
        return no(reason, Kind.HOST, **told)
    return yes(reason, Depth.RUNS, Kind.HOST, **told)


def _is_bump(change: ChangeRequest) -> bool:
    return change.author_bot and bool(change.files) and all(map(is_generated_path, change.files))


def _shortfall(approvals: list[Approval]) -> str:
    """Say which approvals did not count and why, by numbers alone."""
    parts = (
        (sum(each.machine for each in approvals), "by machines"),
        (sum(each.own for each in approvals), "by authors"),
        (sum(each.stale for each in approvals), "of an earlier version"),
        (sum(each.late for each in approvals), "after the merge"),
    )
    told = ", ".join(f"{count} {what}" for count, what in parts if count)
    return f"; approvals that do not count: {told}" if told else ""


PROBE = Probe(
    claim="Changes are approved by somebody independent",
    area="security",
    version=1,
    kinds=(Kind.HOST,),
    depth=Depth.RUNS,
    values={
        "independent": "share of merged changes that an independent person approved",
        "reviewed": "share of merged changes that a person other than their author approved",
        "bumps": "bots' changes of lock files alone, left out",
    },
    remedy=Remedy(
        "Require one approving review and dismissal of stale ones on the default branch, and let "
        "nobody approve what they or their agent wrote.",
        1.0,
    ),
    judge=_judge,
)
