"""Tokens and the sessions that came of them, in the records.

Who was given a token and when it was taken away is decided, so it is in the ledger. When it was
last used, and who is signed in, is not.
"""

import json
from typing import Any

import msgspec

from pawl.base.canonical import sha256_hex
from pawl.governance.access import Limits, Scope, Session, Token, later
from pawl.governance.forgetting import FORGOTTEN, without_person
from pawl.governance.ledger import Actor, Difference, Draft, EntryType
from pawl.store.records.connection import Connection, Engine, Row, insert
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import append, entries

_TOKENS = f"SELECT {', '.join(Token.__struct_fields__)} FROM tokens"  # noqa: S608
_SESSIONS = f"SELECT {', '.join(Session.__struct_fields__)} FROM sessions"  # noqa: S608
_USED = """
UPDATE tokens SET last_used_at = :now
WHERE id = :id AND (last_used_at IS NULL OR last_used_at < :before)
"""
_SEEN = """
UPDATE sessions SET last_seen_at = :now WHERE hash = :hash AND last_seen_at < :before
"""
_REVOKE = "UPDATE tokens SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL"
_DECIDED = ("person", "scopes", "prefix", "note", "created_at", "expires_at", "revoked_at")


class TokenRecords:
    """Every token and session of a server."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(self, token: Token, actor: Actor) -> None:
        """Keep a new token, and put on record who was given it."""
        with writing(self._engine) as connection:
            if append(connection, _created(token, actor)) is None:
                raise ValueError("the id of a token was used before")
            insert(connection, "tokens", _token_row(token))

    def tokens(self) -> tuple[Token, ...]:
        """Return every token there ever was, newest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(f"{_TOKENS} ORDER BY created_at DESC, id")
        return tuple(map(_token, rows))

    def any_counts(self, now: str) -> bool:
        """Say whether there is a token that counts."""
        count = "SELECT COUNT(*) AS n FROM tokens WHERE revoked_at IS NULL AND expires_at > :now"
        with reading(self._engine) as connection:
            return bool(connection.execute(count, {"now": now})[0]["n"])

    def by_hash(self, hashed: str) -> Token | None:
        """Return the token with that hash, or None."""
        with reading(self._engine) as connection:
            rows = connection.execute(f"{_TOKENS} WHERE hash = :hash", {"hash": hashed})
        return _token(rows[0]) if rows else None

    def used(self, token: Token, now: str, limits: Limits) -> None:
        """Note that a token was used, near enough."""
        before = later(now, seconds=-limits.seen_every_seconds)
        if token.last_used_at is not None and token.last_used_at >= before:
            return
        with writing(self._engine) as connection:
            connection.execute(_USED, {"now": now, "id": token.id, "before": before})

    def revoke(self, which: str, actor: Actor, now: str, reason: str) -> Token | None:
        """Revoke a token by its id and end its sessions; None where there is no such token."""
        with writing(self._engine) as connection:
            rows = connection.execute(f"{_TOKENS} WHERE id = :id", {"id": which})
            if not rows:
                return None
            token = _token(rows[0])
            if token.revoked_at is None:
                append(connection, _revoked(token, actor, now, reason))
                connection.execute(_REVOKE, {"now": now, "id": which})
                token = msgspec.structs.replace(token, revoked_at=now)
            connection.execute("DELETE FROM sessions WHERE token = :id", {"id": which})
            return token

    def begin(self, session: Session, replacing: str | None = None) -> bool:
        """Keep a new session in the place of another; False where its token counts no more.

        Sessions that ended by themselves are cleared away.
        """
        with writing(self._engine) as connection:
            ended = {"now": session.created_at, "hash": replacing or ""}
            connection.execute("DELETE FROM sessions WHERE expires_at <= :now", ended)
            connection.execute("DELETE FROM sessions WHERE hash = :hash", ended)
            if session.person:
                alive = "SELECT id FROM tokens WHERE id = :id AND revoked_at IS NULL"
                if not connection.execute(alive, {"id": session.token}):
                    return False
            insert(connection, "sessions", _session_row(session))
            return True

    def session(self, hashed: str) -> tuple[Session, Token | None] | None:
        """Return a session with the token it came from; None where it ended."""
        with reading(self._engine) as connection:
            rows = connection.execute(f"{_SESSIONS} WHERE hash = :hash", {"hash": hashed})
            if not rows:
                return None
            session = _session(rows[0])
            found = connection.execute(f"{_TOKENS} WHERE id = :id", {"id": session.token})
        return session, _token(found[0]) if found else None

    def seen(self, session: Session, now: str, limits: Limits) -> None:
        """Note that a session was used, near enough."""
        before = later(now, seconds=-limits.seen_every_seconds)
        if session.last_seen_at >= before:
            return
        with writing(self._engine) as connection:
            connection.execute(_SEEN, {"now": now, "hash": session.hash, "before": before})

    def end(self, hashed: str) -> None:
        """End a session; nothing happens where there is none."""
        with writing(self._engine) as connection:
            connection.execute("DELETE FROM sessions WHERE hash = :hash", {"hash": hashed})


