"""What became of alerts, out of the ledger: which fired, and which somebody acted on."""

from collections.abc import Iterable

import msgspec

from pawl.alerts.alert import Alert
from pawl.base import typed
from pawl.governance.ledger import Actor, Draft, EntryType
from pawl.store.records.connection import Engine
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import append

_ENTRIES = """
SELECT type, subject, recorded_at, body FROM ledger
WHERE type IN (:firing, :acknowledged) AND recorded_at >= :since AND recorded_at < :until
ORDER BY seq
"""
_TESTED = "SELECT body FROM ledger WHERE type = :tested AND recorded_at < :until ORDER BY seq"


class Fired(msgspec.Struct, frozen=True, kw_only=True):
    """One firing of an alert. `acted`: somebody acknowledged it, with a word on what was done."""

    alert_id: str
    rule: str
    scope: tuple[tuple[str, str], ...]
    at: str
    acted: bool


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
