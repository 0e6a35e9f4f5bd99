"""Tell a code host what a gate decided: one check for one content, made once and kept up to date.

What the host shows is looked up first. A request whose answer got lost is looked up again and never
sent twice by guess.
"""

from collections.abc import Callable
from typing import Any, Literal, Protocol

import msgspec

from pawl.base.errors import BadValue, Unavailable
from pawl.changes.gate_notice import Notice
from pawl.maturity.goal_issue import Request
from pawl.services.collecting_pages import Interrupted, Unanswered
from pawl.services.issue_talk import Known, Talk, Unclear

MAX_PAGES = 20
MAX_WAIT_S = 60.0
"""Seconds that a host's limits are waited for in all."""
_ASKED_WRONGLY = (400, 401, 403, 404, 422)


class ShownLike(Protocol):
    """A decision as the host shows it."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def mine(self) -> bool:
        """Whether we made it."""

    @property
    def same(self) -> bool:
        """Whether it says what is to be told."""


class CheckHost(Known, Protocol):
    """Checks of one commit: what the host is asked and told."""

    def shown(self) -> Request:
        """Ask for what it shows under our name."""

    def listed(self, value: Any) -> list[Any] | None:
        """Return the items of a page, None for what is no page."""

    def read_shown(self, value: Any, notice: Notice, own: str) -> ShownLike | None:
        """Return an item about the same content, None for another one."""

    def create(self, notice: Notice) -> Request:
        """Tell it for the first time."""

    def update(self, shown: Any, notice: Notice) -> Request:
        """Tell it anew."""


class ToldHost(msgspec.Struct, frozen=True, kw_only=True):
    """What was done: `kept` found it as it should be."""

    schema: Literal["pawl.gate-told/1"] = "pawl.gate-told/1"
    action: Literal["created", "updated", "kept"]
    id: int | None
    outcome: str
    external_id: str
    requests: int


def tell(
    host: CheckHost,
    notice: Notice,
    *,
    sleep: Callable[[float], None],
    told: Callable[[float, str], None] = lambda seconds, why: None,
    max_wait_s: float = MAX_WAIT_S,
) -> ToldHost:
    """Have the host show a decision; doing it again changes nothing.

    Raises BadValue where the host shows or takes nothing there, and Unavailable when it does not
    answer: what it shows is then not known, and a required check goes on holding the change up.
    """
    talk = Talk(host, sleep, told, max_wait_s)
    try:
        return _told(host, talk, notice)
    except Unanswered as failure:
        if failure.status in _ASKED_WRONGLY:
            raise BadValue(
                f"The host takes no check there: {failure}.",
                place=host.url,
                hint=f"Check repository and commit, and that {host.variable} may write checks.",
            ) from failure
        raise _down(host, failure) from failure
    except (Interrupted, Unclear) as failure:
        raise _down(host, failure) from failure


def _told(host: CheckHost, talk: Talk, notice: Notice) -> ToldHost:
    own = talk.account(host) if host.name == "gitlab" else ""
    found = _mine(host, talk, notice, own)
    if found is not None and found.same:
        return _done("kept", found.id, notice, talk)
    action: Literal["created", "updated"] = "created" if found is None else "updated"
    request = host.create(notice) if found is None else host.update(found, notice)
    try:
        made = host.read_shown(talk.ask(request).value, notice, own)
    except (Unclear, Unanswered) as failure:
        # The answer got lost, or another job said the same meanwhile.
        made = _mine(host, talk, notice, own)
        if made is None or not made.same:
            raise failure
    if made is not None and not made.mine:
        raise BadValue(
            "The check was made by another app than the one that is pinned.",
            place=host.variable,
            hint="Use a token of that app; a rule that pins the app does not count others.",
        )
    return _done(action, made.id if made else None, notice, talk)


def _mine(host: CheckHost, talk: Talk, notice: Notice, own: str) -> ShownLike | None:
    """Return our newest check about the same content."""
    request, found, seen = host.shown(), [], set[str]()
    for _ in range(MAX_PAGES):
        answer = talk.ask(request)
        listed = host.listed(answer.value)
        if listed is None:
            raise Unanswered("not what the host answers to this question", for_good=False)
        read = (host.read_shown(each, notice, own) for each in listed)
        found += [each for each in read if each is not None and each.mine]
        seen.add(request.address)
        if not answer.next or answer.next in seen:
            return max(found, key=lambda each: each.id, default=None)
        request = msgspec.structs.replace(request, address=answer.next)
    raise Unanswered("there is more than is looked through", for_good=False)


def _done(
    action: Literal["created", "updated", "kept"], number: int | None, notice: Notice, talk: Talk
) -> ToldHost:
    return ToldHost(
        action=action,
        id=number,
        outcome=notice.outcome,
        external_id=notice.external_id,
        requests=talk.requests,
    )


def _down(host: CheckHost, why: Exception) -> Unavailable:
    return Unavailable(
        f"the host does not go on, and may not show the decision: {why}.",
        place=host.url,
        hint="Run it again later: it makes no second check.",
    )
