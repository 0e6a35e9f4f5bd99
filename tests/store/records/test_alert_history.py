"""What became of alerts is told out of the ledger, and an assessment hears of it."""

import msgspec

from pawl.alerts.alert import Acknowledgement, Alert
from pawl.alerts.reading import Level
from pawl.alerts.state import State
from pawl.governance.ledger import PAWL, Draft, EntryType
from pawl.store.records.alert_history import Fired, fired, record_tested, rules_tested
from pawl.store.records.connection import Engine
from pawl.store.records.engine import writing
from pawl.store.records.ledger import append

RULES = ("cost-over-threshold",)


def at(minute: int) -> str:
    """Return an instant of one hour."""
    return f"2026-11-21T10:{minute:02d}:00.000000Z"


def tell(engine: Engine, kind: EntryType, alert: Alert, now: str, store: str = "here") -> None:
    """Append an entry about an alert, as a look does."""
    body = {"store": store, "alert": msgspec.json.decode(msgspec.json.encode(alert))}
    draft = Draft(
        type=kind.value,
        subject=alert.id,
        actor=PAWL,
        body=body,
        claimed_at=now,
        recorded_at=now,
        idempotency_key=f"{kind}:{alert.id}:{now}:{store}",
    )
    with writing(engine) as connection:
        assert append(connection, draft) is not None


def alert(rule: str = "cost-over-threshold", project: str = "shop", **told: object) -> Alert:
    """Return a firing alert of one project."""
    made = Alert(
        rule=rule,
        level=Level.CRITICAL,
        scope=(("project", project),),
        state=State.FIRING,
        fired_at=at(1),
    )
    return msgspec.structs.replace(made, **told)


def noted(by: str, note: str) -> Acknowledgement:
    """Return an acknowledgement."""
    return Acknowledgement(by=by, at=at(5), note=note)


def test_a_firing_that_somebody_acted_on_says_so(engine: Engine) -> None:
    """Two servers saw one firing; one acknowledgement with a word is what counts."""
    one, other = alert(), alert(project="bank")
    tell(engine, EntryType.ALERT_FIRING, one, at(1))
    tell(engine, EntryType.ALERT_FIRING, one, at(1), store="there")
    tell(engine, EntryType.ALERT_FIRING, other, at(2))
    tell(engine, EntryType.ALERT_FIRING, alert("stuck-loop"), at(2))
    seen = msgspec.structs.replace(other, acknowledged=noted("ada", "  "))
    tell(engine, EntryType.ALERT_ACKNOWLEDGED, seen, at(5))
    acted = msgspec.structs.replace(one, acknowledged=noted("ada", "turned the cron job off"))
    tell(engine, EntryType.ALERT_ACKNOWLEDGED, acted, at(6))
    found = fired(engine, RULES, at(0), at(59))
    assert {(dict(each.scope)["project"], each.acted) for each in found} == {
        ("shop", True),
        ("bank", False),
    }
    assert fired(engine, RULES, at(10), at(59)) == ()
    assert all(isinstance(each, Fired) and each.at == at(1) for each in found)


def test_a_later_firing_is_another_one(engine: Engine) -> None:
    """What was done about the first says nothing of the second."""
    first, again = alert(), alert(fired_at=at(30))
    tell(engine, EntryType.ALERT_FIRING, first, at(1))
    done = msgspec.structs.replace(first, acknowledged=noted("ada", "raised the limit"))
    tell(engine, EntryType.ALERT_ACKNOWLEDGED, done, at(5))
    tell(engine, EntryType.ALERT_FIRING, again, at(30))
    assert [each.acted for each in fired(engine, RULES, at(0), at(59))] == [True, False]


def test_rules_that_were_tested_are_known(engine: Engine) -> None:
    """Each once, and none before it was tested."""
    assert rules_tested(engine, at(59)) == ()
    record_tested(engine, ["stuck-loop", "cost-anomaly"], PAWL, at(3))
    record_tested(engine, ["stuck-loop"], PAWL, at(4))
    assert rules_tested(engine, at(59)) == ("cost-anomaly", "stuck-loop")
    assert rules_tested(engine, at(2)) == ()
