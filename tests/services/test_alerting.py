"""The ticker: the past first, then what is new, and every failure for all to see."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.alerts.made_alerts import later

from pawl.alerts.configuring import Setup, set_up
from pawl.alerts.delivery import numbers
from pawl.alerts.instants import instant, seconds
from pawl.alerts.state import State
from pawl.app.alerts import alert_rules
from pawl.base.errors import Unavailable
from pawl.governance.ledger import Actor
from pawl.runs.alert_settings import AlertSettings, ChannelSettings
from pawl.services.alert_desk import AlertDesk
from pawl.services.alerting import Ticker
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.news import Mark
from pawl.store.records.engine import Engine, open_records
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Event, Kind, Source

NOON = "2026-11-21T12:00:00.000000Z"


class Place:
    """Both stores of a folder, a clock that is set, and tickers over them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, NOON
        self.engine: Engine = open_records(folder)
        self.events = DuckEvents(folder)
        self.desk = AlertDesk(
            self.engine, now=lambda: self.now, new_id=lambda: "sil_1", numbers=numbers()
        )
        hook = ChannelSettings(kind="webhook", url="https://example.org")
        settings = AlertSettings(channels={"hook": hook})
        self.setup: Setup = set_up(alert_rules(), settings)
        self._loaded = 0

    def ticker(self, holder: str = "one", **told: object) -> Ticker:
        """Return a ticker as a start of the server makes one."""
        values: dict[str, object] = {"news": self.events, "channels": ("hook",)} | told
        return Ticker(
            setup=self.setup,
            records=self.desk.alerts,
            timers=self.desk.timers,
            now=lambda: self.now,
            numbers=numbers(),
            store="here",
            holder=holder,
            **values,  # type: ignore[arg-type]
        )

    def load(self, *events: Event) -> None:
        """Load events as the server does."""
        self._loaded += 1
        with SpoolWriter(self.folder / "spool", f"w{self._loaded}") as writer:
            writer.append(events)
            writer.commit()
        self.events.drain(self.folder / "spool")

    def on(self, passed: float) -> None:
        """Let time pass."""
        self.now = instant(seconds(self.now) + passed)

    def firing(self) -> set[str]:
        """Return the rules that fire."""
        return {line.alert.rule for line in self.desk.view().firing}

    def close(self) -> None:
        """Close both stores."""
        self.events.close()
        self.engine.dispose()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Return stores of their own."""
    made = Place(tmp_path / "data")
    yield made
    made.close()


def spent(name: str, at: str, usd: float = 30.0) -> Event:
    """Return a request that costs dollars."""
    return Event(
        id=name, time=at, kind=Kind.REQUEST, source=Source.RUN, agent="claude-code",
        project="shop", session_id="s1", request_id=f"r-{name}", model="m", input=10, output=10,
        final=True, cost_micros=int(usd * 1_000_000), cost_basis="priced",
    )  # fmt: skip


def test_a_new_event_is_fed_looked_at_and_told_once(place: Place) -> None:
    """What is loaded after the start sets a rule off, and one notice waits for the channel."""
    ticker = place.ticker()
    ticker.tick()
    assert place.firing() == set()
    place.load(spent("a", place.now))
    place.on(3)
    ticker.tick()
    assert "cost-over-threshold" in place.firing()
    for _ in range(3):
        place.on(3)
        ticker.tick()
    assert place.desk.outbox.counts() == {"hook": {"waiting": 1}}
    assert ticker.ticking.state == "looking"
    assert ticker.ticking.events == 1


def test_a_restart_goes_on_where_it_was(place: Place) -> None:
    """What fired still fires, by the stored past, and nobody is told a second time."""
    place.load(spent("a", place.now))
    place.on(3)
    place.ticker().tick()
    since = place.desk.view().firing[0].alert.since
    place.on(60)
    again = place.ticker()
    again.tick()
    assert "cost-over-threshold" in place.firing()
    (line,) = [x for x in place.desk.view().firing if x.alert.rule == "cost-over-threshold"]
    assert (line.alert.since, line.alert.blind_since) == (since, None)
    assert place.desk.outbox.counts() == {"hook": {"waiting": 1}}


def test_the_past_is_bounded(place: Place) -> None:
    """The rules take in the newest events only, and in pages."""
    place.load(*(spent(f"e{n}", instant(seconds(NOON) - 900 + n)) for n in range(50)))
    pages = list(place.events.events_from(later(0), NOON, most=20, page=7))
    assert [len(page) for page in pages] == [7, 7, 6]
    names = [event.id for page in pages for event in page]
    assert names == [f"e{n}" for n in range(30, 50)]


def test_events_that_are_deleted_make_the_rules_begin_anew(place: Place) -> None:
    """A mark that no longer stands is noticed, and nothing loaded meanwhile is passed over."""
    place.load(*(spent(f"old{n}", "2026-09-01T00:00:00.000000Z", 0.0) for n in range(50)))
    ticker = place.ticker()
    ticker.tick()
    place.events.drop_before("2026-10")
    place.load(spent("new", place.now))
    for _ in range(3):
        place.on(3)
        ticker.tick()
    assert "cost-over-threshold" in place.firing()


def test_marks_give_each_event_once(place: Place) -> None:
    """Pages after a mark hold everything that was loaded since, in any size."""
    mark = place.events.newest_mark()
    assert mark == Mark()
    names = []
    for n in range(3):
        place.load(*(spent(f"e{n}-{i}", place.now) for i in range(5)))
        while (found := place.events.events_after(mark, limit=2)) is not None and found[0]:
            names += [event.id for event in found[0]]
            mark = found[1]
    assert sorted(names) == sorted({f"e{n}-{i}" for n in range(3) for i in range(5)})
    assert place.events.newest_mark() == mark


def test_a_silence_holds_the_notice_until_it_ends(place: Place) -> None:
    """The alert fires all the same, says why nobody was told, and is told of afterwards."""
    place.desk.silence(
        rule="cost-*", scope={"project": "shop"}, for_s=60, reason="load test", by="ann",
        actor=Actor(person="ann", source="login", assurance="observed"),
    )  # fmt: skip
    place.load(spent("a", place.now))
    ticker = place.ticker()
    place.on(3)
    ticker.tick()
    (line,) = [x for x in place.desk.view().firing if x.alert.rule == "cost-over-threshold"]
    assert "load test" in line.alert.held_back
    assert line.silence is not None
    assert place.desk.outbox.counts() == {}
    place.on(61)
    ticker.tick()
    assert place.desk.outbox.counts() == {"hook": {"waiting": 1}}


def test_a_second_server_stands_by(place: Place) -> None:
    """It looks as soon as the first one has been silent for long enough."""
    one, two = place.ticker("one"), place.ticker("two")
    one.tick()
    place.on(4)
    two.tick()
    assert two.ticking.state == "standby"
    place.on(numbers().stale_s + numbers().look_every_s)
    two.tick()
    assert two.ticking.state == "looking"


class _Broken:
    """An events store that does not answer while `broken`."""

    def __init__(self, events: DuckEvents) -> None:
        self.events = events
        self.error: Exception | None = None

    def newest_mark(self) -> Mark:
        return self.events.newest_mark()

    def events_after(
        self, mark: Mark, *, limit: int = 5000
    ) -> tuple[tuple[Event, ...], Mark] | None:
        if self.error is not None:
            raise self.error
        return self.events.events_after(mark, limit=limit)

    def events_from(
        self, since: str, until: str, *, most: int, page: int = 5000
    ) -> Iterator[tuple[Event, ...]]:
        return self.events.events_from(since, until, most=most, page=page)

    def run_of(self, kind: str, identity: str) -> str | None:
        return self.events.run_of(kind, identity)


@pytest.mark.parametrize("error", [Unavailable("the disk is full."), ZeroDivisionError("x")])
def test_a_failure_is_shown_and_resolves_nothing(
    place: Place, error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    """While looking fails the heartbeat says so, what fires stays, and it is tried again."""
    broken = _Broken(place.events)
    place.load(spent("a", place.now))
    ticker = place.ticker(news=broken)
    place.on(3)
    ticker.tick()
    broken.error = error
    place.on(3)
    ticker.tick()
    watched = place.desk.watched(place.now)
    assert (watched.state, watched.alive) == ("failing", False)
    assert ticker.ticking.state == "failed"
    assert "cost-over-threshold" in place.firing()
    broken.error = None
    place.on(3)
    ticker.tick()
    assert place.desk.watched(place.now).alive
    capsys.readouterr()


def test_a_dead_ticker_is_noticed(place: Place) -> None:
    """Without a heartbeat for long enough nobody lives, and nothing is called resolved."""
    assert place.desk.watched(place.now).state == "never"
    place.load(spent("a", place.now))
    place.on(3)
    place.ticker().tick()
    assert place.desk.watched(place.now).state == "looking"
    place.on(numbers().silent_s + 1)
    view = place.desk.view()
    assert view.watched.state == "silent"
    assert {line.alert.state for line in view.firing} == {State.FIRING}


def test_a_row_leads_to_its_run_or_session(place: Place) -> None:
    """Events and requests are found in what carried them; unknown ones are not."""
    place.load(spent("a", place.now))
    assert place.events.run_of("request", "r-a") == "s1"
    assert place.events.run_of("event", "a") == "s1"
    assert place.events.run_of("session", "s1") == "s1"
    assert place.events.run_of("event", "nope") is None
    assert place.events.run_of("table", "a") is None
