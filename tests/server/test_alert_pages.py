"""The page of alerts says what fires and whether anybody looks; its forms do what they say."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.alerts.made_alerts import HOSTILE, a_line, a_notice, alerts, an_alert
from tests.server.conftest import Ask, Client
from tests.server.fakes import NOW

from pawl.alerts.configuring import set_up
from pawl.alerts.delivery import NotDelivered, numbers
from pawl.alerts.instants import instant, seconds
from pawl.alerts.state import State
from pawl.app.alerts import alert_rules
from pawl.runs.alert_settings import AlertSettings
from pawl.services.alert_server import Alerting, AlertServer
from pawl.services.outbox import Sender
from pawl.store.events.duckdb import DuckEvents
from pawl.store.records.alerts import Decided
from pawl.store.records.engine import open_records
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Event, Kind, Source

HERE = "http://127.0.0.1:8787"


class _Dead:
    def send(self, notice: object, now: str) -> None:
        raise NotDelivered("the receiver answered 502.", final=True)


class Alarmed:
    """An alert server on stores of its own, with a clock that is set; nothing runs by itself."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.engine = open_records(folder)
        self.events = DuckEvents(folder)
        self.ids = 0
        channels: dict[str, Sender] = {"hook": _Dead()}
        parts = Alerting(
            setup=set_up(alert_rules(), AlertSettings()), channels=channels,
            price=lambda model, usage, day: None, now=lambda: self.now, chance=lambda: 0.0,
            new_id=self._new_id, store="here", holder="one", sender="me", numbers=numbers(),
        )  # fmt: skip
        self.server = AlertServer(parts, self.engine, self.events)

    def _new_id(self) -> str:
        self.ids += 1
        return f"sil_{self.ids}"

    def look(self, *found: object, **told: object) -> None:
        """Keep a look that found these alerts."""
        decided = Decided(alerts=alerts(*found, at=self.now), **told)  # type: ignore[arg-type]
        self.server.desk.alerts.look(
            "here", "one", self.now, lambda before, silences: decided, every_s=0.0, stale_s=0.0
        )

    def close(self) -> None:
        """Close both stores."""
        self.events.close()
        self.engine.dispose()


@pytest.fixture
def alarmed(tmp_path: Path) -> Iterator[Alarmed]:
    """Return stores of their own."""
    made = Alarmed(tmp_path / "data")
    yield made
    made.close()


def served(site: Ask, made: Alarmed) -> Client:
    """Return a client of a site that looks at alerts."""
    client = site()
    client.serving.alerts = made.server
    return client


def page(client: Client) -> str:
    """Return the page; it must be there and obey the policy on scripts."""
    answer = client.get("/alerts")
    assert answer.status_code == 200, answer.text
    assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text)
    assert not re.search(r"<style|\sstyle=|\son\w+=", answer.text)
    return answer.text


def test_a_server_without_alerts_says_so(site: Ask) -> None:
    """Its page says that nobody looks, and there is no JSON."""
    client = site()
    assert "does not look at alerts" in page(client)
    assert client.get("/api/alerts").status_code == 404
    assert client.post("/alerts", data={"command": "ack", "id": "x"}).status_code == 404


def test_silence_of_the_ticker_is_never_a_clear(site: Ask, alarmed: Alarmed) -> None:
    """Never looked, looking, failing and silent are told apart, and only one says nothing fires."""
    client = served(site, alarmed)
    assert "cannot tell" in page(client)
    assert "Nobody has looked yet" in page(client)
    alarmed.look()
    assert "nothing fires" in page(client)
    alarmed.server.desk.timers.beat("alerts:here", alarmed.now, "the disk is full.")
    assert "Looking fails" in page(client)
    assert "the disk is full." in page(client)
    alarmed.now = instant(seconds(NOW) + numbers().silent_s + 1)
    told = page(client)
    assert "Nobody looks" in told
    assert "nothing fires" not in told
    assert client.get("/api/alerts").json()["watched"]["state"] == "silent"


