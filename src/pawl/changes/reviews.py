"""Reviews of a pull request: which of them answer for a change, and why the others do not.

A review says yes to a commit, an approval to a digest. A review counts as an answer to a change
when the pull request's head gives the change's digest, the review was given on that head, and it
was given after this very content was put up for review. The last is needed because a manifest holds
what was before as well: when others move the base, the same head gives another digest, and nobody
who reviewed earlier has seen it.

One review is one answer, once: reading it again neither renews it when it has grown old, nor binds
it to a policy that came later.

Of each account the newest review speaks, as on the host itself; a comment says nothing. What the
host dismissed, or shows no longer, is taken back here too. Who an account is, and whether that
person may answer, is judged with all other answers and not here.
"""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

import msgspec

from pawl.base.patterns import regex
from pawl.base.times import format_time, parse_time
from pawl.changes.approval import Approval, Said, Source
from pawl.changes.change import Change
from pawl.governance.roster import plain_identity

MAX_REVIEWS = 10_000
"""Reviews of one pull request."""
_PULL = regex(r"(github:[^\s#!]{1,300}#\d{1,10}|gitlab:[^\s#!]{1,600}!\d{1,10})/")
_GONE = "The host does not show this review as given any more."


class Stood(StrEnum):
    """What a review says."""

    APPROVED = "approved"
    REFUSED = "refused"
    COMMENTED = "commented"
    DISMISSED = "dismissed"


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """One review as the host tells it. `seq` orders them: the host's own order.

    `identity` is empty where the account is gone. `commit` is what it was given on, empty where
    that is not the head or the host does not say, and `unsaid` then says which.
    """

    ref: str
    identity: str
    stood: Stood
    commit: str
    at: str
    seq: int
    bot: bool = False
    unsaid: str = ""


class PullRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Where a pull request stands. `name` tells it from all others, such as `github:acme/shop#7`.

    `commits` is how many it has, None where the host does not say.
    """

    name: str
    head: str
    target: str
    open: bool
    author: str
    commits: int | None = None


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """All that a host told of one pull request, at one time. `authors` are identities."""

    pull: PullRequest
    reviews: tuple[Review, ...]
    authors: tuple[str, ...]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer has to bind to. What was said before `since` is about something else."""

    change: str
    digest: str
    base_digest: str
    policy_digest: str
    since: str


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that a source vouches for; the desk records and judges it."""

    change: str
    digest: str
    base_digest: str
    policy_digest: str
    identity: str
    said: Said
    source: Source
    source_ref: str
    claimed_at: str
    note: str = ""

    @property
    def bound(self) -> tuple[str, str, str]:
        """What it binds to: the digests of the change, of its base and of the policy."""
        return self.digest, self.base_digest, self.policy_digest


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """A review that is no answer to this change, and why."""

    ref: str
    identity: str
    reason: str


class TakenBack(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded yes that its source does not give any more, and why."""

    answer: str
    reason: str


class Readout(msgspec.Struct, frozen=True, kw_only=True):
    """What reading the reviews of a pull request comes to. `authors` are new to the change."""

    proposals: tuple[Proposal, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    taken_back: tuple[TakenBack, ...] = ()
    authors: tuple[str, ...] = ()


def read_out(read: Read, asked: Asked, answers: Iterable[Approval], *, unbound: str) -> Readout:
    """Return which reviews answer to what is asked.

    `answers` are those that the change has; what is recorded already is not proposed again.
    `unbound` says why the pull request is not this change, and is empty where it is.
    """
    mine = f"{read.pull.name}/"
    recorded = [
        each
        for each in answers
        if each.source is Source.PROVIDER_REVIEW and each.source_ref.startswith(mine)
    ]
    proposals: list[Proposal] = []
    left_out: list[LeftOut] = []
    # What was recorded is not recorded again, and what was taken back stays so.
    known = {(_ref_of(each.source_ref, mine), each.said) for each in recorded}
    for review, newest in _by_account(read.reviews):
        why = unbound or _why_not(review, newest, read.pull, asked)
        if why:
            left_out.append(LeftOut(ref=review.ref, identity=review.identity, reason=why))
            continue
        said = Said.APPROVE if review.stood is Stood.APPROVED else Said.REJECT
        if (review.ref, said) not in known:
            proposals.append(_proposal(review, said, read.pull, asked))
    standing = {
        (each.ref, each.identity)
        for each, newest in _by_account(read.reviews)
        if newest and each.stood is Stood.APPROVED
    }
    return Readout(
        proposals=tuple(proposals),
        left_out=tuple(left_out),
        taken_back=tuple(
            TakenBack(answer=each.id, reason=_GONE)
            for each in recorded
            if each.said is Said.APPROVE
            and each.revoked_at is None
            and (_ref_of(each.source_ref, mine), plain_identity(each.identity)) not in standing
        ),
        authors=read.authors,
    )


def pull_of(source_ref: str) -> str | None:
    """Return the pull request that an answer's source names, such as `github:acme/shop#7`."""
    match = _PULL.match(source_ref)
    return match[1] if match else None


def pulls_of(change: Change) -> tuple[str, ...]:
    """Return the pull requests whose reviews said yes to a change's content, and still stand."""
    found = [
        pull_of(each.source_ref)
        for each in change.answers
        if each.source is Source.PROVIDER_REVIEW
        and each.said is Said.APPROVE
        and each.digest == change.digest
        and each.revoked_at is None
    ]
    return tuple(dict.fromkeys(each for each in found if each))


def since(change: Change, now: str, *, hours: float, later: Iterable[str | None] = ()) -> str:
    """Return from when on an answer to a change may be: never before it was put up for review.

    `hours` is how long answers hold. `later` are times since which it is another matter, such as
    when its policy came or its content was rolled back.
    """
    oldest = format_time(parse_time(now) - timedelta(hours=hours))
    return max(oldest, change.submitted_at or now, *(each for each in later if each))


def _by_account(reviews: Iterable[Review]) -> list[tuple[Review, bool]]:
    """Return the reviews in their order, each with whether it is its account's newest word."""
    ordered = sorted(reviews, key=lambda each: each.seq)
    words = [each for each in ordered if each.stood is not Stood.COMMENTED]
    newest = {each.identity: each.ref for each in words}
    return [(each, newest[each.identity] == each.ref) for each in words]


def _why_not(review: Review, newest: bool, pull: PullRequest, asked: Asked) -> str:
    if not review.identity:
        return "Its account is gone."
    if review.bot:
        return "A bot gave it; only people answer for a change."
    if not newest:
        return "The same account reviewed again later."
    if review.stood is Stood.DISMISSED:
        return "It was dismissed."
    if review.unsaid:
        return review.unsaid
    if review.commit != pull.head:
        return f"It was given on {review.commit[:12]}; the head is {pull.head[:12]}."
    # Hosts tell whole seconds.
    if review.at[:19] < asked.since[:19]:
        return (
            f"It was given before {asked.since[:19]}Z: since then this content was put up for "
            "review, rolled back or its policy changed, or answers of that time hold no more."
        )
    return ""


def _proposal(review: Review, said: Said, pull: PullRequest, asked: Asked) -> Proposal:
    return Proposal(
        change=asked.change,
        digest=asked.digest,
        base_digest=asked.base_digest,
        policy_digest=asked.policy_digest,
        identity=review.identity,
        said=said,
        source=Source.PROVIDER_REVIEW,
        source_ref=f"{pull.name}/{review.ref}@{pull.head}",
        claimed_at=review.at,
    )


def _ref_of(source_ref: str, mine: str) -> str:
    return source_ref.removeprefix(mine).partition("@")[0]
