"""Who is asking the server: tokens handed out and taken back, sign-ins, and what holds now.

Every question is answered from the records as they are, so a token that another process revoked
ends what came of it at once.
"""

from collections.abc import Callable
from typing import Literal

import msgspec

from pawl.base.canonical import sha256_hex
from pawl.base.errors import BadValue
from pawl.governance import access as rules
from pawl.governance.access import Access, Principal, Scope, Session, Token
from pawl.governance.ledger import Actor
from pawl.store.records.connection import Engine
from pawl.store.records.kept_answers import UNKNOWN, KeptAnswers
from pawl.store.records.tokens import TokenRecords


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that was just made. `secret` is shown now and never again."""

    schema: Literal["pawl.new-token/1"] = "pawl.new-token/1"
    secret: str
    id: str
    person: str
    scopes: tuple[Scope, ...]
    expires_at: str


class TokenLine(msgspec.Struct, frozen=True, kw_only=True):
    """A token as a list shows it; `state` is `valid`, `expired` or `revoked`."""

    id: str
    person: str
    scopes: tuple[Scope, ...]
    prefix: str
    note: str
    state: str
    created_at: str
    expires_at: str
    last_used_at: str | None
    revoked_at: str | None


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that worked: the cookie to set, and for how many seconds at most."""

    cookie: str
    session: Session
    lasts_s: int


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What a request was answered; `again` says that it had been sent before."""

    status: int
    body: bytes
    again: bool = False


class Identity:
    """The tokens and sessions of one server, and the answers kept for whoever asks again.

    `random` returns so many unguessable bytes.
    """

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], str],
        random: Callable[[int], bytes],
        access: Access | None = None,
    ) -> None:
        self.access = access or rules.shipped_access()
        self._tokens = TokenRecords(engine)
        self._answers = KeptAnswers(engine)
        self._now = now
        self._random = random

    def create(
        self, person: str, scopes: tuple[Scope, ...], actor: Actor, *, days: int | None, note: str
    ) -> NewToken:
        """Make a token for a person; raises BadValue for what cannot be one."""
        secret = rules.token_text(self._random(rules.SECRET_BYTES))
        token = rules.new_token(
            person,
            scopes,
            secret=secret,
            identity=f"tok_{self._random(8).hex()}",
            now=self._now(),
            days=days,
            note=note,
            access=self.access,
        )
        self._tokens.create(token, actor)
        return NewToken(
            secret=secret,
            id=token.id,
            person=token.person,
            scopes=token.scopes,
            expires_at=token.expires_at,
        )

    def tokens(self) -> tuple[TokenLine, ...]:
        """Return every token, newest first; no secret is in it."""
        now = self._now()
        found = []
        for token in self._tokens.tokens():
            told = msgspec.structs.asdict(token) | {"state": rules.state_of(token, now)}
            del told["hash"]
            found.append(TokenLine(**told))
        return tuple(found)

    def revoke(self, which: str, actor: Actor, reason: str) -> TokenLine:
        """Revoke a token and end its sessions; raises BadValue for an id that is none.

        Revoking once more changes nothing.
        """
        if self._tokens.revoke(which, actor, self._now(), reason) is None:
            raise BadValue(
                f"No token is called {which[:60]!r}.", place="ID", hint="See pawl token list."
            )
        return next(line for line in self.tokens() if line.id == which)

    def any_counts(self) -> bool:
        """Say whether anybody could sign in with a token of their own."""
        return self._tokens.any_counts(self._now())

    def bearer(self, text: str) -> Principal | None:
        """Return who asks with a token in a header, or None for one that does not count."""
        token = self._valid(text)
        return None if token is None else rules.of_token(token, self.access)

    def sign_in(
        self, text: str, *, shared: Callable[[str], str | None], replacing: str
    ) -> SignedIn | None:
        """Begin a session with a token; None for one that does not count.

        `shared` returns the name of the server's own token where the text is it. A session that
        the browser brings along ends: what was there before the sign-in is not lifted by it.
        """
        name = shared(text)
        token = None if name is not None else self._valid(text)
        if token is None and name is None:
            return None
        cookie = self._word()
        session = rules.new_session(
            token,
            name or "",
            cookie=cookie,
            csrf=self._word(),
            now=self._now(),
            access=self.access,
        )
        if not self._tokens.begin(session, rules.secret_hash(replacing) if replacing else None):
            return None
        return SignedIn(
            cookie=cookie, session=session, lasts_s=self.access.limits.session_hours * 3600
        )

    def session(self, cookie: str, *, shared: str | None) -> Principal | None:
        """Return who asks with a cookie; None where the session or its token counts no more.

        `shared` is the name of the server's own token now, where it has one.
        """
        now = self._now()
        limits = self.access.limits
        found = self._tokens.session(rules.secret_hash(cookie))
        if found is None:
            return None
        session, token = found
        alive = rules.counts(token, now) if token is not None else session.token == shared
        if not alive or not rules.session_counts(session, now, limits):
            self._tokens.end(session.hash)
            return None
        self._tokens.seen(session, now, limits)
        return rules.of_session(session, self.access)

    def sign_out(self, cookie: str) -> None:
        """End a session."""
        self._tokens.end(rules.secret_hash(cookie))

    def once(
        self, principal: str, key: str, request: bytes, do: Callable[[], tuple[int, bytes]]
    ) -> Answered | None:
        """Do a request once for a key; return its answer, or None where the key is another's.

        The same request gets the answer that is kept. Where there is none yet, because it is being
        worked on or a server died over it, it is done again: `do` takes care of being done twice.
        What raises was not done, and may be tried again under the same key.
        """
        now = self._now()
        digest = sha256_hex(request)
        until = rules.later(now, hours=self.access.limits.answer_kept_hours)
        kept = self._answers.claim(principal, key, digest, now, until)
        if kept is not None:
            if kept.request_hash != digest:
                return None
            if kept.status != UNKNOWN:
                return Answered(status=kept.status, body=kept.body.encode(), again=True)
        try:
            status, body = do()
        except BaseException:
            self._answers.release(principal, key)
            raise
        self._answers.keep(principal, key, status, body.decode())
        return Answered(status=status, body=body)

    def _valid(self, text: str) -> Token | None:
        if not rules.looks_like_token(text):
            return None
        token = self._tokens.by_hash(rules.secret_hash(text))
        now = self._now()
        if token is None or not rules.counts(token, now):
            return None
        self._tokens.used(token, now, self.access.limits)
        return token

    def _word(self) -> str:
        return self._random(rules.SECRET_BYTES).hex()