def forget_tokens(connection: Connection, names: tuple[str, ...]) -> int:
    """Take a person's names off their tokens and end their sessions; return how many tokens.

    The tokens count no more: nobody is left to have them.
    """
    changed = 0
    for row in connection.execute("SELECT id, person FROM tokens"):
        if without_person({"person": row["person"]}, names)["person"] != row["person"]:
            change = "UPDATE tokens SET person = :person, note = '', hash = :hash WHERE id = :id"
            gone = {"person": FORGOTTEN, "hash": f"{FORGOTTEN}-{row['id']}", "id": row["id"]}
            connection.execute(change, gone)
            connection.execute("DELETE FROM sessions WHERE token = :id", {"id": row["id"]})
            changed += 1
    return changed


def difference(connection: Connection) -> Difference | None:
    """Return the first token that is not what its entries make of it."""
    wanted: dict[str, dict[str, Any]] = {}
    for entry in entries(connection, "token."):
        if entry.type == EntryType.TOKEN_CREATED:
            wanted[entry.subject] = {**json.loads(entry.body), "revoked_at": None}
        elif entry.subject in wanted:
            wanted[entry.subject]["revoked_at"] = entry.recorded_at
    found = {row["id"]: _said(_token(row)) for row in connection.execute(_TOKENS)}
    for identity in sorted(found.keys() | wanted.keys()):
        told, kept = wanted.get(identity), found.get(identity)
        if kept is not None and kept["person"] == FORGOTTEN and told is not None:
            told = told | {"seal": kept["seal"], "note": kept["note"]}
        if told != kept:
            return Difference(
                kind="table",
                place=f"tokens {identity}",
                expected="a row" if told is not None else "no row",
                found="another row" if kept is not None else "none",
            )
    return None


def _said(token: Token) -> dict[str, Any]:
    """Return what an entry says of a token: never its hash, but the digest of that."""
    told = msgspec.to_builtins(token) | {"scopes": ",".join(token.scopes)}
    return {name: told[name] for name in _DECIDED} | {"seal": sha256_hex(token.hash.encode())}


def _created(token: Token, actor: Actor) -> Draft:
    body = _said(token)
    del body["revoked_at"]
    return Draft(
        type=EntryType.TOKEN_CREATED.value,
        subject=token.id,
        actor=actor,
        body=body,
        claimed_at=token.created_at,
        recorded_at=token.created_at,
        idempotency_key=f"{EntryType.TOKEN_CREATED}:{token.id}",
    )


def _revoked(token: Token, actor: Actor, now: str, reason: str) -> Draft:
    return Draft(
        type=EntryType.TOKEN_REVOKED.value,
        subject=token.id,
        actor=actor,
        body={"person": token.person, "reason": reason},
        claimed_at=now,
        recorded_at=now,
        idempotency_key=f"{EntryType.TOKEN_REVOKED}:{token.id}",
    )


def _token_row(token: Token) -> Row:
    return msgspec.structs.asdict(token) | {"scopes": ",".join(token.scopes)}


def _token(row: Row) -> Token:
    return Token(**(row | {"scopes": _scopes(row["scopes"])}))


def _session_row(session: Session) -> Row:
    return msgspec.structs.asdict(session) | {"scopes": ",".join(session.scopes)}


def _session(row: Row) -> Session:
    return Session(**(row | {"scopes": _scopes(row["scopes"])}))


def _scopes(text: str) -> tuple[Scope, ...]:
    """Return the scopes of a row; one that this Pawl does not know is good for nothing."""
    known = set(Scope)
    return tuple(Scope(each) for each in text.split(",") if each in known)
