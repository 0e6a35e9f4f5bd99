"""Keep one comment of a review under a change: made once, brought up to date, never two.

Everything is looked up before anything is written. Where a job makes a comment while another does
the same, both look again and agree on the oldest. A host that asks for patience gets it, within
bounds; one that fails is told of, and nothing is claimed to be posted.
"""

from collections.abc import Callable
from typing import Any, Literal, Protocol

import msgspec

from pawl.base.errors import BadValue, Unavailable
from pawl.maturity.goal_issue import Request
from pawl.review.sticky import Comment, Plan, ours, plan
from pawl.services.collecting_pages import Interrupted, Unanswered
from pawl.services.issue_talk import Known, Talk, Unclear

MAX_PAGES = 50
"""Pages of comments that are looked through: 5,000 comments under one change."""
MAX_WAIT_S = 300.0
"""Seconds that a host's limits are waited for in all."""
_ROUNDS = 5
_GONE = (404, 410)
_ASKED_WRONGLY = (401, 403, 404, 410, 422)


class Commented(Known, Protocol):
    """The comments under one change: what the host is asked, and how its answers are read."""

    def comments(self) -> Request:
        """Ask for all of them, oldest first."""

    def read_comment(self, value: Any) -> Comment | None:
        """Return a comment, or None for what is none."""

    def create(self, body: str) -> Request:
        """Comment."""

    def update(self, number: int, body: str) -> Request:
        """Give a comment another text."""

    def delete(self, number: int) -> Request:
        """Remove a comment."""


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the comment, as `pawl.review-post/1` documents it.

    `kept` found it as it should be; `newer` found that of a later review, and left it.
    """

    schema: Literal["pawl.review-post/1"] = "pawl.review-post/1"
    action: Literal["created", "updated", "kept", "newer"]
    comment: int | None
    removed: int
    requests: int
    waited_s: float


def post(
    host: Commented,
    body: str,
    at: str,
    *,
    place: str,
    presumed: str = "",
    sleep: Callable[[float], None],
    told: Callable[[float, str], None],
    max_wait_s: float = MAX_WAIT_S,
) -> Posted:
    """Have one comment of ours hold this text, and return what was done for it.

    `presumed` is whose the token is where the host does not tell. Raises BadValue where the host
    shows or takes nothing under this change, and Unavailable when it does not answer.
    """
    talk = Talk(host, sleep, told, max_wait_s)
    posting = _Posting(host, talk, body, at)
    try:
        return posting.run(talk.account(host) or presumed)
    except Unanswered as failure:
        if failure.status in _ASKED_WRONGLY:
            raise BadValue(
                f"The host takes no comment there: {failure}.",
                place=place,
                hint=f"Check its name and number, and that {host.variable} may comment there.",
            ) from failure
        raise Unavailable(
            f"the host does not answer, and nothing may be posted: {failure}.",
            place=host.url,
            hint="Run it again later: it makes no second comment.",
        ) from failure
    except (Interrupted, Unclear) as stop:
        raise Unavailable(
            f"the host does not go on, and nothing may be posted: {stop}.",
            place=host.url,
            hint="Run it again later: it makes no second comment.",
        ) from stop


class _Posting:
    def __init__(self, host: Commented, talk: Talk, body: str, at: str) -> None:
        self._host = host
        self._talk = talk
        self._body = body
        self._at = at
        self._removed = 0
        self._created: int | None = None

    def run(self, own: str) -> Posted:
        for _ in range(_ROUNDS):
            listed = self._all()
            if self._created is not None and all(each.id != self._created for each in listed):
                # A list may lag behind what was just made; another one would be one too many.
                listed.append(Comment(id=self._created, body=self._body, author=own))
            planned = plan(listed, own, self._at)
            if planned.newer:
                self._remove(planned)
                return self._posted("newer", None)
            if planned.update is None:
                own = self._create(listed, own)
                continue  # Somebody may have done the same meanwhile.
            done = self._update(planned.update)
            if done is None:
                continue  # It was removed meanwhile.
            self._remove(planned)
            if planned.update.id == self._created:
                return self._posted("created", self._created)
            return self._posted(done, planned.update.id)
        raise Interrupted("comments there come and go while they are written")

    def _all(self) -> list[Comment]:
        listed = self._talk.listed(self._host.comments(), MAX_PAGES, whole=True)
        found = (self._host.read_comment(value) for value in listed)
        return [each for each in found if each is not None]

    def _create(self, before: list[Comment], own: str) -> str:
        """Comment, and return by whom: it is then known, whoever the host said we are."""
        try:
            made = self._host.read_comment(self._talk.ask(self._host.create(self._body)).value)
        except Unclear:
            made = None
        if made is None:
            made = self._made(before, own)
        if made is None or not made.author:
            raise Interrupted("whether the host made the comment is not known")
        self._created = made.id
        return made.author

    def _made(self, before: list[Comment], own: str) -> Comment | None:
        """Return the comment that was made although its answer got lost, if it was."""
        known = {each.id for each in before}
        fresh = [each for each in self._all() if each.id not in known]
        if own:
            return next(iter(ours(fresh, own)), None)
        return next((each for each in fresh if _same(each.body, self._body)), None)

    def _update(self, comment: Comment) -> Literal["updated", "kept"] | None:
        if _same(comment.body, self._body):
            return "kept"
        try:
            self._talk.ask(self._host.update(comment.id, self._body))
        except Unanswered as failure:
            if failure.status in _GONE:
                return None
            raise
        return "updated"

    def _remove(self, planned: Plan) -> None:
        for comment in planned.remove:
            try:
                self._talk.ask(self._host.delete(comment.id))
            except Unanswered as failure:
                if failure.status not in _GONE:
                    raise
            self._removed += 1

    def _posted(
        self, action: Literal["created", "updated", "kept", "newer"], comment: int | None
    ) -> Posted:
        return Posted(
            action=action,
            comment=comment,
            removed=self._removed,
            requests=self._talk.requests,
            waited_s=self._talk.waited_s,
        )


def _same(one: str, other: str) -> bool:
    """Whether two texts are one, whatever line breaks the host keeps."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()
