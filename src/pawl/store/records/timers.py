"""Timers as rows, claimed by update-where, and heartbeats that prove who still lives.

A timer that is overdue fires once, whatever number of servers wake up for it. One server keeps
a timer as long as it fires it: another takes it over only when it is overdue by `stale_s`, so
that two servers which have seen different events do not take turns.
"""

import msgspec

from pawl.alerts.instants import instant, seconds
from pawl.store.records.connection import Connection, Engine
from pawl.store.records.engine import reading, writing

_MAKE = """
INSERT INTO timers (name, due_at) VALUES (:name, :now) ON CONFLICT (name) DO NOTHING
"""
_CLAIM = """
UPDATE timers SET fired_at = :now, due_at = :due, holder = :holder
WHERE name = :name AND due_at <= :now
    AND (holder IS NULL OR holder = :holder OR due_at <= :stale)
RETURNING name
"""
_RELEASE = "UPDATE timers SET holder = NULL WHERE name = :name AND holder = :holder"
_BEAT = """
INSERT INTO heartbeats (name, at, failure) VALUES (:name, :now, :failure)
ON CONFLICT (name) DO UPDATE SET at = :now, failure = :failure
"""
_BEATS = "SELECT name, at, failure FROM heartbeats ORDER BY name"


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """When something last proved that it lives. `failure` is empty while it does its work."""

    name: str
    at: str
    failure: str = ""


class TimerRecords:
    """Timers and heartbeats of all servers on these records."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def release(self, name: str, holder: str) -> None:
        """Let another server have a timer at once."""
        with writing(self._engine) as connection:
            connection.execute(_RELEASE, {"name": name, "holder": holder})

    def fire(self, name: str, holder: str, now: str, *, every_s: float, stale_s: float) -> bool:
        """Fire a timer that is due; False when it is not ours to fire."""
        with writing(self._engine) as connection:
            return claim(connection, name, holder, now, every_s=every_s, stale_s=stale_s)

    def beat(self, name: str, now: str, failure: str = "") -> None:
        """Note that something lives, and what keeps it from its work."""
        with writing(self._engine) as connection:
            beat(connection, name, now, failure)

    def heartbeats(self) -> dict[str, Heartbeat]:
        """Return the last heartbeat of each."""
        with reading(self._engine) as connection:
            return {row["name"]: Heartbeat(**row) for row in connection.execute(_BEATS)}


def claim(
    connection: Connection, name: str, holder: str, now: str, *, every_s: float, stale_s: float
) -> bool:
    """Fire a timer that is due, in the caller's transaction; False when it is not ours to fire.

    A timer that nobody made is due at once. It is due again `every_s` from now.
    """
    at = seconds(now)
    values = {
        "name": name,
        "holder": holder,
        "now": now,
        "due": instant(at + every_s),
        "stale": instant(at - stale_s),
    }
    connection.execute(_MAKE, {"name": name, "now": now})
    return bool(connection.execute(_CLAIM, values))


def beat(connection: Connection, name: str, now: str, failure: str = "") -> None:
    """Note in the caller's transaction that something lives."""
    connection.execute(_BEAT, {"name": name, "now": now, "failure": failure[:500]})
