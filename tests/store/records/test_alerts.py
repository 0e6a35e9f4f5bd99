"""Alerts in the records: one look at a time, everything it decided or nothing, all replayable."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from tests.alerts.made_alerts import START, a_line, a_notice, alerts, an_alert, later

from pawl.alerts import by_hand
from pawl.alerts.alert import Alerts, Silence
from pawl.alerts.state import State
from pawl.base.errors import BadValue
from pawl.governance.ledger import PAWL, Actor
from pawl.store.records.alerts import AlertRecords, Decide, Decided, timer_name
from pawl.store.records.check import check
from pawl.store.records.engine import Engine, writing
from pawl.store.records.outbox import OutboxRecords
from pawl.store.records.silences import SilenceRecords
from pawl.store.records.timers import TimerRecords

ANN = Actor(person="ann", source="login", assurance="observed")
EVERY, STALE = 3.0, 15.0


def look(
    records: AlertRecords,
    found: Alerts,
    *,
    at: float = 0.0,
    holder: str = "one",
    store: str = "here",
    **told: object,
) -> Decided | None:
    """Look with a decision made beforehand."""
    decided = Decided(alerts=msgspec.structs.replace(found, looked_at=later(at)), **told)  # type: ignore[arg-type]
    return records.look(
        store, holder, later(at), lambda before, silences: decided, every_s=EVERY, stale_s=STALE
    )


def noting(told: list[tuple[Alerts, tuple[Silence, ...]]]) -> Decide:
    """Return a decision that changes nothing and notes what it was given."""

    def decide(before: Alerts, silences: tuple[Silence, ...]) -> Decided:
        told.append((before, silences))
        return Decided(alerts=before)

    return decide


def closing(identity: str) -> Callable[[Alerts], Decided]:
    """Return what closes an alert."""

    def decide(before: Alerts) -> Decided:
        step = by_hand.close(before, identity, by="ann", note="", now=later(1))
        return Decided(alerts=step.alerts, log=step.log)

    return decide


def entries(engine: Engine) -> list[tuple[str, str]]:
    """Return the ledger's entries: type and who acted."""
    with writing(engine) as connection:
        rows = connection.execute("SELECT type, actor FROM ledger ORDER BY seq")
    return [(row["type"], msgspec.json.decode(row["actor"])["person"]) for row in rows]


def assert_replays(engine: Engine) -> None:
    """The tables are what the ledger makes of them."""
    report = check(engine, replay=True)
    assert report.intact, report.difference


def test_each_transition_is_an_entry_and_a_look_without_one_is_none(engine: Engine) -> None:
    """Pending, firing and resolved are in the ledger; a value that goes up is not."""
    records = AlertRecords(engine)
    firing = an_alert()
    moved = [
        an_alert(state=State.PENDING),
        firing,
        msgspec.structs.replace(firing, value=9.0, summary="9 % of the calls failed."),
        msgspec.structs.replace(firing, blind_since=later(9)),
        msgspec.structs.replace(firing, blind_since=None),
        msgspec.structs.replace(firing, state=State.RESOLVED, since=later(15)),
    ]
    for number, alert in enumerate(moved):
        assert look(records, alerts(alert), at=number * 3.0)
        (kept,) = records.alerts()
        assert kept.alert == alert
        assert_replays(engine)
    look(records, alerts(), at=18)
    assert records.alerts() == ()
    kinds = ["pending", "firing", "blind", "seeing", "resolved", "forgotten"]
    assert entries(engine) == [(f"alert.{kind}", PAWL.person) for kind in kinds]
    assert_replays(engine)


def test_a_rule_that_cannot_see_is_kept_without_an_entry(engine: Engine) -> None:
    """An alert that never was more than blind is shown, and decided nothing."""
    records = AlertRecords(engine)
    blind = an_alert(state=State.INACTIVE, blind_since=START)
    look(records, alerts(blind))
    assert [kept.alert for kept in records.alerts()] == [blind]
    assert entries(engine) == []
    assert_replays(engine)


