"""Where answers to changes come from: reviews on the code host, and signed statements.

Nothing is decided here. A source is read whole or not at all, what it says is handed to the desk,
and the desk judges it with all that it knows of people, policy and time.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from pawl.base.errors import BadValue, CannotTell
from pawl.changes.approval import Said, Source
from pawl.changes.change import Change, Refusal
from pawl.changes.manifest import Manifest, manifest_digest
from pawl.changes.parts import Part
from pawl.changes.reviews import (
    MAX_REVIEWS,
    Asked,
    LeftOut,
    Proposal,
    PullRequest,
    Read,
    Readout,
    Review,
    read_out,
)
from pawl.maturity.goal_issue import Request
from pawl.services.change_terms import By, Told
from pawl.services.collecting_pages import Interrupted, Unanswered
from pawl.services.issue_talk import Known, Talk, Unclear

MAX_PAGES = 100
"""Pages of one list, of 100 items each."""
MAX_WAIT_S = 120.0
"""Seconds that a host's limits are waited for in all."""


class ReviewHost(Known, Protocol):
    """One pull request on a code host: what is asked about it, and how the answers are read."""

    def pull(self) -> Request:
        """Ask where it stands."""

    def read_pull(self, value: Any) -> PullRequest:
        """Return where it stands; raises CannotTell."""

    def lists(self) -> Mapping[str, Request]:
        """Ask for everything else, by name."""

    def read_reviews(
        self, pull: PullRequest, lists: Mapping[str, list[Any]], now: str
    ) -> tuple[Review, ...]:
        """Return the reviews, oldest first; raises CannotTell."""

    def read_authors(self, pull: PullRequest, lists: Mapping[str, list[Any]]) -> tuple[str, ...]:
        """Return the identities of all authors; raises CannotTell."""


Parts = Mapping[str, Part | None]
Rebuild = Callable[[str], tuple[Parts, Parts]]
"""From a commit: the parts that it changes as they are in it, and as they are on the protected
branch. Raises CannotTell for a commit that is not here."""


def read_pull_request(
    host: ReviewHost,
    now: str,
    *,
    sleep: Callable[[float], None],
    told: Callable[[float, str], None] = lambda seconds, why: None,
    max_wait_s: float = MAX_WAIT_S,
) -> Read:
    """Return all that a host says of a pull request, as of one time.

    Raises CannotTell when the host is down, limits us, shows a part only, is not understood, or
    moved the head meanwhile; BadValue for one that it does not show.
    """
    talk = Talk(host, sleep, told, max_wait_s)
    try:
        before = host.read_pull(_asked(talk, host.pull()).value)
        lists = {name: _whole(talk, request) for name, request in host.lists().items()}
        after = host.read_pull(_asked(talk, host.pull()).value)
        if before != after:
            raise CannotTell(
                "the pull request moved while it was read.", place=before.name, hint="Ask again."
            )
        return Read(
            pull=after,
            reviews=host.read_reviews(after, lists, now),
            authors=host.read_authors(after, lists),
        )
    except Unanswered as failure:
        if failure.status in (401, 404):
            raise BadValue(
                f"The host shows no such pull request: {failure}.",
                place=host.url,
                hint=f"Check its name and number, and that {host.variable} may read it.",
            ) from failure
        raise _cannot_tell(host, failure) from failure
    except (Interrupted, Unclear) as failure:
        raise _cannot_tell(host, failure) from failure
    except (ValueError, RecursionError) as failure:
        raise _cannot_tell(host, failure) from failure


def read_reviews(
    change: Change, read: Read, asked: Asked, *, branch: str, rebuild: Rebuild
) -> Readout:
    """Return which reviews of a pull request answer for a change, and who else wrote it.

    `branch` is the protected one. Raises CannotTell where the head cannot be looked into.
    """
    unbound = _unbound(change, read.pull, branch, rebuild)
    found = read_out(read, asked, change.answers, unbound=unbound)
    new = () if unbound else tuple(each for each in found.authors if each not in change.authors)
    return msgspec.structs.replace(found, authors=new)


def bound_manifest(manifest: Manifest, parts: Parts, base: Parts) -> Manifest:
    """Return the manifest that a commit gives: its parts, and all else as the change has it."""
    return msgspec.structs.replace(manifest, parts=dict(parts), base=dict(base))


