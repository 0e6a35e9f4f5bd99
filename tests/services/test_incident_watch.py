"""The clock of incidents is watched from outside, and people are reminded, each once."""

import pytest
from tests.services.made_incident_desk import SUE, MadeIncidents, incident
from tests.store.records.conftest import engine, opened, postgres_url  # noqa: F401 - fixtures

from pawl.alerts.alert import Notice
from pawl.alerts.budget_letter import Mailing
from pawl.alerts.delivery import NotDelivered, numbers
from pawl.base.errors import Unavailable
from pawl.base.finding import Outcome
from pawl.incidents.incident import State
from pawl.services.incident_watch import ClockState, IncidentWatch, clock_state, findings_of
from pawl.services.oncall_server import Looking
from pawl.services.outbox import Delivery
from pawl.store.records.connection import Engine
from pawl.store.records.outbox import WAITING, OutboxRecords


class Watched:
    """A desk, its outbox, and watches over it."""

    def __init__(self, engine: Engine) -> None:  # noqa: F811 - a fixture
        self.mailing = Mailing(channels=("default",))
        self.made = MadeIncidents(engine, mailing=lambda: self.mailing)
        self.outbox = OutboxRecords(self.made.engine)

    def watch(self) -> IncidentWatch:
        """Return a watch that begins now."""
        return IncidentWatch(
            self.made.desk, self.outbox, lambda: self.mailing, self.made.clock, tick_every_s=5.0
        )

    def told(self, words: str) -> list[Notice]:
        """Return the letters that say something."""
        found = [each.notice for each in self.outbox.letters(WAITING)]
        return [each for each in found if words in each.title]


@pytest.fixture
def watched(engine: Engine) -> Watched:  # noqa: F811 - a fixture
    """Return a desk that is watched, on each kind of records."""
    return Watched(engine)


def test_a_clock_that_stops_is_told_of_once(watched: Watched) -> None:
    """By however many servers that watch, however often; and again when it stops again."""
    one, other = watched.watch(), watched.watch()
    watched.made.desk.tick()
    for _ in range(10):
        watched.made.clock.wind(seconds=10)
        one.look()
        other.look()
    assert len(watched.told("Nobody has looked after the timers")) == 1
    assert one.state.trouble.startswith("nobody has looked after incidents since")
    watched.made.desk.tick()
    assert one.look().trouble == ""
    watched.made.clock.wind(seconds=60)
    other.look()
    assert len(watched.told("Nobody has looked after the timers")) == 2


def test_a_server_that_begins_does_not_cry_at_once(watched: Watched) -> None:
    """The clock of a server that was down has its first seconds to begin."""
    watched.made.desk.tick()
    watched.made.clock.wind(seconds=3600)
    watch = watched.watch()
    assert watch.look().trouble == ""
    watched.made.clock.wind(seconds=20)
    assert watch.look().dead


def test_timers_that_did_not_fire_are_told_of_once(watched: Watched) -> None:
    """A missing page is told of, and later that it was late: two letters, whoever watches."""
    watch = watched.watch()
    watched.made.clock.wind(seconds=60)
    known = watched.made.declared()
    watched.made.clock.wind(seconds=200)
    watched.made.desk.list()
    found = watch.look()
    assert [(each.incident, each.wrong) for each in found.missing] == [(known.id, "missing")]
    watch.look()
    assert len(watched.told("is missing")) == 1
    watched.made.desk.tick()
    watched.made.clock.wind(seconds=40)
    watched.watch().look()
    watch.look()
    assert len(watched.told("is late")) == 1


def test_an_update_that_is_overdue_is_asked_for_once_each_time(watched: Watched) -> None:
    """The commander is reminded half an hour after taking command, and after each update."""
    watch = watched.watch()
    known = watched.made.commanded()
    watched.made.clock.wind(seconds=1799)
    watch.look()
    assert watched.told("owes everybody an update") == []
    watched.made.clock.wind(seconds=2)
    watch.look()
    watched.watch().look()
    (letter,) = watched.told("owes everybody an update")
    assert dict(letter.alerts[0].scope)["person"] == "sue"
    incident(watched.made.desk.update(known.id, "f", "i", "s", SUE))
    watch.look()
    watched.made.clock.wind(seconds=1801)
    watch.look()
    assert len(watched.told("owes everybody an update")) == 2


def test_a_postmortem_is_asked_for_the_day_before_and_when_it_is_late(watched: Watched) -> None:
    """Two reminders, to whoever commanded last."""
    watch = watched.watch()
    known = watched.made.resolved()
    assert known.state is State.RESOLVED
    for _ in range(9):
        watched.made.clock.wind(seconds=86_400)
        watched.made.desk.tick()
        watch.look()
    assert len(watched.told("needs its postmortem")) == 1
    assert len(watched.told("has lacked its postmortem")) == 1


def test_doctor_says_what_matters(watched: Watched) -> None:
    """A dead clock while people are still to be paged is critical; without incidents it is not."""
    desk, clock = watched.made.desk, watched.made.clock
    (idle,) = findings_of(clock_state(desk, clock(), 5.0), desk.ongoing(), clock())
    assert idle.outcome is Outcome.PASS
    watched.made.declared()
    (waiting,) = findings_of(clock_state(desk, clock(), 5.0), desk.ongoing(), clock())
    assert (waiting.outcome, waiting.severity) == (Outcome.FAIL, "critical")
    desk.tick()
    (running,) = findings_of(clock_state(desk, clock(), 5.0), desk.ongoing(), clock())
    assert running.outcome is Outcome.PASS
    clock.wind(seconds=200)
    desk.tick()
    (late,) = findings_of(clock_state(desk, clock(), 5.0), desk.ongoing(), clock())
    assert late.outcome is Outcome.FAIL
    assert "late" in late.message
    (unread,) = findings_of(None, (), clock(), why="away.")
    assert unread.outcome is Outcome.CANNOT_TELL


def test_channels_that_are_down_hold_nothing_up(watched: Watched) -> None:
    """The incident goes on, letters wait, and go out when the receiver is back."""
    sent: list[str] = []

    class Channel:
        """A channel that is down at first."""

        down = True

        def send(self, notice: Notice, now: str) -> None:
            """Take a notice, or not."""
            if self.down:
                raise NotDelivered("down.")
            sent.append(notice.title)

    channel = Channel()
    delivery = Delivery(
        watched.outbox, {"default": channel}, now=watched.made.clock, chance=lambda: 0.0,
        sender="me", numbers=numbers(),
    )  # fmt: skip
    known = watched.made.declared()
    assert delivery.deliver_one("default")
    watched.made.clock.wind(seconds=301)
    watched.made.desk.tick()
    assert watched.made.desk.get(known.id).breached_at is not None
    incident(watched.made.desk.accept(known.id, SUE))
    channel.down = False
    watched.made.clock.wind(seconds=10)
    while delivery.deliver_one("default"):
        pass
    assert sum("pages" in each for each in sent) == 3
    assert sum("promise of a commander is broken" in each for each in sent) == 1
    assert watched.outbox.letters(WAITING) == ()


def test_a_look_that_fails_is_kept_and_tried_again() -> None:
    """What is wrong is shown until a look succeeds; a defect is no silence either."""
    errors: list[Exception] = [Unavailable("away."), ValueError("x")]

    def look() -> None:
        if errors:
            raise errors.pop(0)

    looking = Looking("x", look, 0.01)
    looking.once()
    assert looking.failure == "away."
    looking.once()
    assert "defect" in looking.failure
    looking.once()
    assert looking.failure == ""
    assert ClockState(last_tick=None, dead=True).trouble
