"""JSON and health: the same objects as the command line, and honest signs of life."""

from tests.server.conftest import Ask
from tests.server.fakes import FakeFacts, Spent, a_row, spending

from pawl.base.errors import Unavailable
from pawl.runs.record import Outcome, RunCost, RunRecord


def test_cost_is_the_object_of_the_command_line(site: Ask) -> None:
    """`/api/cost` answers `pawl.cost/1` with rows by the keys asked for."""
    body = site(FakeFacts(spent=spending())).get("/api/cost?by=day,model").json()
    assert body["schema"] == "pawl.cost/1"
    assert body["by"] == ["day", "model"]
    assert set(body["rows"][0]) >= {"day", "model", "requests", "usage", "cost_usd_micros"}
    total = sum(row["cost_usd_micros"] for row in body["rows"])
    assert body["total"]["cost_usd_micros"] == total


def test_cost_of_one_project(site: Ask) -> None:
    """`project` keeps one project alone, and `by=` without keys gives the total."""
    body = site(FakeFacts(spent=spending())).get("/api/cost?by=&project=search").json()
    assert (body["by"], len(body["rows"])) == ([], 1)
    assert body["total"]["requests"] == sum(each.project == "search" for each in spending())


def test_what_is_in_the_spool_counts(site: Ask) -> None:
    """A bill and a run's events load the spool first; when that fails they say so."""
    facts = FakeFacts(events={"run_1": ()})
    drained = []

    def drain() -> int:
        drained.append(True)
        if len(drained) > 2:
            raise Unavailable("the disk is full.")
        return 1

    client = site(facts, drain=drain)
    assert client.get("/api/cost").status_code == 200
    assert client.get("/api/runs/run_1/events").json() == {
        "schema": "pawl.events/1",
        "events": [],
        "total": 0,
    }
    assert len(drained) == 2
    answer = client.get("/api/cost")
    assert answer.status_code == 503
    assert "the disk is full" in answer.json()["error"]["message"]


def test_unpriced_cost_is_null_in_json(site: Ask) -> None:
    """Money that is not known is null, and its model is listed."""
    facts = FakeFacts(spent=[Spent(day="2026-11-20", model="m", project="p", micros=None)])
    body = site(facts).get("/api/cost").json()
    assert body["rows"][0]["cost_usd_micros"] is None
    assert body["unpriced"][0]["model"] == "m"


def test_a_supervised_run_is_its_record(site: Ask) -> None:
    """`/api/runs/{id}` answers `pawl.run/1` for a run that ended, the list's row for others."""
    record = RunRecord(
        run_id="run_1",
        agent="codex",
        outcome=Outcome.SUCCEEDED,
        cost=RunCost(usd=0.5, basis="priced"),
    )
    facts = FakeFacts(rows=[a_row("run_1"), a_row("ses_1", observed=True)], records=[record])
    client = site(facts)
    assert client.get("/api/runs/run_1").json()["schema"] == "pawl.run/1"
    assert client.get("/api/runs/ses_1").json()["run"]["observed"] is True
    listed = client.get("/api/runs?sort=started").json()
    assert (listed["schema"], listed["total"], len(listed["runs"])) == ("pawl.runs/1", 2, 2)


def test_ready_means_that_events_are_being_loaded(site: Ask) -> None:
    """The server is alive at once, ready after the first drain, and not while draining fails."""
    failing = False

    def drain() -> int:
        if failing:
            raise Unavailable("the disk is full.")
        return 3

    client = site(drain=drain)
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    serving = client.serving
    serving.drain_once()
    assert client.get("/readyz").status_code == 200
    assert "pawl_drained_events_total 3" in client.get("/metrics").text
    failing = True
    serving.drain_once()
    assert "disk is full" in client.get("/readyz").text
    assert "New events are not being loaded" in client.get("/runs").text


def test_import_progress_is_told(site: Ask) -> None:
    """The page shows a bar while transcripts are read, and JSON tells the same."""
    client = site()
    serving = client.serving
    serving.progress = serving.progress.__class__(state="running", bytes_done=512, bytes_total=2048)
    assert "512 B of 2.0 KiB" in client.get("/").text
    assert client.get("/api/import-progress").json()["progress"]["bytes_done"] == 512


def test_metrics_are_in_the_text_format(site: Ask) -> None:
    """Each sample has its help and type."""
    answer = site().get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    names = [line.split()[2] for line in answer.text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names)) == answer.text.count("# HELP")


def test_static_files_may_be_kept_when_named_by_digest(site: Ask) -> None:
    """A file asked for with its digest is immutable; without it, it is asked for again."""
    client = site()
    assert "immutable" in client.get("/static/pawl.css?v=abc").headers["cache-control"]
    assert "cache-control" not in client.get("/static/pawl.css").headers
