"""What `pawl up` opens: real stores, filled by the sample, answering the pages' questions."""

from pathlib import Path

import pytest

from pawl.app.serving import server_services
from pawl.services.pages import RunsQuestion
from pawl.services.serving import Serving
from pawl.store.events.owner import StoreBusy, owner
from pawl.telemetry.bill import Key


@pytest.fixture
def serving(tmp_path: Path) -> Serving:
    """Return services over the sample, all of it loaded."""
    made = server_services(tmp_path, url="http://127.0.0.1:1", sample=True)
    assert made.import_once() == "done", made.progress.message
    made.drain_once()
    return made


def test_the_sample_answers_every_page(serving: Serving, tmp_path: Path) -> None:
    """Overview, runs, one run and the bill are all there, on the real stores."""
    pages = serving.pages
    try:
        overview = pages.overview(30)
        assert overview.total.cost_micros > 0
        assert overview.outcomes.succeeded > 10
        listed = pages.runs(RunsQuestion(outcome="stopped"))
        assert listed.answer.total > 0
        view = pages.run(listed.answer.rows[0].run_id)
        assert view is not None
        assert view.record is not None
        assert view.record.stop is not None
        assert [use.name for use in view.limits if use.hit] == ["wall"]
        assert any(turn.number for turn in view.timeline.turns)
        bill = pages.bill((Key.AGENT,), None, None)
        assert len(bill.rows) == 4
        assert bill.unpriced
        priced = view.row.cost_micros
        assert view.record.cost.usd is None or priced == round(view.record.cost.usd * 1e6)
    finally:
        serving.stop()


def test_one_owner_at_a_time_and_it_says_where_it_answers(serving: Serving, tmp_path: Path) -> None:
    """A second server on the data folder is told who owns it; after a stop nobody does."""
    try:
        known = owner(tmp_path)
        assert known is not None
        assert known.url == "http://127.0.0.1:1"
        with pytest.raises(StoreBusy, match=r"127\.0\.0\.1:1"):
            server_services(tmp_path, url="http://127.0.0.1:2")
    finally:
        serving.stop()
    assert owner(tmp_path) is None


def test_what_the_list_and_the_run_say_agrees(serving: Serving) -> None:
    """A run's row, its record and the bill are about the same requests."""
    try:
        pages = serving.pages
        total = pages.bill((Key.DAY,), None, None).total
        listed = pages.runs(RunsQuestion(per_page=1000)).answer.rows
        assert sum(row.requests for row in listed) == total.requests
        assert sum(row.cost_micros or 0 for row in listed) == total.cost_micros
    finally:
        serving.stop()
