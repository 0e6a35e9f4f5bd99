"""Whatever goes wrong is told plainly, as a page or as JSON, with the right status."""

import pytest
from tests.server.conftest import Ask
from tests.server.fakes import FakeFacts, a_row

from pawl.base.errors import Unavailable


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/runs?sort=bogus", "sort"),
        ("/runs?page=0", "page"),
        ("/runs?page=x", "page"),
        ("/runs?outcome=fine", "outcome"),
        ("/runs?colour=red", "colour"),
        ("/runs?order=up", "order"),
        ("/runs?text=" + "x" * 300, "text"),
        ("/cost?by=weather", "by"),
        ("/cost?since=yesterday", "since"),
        ("/cost?since=2026-11-20&until=2026-11-01", "since"),
        ("/?days=0", "days"),
        ("/?days=9999999999999999999999", "days"),
        ("/api/cost?by=day,weather", "by"),
        ("/api/cost?since=never", "never"),
        ("/api/runs?sort=bogus", "sort"),
    ],
)
def test_a_bad_question_is_refused_by_name(site: Ask, path: str, names: str) -> None:
    """A parameter that means nothing answers 400 and names the parameter."""
    answer = site(FakeFacts(rows=[a_row()])).get(path)
    assert answer.status_code == 400
    assert names in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "path", ["/nowhere", "/runs/run_nobody", "/runs/" + "x" * 4000, "/static/../site.py"]
)
def test_what_is_not_there_answers_404(site: Ask, path: str) -> None:
    """Unknown pages and runs answer 404 with a way back."""
    answer = site().get(path)
    assert answer.status_code == 404
    assert 'href="/runs"' in answer.text


def test_api_errors_are_json(site: Ask) -> None:
    """Programs get the error's code, message, place and hint as JSON."""
    client = site()
    missing = client.get("/api/runs/run_nobody")
    assert missing.status_code == 404
    assert missing.json()["error"]["code"] == "not-found"
    wrong = client.get("/api/runs?sort=bogus").json()["error"]
    assert wrong["place"] == "sort"
    assert "started" in wrong["hint"]


def test_a_store_that_does_not_answer_is_503(site: Ask) -> None:
    """An unavailable store is told as such, with the remedy, and not as an empty one."""
    facts = FakeFacts()
    facts.failure = Unavailable("the disk is gone.", hint="Plug it in.")
    for path in ("/", "/runs", "/cost", "/api/cost"):
        answer = site(facts).get(path)
        assert answer.status_code == 503, path
        assert "Plug it in." in answer.text


def test_a_defect_gives_a_reference_and_keeps_its_details(
    site: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    """A defect of ours answers 500 with a reference that the log repeats; nothing leaks."""
    facts = FakeFacts()
    facts.failure = RuntimeError("secret detail")
    answer = site(facts).get("/runs")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    reference = answer.text.partition("reference ")[2][:8]
    assert reference in capsys.readouterr().err
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_method_that_a_page_has_not_is_405(site: Ask) -> None:
    """Posting to a page answers 405."""
    assert site().post("/runs").status_code == 405
