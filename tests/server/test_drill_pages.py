"""Drills in the server: the board, the report, the same as JSON, and nothing of strangers runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.incidents.test_drill_run import BY, LATER, NOW
from tests.server.conftest import Ask, Client
from tests.store.records.test_drills import kept

from pawl.app.drills import drill_pages
from pawl.base.errors import BadFile
from pawl.incidents.drill import Drill, Measured
from pawl.incidents.drill_run import Abort, Finish, Note, Start
from pawl.services.drill_pages import DrillPages
from pawl.services.sample_drills import load_sample_drills
from pawl.store.records.check import check
from pawl.store.records.drills import DrillRecords
from pawl.store.records.engine import Engine, open_records

HOSTILE = "<script>window.hacked=1</script>\u202egnp"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Records of the test's own."""
    opened = open_records(tmp_path / "drills")
    yield opened
    opened.dispose()


@pytest.fixture
def client(site: Ask, engine: Engine, tmp_path: Path) -> Client:
    """Return a client of a site that shows drills."""
    made = site()
    made.serving.drills = drill_pages(tmp_path, engine, None)
    return made


def test_the_board_shows_what_can_be_run_and_what_was(client: Client, engine: Engine) -> None:
    """Nothing was run, so nobody has looked; then the newest run stands there with its verdict."""
    before = client.get("/drills")
    assert before.status_code == 200
    assert "No drill was run yet." in before.text
    assert "A change of policy without approval does not go out" in before.text
    bad = Finish(by=BY, measured={"lost": Measured(value=2)})
    run = kept(DrillRecords(engine), Start(by=BY), bad)
    text = client.get("/drills").text
    assert f'href="/drills/{run.id}"' in text
    assert "did not hold" in text


def test_the_report_has_numbers_units_and_gaps(client: Client, engine: Engine) -> None:
    """What was expected, what was measured, what is to do; an aborted one says why."""
    measured = {"lost": Measured(value=2), "after_return_s": Measured(value=None, why="no answer")}
    run = kept(DrillRecords(engine), Start(by=BY), Finish(by=BY, measured=measured))
    text = client.get(f"/drills/{run.id}").text
    assert "<b>2</b> notices" in text
    assert "at most 0 notices" in text
    assert "no answer" in text
    assert "no action opened yet" in text
    assert "platform-eng, by 2026-12-06" in text
    other = kept(
        DrillRecords(engine), Start(by=BY), Abort(by=BY, why="Too long."), id="drl_2", now=LATER
    )
    text = client.get(f"/drills/{other.id}").text
    assert "Too long." in text
    assert "proves nothing" in text
    assert f'href="/drills/{run.id}"' in text, "the run before it"
    assert client.get("/drills/nobody").status_code == 404


def test_json_holds_the_same(client: Client, engine: Engine) -> None:
    """One versioned object each; null where nobody knows, 404 for what is none."""
    run = kept(DrillRecords(engine), Start(by=BY))
    found = client.get(f"/api/drills/{run.id}").json()
    assert (found["schema"], found["run"]["state"]) == ("pawl.drill-run/1", "running")
    assert (found["met_share"], found["lasted_s"]) == (None, None)
    every = client.get("/api/drills").json()
    assert every["schema"] == "pawl.drills/1"
    assert [each["run"]["id"] for each in every["runs"]] == [run.id]
    assert client.get("/api/drills/nobody").status_code == 404
    assert client.get("/api/drills?page=2").status_code == 400


def test_what_strangers_wrote_is_text(client: Client, engine: Engine) -> None:
    """A drill of a repository and what a fault saw come from anywhere."""
    measured = {"lost": Measured(value=None, why=HOSTILE)}
    notes = (Note(after_s=1, text=HOSTILE),)
    run = kept(
        DrillRecords(engine), Start(by=HOSTILE), Finish(by=BY, measured=measured, notes=notes)
    )
    for path in ("/drills", f"/drills/{run.id}"):
        text = client.get(path).text
        assert "<script>window" not in text
        assert "\u202e" not in text


def test_a_broken_file_hides_no_drill_of_ours(client: Client, engine: Engine) -> None:
    """The page says which file, and shows those that come with Pawl."""

    def broken() -> dict[str, tuple[Drill, str]]:
        raise BadFile("it has no bound.", place=".pawl/drills/x.yaml")

    pages = client.serving.drills
    assert pages is not None
    client.serving.drills = DrillPages(pages.desk, broken)
    text = client.get("/drills").text
    assert ".pawl/drills/x.yaml: it has no bound." in text
    assert "An agent that loops is ended" in text
    assert client.get("/api/drills").json()["trouble"]


def test_a_server_without_drills_says_so(site: Ask) -> None:
    """Not a page that looks as if nothing was ever run."""
    assert site().get("/drills").status_code == 404
    assert site().get("/api/drills").status_code == 404


def test_the_sample_tells_of_each_outcome_once(engine: Engine) -> None:
    """Held, refuted and aborted, as the core judges them; loading again changes nothing."""
    load_sample_drills(engine, NOW)
    load_sample_drills(engine, NOW)
    runs = DrillRecords(engine).newest()
    assert len(runs) == 5
    assert {(each.state.value, each.verdict and each.verdict.value) for each in runs} == {
        ("finished", "met"),
        ("finished", "not-met"),
        ("aborted", "cannot-tell"),
    }
    assert check(engine, replay=True).difference is None
