"""What does not mend itself is told to people once each, and shown while it is so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.changes.made_changes import at
from tests.services.made_desk import ANN, LEO, change, excepted
from tests.services.made_rollouts import BAD, Rolling, planned, until

from pawl.alerts.budget_letter import Mailing
from pawl.alerts.policy import Policy as Routes
from pawl.alerts.policy import Route
from pawl.base.errors import BadFile
from pawl.changes.concern import ConcernKind
from pawl.changes.parts import Prompt
from pawl.governance.exceptions import Command, Emergency
from pawl.store.records.check import check
from pawl.store.records.engine import open_records
from pawl.store.records.outbox import OutboxRecords


def mailing() -> Mailing:
    """Return one channel that hears of all changes."""
    routes = Routes(routes=(Route(to=("chat",), rules=("change",)),))
    return Mailing(policy=routes, channels=("chat",))


@pytest.fixture
def rolling(tmp_path: Path) -> Iterator[Rolling]:
    """A desk with a channel; in the end its records are what a replay of the ledger makes."""
    engine = open_records(tmp_path)
    yield Rolling(engine, mailing=mailing)
    report = check(engine, replay=True)
    engine.dispose()
    assert report.intact, report.difference


def letters(rolling: Rolling, words: str) -> list[dict[str, str]]:
    """Return the scopes of the messages that say some words."""
    found = OutboxRecords(rolling.made.engine).letters("waiting")
    alerts = [alert for each in found for alert in each.notice.alerts]
    return [dict(each.scope) for each in alerts if words in each.summary]


def kinds(rolling: Rolling, identity: str) -> list[ConcernKind]:
    """Return what somebody has to see to about a change."""
    return [each.kind for each in rolling.desk.concerns(identity)]


def test_a_stage_that_failed_is_asked_about_once(rolling: Rolling) -> None:
    """Whoever is accountable and responsible hears of it, however often it is looked at."""
    known = rolling.made.started(planned(automatic=False))
    rolling.tick()
    assert kinds(rolling, known.id) == []
    rolling.seer.sides = BAD
    for _ in range(3):
        rolling.tick(hours=1)
        rolling.another("there").tick()
    (scope,) = letters(rolling, "asks whether it goes back")
    assert {"product-lead", "product-eng"} <= set(scope["roles"].split(","))
    (asked,) = rolling.desk.concerns(known.id)
    assert (asked.kind, "canary failed." in asked.why) == (ConcernKind.ASKS, True)
    (told,) = [e for e in rolling.desk.timeline(known.id) if e.type == "concern.told"]
    assert told.text == f"asks: {asked.why}"
    OutboxRecords(rolling.made.engine).prune(at(10_000))
    rolling.tick(hours=1)
    assert len(letters(rolling, "asks whether it goes back")) == 1
    change(rolling.desk.roll_back(known.id, "It is worse.", ANN))
    assert kinds(rolling, known.id) == []


def test_what_cannot_be_brought_out_is_asked_about_where_the_plan_forbids(rolling: Rolling) -> None:
    """A start that failed for good is a question as well."""
    known = rolling.made.started(planned(automatic=False))
    rolling.place.broken, rolling.place.final = "It never was.", True
    for _ in range(3):
        rolling.tick(hours=1)
    assert len(letters(rolling, "asks whether it goes back")) == 1
    assert kinds(rolling, known.id) == [ConcernKind.ASKS]


def test_an_executor_that_is_away_is_told_of_once_for_each_errand(rolling: Rolling) -> None:
    """Not for a first try in vain, and no longer shown once it was reached."""
    known = rolling.made.started(planned())
    rolling.place.broken = "It cannot be reached."
    rolling.tick()
    assert letters(rolling, "cannot be reached") == []
    for _ in range(3):
        rolling.tick(hours=0.1)
    assert len(letters(rolling, "waits for an executor")) == 1
    (shown,) = rolling.desk.concerns(known.id)
    assert shown.why == "command did not do the start: It cannot be reached."
    rolling.place.broken = ""
    rolling.tick(hours=0.1)
    assert kinds(rolling, known.id) == []
    assert len(letters(rolling, "waits for an executor")) == 1


def test_a_rollback_that_failed_is_told_of_once(rolling: Rolling) -> None:
    """With the event itself, to who is accountable and who is responsible."""
    known = rolling.made.started(planned())
    rolling.tick()
    rolling.seer.sides = BAD
    rolling.place.broken = "It cannot be reached."
    for _ in range(12):
        rolling.tick(hours=0.2)
    (scope,) = letters(rolling, "could not be rolled back")
    assert {"product-lead", "product-eng"} <= set(scope["roles"].split(","))
    assert kinds(rolling, known.id) == [ConcernKind.ROLLBACK_FAILED]


def test_what_was_found_is_told_of_once(rolling: Rolling) -> None:
    """Both roles hear that something is live without having been a change."""
    rolling.made.started(planned())
    for _ in range(4):
        rolling.tick(hours=1)
    rolling.place.there["prompt/support"] = Prompt(text="Moved by hand.")
    for _ in range(3):
        rolling.tick(hours=1)
    (scope,) = letters(rolling, "live without having been a change")
    assert {"product-lead", "product-eng"} <= set(scope["roles"].split(","))
    assert kinds(rolling, scope["change"]) == [ConcernKind.UNMANAGED]


@pytest.mark.parametrize("ratified", [False, True])
def test_broken_glass_is_told_of_before_its_time_is_over(rolling: Rolling, ratified: bool) -> None:
    """Once, when a quarter of the day is left; never where somebody ratified it."""
    declared = rolling.clock()
    rolling.made.world.incidents = (
        Emergency(
            id="INC-7",
            severity=1,
            declared_at=declared,
            commanders=(Command(person="ann", since=declared),),
        ),
    )
    known = rolling.made.submitted()
    glass = excepted(
        rolling.desk.break_glass(
            known.id,
            "cost",
            ANN,
            incident="INC-7",
            reason="Harm.",
            compensating_control="Watched.",
            hours=4,
        )
    )
    rolling.tick(hours=1)
    (shown,) = rolling.desk.concerns(known.id)
    assert (shown.kind, shown.key) == (ConcernKind.GLASS, glass.id)
    assert shown.until > glass.approved_at
    if ratified:
        excepted(rolling.desk.ratify_exception(glass.id, LEO))
    assert letters(rolling, "still to be ratified") == []
    for _ in range(3):
        rolling.tick(hours=8)
    assert len(letters(rolling, "still to be ratified")) == (not ratified)
    assert len(kinds(rolling, known.id)) == (not ratified)


def test_a_policy_that_is_gone_holds_no_message_up(rolling: Rolling) -> None:
    """Who is meant is then not known, and everybody on the channel hears of it."""
    known = rolling.made.started(planned(automatic=False))
    rolling.tick()
    rolling.seer.sides = BAD
    rolling.made.world.policy_read = BadFile("no policy.", place="gates.yaml")
    rolling.tick(hours=1)
    (scope,) = letters(rolling, "asks whether it goes back")
    assert "roles" not in scope
    assert until(lambda: kinds(rolling, known.id) == [ConcernKind.ASKS])
