"""Two servers on one cluster and one set of records: one looks at the alerts, the other stands by.

What they tell of the same events stands under one name, for alerts and for budgets.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.services.test_alerting import NOON, spent
from tests.store.records.conftest import opened, postgres_url  # noqa: F401 - fixtures

from pawl.alerts.delivery import numbers
from pawl.alerts.instants import instant, seconds
from pawl.app.alerting import alerting
from pawl.app.events_name import events_name
from pawl.base.errors import BadValue
from pawl.services.alert_server import AlertServer
from pawl.store.events.duckdb import DuckEvents
from pawl.store.records.engine import Engine, reading
from pawl.store.records.spend import SpendRecords
from pawl.store.spool import SpoolWriter
from pawl.telemetry.spent import Observed

URL = "clickhouse://app:secret-word@{}/pawl?cluster=prod"
HOSTS = ("ch1:8123,ch2:8123", "ch2:8123,ch1:8123")
CHANNEL = '[alerts.channels.hook]\nkind = "webhook"\nurl = "https://example.org/hook"\n'


class Servers:
    """Two servers' alerts over the same events, and a clock that is set."""

    def __init__(
        self, folder: Path, records: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.now = NOON
        self.events = DuckEvents(folder / "events")
        self.spool = folder / "events" / "spool"
        self.made: list[AlertServer] = []
        self.parts = []
        for number, hosts in enumerate(HOSTS):
            data = folder / f"server{number}"
            data.mkdir()
            (data / "pawl.toml").write_text(CHANNEL)
            monkeypatch.setenv("PAWL_EVENTS_URL", URL.format(hosts))
            parts = msgspec.structs.replace(
                alerting(data, "http://127.0.0.1:1"), now=lambda: self.now
            )
            self.parts.append(parts)
            self.made.append(AlertServer(parts, records(), self.events))

    def tick(self, *numbers: int, after_s: float = 0) -> list[str]:
        """Let time pass and some servers look; return how each of both goes."""
        self.now = instant(seconds(self.now) + after_s)
        for number in numbers:
            self.made[number].ticker.tick()
        return [server.ticker.ticking.state for server in self.made]

    def load(self, name: str) -> None:
        """Have something dear happen."""
        with SpoolWriter(self.spool, name) as writer:
            writer.append([spent(name, self.now)])
            writer.commit()
        self.events.drain(self.spool)

    def waiting(self) -> dict[str, dict[str, int]]:
        """Return how many notices wait for each channel."""
        return self.made[0].desk.outbox.counts()


@pytest.fixture
def servers(
    tmp_path: Path,
    opened: Callable[[], Engine],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Servers]:
    made = Servers(tmp_path, opened, monkeypatch)
    yield made
    made.events.close()


def test_one_of_two_servers_alerts_and_the_other_takes_over(servers: Servers) -> None:
    """One notice for both; when the one that looks dies, the other goes on where it was."""
    every, stale = numbers().look_every_s, numbers().stale_s
    assert servers.tick(0, 1) == ["looking", "standby"]
    servers.load("dear")
    for _ in range(4):
        assert servers.tick(1, 0, after_s=every) == ["looking", "standby"]
    assert servers.waiting() == {"hook": {"waiting": 1}}
    assert servers.tick(1, after_s=stale - 1)[1] == "standby"
    assert servers.tick(1, after_s=every + 1)[1] == "looking"
    for _ in range(3):
        # The first one comes back, as the process it was, and stands by now.
        assert servers.tick(0, 1, after_s=every) == ["standby", "looking"]
    assert servers.waiting() == {"hook": {"waiting": 1}}
    assert len(servers.made[0].desk.view().firing) == len(servers.made[1].desk.view().firing) > 0


def test_names_are_of_the_cluster_and_of_the_process(servers: Servers) -> None:
    """The same for both whichever host each asks first; never the password."""
    one, two = servers.parts
    assert one.store == two.store == "clickhouse:prod/pawl"
    assert one.holder != two.holder
    assert (one.holder, two.holder) == (one.sender, two.sender)


def test_one_host_alone_is_named_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a cluster the hosts tell stores apart; without a URL the machine's own name does."""
    monkeypatch.delenv("PAWL_EVENTS_URL", raising=False)
    assert events_name("laptop") == "laptop"
    monkeypatch.setenv("PAWL_EVENTS_URL", "clickhouse://u:secret-word@ch1:8123/pawl")
    assert events_name("laptop") == "clickhouse:ch1:8123/pawl"
    monkeypatch.setenv("PAWL_EVENTS_URL", "http://u:secret-word@ch1:8123/pawl")
    with pytest.raises(BadValue) as raised:
        events_name("laptop")
    assert "secret-word" not in str(raised.value)


def test_spend_of_one_cluster_counts_once(
    opened: Callable[[], Engine],  # noqa: F811
) -> None:
    """What a server told under its own name before goes; what both tell stands once."""
    engine = opened()
    records = SpendRecords(engine)
    rows = [
        Observed(
            day="2026-11-21", project="shop", developer="ada", agent="claude-code", model="m",
            run_id="", cost_micros=5, requests=1, unpriced=0,
        )
    ]  # fmt: skip
    records.observe("laptop", "2026-11-01", rows, NOON)
    for _ in range(2):
        records.observe("clickhouse:prod/pawl", "2026-11-01", rows, NOON, was="laptop")
    assert [each.store for each in records.looked()] == ["clickhouse:prod/pawl"]
    with reading(engine) as connection:
        assert len(connection.execute("SELECT * FROM observed_spend")) == 1
