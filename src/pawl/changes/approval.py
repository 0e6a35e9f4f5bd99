"""Approvals: who said yes to exactly which content, on which base, under which policy.

An approval binds to (digest, base digest, policy digest, person). Whatever of these is no longer
what it was makes it stale, and a stale approval is shown with the reason and never counts. Agents
and services cannot approve, nobody approves their own change under any of their names, and two
answers of one person are one: the newest.

How far a source is believed is its own, not the approval's word: a review read from the code host
3, a signature by a listed key 2, a session of the server 1. A name in git is no source at all.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum

import msgspec

from pawl.base.times import format_time, parse_time
from pawl.changes.terms import Terms
from pawl.governance.roster import Behind, Kind, Person, is_active, plain_identity, provider_of

MAX_NOTE = 2_000


class Source(StrEnum):
    """Where an approval was read."""

    PROVIDER_REVIEW = "provider-review"
    SSH_SIGNATURE = "ssh-signature"
    SESSION = "session"


ASSURANCE = {Source.PROVIDER_REVIEW: 3, Source.SSH_SIGNATURE: 2, Source.SESSION: 1}
"""How far each source is believed."""
_PROVIDERS = {
    Source.PROVIDER_REVIEW: frozenset({"github", "gitlab"}),
    Source.SSH_SIGNATURE: frozenset({"ssh"}),
    Source.SESSION: frozenset({"session", "oidc", "token", "github", "gitlab"}),
}
"""Whose identities a source can vouch for."""


class Said(StrEnum):
    """What somebody answered. An abstention is heard and does not count."""

    APPROVE = "approve"
    REJECT = "reject"
    ABSTAIN = "abstain"


class Approval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer as recorded. `seq` orders them; `claimed_at` is what the source says of the time.

    `source_ref` is where it can be read again: a review's id, the digest of a signed statement.
    """

    id: str
    change: str
    digest: str
    base_digest: str
    policy_digest: str
    identity: str
    said: Said
    source: Source
    source_ref: str
    claimed_at: str
    recorded_at: str
    seq: int
    note: str = ""
    revoked_at: str | None = None


class Stale(StrEnum):
    """Why an answer does not count; `COUNTS` where it does."""

    COUNTS = "counts"
    OTHER_CHANGE = "other-change"
    EDITED = "edited"
    BASE_MOVED = "base-moved"
    POLICY_CHANGED = "policy-changed"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_YET = "not-yet"
    ROLLED_BACK = "rolled-back"
    UNKNOWN_PERSON = "unknown-person"
    NOT_HUMAN = "not-human"
    LEFT = "left"
    AUTHOR = "author"
    WEAK_SOURCE = "weak-source"
    REPLACED = "replaced"


