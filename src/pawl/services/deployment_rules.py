"""Answer GitHub's custom deployment protection rules: a deployment waits until we say yes or no.

A delivery counts when its HMAC over the very bytes that came holds. Nothing in it is believed but
which run of the configured repository waits, for which environment, with which commit; the answer
goes to the address of that run at the configured host, and nowhere else. What cannot be judged is
not deployed.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from pawl.base.errors import BadValue, PawlError, Refused, Unavailable
from pawl.base.patterns import regex
from pawl.changes.change import Change, State
from pawl.changes.manifest import manifest_digest
from pawl.maturity.goal_issue import Request
from pawl.services.approvals import Rebuild, bound_manifest
from pawl.services.change_terms import By, Checked
from pawl.services.collecting_pages import Interrupted, Unanswered
from pawl.services.issue_talk import Known, Talk, Unclear

MAX_BODY = 2 * 1024 * 1024
"""Bytes of a delivery that are read."""
MAX_WAIT_S = 5.0
"""Seconds that the host's limits are waited for; GitHub gives a delivery ten."""
LEAST_SECRET = 16
"""Characters of a secret; below, anybody could find it by trying."""
MAX_CHANGES = 1_000
"""Changes that are looked through for the one that a commit is."""
_COMMIT = regex(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_RUN = regex(r"/actions/runs/([1-9]\d{0,18})/deployment_protection_rule$")
_DELIVERY = regex(r"[A-Za-z0-9-]{1,100}")
_JUDGED = (State.LIVE, State.ROLLING_OUT, State.APPROVED, State.IN_REVIEW)
_STARTED = (State.LIVE, State.ROLLING_OUT)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What came: headers and the raw body."""

    id: str
    event: str
    signature: str
    body: bytes


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A deployment that waits for an answer."""

    run: int
    environment: str
    commit: str


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a commit may be deployed, and what is said of it."""

    allowed: bool
    comment: str
    change: str = ""


class Responder(Known, Protocol):
    """Where a deployment that waits is answered."""

    @property
    def repository(self) -> str:
        """The configured repository."""

    def address(self, run: int) -> str:
        """Return the address that a delivery about a run has to name."""

    def respond(self, run: int, environment: str, allowed: bool, comment: str) -> Request:
        """Let it go on, or end it."""

    def close(self) -> None:
        """Close the connections."""


class Desk(Protocol):
    """What knows changes, and asks their gates."""

    def list(
        self,
        states: tuple[State, ...] = (),
        *,
        scope: str | None = None,
        limit: int = 200,
        before: str = "",
    ) -> tuple[Change, ...]:
        """Return changes, last changed first."""

    def check(self, id: str, moment: Any, by: By) -> Checked:
        """Evaluate the gates now."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a delivery: `ignored`, `approved` or `rejected`."""

    state: str
    comment: str = ""
    change: str = ""


def is_signed(delivery: Delivery, secret: str) -> bool:
    """Say whether a delivery was signed with the secret, over its raw bytes."""
    if len(secret) < LEAST_SECRET:
        return False
    seal = hmac.new(secret.encode(), delivery.body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={seal}".encode(), delivery.signature.encode())


def answer(
    delivery: Delivery,
    secret: str,
    host: Responder,
    judge: Callable[[str], Judged],
    *,
    sleep: Callable[[float], None],
) -> Answer:
    """Judge what a delivery asks about, tell the host, and return what was told.

    Raises Refused for a delivery that is not signed, BadValue for one about something else than the
    configured repository, Unavailable where the host does not hear us: the deployment then waits.
    """
    if not _DELIVERY.fullmatch(delivery.id) or not is_signed(delivery, secret):
        raise unsigned()
    if delivery.event != "deployment_protection_rule":
        return Answer(state="ignored", comment="Only deployment protection rules are answered.")
    waiting = read_waiting(delivery.body, host)
    if waiting is None:
        return Answer(state="ignored", comment="Nothing waits for an answer.")
    try:
        judged = judge(waiting.commit)
    except PawlError as error:
        judged = Judged(allowed=False, comment=f"Cannot be judged: {error.message}")
    talk = Talk(host, sleep, lambda seconds, why: None, MAX_WAIT_S)
    try:
        talk.ask(host.respond(waiting.run, waiting.environment, judged.allowed, judged.comment))
    except (Unanswered, Interrupted, Unclear) as failure:
        raise Unavailable(
            f"the host does not take the answer: {failure}.",
            place=host.url,
            hint="Have it deliver this once more; until then the deployment waits.",
        ) from failure
    state = "approved" if judged.allowed else "rejected"
    return Answer(state=state, comment=judged.comment, change=judged.change)


def unsigned() -> Refused:
    """Return the error of a delivery that is not signed with our secret."""
    return Refused(
        "The delivery is not signed with our secret.",
        place="X-Hub-Signature-256",
        hint="Set the webhook's secret to that of PAWL_GITHUB_WEBHOOK_SECRET.",
    )


def read_waiting(body: bytes, host: Responder) -> Waiting | None:
    """Return which deployment waits, None where none does; raises BadValue."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise _odd("it is no JSON") from error
    if not isinstance(told, dict):
        raise _odd("it is no object")
    if told.get("action") != "requested":
        return None
    address, environment = told.get("deployment_callback_url"), told.get("environment")
    deployment = told.get("deployment")
    commit = deployment.get("sha") if isinstance(deployment, dict) else None
    if not isinstance(address, str) or len(address) > 1_000:
        raise _odd("it names no address to answer at")
    run = _RUN.search(address)
    if run is None or host.address(int(run[1])).lower() != address.lower():
        raise _odd(f"it wants its answer somewhere else than at {host.repository}")
    if not isinstance(environment, str) or not 0 < len(environment) <= 300:
        raise _odd("it names no environment")
    if not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
        raise _odd("it names no commit")
    return Waiting(run=int(run[1]), environment=environment, commit=commit)


def judge_commit(commit: str, desk: Desk, rebuild: Rebuild, by: By) -> Judged:
    """Say whether a commit may be deployed: it must be exactly a change that may start, or did.

    Raises CannotTell for a commit that is not here.
    """
    parts, base = rebuild(commit)
    same = [
        change
        for change in desk.list(_JUDGED, limit=MAX_CHANGES)
        if change.manifest.parts.keys() == parts.keys()
        and manifest_digest(bound_manifest(change.manifest, parts, base)) == change.digest
    ]
    if not same:
        return Judged(
            allowed=False,
            comment=f"No change gives exactly what {commit[:12]} holds. Open one with "
            "`pawl change new --from-diff` and have it approved.",
        )
    change = min(same, key=lambda each: _JUDGED.index(each.state))
    if change.state in _STARTED:
        comment = f"{change.id} ({change.digest[:12]}) is {change.state}."
        return Judged(allowed=True, comment=comment, change=change.id)
    if change.state is not State.APPROVED:
        comment = f"{change.id} ({change.digest[:12]}) is {change.state} and not approved."
        return Judged(allowed=False, comment=comment, change=change.id)
    checked = desk.check(change.id, "start", by)
    decision = checked.decision
    held = "; ".join(f"{each.gate}: {each.reason}" for each in decision.against)
    word = "may start" if decision.allowed else f"may not start: {held}"
    comment = f"{change.id} ({change.digest[:12]}) {word} (decision {checked.decision_id[:12]})."
    return Judged(allowed=decision.allowed, comment=comment, change=change.id)


def _odd(why: str) -> BadValue:
    return BadValue(
        f"The delivery is not about what is configured: {why}.",
        place="body",
        hint="Compare [changes] github and the webhook's settings.",
    )
