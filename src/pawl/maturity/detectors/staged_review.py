"""Reviews look like reviews and cannot have been.

Notices, among the changes that a code host says were merged within a quarter: approvals that came
faster than the lines can be read, many approved changes without one comment, two accounts that
approve only each other while others work there too, approvals that machines give, and review
trailers in commits of whose review the host knows nothing.

Changes of lock files alone are left out. A share is judged by the lower end of its interval, so
that a quick approval now and then says nothing. Trailers never earn credit, so they are noted.

Innocent: the changes were trivial, or two people share a part of the code. Remedy: leave a word on
what was looked at; let a third person review some. Removes: the credit of reviews is provisional.
"""

from collections import Counter

from pawl.base.intervals import wilson
from pawl.maturity.detector import Detector, Look
from pawl.maturity.facts import Absent
from pawl.maturity.facts.host import ChangeRequest, Review
from pawl.maturity.looking.identities import is_among, is_machine, normal, people
from pawl.maturity.looking.merges import merged_changes
from pawl.maturity.looking.noticing import Voice
from pawl.maturity.looking.recent import days_between
from pawl.maturity.probe import Answer
from pawl.maturity.verdict import Hit
from pawl.parsing.languages import is_generated_path

_VOICE = Voice(
    "G10",
    "The changes were trivial, or two people share a part of the code.",
    "Leave a word on what was looked at, and let a third person review some of the changes.",
)
_PROBES = ("reviews-are-independent", "risky-paths-are-approved", "approvals-are-present")


def look(look: Look) -> list[Hit]:
    """Return one hit for each way in which reviews look staged."""
    changes = merged_changes(look.facts, "reviews")
    if isinstance(changes, Answer):
        changes = ()
    weighed = [
        each
        for each in changes
        if not (each.files and all(map(is_generated_path, each.files))) and _approvals(each)
    ]
    said = [
        _too_fast(look, weighed),
        _silent(look, weighed),
        _by_machines(look, weighed),
        _pair(look, weighed),
    ]
    hits = [
        _VOICE.hit(each, "medium", "provisional", probes=_PROBES)
        for each in said
        if each is not None
    ]
    return [*hits, *_trailers(look, changes)]


def _approvals(change: ChangeRequest) -> list[Review]:
    return [each for each in change.reviews if each.state == "approved"]


def _by_people(change: ChangeRequest) -> list[Review]:
    return [
        each
        for each in _approvals(change)
        if not each.bot
        and not is_machine(each.author)
        and not is_among(each.author, [change.author])
    ]


def _too_fast(look: Look, changes: list[ChangeRequest]) -> str | None:
    numbers = look.numbers
    timed = [(each, first) for each in changes if (first := _seconds_to_approve(each)) is not None]
    fast = sum(
        seconds
        < max(
            numbers["seconds_min"],
            numbers["seconds_per_line"] * (each.additions + each.deletions),
        )
        for each, seconds in timed
    )
    if not timed or wilson(fast, len(timed), numbers["z"])[0] <= numbers["share_over"]:
        return None
    return f"{fast} of {len(timed)} approvals came faster than the change can be read."


def _seconds_to_approve(change: ChangeRequest) -> float | None:
    times = [each.at for each in _by_people(change) if each.at is not None]
    return days_between(change.opened_at, min(times)) * 86_400 if times else None


def _silent(look: Look, changes: list[ChangeRequest]) -> str | None:
    reviewed = [each for each in changes if _by_people(each)]
    if len(reviewed) < look.numbers["silent_min"]:
        return None
    for change in reviewed:
        if change.comments or any(each.comments or each.words for each in change.reviews):
            return None
    return f"None of the {len(reviewed)} approved changes has a single comment."


def _by_machines(look: Look, changes: list[ChangeRequest]) -> str | None:
    alone = sum(not _by_people(each) and not _by_their_author(each) for each in changes)
    if not changes or alone <= look.numbers["machine_over"] * len(changes):
        return None
    return f"{alone} of {len(changes)} approved changes were approved by machines alone."


def _by_their_author(change: ChangeRequest) -> bool:
    return any(not each.bot and not is_machine(each.author) for each in _approvals(change))


def _pair(look: Look, changes: list[ChangeRequest]) -> str | None:
    given = Counter(
        (normal(change.author), normal(review.author))
        for change in changes
        for review in _by_people(change)
    )
    everybody = people(account for pair in given for account in pair)
    for (author, approver), times in sorted(given.items()):
        back = given.get((approver, author), 0)
        ring = {author, approver}
        touching = sum(count for pair, count in given.items() if ring & set(pair))
        closed = times + back == touching and back > 0
        if (
            closed
            and times + back >= look.numbers["pair_min"]
            and len(everybody - ring) >= look.numbers["others_min"]
        ):
            return f"Two accounts approved {times + back} changes of each other and of nobody else."
    return None


def _trailers(look: Look, changes: tuple[ChangeRequest, ...]) -> list[Hit]:
    history = look.facts.history
    if isinstance(history, Absent):
        return []
    approved = {each.merge_commit for each in changes if _by_people(each)}
    claimed = [
        commit
        for commit in history.commits
        if commit.first_parent
        and commit.id not in approved
        and any(key.lower() in ("reviewed-by", "approved-by") for key, _ in commit.trailers)
    ]
    if not claimed:
        return []
    return [
        _VOICE.hit(
            f"{len(claimed)} commits claim a review that no host recorded.",
            "weak",
            "note",
            probes=_PROBES,
        )
    ]


DETECTOR = Detector(
    code="G10",
    name="Staged review",
    what="Reviews look like reviews and cannot have been.",
    innocent=_VOICE.innocent,
    remedy=_VOICE.remedy,
    look=look,
)