def test_a_look_keeps_all_or_nothing(engine: Engine) -> None:
    """A decision that fails leaves neither alert nor notice nor a fired timer behind."""
    records, outbox = AlertRecords(engine), OutboxRecords(engine)

    def fails(before: Alerts, silences: tuple[Silence, ...]) -> Decided:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        records.look("here", "one", START, fails, every_s=EVERY, stale_s=STALE)
    assert TimerRecords(engine).heartbeats() == {}
    notices = ((a_notice(), ("hook", "mail")), (a_notice("2"), ()))
    line = a_line(an_alert())
    assert look(records, alerts(an_alert()), notices=notices, log=(line,))
    assert outbox.counts() == {"hook": {"waiting": 1}, "mail": {"waiting": 1}}
    assert records.log() == (line,)
    assert TimerRecords(engine).heartbeats()[timer_name("here")].at == START


def test_the_next_look_begins_with_what_the_last_one_left(opened: Callable[[], Engine]) -> None:
    """Another process goes on where this one stopped, with the memory of what was told."""
    left = msgspec.structs.replace(
        alerts(an_alert()), told={"notice1": START}, seen={"error-rate|x": START}
    )
    look(AlertRecords(opened()), left)
    seen: list[Alerts] = []

    def decide(before: Alerts, silences: tuple[Silence, ...]) -> Decided:
        seen.append(before)
        return Decided(alerts=before)

    other = AlertRecords(opened())
    for at in (3.0, 6.0):
        other.look("here", "one", later(at), decide, every_s=EVERY, stale_s=STALE)
    assert seen == [left, left]


def test_one_timer_fires_once_and_stays_with_its_holder(engine: Engine) -> None:
    """Nobody looks before it is due; another server looks only when the holder went silent."""
    records = AlertRecords(engine)
    found = alerts(an_alert())
    assert look(records, found, at=0, holder="one")
    assert look(records, found, at=1, holder="one") is None
    assert look(records, found, at=4, holder="two") is None
    assert look(records, found, at=4, holder="one")
    assert look(records, found, at=7 + STALE - 1, holder="two") is None
    assert look(records, found, at=7 + STALE, holder="two")
    assert look(records, found, at=7 + STALE + 4, holder="one") is None
    TimerRecords(engine).release(timer_name("here"), "two")
    assert look(records, found, at=7 + STALE + 5, holder="one")


def test_an_overdue_timer_fires_once_after_a_restart(engine: Engine) -> None:
    """Hours without a server are made up for by one look, not by thousands."""
    records = AlertRecords(engine)
    look(records, alerts(), at=0)
    assert look(records, alerts(), at=36_000)
    assert look(records, alerts(), at=36_001) is None


def test_servers_that_look_at_once_decide_once(opened: Callable[[], Engine]) -> None:
    """Of eight looks at one instant by four servers one is kept, with one entry and one notice."""
    engines = [opened() for _ in range(4)]
    notices = ((a_notice(), ("hook",)),)

    def at_once(number: int) -> bool:
        records = AlertRecords(engines[number % 4])
        found = alerts(an_alert())
        return look(records, found, holder=f"s{number}", notices=notices) is not None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(at_once, range(8))) == 1
    assert entries(engines[0]) == [("alert.firing", "pawl")]
    assert OutboxRecords(engines[0]).counts() == {"hook": {"waiting": 1}}


def test_different_events_have_alerts_of_their_own(engine: Engine) -> None:
    """What one machine's store does not know resolves nothing that another one saw."""
    records = AlertRecords(engine)
    look(records, alerts(an_alert()), store="a")
    look(records, alerts(), store="b")
    assert [(kept.store, kept.alert.state) for kept in records.alerts()] == [("a", State.FIRING)]
    assert_replays(engine)


