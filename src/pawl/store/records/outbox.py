"""The outbox: notices written in the transaction that decided them, and sent afterwards.

A row is a notice to one channel. It is `waiting`, claimed for a while by one sender, and ends as
`sent` or `dead`. A sender that dies leaves a claim that runs out, so the notice is sent again:
at least once, under the same id. Nothing leaves this table unsent but by a person's will.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from pawl.alerts.alert import Notice
from pawl.alerts.budget_letter import UNROUTED
from pawl.alerts.instants import instant, seconds
from pawl.base import typed
from pawl.governance.ledger import Actor, Draft, EntryType
from pawl.store.records.connection import Connection, Engine, Row
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import OF_SUBJECT, append

WAITING, SENT, DEAD = "waiting", "sent", "dead"
DIED = "whoever sent it died every time."
_FAILURE = 500
"""Characters of a failure that are kept."""

_ENQUEUE = """
INSERT INTO outbox (id, channel, state, attempts, due_at, created_at, failure, body)
VALUES (:id, :channel, 'waiting', 0, :now, :now, '', :body)
ON CONFLICT (id, channel) DO NOTHING
"""
_BURY = """
UPDATE outbox SET state = 'dead', ended_at = :now, failure = :failure, claimed_by = NULL,
    claimed_until = NULL
WHERE channel = :channel AND state = 'waiting' AND attempts >= :most AND claimed_until <= :now
"""
_CLAIM = """
UPDATE outbox SET attempts = attempts + 1, claimed_by = :sender, claimed_until = :until
WHERE state = 'waiting' AND channel = :channel AND id = (
    SELECT id FROM outbox
    WHERE channel = :channel AND state = 'waiting' AND due_at <= :now
        AND (claimed_until IS NULL OR claimed_until <= :now)
    ORDER BY due_at, created_at, id LIMIT 1)
RETURNING id, channel, attempts, body
"""
_DUE = """
SELECT id FROM outbox
WHERE channel = :channel AND state = 'waiting' AND due_at <= :now
    AND (claimed_until IS NULL OR claimed_until <= :now)
LIMIT 1
"""
_SENT = """
UPDATE outbox SET state = 'sent', ended_at = :now, failure = '', claimed_by = NULL,
    claimed_until = NULL
WHERE id = :id AND channel = :channel
"""
_AGAIN = """
UPDATE outbox SET due_at = :due, failure = :failure, claimed_by = NULL, claimed_until = NULL
WHERE id = :id AND channel = :channel AND state = 'waiting' AND claimed_by = :sender
    AND attempts = :attempts
"""
_DEAD = """
UPDATE outbox SET state = 'dead', ended_at = :now, failure = :failure, claimed_by = NULL,
    claimed_until = NULL
WHERE id = :id AND channel = :channel AND state = 'waiting' AND claimed_by = :sender
    AND attempts = :attempts
"""
_RESEND = """
UPDATE outbox SET state = 'waiting', attempts = 0, due_at = :now, ended_at = NULL
WHERE id = :id AND channel = :channel AND state = 'dead'
RETURNING id
"""
_RESENT = f"SELECT COUNT(*) AS times {OF_SUBJECT}"
_LETTER = """SELECT id, channel, state, attempts, due_at, created_at, ended_at, failure, body
FROM outbox"""
_OF_STATE = f"""{_LETTER} WHERE state = :state AND channel <> :unrouted
ORDER BY created_at DESC, id LIMIT :limit"""
_ONE = f"{_LETTER} WHERE id = :id AND channel = :channel"
_COUNTS = """SELECT channel, state, COUNT(*) AS letters FROM outbox WHERE channel <> :unrouted
GROUP BY channel, state"""
_UNROUTED = "SELECT id, body FROM outbox WHERE channel = :channel AND state = 'waiting'"
_PRUNE = "DELETE FROM outbox WHERE state = 'sent' AND ended_at < :before"


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that one sender has for a while. `attempts` counts this one."""

    notice: Notice
    channel: str
    attempts: int


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A notice to one channel, and what became of it so far."""

    id: str
    channel: str
    state: str
    attempts: int
    due_at: str
    created_at: str
    ended_at: str | None
    failure: str
    notice: Notice


def enqueue(connection: Connection, notice: Notice, channels: Iterable[str], now: str) -> None:
    """Put a notice in for some channels, in the caller's transaction; known ids change nothing."""
    body = msgspec.json.encode(notice).decode()
    for channel in channels:
        values = {"id": notice.id, "channel": channel, "now": now, "body": body}
        connection.execute(_ENQUEUE, values)


