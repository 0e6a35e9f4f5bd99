"""Changes that a code host says were merged within a window, and who approved them in time.

The host's own record alone counts: who wrote and who approved is read from it, not from what a
commit message says. Trailers only widen the set of authors, because a squash hides them.
"""

import msgspec

from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.history import History
from pawl.maturity.facts.host import ChangeRequest, Host, Review
from pawl.maturity.looking.identities import is_among, is_machine
from pawl.maturity.looking.recent import WINDOW_DAYS, days_before
from pawl.maturity.probe import Answer, cannot_tell

_OPINIONS = ("approved", "changes_requested", "dismissed")


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """How one merged change was approved.

    `reviewed`: somebody other than the host's author approved it before the merge, no machine.
    `by` are those approvers who are none of its authors either and approved what was merged.
    `late`, `stale`, `own` and `machine` count approvals that were not that.
    """

    reviewed: bool
    by: tuple[str, ...] = ()
    late: int = 0
    stale: int = 0
    own: int = 0
    machine: int = 0


def host_of(facts: Facts, *parts: str, days: float = WINDOW_DAYS) -> Host | Answer:
    """Return the host's export, or the answer that it cannot be told.

    The export must be no older than the window and, for changes, complete over it. `parts` are
    those that must not be missing.
    """
    host = facts.host
    if isinstance(host, Absent):
        return cannot_tell(host)
    for part in parts:
        if part in host.missing:
            return cannot_tell(f"The host's export lacks {part}: {host.missing[part].rstrip('.')}.")
    start = days_before(facts.as_of, days)
    if host.exported_at < start:
        return cannot_tell(
            f"The host's export is of {host.exported_at[:10]}, older than {days:g} days."
        )
    if "changes" in parts and host.complete_since > start:
        return cannot_tell(
            f"The host's export is complete since {host.complete_since[:10]} only; "
            f"{days:g} days are needed."
        )
    return host


def merged_changes(
    facts: Facts, *parts: str, days: float = WINDOW_DAYS
) -> tuple[ChangeRequest, ...] | Answer:
    """Return the changes merged within the window, in the order of the export."""
    host = host_of(facts, "changes", *parts, days=days)
    if isinstance(host, Answer):
        return host
    start = days_before(facts.as_of, days)
    return tuple(
        change
        for change in host.changes
        if change.merged_at is not None and start <= change.merged_at <= facts.as_of
    )


def authors_of(change: ChangeRequest, history: History | Absent) -> tuple[str, ...]:
    """Return everybody who may have written a change: the host's author and all trailers.

    Of its merge commit too, where the history holds it: a squash moves trailers there.
    """
    found = [change.author, *change.co_authors]
    if not isinstance(history, Absent) and change.merge_commit:
        for commit in history.commits:
            if commit.id == change.merge_commit:
                if len(commit.parents) < 2:
                    found.append(commit.author)
                found += [value for key, value in commit.trailers if _is_author(key)]
                break
    return tuple(dict.fromkeys(found))


def approval_of(change: ChangeRequest, authors: tuple[str, ...], product: str) -> Approval:
    """Return how a merged change was approved, as the host recorded it."""
    reviewed = False
    by: list[str] = []
    late = stale = own = machine = 0
    for review in _last_opinions(change.reviews, change.merged_at or ""):
        if review.state != "approved":
            continue
        if review.bot or is_machine(review.author):
            machine += 1
        elif is_among(review.author, [change.author]):
            own += 1
        elif not _in_time(review, change, product):
            late += 1
        else:
            reviewed = True
            if is_among(review.author, authors):
                own += 1
            elif review.commit and change.head and review.commit != change.head:
                stale += 1
            else:
                by.append(review.author)
    return Approval(
        reviewed=reviewed, by=tuple(by), late=late, stale=stale, own=own, machine=machine
    )


def _last_opinions(reviews: tuple[Review, ...], merged_at: str) -> list[Review]:
    """Return each reviewer's last word before the merge, or their first after it."""
    last: dict[str, Review] = {}
    for review in sorted(reviews, key=lambda each: each.at or ""):
        if review.state not in _OPINIONS:
            continue
        known = last.get(review.author)
        if known is None or (review.at or "") <= merged_at:
            last[review.author] = review
    return list(last.values())


def _in_time(review: Review, change: ChangeRequest, product: str) -> bool:
    """Say whether an approval came before the merge.

    GitLab gives approvals no time and lists those that stood; elsewhere no time is no proof.
    """
    if review.at is None:
        return product == "gitlab"
    return review.at <= (change.merged_at or "")


def _is_author(trailer: str) -> bool:
    return trailer.lower() in ("co-authored-by", "co-developed-by")
