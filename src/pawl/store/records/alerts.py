"""Alerts in the records. A look decides inside the transaction that keeps it.

What was decided is in the ledger and in `alerts`, which is made of it; `alert_looks` and
`alert_memory` are what the next look starts from. `store` names the events that were looked at:
servers on one store take turns by a timer, servers on different ones keep alerts of their own.
"""

from collections.abc import Callable

import msgspec

from pawl.alerts.alert import Alert, Alerts, LogEntry, Notice, Silence
from pawl.alerts.instants import instant, seconds
from pawl.base import typed
from pawl.governance.ledger import PAWL, Actor, Draft, EntryType
from pawl.store.records.alert_rows import alert_row, plain, transition
from pawl.store.records.connection import Connection, Engine
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import append
from pawl.store.records.outbox import enqueue
from pawl.store.records.silences import standing
from pawl.store.records.timers import beat, claim

_BODY = "SELECT body FROM alerts WHERE store = :store AND id = :id"
_LOOKS = "SELECT id, body FROM alert_looks WHERE store = :store ORDER BY id"
_ALL_LOOKS = "SELECT store, body FROM alert_looks ORDER BY store, id"
_KEEP_LOOK = """
INSERT INTO alert_looks (store, id, body) VALUES (:store, :id, :body)
ON CONFLICT (store, id) DO UPDATE SET body = :body
"""
_DROP_LOOK = "DELETE FROM alert_looks WHERE store = :store AND id = :id"
_DROP = "DELETE FROM alerts WHERE store = :store AND id = :id RETURNING id"
_KEEP = """
INSERT INTO alerts (store, id, rule, level, state, since, body)
VALUES (:store, :id, :rule, :level, :state, :since, :body)
ON CONFLICT (store, id) DO UPDATE SET state = :state, since = :since, body = :body
"""
_MEMORY = "SELECT revision, body FROM alert_memory WHERE store = :store"
_REMEMBER = """
INSERT INTO alert_memory (store, revision, body) VALUES (:store, 1, :body)
ON CONFLICT (store) DO UPDATE SET revision = alert_memory.revision + 1, body = :body
"""
_STORES = "SELECT store FROM alert_memory ORDER BY store"
_COUNT = "SELECT COUNT(*) AS entries FROM ledger WHERE subject = :id"
_LOG = """
INSERT INTO alert_log (store, alert_id, at, event, body)
VALUES (:store, :alert_id, :at, :event, :body)
ON CONFLICT (store, alert_id, at, event) DO NOTHING
"""
_LOGGED = "SELECT body FROM alert_log ORDER BY at DESC, alert_id LIMIT :limit"
_PRUNE_LOG = "DELETE FROM alert_log WHERE at < :before"


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What a look made of the alerts: notices with the channels they go to, and why what was."""

    alerts: Alerts
    notices: tuple[tuple[Notice, tuple[str, ...]], ...] = ()
    log: tuple[LogEntry, ...] = ()


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as the latest look found it, and of which events."""

    store: str
    alert: Alert


Decide = Callable[[Alerts, tuple[Silence, ...]], Decided]


class AlertRecords:
    """Alerts of all servers on these records."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._cached: dict[str, tuple[int, Alerts]] = {}

    def look(
        self, store: str, holder: str, now: str, decide: Decide, *, every_s: float, stale_s: float
    ) -> Decided | None:
        """Let `decide` look at the alerts and keep what it decided, at once or not at all.

        None when the timer is not due, or another server has it. Notices are in the outbox
        afterwards, in the same transaction, and the heartbeat of the timer is written.
        """
        name = timer_name(store)
        with writing(self._engine) as connection:
            if not claim(connection, name, holder, now, every_s=every_s, stale_s=stale_s):
                return None
            revision, before = self._before(connection, store)
            decided = decide(before, standing(connection, now))
            _keep(connection, store, before, decided, now, PAWL)
            beat(connection, name, now)
        self._cached[store] = (revision + 1, decided.alerts)
        return decided

    def by_hand(
        self, identity: str, decide: Callable[[Alerts], Decided], actor: Actor, now: str
    ) -> None:
        """Keep what a person does to the alert whose id begins so; `decide` may refuse.

        An alert of several events stores is one to whoever names it.
        """
        with writing(self._engine) as connection:
            stores = [row["store"] for row in connection.execute(_STORES)]
            found = {store: self._before(connection, store)[1] for store in stores}
            named = [
                (store, alert)
                for store, before in found.items()
                for alert in before.alerts
                if identity and alert.id.startswith(identity)
            ]
            if len({alert.id for _, alert in named}) != 1:
                decide(Alerts(alerts=tuple(alert for _, alert in named)))  # Which refuses.
                return
            for store, _ in named:
                _keep(connection, store, found[store], decide(found[store]), now, actor)

    def alerts(self) -> tuple[Kept, ...]:
        """Return every alert as the latest look found it."""
        with reading(self._engine) as connection:
            rows = connection.execute(_ALL_LOOKS)
        return tuple(
            Kept(store=row["store"], alert=typed.decode(row["body"], type=Alert)) for row in rows
        )

    def log(self, limit: int = 200) -> tuple[LogEntry, ...]:
        """Return why something happened, or did not, the newest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(_LOGGED, {"limit": limit})
        return tuple(typed.decode(row["body"], type=LogEntry) for row in rows)

    def prune(self, now: str, keep_s: float) -> None:
        """Forget what was logged longer than `keep_s` seconds ago; the ledger forgets nothing."""
        with writing(self._engine) as connection:
            connection.execute(_PRUNE_LOG, {"before": instant(seconds(now) - keep_s)})

    def _before(self, connection: Connection, store: str) -> tuple[int, Alerts]:
        rows = connection.execute(_MEMORY, {"store": store})
        if not rows:
            return 0, Alerts()
        revision = int(rows[0]["revision"])
        cached = self._cached.get(store)
        if cached is not None and cached[0] == revision:
            return cached
        memory = typed.decode(rows[0]["body"], type=Alerts)
        looks = connection.execute(_LOOKS, {"store": store})
        found = tuple(typed.decode(row["body"], type=Alert) for row in looks)
        return revision, msgspec.structs.replace(memory, alerts=found)