class OutboxRecords:
    """The outbox of all servers on these records."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, notice: Notice, channels: Iterable[str], now: str) -> None:
        """Put a notice in for some channels in a transaction of its own."""
        with writing(self._engine) as connection:
            enqueue(connection, notice, channels, now)

    def claim(
        self, channel: str, sender: str, now: str, *, lease_s: float, most: int
    ) -> Claimed | None:
        """Return the notice longest due to a channel, for `lease_s` seconds; None without one.

        A notice claimed `most` times in vain by senders that died is dead.
        """
        due = {"channel": channel, "now": now}
        with reading(self._engine) as connection:  # Looking costs no writer anything.
            if not connection.execute(_DUE, due):
                return None
        with writing(self._engine) as connection:
            connection.execute(_BURY, due | {"most": most, "failure": DIED})
            until = instant(seconds(now) + lease_s)
            rows = connection.execute(_CLAIM, due | {"sender": sender, "until": until})
        for row in rows:
            notice = typed.decode(row["body"], type=Notice)
            return Claimed(notice=notice, channel=row["channel"], attempts=row["attempts"])
        return None

    def sent(self, claimed: Claimed, now: str) -> None:
        """Note that a notice was taken. It was, even if the claim has run out meanwhile."""
        with writing(self._engine) as connection:
            connection.execute(_SENT, _key(claimed) | {"now": now})

    def failed(
        self, claimed: Claimed, sender: str, now: str, why: str, again_at: str | None
    ) -> None:
        """Note that a notice was not taken: it is due again at a time, or dead without one.

        Changes nothing when the claim has run out and another sender has it.
        """
        values = _key(claimed) | {
            "sender": sender,
            "attempts": claimed.attempts,
            "failure": why[:_FAILURE],
        }
        with writing(self._engine) as connection:
            if again_at is None:
                connection.execute(_DEAD, values | {"now": now})
            else:
                connection.execute(_AGAIN, values | {"due": again_at})

    def forward(self, to: Callable[[Notice], Iterable[Notice]], now: str, keep_s: float) -> int:
        """Put in for channels what machines without any left; return how many were taken.

        `to` says what channels are told of one. One that waited longer than `keep_s` seconds is
        no news any more, and nobody is told.
        """
        unrouted = {"channel": UNROUTED}
        with reading(self._engine) as connection:  # Looking costs no writer anything.
            if not connection.execute(_UNROUTED, unrouted):
                return 0
        oldest = instant(seconds(now) - keep_s)
        with writing(self._engine) as connection:
            rows = connection.execute(_UNROUTED, unrouted)
            for row in rows:
                notice = typed.decode(row["body"], type=Notice)
                for letter in to(notice) if notice.at >= oldest else ():
                    enqueue(connection, letter, (letter.route,), now)
                connection.execute(_SENT, {"id": row["id"], "now": now} | unrouted)
        return len(rows)

    def resend(self, identity: str, channel: str, actor: Actor, now: str) -> bool:
        """Let a dead notice wait again, as new; False when there is no such dead notice."""
        with writing(self._engine) as connection:
            key = {"id": identity, "channel": channel}
            if not connection.execute(_RESEND, key | {"now": now}):
                return False
            kind = EntryType.NOTICE_RESENT.value
            (known,) = connection.execute(_RESENT, {"subject": identity, "type": kind})
            draft = Draft(
                type=kind,
                subject=identity,
                actor=actor,
                body={"channel": channel},
                claimed_at=now,
                recorded_at=now,
                idempotency_key=f"{kind}:{identity}:{known['times']}",
            )
            append(connection, draft)
            return True

    def letter(self, identity: str, channel: str) -> Letter | None:
        """Return what became of a notice to a channel."""
        with reading(self._engine) as connection:
            rows = connection.execute(_ONE, {"id": identity, "channel": channel})
        return _letter(rows[0]) if rows else None

    def letters(self, state: str, limit: int = 200) -> tuple[Letter, ...]:
        """Return the newest notices in a state: `waiting`, `sent` or `dead`."""
        asked = {"state": state, "limit": limit, "unrouted": UNROUTED}
        with reading(self._engine) as connection:
            rows = connection.execute(_OF_STATE, asked)
        return tuple(_letter(row) for row in rows)

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many notices are in which state, by channel."""
        found: dict[str, dict[str, int]] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(_COUNTS, {"unrouted": UNROUTED}):
                found.setdefault(row["channel"], {})[row["state"]] = row["letters"]
        return found

    def prune(self, before: str) -> None:
        """Forget notices that were sent before a time; dead ones stay."""
        with writing(self._engine) as connection:
            connection.execute(_PRUNE, {"before": before})


def _key(claimed: Claimed) -> dict[str, Any]:
    return {"id": claimed.notice.id, "channel": claimed.channel}


def _letter(row: Row) -> Letter:
    notice = typed.decode(row["body"], type=Notice)
    return Letter(**{name: value for name, value in row.items() if name != "body"}, notice=notice)