def test_readyz_tells_when_nobody_looks(site: Ask, alarmed: Alarmed) -> None:
    """The server is not ready while alerts are not looked at."""
    client = served(site, alarmed)
    client.serving.drain_once()
    assert client.get("/readyz").text == "ready\n"
    ticker = alarmed.server.ticker
    ticker.tick()
    assert client.get("/readyz").text == "ready\n"
    alarmed.now = instant(seconds(NOW) + numbers().silent_s + 1)
    answer = client.get("/readyz")
    assert (answer.status_code, "not looked at" in answer.text) == (503, True)
    ticker.ticking = msgspec.structs.replace(ticker.ticking, state="failed", failure="no disk")
    assert "no disk" in client.get("/readyz").text


def test_what_fires_is_shown_with_its_evidence(site: Ask, alarmed: Alarmed) -> None:
    """State, value, threshold, rows with links, and what to do first."""
    rule = next(iter(sorted(alert_rules())))
    alarmed.look(
        an_alert(rule), an_alert("b", State.PENDING), an_alert("c", State.RESOLVED),
        an_alert("d", State.INACTIVE, blind_since=NOW, summary="too few events."),
        an_alert("e", blind_since=NOW),
    )  # fmt: skip
    told = page(served(site, alarmed))
    assert "2 firing" in told
    assert 'href="/runs/run_1"' in told
    assert 'href="/alerts/rows/event/e1"' in told
    assert "threshold 5 %" in told
    assert alert_rules()[rule].response[:20] in told
    for part in ("Pending", "Resolved", "too few events.", "it stays firing until it is seen"):
        assert part in told


def test_a_stranger_writes_no_markup(site: Ask, alarmed: Alarmed) -> None:
    """Whatever stands in telemetry is text on the page, and no address."""
    alarmed.look(
        an_alert(scope=(("project", HOSTILE),), summary=HOSTILE, cause=HOSTILE, rows=()),
        notices=((a_notice(text=HOSTILE), ("hook",)),),
    )
    alarmed.server.delivery.deliver_one("hook")
    told = page(served(site, alarmed))
    assert "&lt;b&gt;" in told
    assert "<b>`" not in told
    assert "\u202e" not in told


def test_a_row_leads_to_where_it_happened(site: Ask, alarmed: Alarmed, tmp_path: Path) -> None:
    """An event or a request leads to its session; one that nobody knows is not found."""
    event = Event(id="e/1", time=NOW, kind=Kind.TOOL_CALL, source=Source.RUN, agent="a",
                  session_id="s 1")  # fmt: skip
    with SpoolWriter(tmp_path / "spool", "w") as writer:
        writer.append([event])
        writer.commit()
    alarmed.events.drain(tmp_path / "spool")
    client = served(site, alarmed)
    answer = client.get("/alerts/rows/event/e%2F1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs/s%201")
    assert client.get("/alerts/rows/event/nope").status_code == 404
    assert client.get("/alerts/rows/table/e1").status_code == 404


