"""`/metrics`: counters that only grow, few labels, two formats; and the dashboard that reads it."""

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import ROOT
from tests.server.conftest import Ask
from tests.server.fakes import NOW

from pawl.base.errors import Unavailable
from pawl.base.times import format_time, parse_time
from pawl.changes.metrics import figures
from pawl.server.api.exposition import exposition
from pawl.services.change_figures import families
from pawl.services.metering import COUNTERS, FRESH_S, NAMES_MOST, OTHER, Family, Meter
from pawl.telemetry.meters import ErrorMeter, Latency, Meters, RequestMeter, RunMeter

DASHBOARD = ROOT / "deploy/grafana/pawl.json"
SAMPLE = re.compile(r'^([a-z_:][a-z0-9_:]*)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*)\})? (\S+)$')


class FakeStore:
    """A store whose meters a test turns; `now` goes on by more than a reading stays fresh."""

    def __init__(self) -> None:
        self.told = Meters()
        self.failure: Exception | None = None
        self.asked = 0

    def meters(self, since: str, until: str, lately: str) -> Meters:
        """Return what the test says."""
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return self.told

    def now(self) -> str:
        """Return a time that is later each time it is asked for."""
        seconds = parse_time(NOW).timestamp() + self.asked * (FRESH_S + 1)
        return format_time(parse_time(NOW).fromtimestamp(seconds, tz=parse_time(NOW).tzinfo))


def spent(project: str = "p", micros: int = 1_000_000, **fields: Any) -> RequestMeter:
    """Return one group of requests."""
    known: dict[str, Any] = {
        "project": project,
        "model": "m",
        "agent": "claude-code",
        "requests": 1,
        "unpriced": 0,
        "cost_micros": micros,
        "tokens": (1, 2, 3, 4, 5),
    }
    return RequestMeter(**(known | fields))


def everything() -> Meters:
    """Return meters that move every metric."""
    return Meters(
        requests=(spent(unpriced=1),),
        runs=(
            RunMeter(project="p", agent="codex", outcome="stopped", runs=2, tool_calls=3),
            RunMeter(project="p", agent="codex", outcome="running", runs=1, tool_calls=0),
        ),
        errors=(ErrorMeter(agent="codex", errors=1, tool_errors=2),),
        latencies=(Latency(model="m", p95_ms=1500.0, requests=9),),
        newest=NOW,
    )


def values(families: tuple[Family, ...], name: str) -> Mapping[str, float]:
    """Return a metric's samples by the values of their labels."""
    (family,) = [each for each in families if each.name == name]
    return {"/".join(value for _, value in labels): told for labels, told in family.samples}


def test_what_was_there_before_moves_no_counter() -> None:
    """Counters count from the server's start; what the store held by then is history."""
    store = FakeStore()
    store.told = Meters(requests=(spent(micros=5_000_000),))
    meter = Meter(store, store.now)
    assert sum(values(meter.families(), "pawl_spend_usd").values()) == 0
    store.told = Meters(requests=(spent(micros=7_500_000),))
    assert values(meter.families(), "pawl_spend_usd") == {"claude-code/m/p": 2.5}


@given(st.lists(st.integers(0, 9_000_000), min_size=1, max_size=8))
def test_counters_never_fall(readings: list[int]) -> None:
    """Whatever the store says next, priced anew or told better, no counter goes down."""
    store = FakeStore()
    meter = Meter(store, store.now)
    last = 0.0
    for micros in readings:
        store.told = Meters(requests=(spent(micros=micros),))
        told = sum(values(meter.families(), "pawl_spend_usd").values())
        assert told >= last
        last = told


def test_names_under_a_label_are_bounded() -> None:
    """The first names keep theirs, later ones are one `other`, and nothing is lost of the sum."""
    store = FakeStore()
    meter = Meter(store, store.now)
    many = [spent(f"p{number}", micros=1_000_000) for number in range(500)]
    store.told = Meters(requests=tuple(many[:1]))
    meter.families()
    store.told = Meters(requests=tuple(reversed(many)))
    told = values(meter.families(), "pawl_spend_usd")
    assert len(told) == NAMES_MOST["project"] + 1
    assert f"claude-code/m/{OTHER}" in told
    assert "claude-code/m/p0" in told
    assert sum(told.values()) == 500


