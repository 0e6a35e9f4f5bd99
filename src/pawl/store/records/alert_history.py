"""What became of alerts, out of the ledger: which fired, and which somebody acted on."""

from collections.abc import Callable, Iterable

import msgspec

from pawl.alerts.alert import Alert
from pawl.base import typed
from pawl.governance.ledger import Actor, Draft, EntryType
from pawl.store.records.connection import Connection, Engine
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import append

_ENTRIES = """
SELECT type, subject, recorded_at, body FROM ledger
WHERE type IN (:firing, :acknowledged) AND recorded_at >= :since AND recorded_at < :until
ORDER BY seq
"""
_OF_ALERTS = """
SELECT type, subject, recorded_at, body FROM ledger
WHERE type IN (:firing, :acknowledged, :resolved, :inactive) AND recorded_at < :until ORDER BY seq
"""
_BEGUN = "SELECT MIN(recorded_at) AS at FROM ledger WHERE type IN (:pending, :firing)"
_TOLD = "SELECT subject FROM ledger WHERE idempotency_key = :key"
_TESTED = "SELECT body FROM ledger WHERE type = :tested AND recorded_at < :until ORDER BY seq"


class Fired(msgspec.Struct, frozen=True, kw_only=True):
    """One firing of an alert. `acted`: somebody acknowledged it, with a word on what was done."""

    alert_id: str
    rule: str
    scope: tuple[tuple[str, str], ...]
    at: str
    acted: bool


class Firing(msgspec.Struct, frozen=True, kw_only=True):
    """One firing of an alert, whole: the alert as it was last recorded within it.

    `acted`: somebody acknowledged it with a word on what was done. `incident` is the one that this
    very firing declared, or that was open already when it told of it; empty for none.
    """

    alert: Alert
    at: str
    acted: bool = False
    resolved_at: str | None = None
    incident: str = ""


class _Body(msgspec.Struct, frozen=True):
    alert: Alert


class _Tested(msgspec.Struct, frozen=True):
    rules: tuple[str, ...]


def fired(engine: Engine, rules: Iterable[str], since: str, until: str) -> tuple[Fired, ...]:
    """Return the firings of some rules in `since <= time < until`, oldest first.

    An alert that several servers looked at counts once a firing. An acknowledgement without a
    note says that somebody saw it, and not that anybody acted.
    """
    wanted = frozenset(rules)
    asked = {
        "firing": EntryType.ALERT_FIRING.value,
        "acknowledged": EntryType.ALERT_ACKNOWLEDGED.value,
        "since": since,
        "until": until,
    }
    found: dict[tuple[str, str | None], Fired] = {}
    with reading(engine) as connection:
        rows = connection.execute(_ENTRIES, asked)
    for row in rows:
        alert = typed.decode(row["body"], type=_Body).alert
        if alert.rule not in wanted:
            continue
        key = (row["subject"], alert.fired_at)
        known = found.get(key)
        if known is None:
            known = Fired(
                alert_id=row["subject"],
                rule=alert.rule,
                scope=tuple((name, value) for name, value in alert.scope),
                at=alert.fired_at or row["recorded_at"],
                acted=False,
            )
        noted = alert.acknowledged is not None and bool(alert.acknowledged.note.strip())
        found[key] = msgspec.structs.replace(known, acted=known.acted or noted)
    return tuple(sorted(found.values(), key=lambda each: (each.at, each.alert_id)))


def begun(engine: Engine) -> str | None:
    """Return when the first alert was recorded; None where none ever was."""
    asked = {"pending": EntryType.ALERT_PENDING.value, "firing": EntryType.ALERT_FIRING.value}
    with reading(engine) as connection:
        rows = connection.execute(_BEGUN, asked)
    return None if not rows or rows[0]["at"] is None else str(rows[0]["at"])


def firings(
    engine: Engine, since: str, until: str, told: Callable[[Alert], str]
) -> tuple[Firing, ...]:
    """Return every firing that began in `since <= time < until`, oldest first.

    `told` gives the key under which a firing is told to the desk of incidents.
    """
    asked = {
        "firing": EntryType.ALERT_FIRING.value,
        "acknowledged": EntryType.ALERT_ACKNOWLEDGED.value,
        "resolved": EntryType.ALERT_RESOLVED.value,
        "inactive": EntryType.ALERT_INACTIVE.value,
        "until": until,
    }
    found: dict[tuple[str, str], Firing] = {}
    with reading(engine) as connection:
        for row in connection.execute(_OF_ALERTS, asked):
            alert = typed.decode(row["body"], type=_Body).alert
            at = alert.fired_at
            if at is None or not since <= at < until:
                continue
            known = found.get((row["subject"], at))
            if known is None and row["type"] != EntryType.ALERT_FIRING.value:
                continue  # It went quiet before it fired.
            noted = alert.acknowledged is not None and bool(alert.acknowledged.note.strip())
            ended = alert.resolved_at if (alert.resolved_at or "") >= at else None
            found[(row["subject"], at)] = Firing(
                alert=alert,
                at=at,
                acted=noted or (known is not None and known.acted),
                resolved_at=ended or (None if known is None else known.resolved_at),
            )
        return tuple(
            msgspec.structs.replace(each, incident=_told_of(connection, told(each.alert)))
            for each in sorted(found.values(), key=lambda one: (one.at, one.alert.id))
        )


def _told_of(connection: Connection, key: str) -> str:
    rows = connection.execute(_TOLD, {"key": key})
    return str(rows[0]["subject"]) if rows else ""


def record_tested(engine: Engine, rules: Iterable[str], actor: Actor, now: str) -> None:
    """Record which alert rules their canned sessions set off, and whose quiet ones did not."""
    draft = Draft(
        type=EntryType.RULES_TESTED.value,
        subject="alerts",
        actor=actor,
        body={"rules": sorted(rules)},
        claimed_at=now,
        recorded_at=now,
        idempotency_key=f"{EntryType.RULES_TESTED.value}:{now}",
    )
    with writing(engine) as connection:
        append(connection, draft)


def rules_tested(engine: Engine, until: str) -> tuple[str, ...]:
    """Return the alert rules that a replayed session set off when somebody had them tested."""
    asked = {"tested": EntryType.RULES_TESTED.value, "until": until}
    with reading(engine) as connection:
        rows = connection.execute(_TESTED, asked)
    told = [typed.decode(row["body"], type=_Tested).rules for row in rows]
    return tuple(sorted({rule for rules in told for rule in rules}))
