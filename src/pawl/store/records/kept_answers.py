"""Answers to changing requests, kept for whoever sends the same request again.

A key is claimed before anything is done, so that it can never stand for another request. Whether
what a request asks happens once is for the command it gives, which carries the same key.
"""

import msgspec

from pawl.governance.forgetting import normal
from pawl.store.records.connection import Connection, Engine, insert
from pawl.store.records.engine import writing

UNKNOWN = 0
"""The status of a request whose answer is not there yet."""
_FIND = """
SELECT request_hash, status, body FROM kept_answers WHERE principal = :principal AND "key" = :key
"""
_KEEP = """
UPDATE kept_answers SET status = :status, body = :body
WHERE principal = :principal AND "key" = :key
"""
_DROP = """
DELETE FROM kept_answers WHERE principal = :principal AND "key" = :key AND status = :unknown
"""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was sent before, and what it was answered; `status` may be UNKNOWN."""

    request_hash: str
    status: int
    body: str


class KeptAnswers:
    """The requests of the last days by who sent them and under which key."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(
        self, principal: str, key: str, request_hash: str, now: str, until: str
    ) -> Kept | None:
        """Claim a key; return what is kept of an earlier request under it, or None when claimed.

        What is older than `until` said is cleared away.
        """
        with writing(self._engine) as connection:
            connection.execute("DELETE FROM kept_answers WHERE kept_until <= :now", {"now": now})
            found = connection.execute(_FIND, {"principal": principal, "key": key})
            if found:
                return Kept(**found[0])
            row = {
                "principal": principal,
                "key": key,
                "request_hash": request_hash,
                "status": UNKNOWN,
                "body": "",
                "kept_until": until,
            }
            insert(connection, "kept_answers", row)
            return None

    def keep(self, principal: str, key: str, status: int, body: str) -> None:
        """Keep the answer to a request whose key was claimed."""
        with writing(self._engine) as connection:
            told = {"principal": principal, "key": key, "status": status, "body": body}
            connection.execute(_KEEP, told)

    def release(self, principal: str, key: str) -> None:
        """Give a key back where nothing was done under it."""
        with writing(self._engine) as connection:
            told = {"principal": principal, "key": key, "unknown": UNKNOWN}
            connection.execute(_DROP, told)


def forget_answers(connection: Connection, names: tuple[str, ...]) -> None:
    """Drop the answers that were given to a person or in which their name stands.

    Whoever sends such a request again is answered anew.
    """
    known = tuple(map(normal, names))
    drop = 'DELETE FROM kept_answers WHERE principal = :principal AND "key" = :key'
    for row in connection.execute('SELECT principal, "key", body FROM kept_answers'):
        text = f"{row['principal']} {row['body']}".lower()
        if any(name in text for name in known):
            connection.execute(drop, {"principal": row["principal"], "key": row["key"]})
