"""What machines send in with a proof of their own: deliveries of a code host, evidence of CI jobs.

Each is heard once. The same delivery again gets the answer that was given, another body under the
same id is a conflict, and a token that was used is worth nothing.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from pawl.changes.change import Refusal
from pawl.changes.ci_trust import CiTrust
from pawl.changes.evidence import Evidence
from pawl.services.change_terms import By
from pawl.services.ci_tokens import Keyring, Once, by_ci, evidence_of, verify_ci_token
from pawl.services.deployment_rules import Delivery, Judged, Responder, answer, is_signed, unsigned
from pawl.services.identity import Answered
from pawl.store.records.connection import Engine
from pawl.store.records.kept_answers import KeptAnswers


class Desk(Protocol):
    """What takes evidence."""

    def add_evidence(self, id: str, piece: Evidence, by: By) -> Evidence | Refusal:
        """Record a piece of evidence about a change."""


class Remembering(Protocol):
    """Does a request once for a key."""

    def once(
        self, principal: str, key: str, request: bytes, do: Callable[[], tuple[int, bytes]]
    ) -> Answered | None:
        """Return the answer to a request, None where the key is another request's."""


class UsedTokens:
    """Ids of tokens that were used, kept until the tokens have ended."""

    def __init__(self, engine: Engine, now: Callable[[], str]) -> None:
        self._kept = KeptAnswers(engine)
        self._now = now

    def first(self, source: str, name: str, until: str) -> bool:
        """Say whether a name is new from a source; from then on it is not."""
        return self._kept.claim(source, name, "", self._now(), until) is None


class GitHubHook(msgspec.Struct, frozen=True, kw_only=True):
    """What answering GitHub takes. `host` makes the sender anew, with a token as of now."""

    secret: str
    host: Callable[[], Responder]
    judge: Callable[[str], Judged]
    sleep: Callable[[float], None]


class Hooks:
    """All that is sent in. What is not configured is None, and then refused."""

    def __init__(
        self,
        *,
        remembering: Remembering,
        now: Callable[[], str],
        github: GitHubHook | None = None,
        trust: Callable[[], CiTrust | None] = lambda: None,
        keyring: Keyring | None = None,
        used: Once | None = None,
        desk: Desk | None = None,
    ) -> None:
        self.github = github
        self._remembering = remembering
        self._now = now
        self._trust = trust
        self._keyring = keyring
        self._used = used
        self._desk = desk

    def delivered(self, delivery: Delivery) -> Answered | None:
        """Return the answer to a delivery, None where its id was another delivery's.

        Raises as `deployment_rules.answer` does; what raises may be delivered again.
        """
        hook = self.github
        assert hook is not None

        def do() -> tuple[int, bytes]:
            host = hook.host()
            try:
                said = answer(delivery, hook.secret, host, hook.judge, sleep=hook.sleep)
            finally:
                host.close()
            return 200, msgspec.json.encode(said)

        if not is_signed(delivery, hook.secret):
            # Whoever has not our secret claims no id of those who have.
            raise unsigned()
        request = b"\n".join([delivery.event.encode(), delivery.body])
        return self._remembering.once("hook:github", delivery.id, request, do)

    def evidence(self, id: str, token: str, statement: bytes) -> Evidence | Refusal:
        """Take evidence of a CI job about a change, and use its token up."""
        trust = self._trust()
        if trust is None or self._keyring is None or self._used is None or self._desk is None:
            return Refusal(
                code="bad-token",
                reasons=("No CI job is trusted here.",),
                hint="Write .pawl/ci.yaml on the protected branch.",
            )
        now = self._now()
        run = verify_ci_token(token, trust, self._keyring, self._used, now=now)
        if isinstance(run, Refusal):
            return run
        return self._desk.add_evidence(id, evidence_of(statement, run, now=now), by_ci(run))
