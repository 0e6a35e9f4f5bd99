"""Delivery: channels that do not wait for each other, failures that are tried again, no secrets."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.alerts.made_alerts import START, a_notice, later

from pawl.alerts.alert import Notice
from pawl.alerts.delivery import NotDelivered, numbers
from pawl.base.errors import BadValue
from pawl.services.outbox import Delivery, Refusing, Sender
from pawl.store.records.engine import Engine, open_records
from pawl.store.records.outbox import DEAD, OutboxRecords


class Channel:
    """A channel with a dial: what it raises, and whether it waits."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.asked = threading.Event()

    def send(self, notice: Notice, now: str) -> None:
        """Take a notice, or do as the dial says."""
        self.asked.set()
        self.gate.wait(30)
        if self.error is not None:
            raise self.error
        self.taken.append(notice.id)


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> str:
        return later(self.at)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Return records of their own."""
    opened = open_records(tmp_path / "records")
    yield opened
    opened.dispose()


def delivering(engine: Engine, clock: Callable[[], str], **channels: Sender) -> Delivery:
    """Return a delivery over some channels."""
    quick = msgspec.structs.replace(numbers(), poll_s=0.01)
    return Delivery(
        OutboxRecords(engine), channels, now=clock, chance=lambda: 0.0, sender="me", numbers=quick
    )


def test_a_failure_is_tried_again_ever_later_and_ends_as_a_dead_letter(engine: Engine) -> None:
    """The waits grow as the numbers say, and what was never taken is there to be seen."""
    clock, channel = Clock(), Channel()
    channel.error = NotDelivered("the receiver answered 500.")
    delivery = delivering(engine, clock, hook=channel)
    delivery.outbox.put(a_notice(), ["hook"], START)
    waits = []
    for _ in range(numbers().attempts_max):
        assert delivery.deliver_one("hook")
        letter = delivery.outbox.letter("notice1", "hook")
        assert letter is not None
        waits.append(letter.due_at)
        clock.at += 7200
    assert not delivery.deliver_one("hook")
    (dead,) = delivery.outbox.letters(DEAD)
    assert dead.failure == "the receiver answered 500."
    assert len(set(waits)) == len(waits) - 1, "each but the last attempt set a later one"
    assert delivery.going["hook"].failed == numbers().attempts_max


def test_a_receiver_that_is_gone_for_good_is_not_tried_again(engine: Engine) -> None:
    """What a channel says is final ends at once."""
    channel = Channel()
    channel.error = NotDelivered("the receiver answered 410.", final=True)
    delivery = delivering(engine, Clock(), hook=channel)
    delivery.outbox.put(a_notice(), ["hook"], START)
    assert delivery.deliver_one("hook")
    assert [letter.attempts for letter in delivery.outbox.letters(DEAD)] == [1]


def test_a_defect_is_told_without_its_text(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """What an unexpected error says may hold a secret, so neither records nor log get it."""
    channel = Channel()
    channel.error = RuntimeError("https://hooks.example/verysecret")
    delivery = delivering(engine, Clock(), hook=channel)
    delivery.outbox.put(a_notice(), ["hook"], START)
    assert delivery.deliver_one("hook")
    letter = delivery.outbox.letter("notice1", "hook")
    assert letter is not None
    assert letter.failure == "a defect of Pawl's (RuntimeError)."
    said = capsys.readouterr()
    assert "verysecret" not in said.err + said.out
    assert "RuntimeError" in said.err


def test_a_slow_channel_holds_no_other_back(engine: Engine) -> None:
    """While one receiver does not answer, another channel gets all of its notices."""
    slow, quick = Channel(), Channel()
    slow.gate.clear()
    delivery = delivering(engine, Clock(), slow=slow, quick=quick)
    for name in "123":
        delivery.outbox.put(a_notice(name), ["slow", "quick"], START)
    delivery.start()
    assert slow.asked.wait(10)
    done = threading.Event()
    for _ in range(1000):
        if len(quick.taken) == 3:
            break
        done.wait(0.01)
    assert sorted(quick.taken) == ["notice1", "notice2", "notice3"]
    assert slow.taken == []
    slow.gate.set()
    delivery.stop(10.0)
    assert delivery.outbox.counts()["quick"] == {"sent": 3}


def test_a_channel_that_does_not_open_keeps_its_notices(engine: Engine) -> None:
    """Its notices wait and say why; they are not lost and not taken for sent."""
    refusing = Refusing(BadValue("The secret is not set.", place="p", hint="Set it."))
    delivery = delivering(engine, Clock(), hook=refusing)
    delivery.outbox.put(a_notice(), ["hook"], START)
    assert delivery.deliver_one("hook")
    assert delivery.outbox.counts() == {"hook": {"waiting": 1}}
    assert "The secret is not set." in delivery.problems["hook"]