def test_a_person_acknowledges_silences_and_closes(site: Ask, alarmed: Alarmed) -> None:
    """Each form answers with the page as it now is, and keeps who did it and why."""
    client, firing = served(site, alarmed), an_alert()
    alarmed.look(firing, an_alert("other"))
    told = {"id": firing.id, "by": "ann", "reason": "I look"}
    answer = client.post("/alerts", data=told | {"command": "ack"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts")
    assert "ann looks after it: I look" in page(client)
    client.post("/alerts", data=told | {"command": "silence", "for": "4h"})
    assert "Silenced until" in page(client)
    silence = client.get("/api/alerts").json()["silences"][0]
    assert (silence["rule"], silence["scope"]) == (firing.rule, {"project": "shop"})
    client.post("/alerts", data={"command": "lift", "id": silence["id"]})
    assert "Nothing is silenced" in page(client)
    client.post("/alerts", data=told | {"command": "close"})
    view = client.get("/api/alerts").json()
    assert [line["alert"]["rule"] for line in view["firing"]] == ["other"]
    assert [line["alert"]["rule"] for line in view["resolved"]] == [firing.rule]
    assert client.get(f"/api/alerts/{firing.id}").json()["alert"]["state"] == "resolved"
    assert client.get("/api/alerts/nope").status_code == 404


def test_an_alert_has_a_page_of_its_own(site: Ask, alarmed: Alarmed) -> None:
    """With evidence and forms; what is done there leads back there, and so does a refusal."""
    client, firing = served(site, alarmed), an_alert()
    alarmed.look(firing, log=(a_line(firing, reason="it began"), a_line(an_alert("b"))))
    told = client.get(f"/alerts/{firing.id}").text
    for part in ('href="/runs/run_1"', "threshold 5 %", "it began", 'value="one"'):
        assert part in told, part
    assert "it fires" not in told, "the line of another alert"
    form = {"id": firing.id, "by": "ann", "reason": "I look", "back": "one"}
    answer = client.post("/alerts", data=form | {"command": "ack"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/alerts/{firing.id}")
    refused = client.post("/alerts", data=form | {"command": "silence", "for": "4h", "reason": " "})
    assert refused.status_code == 409
    assert "That was not done" in refused.text
    assert f"<code>{firing.id}</code>" in refused.text
    client.post("/alerts", data=form | {"command": "silence", "for": "4h"})
    silence = client.get("/api/alerts").json()["silences"][0]["id"]
    lifted = client.post("/alerts", data={"command": "lift", "id": silence, "back": firing.id})
    assert lifted.headers["location"] == f"/alerts/{firing.id}"
    assert client.get("/alerts/nope").status_code == 404
    assert client.get(f"/alerts/{firing.id}?x=1").status_code == 400
    away = client.post("/alerts", data=form | {"command": "ack", "back": "//evil.example"})
    assert away.headers["location"] == "/alerts/%2F%2Fevil.example"


def test_a_refused_form_stays_open(site: Ask, alarmed: Alarmed) -> None:
    """With what was typed in it, and no other one."""
    client, firing = served(site, alarmed), an_alert()
    alarmed.look(firing, an_alert("b"))
    form = {"command": "silence", "id": firing.id, "by": "ann", "reason": " ", "for": "1d"}
    told = client.post("/alerts", data=form).text
    assert told.count("<details open><summary>Silence</summary>") == 1
    assert 'value="ann"' in told
    assert "<option selected>1d</option>" in told


@pytest.mark.parametrize(
    "fields",
    [
        {"command": "ack", "id": "nope", "by": "ann"},
        {"command": "ack", "id": "", "by": "ann"},
        {"command": "silence", "rule": "*", "for": "4h", "by": "ann", "reason": " "},
        {"command": "silence", "rule": "*", "for": "400d", "by": "ann", "reason": "x"},
        {"command": "silence", "rule": "*", "for": "ever", "by": "ann", "reason": "x"},
        {"command": "silence", "rule": "*", "for": "4h", "by": "", "reason": "x"},
        {"command": "lift", "id": "nope"},
        {"command": "resend", "id": "nope", "channel": "hook"},
        {"command": "close", "id": "nope", "by": "ann", "reason": "x"},
    ],
)
def test_what_cannot_be_done_is_refused_on_the_page(
    site: Ask, alarmed: Alarmed, fields: dict[str, str]
) -> None:
    """A refusal says what is wrong above the page and keeps what was typed."""
    answer = served(site, alarmed).post("/alerts", data=fields)
    assert answer.status_code == 409
    assert "That was not done" in answer.text


def test_another_site_does_nothing_here(site: Ask, alarmed: Alarmed) -> None:
    """A form of another site, an unknown step and an unknown field are refused."""
    client, firing = served(site, alarmed), an_alert()
    alarmed.look(firing)
    told = {"command": "ack", "id": firing.id, "by": "eve"}
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert client.post("/alerts", data=told, headers=headers).status_code == 403
    assert client.post("/alerts", data=told | {"command": "drop"}).status_code == 400
    assert client.post("/alerts", data=told | {"url": "http://evil"}).status_code == 400
    assert client.get("/alerts?x=1").status_code == 400
    assert "looks after it" not in page(client)


def test_a_dead_letter_is_seen_and_sent_again(site: Ask, alarmed: Alarmed) -> None:
    """The page shows what failed and why; the button lets it wait again."""
    client = served(site, alarmed)
    alarmed.look(an_alert(), notices=((a_notice(), ("hook",)),))
    assert "1 waiting" in page(client)
    alarmed.server.delivery.deliver_one("hook")
    told = page(client)
    assert "Dead letters" in told
    assert "the receiver answered 502." in told
    answer = client.post("/alerts", data={"command": "resend", "id": "notice1", "channel": "hook"})
    assert answer.status_code == 303
    assert "1 waiting" in page(client)
    assert "Dead letters" not in page(client)