def test_an_acknowledgement_is_kept_with_who_and_why(engine: Engine) -> None:
    """It is in the ledger under the person, and the next look begins with it."""
    records, firing = AlertRecords(engine), an_alert()
    look(records, alerts(firing))

    def decide(before: Alerts) -> Decided:
        step = by_hand.acknowledge(before, firing.id[:8], by="ann", note="looking", now=later(1))
        return Decided(alerts=step.alerts, log=step.log)

    records.by_hand(firing.id[:8], decide, ANN, later(1))
    (kept,) = records.alerts()
    assert kept.alert.acknowledged is not None
    assert (kept.alert.acknowledged.by, kept.alert.acknowledged.note) == ("ann", "looking")
    assert entries(engine)[-1] == ("alert.acknowledged", "ann")
    seen: list[tuple[Alerts, tuple[Silence, ...]]] = []
    records.look("here", "one", later(4), noting(seen), every_s=EVERY, stale_s=STALE)
    assert seen[0][0].alerts == (kept.alert,)
    assert_replays(engine)


def test_nothing_by_hand_happens_to_an_alert_that_is_none(engine: Engine) -> None:
    """An id that no alert has is refused with a remedy, and so is one that several have."""
    records = AlertRecords(engine)
    look(records, alerts(*(an_alert(f"rule-{number}") for number in range(40))))
    ((several, _),) = Counter(kept.alert.id[0] for kept in records.alerts()).most_common(1)
    for wrong in ("nope", "", several):
        with pytest.raises(BadValue, match="begins with"):
            records.by_hand(wrong, closing(wrong), ANN, later(1))


def test_silences_hold_until_their_end_or_are_lifted(engine: Engine) -> None:
    """A look is told of those that stand; both ends of a silence are in the ledger."""
    silences = SilenceRecords(engine)
    one, two = (
        Silence(id=name, reason="deploy", by="ann", starts_at=START, ends_at=later(ends))
        for name, ends in (("one", 60.0), ("two", 600.0))
    )
    assert silences.place(one, ANN, START)
    assert not silences.place(one, ANN, START)
    assert silences.place(two, ANN, START)
    told: list[tuple[Alerts, tuple[Silence, ...]]] = []
    records = AlertRecords(engine)
    records.look("here", "one", later(1), noting(told), every_s=EVERY, stale_s=STALE)
    assert [standing for _, standing in told] == [(one, two)]
    assert silences.standing(later(61)) == (two,)
    assert not silences.lift("one", "late", ANN, later(61)), "it has ended by itself"
    assert silences.lift("two", "done", ANN, later(62))
    assert not silences.lift("two", "done", ANN, later(63))
    assert silences.standing(later(63)) == ()
    kinds = ["silence.placed", "silence.placed", "silence.lifted"]
    assert entries(engine) == [(kind, "ann") for kind in kinds]
    assert_replays(engine)


@pytest.mark.parametrize(
    "tampered",
    [
        "UPDATE alerts SET state = 'resolved'",
        "DELETE FROM alerts",
        "UPDATE silences SET ends_at = '2027-01-01T00:00:00.000000Z'",
        "DELETE FROM silences",
    ],
)
def test_a_table_that_somebody_changed_is_found(engine: Engine, tampered: str) -> None:
    """A row that its entries do not make is named."""
    look(AlertRecords(engine), alerts(an_alert()))
    silence = Silence(id="one", reason="r", by="ann", starts_at=START, ends_at=later(60))
    SilenceRecords(engine).place(silence, ANN, START)
    assert_replays(engine)
    with writing(engine) as connection:
        connection.execute(tampered)
    difference = check(engine, replay=True).difference
    assert difference is not None
    assert difference.place.startswith(("alerts here", "silences one"))


def test_hostile_text_and_numbers_are_kept(engine: Engine) -> None:
    """NUL bytes and infinities in what a rule says break neither engine nor ledger."""
    alert = an_alert(summary="a\0b", value=float("inf"), cause="\u202e")
    look(AlertRecords(engine), alerts(alert))
    (kept,) = AlertRecords(engine).alerts()
    assert kept.alert.summary == "a\0b"
    assert_replays(engine)


def test_the_log_is_pruned_and_the_ledger_is_not(engine: Engine) -> None:
    """Lines older than they are kept go."""
    records = AlertRecords(engine)
    look(records, alerts(an_alert()), log=(a_line(an_alert()),))
    records.prune(later(100), 200)
    assert len(records.log()) == 1
    records.prune(later(100), 50)
    assert records.log() == ()
    assert entries(engine) == [("alert.firing", "pawl")]