def timer_name(store: str) -> str:
    """Return the name of the timer that looks at the alerts of one events store."""
    return f"alerts:{store}"


def _keep(
    connection: Connection, store: str, before: Alerts, decided: Decided, now: str, actor: Actor
) -> None:
    """Write what changed; the memory's revision goes up by one."""
    known = {alert.id: alert for alert in before.alerts}
    why = {entry.alert_id: entry.reason for entry in decided.log}
    for alert in decided.alerts.alerts:
        identity = alert.id
        old = known.pop(identity, None)
        if old is not None and _same(old, alert):
            continue
        kind = transition(_recorded(connection, store, identity), alert)
        if kind is not None:
            _record(connection, store, alert, kind, actor, now, why.get(identity, alert.summary))
        _keep_look(connection, store, alert)
    for identity in known:
        connection.execute(_DROP_LOOK, {"store": store, "id": identity})
        if connection.execute(_DROP, {"store": store, "id": identity}):
            gone: dict[str, object] = {"store": store, "why": why.get(identity, "")}
            _append(connection, EntryType.ALERT_FORGOTTEN, identity, gone, actor, now)
    for notice, channels in decided.notices:
        enqueue(connection, notice, channels, now)
    for entry in decided.log:
        values = {"store": store, "alert_id": entry.alert_id, "at": entry.at, "event": entry.event}
        body_text = msgspec.json.encode(entry).decode()
        connection.execute(_LOG, values | {"body": body_text})
    memory = msgspec.structs.replace(decided.alerts, alerts=())
    text = msgspec.json.encode(memory).decode()
    connection.execute(_REMEMBER, {"store": store, "body": text})


def _same(old: Alert, new: Alert) -> bool:
    """Whether two looks differ in nothing but when they were."""
    return msgspec.structs.replace(old, looked_at=new.looked_at) == new


def _recorded(connection: Connection, store: str, identity: str) -> Alert | None:
    rows = connection.execute(_BODY, {"store": store, "id": identity})
    return typed.decode(rows[0]["body"], type=Alert) if rows else None


def _keep_look(connection: Connection, store: str, alert: Alert) -> None:
    body = msgspec.json.encode(alert).decode()
    connection.execute(_KEEP_LOOK, {"store": store, "id": alert.id, "body": body})


def _record(
    connection: Connection,
    store: str,
    alert: Alert,
    kind: EntryType,
    actor: Actor,
    now: str,
    why: str,
) -> None:
    body = {"store": store, "alert": plain(alert), "why": why}
    _append(connection, kind, alert.id, body, actor, now)
    connection.execute(_KEEP, alert_row(body, alert.id))


def _append(
    connection: Connection,
    kind: EntryType,
    identity: str,
    body: dict[str, object],
    actor: Actor,
    now: str,
) -> None:
    (known,) = connection.execute(_COUNT, {"id": identity})
    draft = Draft(
        type=kind.value,
        subject=identity,
        actor=actor,
        body=body,
        claimed_at=now,
        recorded_at=now,
        idempotency_key=f"{kind.value}:{identity}:{known['entries']}",
    )
    append(connection, draft)