def _unbound(change: Change, pull: PullRequest, branch: str, rebuild: Rebuild) -> str:
    """Say why a pull request is not this change; empty where it is."""
    if not pull.open:
        return "The pull request is not open."
    if pull.target != branch:
        return f"The pull request goes to {pull.target[:80]}, and not to {branch}."
    parts, base = rebuild(pull.head)
    if manifest_digest(bound_manifest(change.manifest, parts, base)) != change.digest:
        return f"The head {pull.head[:12]} does not give the digest {change.digest[:12]}."
    return ""


def _asked(talk: Talk, request: Request) -> Any:
    answer = talk.ask(request)
    if answer.status != 200:
        raise Unanswered(f"the host answers {answer.status}, with nothing", for_good=False)
    return answer


def _whole(talk: Talk, request: Request) -> list[Any]:
    """Return every item of a list, or the one object of an address; raises Unanswered."""
    items: list[Any] = []
    seen: set[str] = set()
    for _ in range(MAX_PAGES):
        answer = _asked(talk, request)
        if isinstance(answer.value, dict) and not seen and not answer.next:
            return [answer.value]
        if not isinstance(answer.value, list):
            raise Unanswered("not what the host answers to this question", for_good=False)
        items += answer.value
        seen.add(request.address)
        if not answer.next:
            return items
        if answer.next in seen:
            raise Unanswered("its pages lead in a circle", for_good=False)
        if len(items) > MAX_REVIEWS:
            break
        request = msgspec.structs.replace(request, address=answer.next)
    raise Unanswered("there is more than is looked through", for_good=False)


def _cannot_tell(host: ReviewHost, why: Exception) -> CannotTell:
    return CannotTell(
        f"the host does not tell who approved: {why}.",
        place=host.url,
        hint="Ask again later; until then nothing counts as approved.",
    )


class Desk(Protocol):
    """What takes answers, and judges them: `pawl.services.changes.ChangeDesk`."""

    def get(self, id: str) -> Change:
        """Return a change."""

    def edit(
        self, id: str, manifest: Manifest, authors: tuple[str, ...], by: By, *, key: str = ""
    ) -> Told:
        """Put on record who else wrote it."""

    def answer(
        self,
        id: str,
        said: Said,
        bound: tuple[str, str, str],
        by: By,
        source: Source,
        source_ref: str = "",
        claimed_at: str = "",
        note: str = "",
        *,
        identity: str = "",
        key: str = "",
    ) -> Told:
        """Record an answer, and judge the change."""

    def revoke(self, id: str, answer_id: str, by: By, *, key: str = "") -> Told:
        """Take an answer back."""


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """What the desk made of what was brought: the change as it is now, and what it refused."""

    change: Change
    recorded: int = 0
    taken_back: int = 0
    refused: tuple[tuple[str, Refusal], ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def bring(readout: Readout, id: str, desk: Desk, by: By) -> Brought:
    """Hand what a source says to the desk; doing it again changes nothing.

    What was taken back comes first and authors before answers, so that at no time more counts than
    the source says.
    """
    refused: list[tuple[str, Refusal]] = []
    change = desk.get(id)
    taken_back = recorded = 0
    for gone in readout.taken_back:
        told = desk.revoke(change.id, gone.answer, by, key=f"revoke:{gone.answer}")
        if isinstance(told, Refusal):
            refused.append((gone.answer, told))
        taken_back += not isinstance(told, Refusal)
    if readout.authors:
        told = desk.edit(change.id, change.manifest, readout.authors, by)
        if isinstance(told, Refusal):
            # An author who cannot be put on record could approve their own work.
            return Brought(
                change=desk.get(change.id),
                taken_back=taken_back,
                refused=(*refused, ("authors", told)),
                left_out=readout.left_out,
            )
    # A no is heard first.
    for each in sorted(readout.proposals, key=lambda one: one.said is not Said.REJECT):
        told = answer(each, desk, by)
        if isinstance(told, Refusal):
            refused.append((each.source_ref, told))
        recorded += not isinstance(told, Refusal)
    return Brought(
        change=desk.get(change.id),
        recorded=recorded,
        taken_back=taken_back,
        refused=tuple(refused),
        left_out=readout.left_out,
    )


def answer(proposal: Proposal, desk: Desk, by: By) -> Told:
    """Hand one answer to the desk; the same one twice is one."""
    return desk.answer(
        proposal.change,
        proposal.said,
        proposal.bound,
        by,
        proposal.source,
        proposal.source_ref,
        proposal.claimed_at,
        proposal.note,
        identity=proposal.identity,
        key=f"{proposal.said}:{proposal.source_ref}",
    )