def test_one_reading_serves_many_scrapes() -> None:
    """The store is asked once for scrapes within `FRESH_S` seconds."""
    store = FakeStore()
    meter = Meter(store, lambda: NOW)
    before = store.asked
    assert meter.families() == meter.families()
    assert store.asked == before + 1


def test_nothing_is_told_by_developer(site: Ask) -> None:
    """No label of any sample names a person."""
    text = served(site)
    labels = set(re.findall(r'[{,]([a-z_]+)="', text))
    assert labels <= {"version", "agent", "model", "project", "outcome", "bucket"}


def test_what_is_unknown_is_absent() -> None:
    """Without a fact there is no latency and no lag, where a zero would look like good news."""
    store = FakeStore()
    families = Meter(store, store.now).families()
    assert values(families, "pawl_request_duration_p95_seconds") == {}
    assert values(families, "pawl_ingest_lag_seconds") == {}


def served(site: Ask, accept: str = "*/*") -> str:
    """Return `/metrics` of a site of which every metric tells something."""
    store = FakeStore()
    client = site()
    client.serving.meter = Meter(store, store.now)
    client.serving.drain_once()
    store.told = everything()
    answer = client.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    return answer.text


def test_every_line_is_of_the_format(site: Ask) -> None:
    """Each line is a comment or a sample, and each counter's sample ends in `_total`."""
    kinds: dict[str, str] = {}
    for line in served(site).splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            kinds[name] = kind
        elif not line.startswith("# HELP "):
            found = SAMPLE.match(line)
            assert found, line
            assert found[1].endswith("_total") is (kinds[found[1]] == "counter")
            assert float(found[3]) >= 0
    assert {f"{name}_total" for name, _, _ in COUNTERS} <= set(kinds)


def test_openmetrics_is_told_to_whoever_asks(site: Ask) -> None:
    """OpenMetrics names the family without `_total`, ends names in their unit, and ends."""
    text = served(site, "application/openmetrics-text; version=1.0.0, text/plain;q=0.5")
    assert text.endswith("# EOF\n")
    assert "# TYPE pawl_spend_usd counter\n# UNIT pawl_spend_usd usd\npawl_spend_usd_total{" in text
    for name, unit in re.findall(r"# UNIT (\S+) (\S+)", text):
        assert name.endswith(f"_{unit}")
    assert not re.search(r"# TYPE \S+_total ", text)


def test_hostile_names_stay_inside_their_quotes() -> None:
    """Quotes, backslashes and line breaks in a project's name are escaped."""
    family = Family(name="x", kind="gauge", help="h", samples=(((("project", 'a"} 1\n\\'),), 2.0),))
    line = exposition([family], openmetrics=False).splitlines()[2]
    assert line == 'x{project="a\\"} 1\\n\\\\"} 2'
    assert SAMPLE.match(line)


def test_a_store_that_does_not_answer_is_told(site: Ask) -> None:
    """The server's own metrics are served, and `pawl_meter_up` is 0."""
    store = FakeStore()
    client = site()
    client.serving.meter = Meter(store, store.now)
    store.failure = Unavailable("the disk is full.")
    text = client.get("/metrics").text
    assert "pawl_meter_up 0" in text
    assert "pawl_spend_usd" not in text
    assert "pawl_ready" in text


@pytest.fixture
def dashboard() -> dict[str, Any]:
    """Return the dashboard for Grafana."""
    found = json.loads(DASHBOARD.read_text())
    assert isinstance(found, dict)
    return found


def queries(dashboard: dict[str, Any]) -> list[str]:
    """Return everything that the dashboard asks Prometheus."""
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    return asked + [
        each["query"]["query"]
        for each in dashboard["templating"]["list"]
        if each["type"] == "query"
    ]