class Judged(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer judged. `person` is empty where nobody claims the identity."""

    approval: str
    person: str
    said: Said
    state: Stale
    reason: str

    @property
    def counts(self) -> bool:
        """Whether it is an answer to what is asked now."""
        return self.state is Stale.COUNTS


class Ballot(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, and of whom: everything that an answer is judged on.

    `known` is who is who by identity. `rolled_back_at` is when any of the content was last rolled
    back: what was said before that was said of something that had not failed yet.
    """

    change: str
    digest: str
    base_digest: str
    policy_digest: str
    now: str
    high_risk: bool
    authors: Behind
    known: Mapping[str, Person]
    terms: Terms
    rolled_back_at: str | None = None


def judge_answers(answers: Iterable[Approval], ballot: Ballot) -> tuple[Judged, ...]:
    """Return every answer judged, in the order of recording; of each person one counts at most.

    The newest answer of a person that could count replaces the ones before, also with a no.
    """
    judged: list[Judged] = []
    newest: dict[str, int] = {}
    for answer in sorted(answers, key=lambda each: (each.seq, each.id)):
        found = judge_answer(answer, ballot)
        if found.counts:
            before = newest.get(found.person)
            if before is not None:
                reason = f"{found.person} answered again later."
                judged[before] = msgspec.structs.replace(
                    judged[before], state=Stale.REPLACED, reason=reason
                )
            newest[found.person] = len(judged)
        judged.append(found)
    return tuple(judged)


def judge_answer(answer: Approval, ballot: Ballot) -> Judged:
    """Say whether one answer counts, by itself, and why not."""
    person = ballot.known.get(plain_identity(answer.identity))
    state, reason = (
        _about_content(answer, ballot)
        or _about_time(answer, ballot)
        or _about_person(answer, person, ballot)
        or (Stale.COUNTS, "")
    )
    name = person.id if person else ""
    return Judged(approval=answer.id, person=name, said=answer.said, state=state, reason=reason)


def yes_of(judged: Iterable[Judged]) -> frozenset[str]:
    """Return the people whose approval counts; each once, however often they approved."""
    return frozenset(each.person for each in judged if each.counts and each.said is Said.APPROVE)


def no_of(judged: Iterable[Judged]) -> frozenset[str]:
    """Return the people whose rejection counts."""
    return frozenset(each.person for each in judged if each.counts and each.said is Said.REJECT)


_Why = tuple[Stale, str]


def _about_content(answer: Approval, ballot: Ballot) -> _Why | None:
    if answer.change != ballot.change:
        return Stale.OTHER_CHANGE, f"It is about {answer.change}."
    if answer.digest != ballot.digest:
        was, now = answer.digest[:12], ballot.digest[:12]
        return Stale.EDITED, f"It is about {was}; the change was edited since and is {now}."
    if answer.base_digest != ballot.base_digest:
        return Stale.BASE_MOVED, "What the change starts from is no longer what it was."
    if answer.policy_digest != ballot.policy_digest:
        return Stale.POLICY_CHANGED, "The policy it was given under has changed."
    return None


def _about_time(answer: Approval, ballot: Ballot) -> _Why | None:
    if answer.revoked_at is not None and answer.revoked_at <= ballot.now:
        return Stale.REVOKED, f"It was taken back on {answer.revoked_at[:16]}Z."
    terms = ballot.terms
    if answer.recorded_at > _later(ballot.now, terms.skew_s):
        return Stale.NOT_YET, "It was recorded later than now."
    if answer.said is Said.REJECT:
        # A no neither wears off nor is made up for by waiting.
        return None
    hours = terms.approval_hours_high_risk if ballot.high_risk else terms.approval_hours
    ends = _later(answer.recorded_at, hours * 3600)
    if ballot.now >= ends:
        return Stale.EXPIRED, f"It held for {hours:g} hours, until {ends[:16]}Z."
    if ballot.rolled_back_at is not None and answer.recorded_at <= ballot.rolled_back_at:
        return Stale.ROLLED_BACK, "This content was rolled back after it was approved."
    return None


def _about_person(answer: Approval, person: Person | None, ballot: Ballot) -> _Why | None:
    if person is None:
        return Stale.UNKNOWN_PERSON, "Nobody in the roster claims this identity."
    if person.kind is not Kind.HUMAN:
        return Stale.NOT_HUMAN, f"{person.id} is {person.kind}; only humans answer for a change."
    if not is_active(person, ballot.now):
        return Stale.LEFT, f"{person.id} has left, or has not come yet."
    if person.id in ballot.authors.people:
        return Stale.AUTHOR, f"{person.id} is an author of it, or answers for an agent that is."
    if provider_of(answer.identity) not in _PROVIDERS[answer.source]:
        return Stale.WEAK_SOURCE, f"A {answer.source} cannot vouch for this identity."
    if answer.said is Said.REJECT:
        return None
    least = ballot.terms.assurance_high_risk if ballot.high_risk else 1
    if ASSURANCE[answer.source] < least:
        return Stale.WEAK_SOURCE, f"A {answer.source} is not enough for a change of high risk."
    return None


def _later(start: str, seconds: float) -> str:
    return format_time(parse_time(start) + timedelta(seconds=seconds))