def test_every_metric_of_the_dashboard_is_served(site: Ask, dashboard: dict[str, Any]) -> None:
    """What a panel or a variable asks for is there, with the labels it asks by."""
    has: dict[str, set[str]] = {}
    for line in served(site).splitlines():
        if found := SAMPLE.match(line):
            has.setdefault(found[1], set()).update(re.findall(r'([a-z_]+)="', found[2] or ""))
    asked = queries(dashboard)
    assert len(asked) > 15
    for query in asked:
        names = re.findall(r"\bpawl_[a-z0-9_]+", query)
        assert names
        assert set(names) <= set(has), query
        for name, labels in re.findall(r"(pawl_[a-z0-9_]+)\{([^}]*)\}", query):
            assert set(re.findall(r"([a-z_]+)(?:=~|!=|!~|=)", labels)) <= has[name], query
    every = {name for query in asked for name in re.findall(r"\bpawl_[a-z0-9_]+", query)}
    assert {f"{name}_total" for name, _, _ in COUNTERS} <= every


class Grid(msgspec.Struct, frozen=True):
    """Where a panel stands, of 24 columns."""

    x: int
    y: int
    w: int
    h: int


def test_the_dashboard_has_grafanas_structure(dashboard: dict[str, Any]) -> None:
    """Ids are unique, panels lie in the grid without overlap, each target names the data source."""
    assert dashboard["schemaVersion"] >= 36
    assert {"title", "uid", "time", "templating", "panels", "tags"} <= set(dashboard)
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    variables = {each["name"] for each in dashboard["templating"]["list"]}
    for panel in panels:
        grid = msgspec.convert(panel["gridPos"], Grid)
        cells = {
            (x, y) for x in range(grid.x, grid.x + grid.w) for y in range(grid.y, grid.y + grid.h)
        }
        assert not cells & taken, panel["title"]
        assert grid.x + grid.w <= 24
        taken |= cells
        if panel["type"] == "row":
            continue
        assert panel["type"] in ("stat", "timeseries")
        assert panel["description"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
        for target in panel["targets"]:
            assert target["datasource"] == {"type": "prometheus", "uid": "${source}"}
    for name in re.findall(r"\$([a-z]+)", " ".join(queries(dashboard))):
        assert name in variables


def test_the_guide_names_every_metric(site: Ask) -> None:
    """The how-to tells of each metric of the agents, and of none that is not served."""
    guide = (ROOT / "docs/how-to/watch-with-grafana.md").read_text()
    names = {found[1] for line in served(site).splitlines() if (found := SAMPLE.match(line))}
    told = set(re.findall(r"\bpawl_[a-z0-9_]+", guide))
    assert told <= names
    own = {"pawl_build_info", "pawl_drains_total", "pawl_drained_events_total"}
    assert {name for name in names if name.startswith("pawl_")} - told - own <= {
        "pawl_import_size_bytes",
        "pawl_import_read_bytes",
    }


class Changes:
    """A meter of changes that answers, or does not."""

    def __init__(self, told: tuple[Family, ...] | None) -> None:
        self.told = told

    def families(self) -> tuple[Family, ...]:
        """Return what is told, or raise."""
        if self.told is None:
            raise Unavailable("The records are away.")
        return self.told


@pytest.mark.parametrize("away", [False, True])
def test_figures_of_changes_are_told_too(
    site: Ask, away: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """They stand beside the agents' counters; where the records are away only they are missing."""
    store = FakeStore()
    client = site()
    told = tuple(families(figures((), (), NOW, NOW)))
    client.serving.meter = Meter(store, store.now, Changes(None if away else told))
    text = client.get("/metrics").text
    assert "pawl_meter_up 1\n" in text
    assert f"pawl_change_meter_up {int(not away)}\n" in text
    assert ('pawl_change_share_of{figure="gate_coverage"} 0\n' in text) is not away
    assert ("The records are away." in capsys.readouterr().err) is away
