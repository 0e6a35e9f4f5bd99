"""The maturity pages say where a subject stands, why, and what next; forms refuse with a remedy."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.server.conftest import Ask, Client, csrf_in
from tests.server.fakes import NOW
from tests.server.maturity_site import FIRST, Maturity, hostile_batch

from pawl.maturity.evidence import sealed
from pawl.server.formatting import UNKNOWN
from pawl.server.maturity_formatting import days, effort, place_url, told
from pawl.server.site import Settings

HOSTILE = "<script>alert(1)</script>\"'{{7*7}}\x1b[31m"
VIEWS = (
    "/maturity", "/maturity/roadmap", "/maturity/roadmap?model=all", "/maturity/trend",
    "/maturity/diff",
    "/maturity/exemptions", "/maturity/integrity", "/maturity/fleet", "/maturity/one-page",
    "/maturity/assessments", "/maturity/dimension?model=eng&dimension=delivery",
    "/maturity/dimension?model=tier3&dimension=ci-cd",
)  # fmt: skip
JSON = {
    "/api/maturity": "pawl.fleet/1",
    "/api/maturity/assessment": "pawl.assess/1",
    "/api/maturity/explain?address=eng.code.L4": "pawl.explain/1",
    "/api/maturity/roadmap": "pawl.roadmap/1",
    "/api/maturity/trend": "pawl.trend/1",
    "/api/maturity/diff": "pawl.difference/1",
    "/api/maturity/exemptions": "pawl.exemptions-judged/1",
    "/api/maturity/integrity": "pawl.integrity/1",
    "/api/maturity/assessments": "pawl.ceremonies/1",
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maturity]:
    """Records with the sample's history. Tests that write take `fresh`."""
    made = Maturity(tmp_path_factory.mktemp("maturity"))
    made.load_sample()
    yield made
    made.engine.dispose()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Maturity]:
    """Records of their own for one test, with the sample's history."""
    made = Maturity(tmp_path)
    made.load_sample()
    yield made
    made.engine.dispose()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Maturity]:
    """Records in which nothing was ever assessed."""
    made = Maturity(tmp_path)
    yield made
    made.engine.dispose()


def text_of(client: Client, path: str) -> str:
    """Return a page's text; the page must be there."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def served(site: Ask, made: Maturity, **told: object) -> Client:
    """Return a client of a site over these records."""
    client = site(**told)
    client.serving.maturity = made.pages
    return client


@pytest.mark.parametrize("path", VIEWS)
def test_before_the_first_assessment_a_page_names_the_command(
    site: Ask, empty: Maturity, path: str
) -> None:
    """Without any evidence each page says what makes the first assessment."""
    assert "pawl assess ." in text_of(served(site, empty), path)


@pytest.mark.parametrize("path", VIEWS)
def test_every_page_is_there_and_needs_no_inline_code(
    site: Ask, sample: Maturity, path: str
) -> None:
    """Each page answers, marks itself in the navigation, and obeys the policy on scripts."""
    page = text_of(served(site, sample), path)
    assert '<a href="/maturity" aria-current="page">Maturity</a>' in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)


def test_the_grid_shows_each_dimension_at_each_level(site: Ask, sample: Maturity) -> None:
    """Five rows of five cells, the reached one marked, the weakest named with its risk."""
    page = text_of(served(site, sample), "/maturity")
    grid = page[page.index("Engineering maturity") : page.index("Operational maturity")]
    assert grid.count('data-label="L') == 25
    assert len(re.findall(r'class="l\d here"', grid)) == 5
    assert re.search(r'class="l4 here".*?<strong class="lv">L4', grid, re.DOTALL)
    assert grid.count("▼ weakest") == 2
    assert "risk: High" in page
    assert "confirmed was L3" in grid
    assert "1 exempt" in grid
    assert "oldest 30 d" in grid
    assert "on-call schedule" in page, "what was not looked at is said"


def test_an_unlevelled_model_publishes_none(site: Ask, sample: Maturity) -> None:
    """A model that nothing could be looked at for shows no level, here and in the trend."""
    client = served(site, sample)
    oldest = client.get("/api/maturity/trend?model=ops").json()["points"][0]
    assert oldest["measured"] == {"overall": None}
    assert "no level" in text_of(client, "/maturity/trend?model=ops")


def test_one_dimension_is_explained_down_to_its_evidence(site: Ask, sample: Maturity) -> None:
    """The tree has verdicts in words, thresholds, places and links to records that are there."""
    client = served(site, sample)
    page = text_of(client, "/maturity/dimension?model=eng&dimension=delivery")
    for word in ("unmet", "stale", "contested", "unknown", "exempt", "met"):
        assert re.search(rf"</svg>(\d+ )?<span>{word}</span>", page), word
    assert "deploys/2031" in page
    assert "Look first, then: " in page
    found = re.search(r'href="(/api/maturity/evidence/[^"]+)"', page)
    assert found
    record = client.get(found[1].replace("&amp;", "&")).json()
    assert record["subject"] == FIRST
    assert record["id"] in found[1]
    bound = re.findall(r"bound by ledger entry (\d+)", page)
    entries = sample.evidence.ledger_entries(FIRST)
    assert len(bound) > 10
    assert str(entries[record["id"]]) == bound[0]
    told = client.get("/api/maturity/explain?address=eng.delivery").json()
    needs = told["dimensions"][0]["levels"][1]["criteria"][0]["needs"]
    assert needs[0]["evidence"][0]["ledger_entry"] in entries.values()


def test_the_roadmap_follows_the_capacity(site: Ask, sample: Maturity) -> None:
    """More hands finish in fewer weeks; a capacity that is none is refused by name."""
    client = served(site, sample)
    slow = client.get("/api/maturity/roadmap?capacity=1").json()
    fast = client.get("/api/maturity/roadmap?capacity=10").json()
    worked = [sum(bool(week["work"]) for week in plan["weeks"]) for plan in (slow, fast)]
    assert worked[0] > worked[1] > 0
    page = text_of(client, "/maturity/roadmap?capacity=2.5")
    assert "unassigned" in page
    assert "Week 1 " in page
    for wrong in ("0", "-1", "nan", "inf", "x", "1e9"):
        assert client.get(f"/maturity/roadmap?capacity={wrong}").status_code == 400, wrong


def test_the_trend_has_a_row_for_each_assessment(site: Ask, sample: Maturity) -> None:
    """Each chart draws from the table; what fell is told by word and sign, not colour alone."""
    page = text_of(served(site, sample), "/maturity/trend")
    assert page.count('data-table="levels"') == 5
    assert page.count('<th scope="row" data-x="') == 6
    assert page.count("fell since the assessment before") == 1
    assert "▼ 1" in page


def test_each_change_stands_with_its_one_cause(site: Ask, sample: Maturity) -> None:
    """Without a choice the last two are compared; the counts by cause add up to the rows."""
    client = served(site, sample)
    page = text_of(client, "/maturity/diff")
    told = client.get("/api/maturity/diff").json()
    rows = page.count('<th scope="row">')
    assert rows == len(told["changes"]) == sum(told["counts"].values()) > 10
    assert page.count('<td class="cause">') == rows
    assert re.findall(r"<dt>By (\w+)</dt><dd>(\d+)</dd>", page) == [
        (cause, str(count)) for cause, count in told["counts"].items()
    ]
    assert "None of 20 runbooks was opened" in page
    assert page.count("<option") == 3 + 2 * 6
    assert page.count(" selected") == 3
    assert "/maturity/diff?subject=" in text_of(client, "/maturity/trend")


def test_two_assessments_are_chosen_by_a_form(site: Ask, sample: Maturity) -> None:
    """Any two, in any order; the first alone and one twice are said, and the form stays."""
    client = served(site, sample)
    digests = [point.digest for point in sample.evidence.trend(FIRST)]
    address = f"/maturity/diff?subject={FIRST}&before={digests[0]}&after={digests[3]}"
    forth = client.get(f"/api{address}").json()
    back = client.get(f"/api/maturity/diff?before={digests[3]}&after={digests[0]}").json()
    values = {(each["criterion"], each["dimension"], each["what"]) for each in forth["changes"]}
    assert values == {(e["criterion"], e["dimension"], e["what"]) for e in back["changes"]}
    assert f'value="{digests[3]}" selected' in text_of(client, address)
    one = f"/maturity/diff?before={digests[1]}&after={digests[1]}"
    assert "the same assessment twice" in text_of(client, one)
    first = f"/maturity/diff?after={digests[0]}"
    assert "Nothing stands before the first assessment" in text_of(client, first)
    assert client.get(f"/api{first}").status_code == 404
    wrong = client.get("/maturity/diff?before=charm")
    assert "No assessment of this subject has the digest" in wrong.text
    assert "Compare</button>" in wrong.text


def test_a_single_assessment_changed_nothing(site: Ask, empty: Maturity) -> None:
    """With one there is nothing to compare, and the page says what makes the second."""
    empty.add(hostile_batch(empty, "plain"))
    page = text_of(served(site, empty), "/maturity/diff")
    assert "One assessment so far" in page
    assert "Compare</button>" not in page
    assert "What changed between two" not in text_of(served(site, empty), "/maturity/trend")


def test_exemptions_that_do_not_count_say_why(site: Ask, sample: Maturity) -> None:
    """Live ones have an end, ended and refused ones are listed apart with the reason."""
    page = text_of(served(site, sample), "/maturity/exemptions")
    assert "42 d left" in page
    assert "the level rests on it" in page
    assert "silenced-ledger" in page
    assert "Its owner approved it." in page


def test_an_integrity_hit_stands_beside_its_innocent_explanation(
    site: Ask, sample: Maturity
) -> None:
    """Hits that removed credit come first, each with what would clear it."""
    page = text_of(served(site, sample), "/maturity/integrity")
    assert page.index("G06") < page.index("G07")
    assert page.count("It may be honest") == page.count("What clears it") == 2


def test_the_fleet_names_the_weakest_and_adds_nothing_up(site: Ask, sample: Maturity) -> None:
    """A row a subject, a chip a dimension, the weakest named; pages past the end are the last."""
    client = served(site, sample)
    page = text_of(client, "/maturity/fleet?page=99")
    assert "3 subjects" in page
    assert page.count('data-label="Engineering maturity"') == 3
    assert "weakest: Reliability &amp; Operations" in page
    rows = client.get("/api/maturity").json()["subjects"]
    assert rows[0]["models"]["eng"]["weakest"] == ["reliability", "culture"]


@pytest.mark.parametrize("path", JSON)
def test_each_page_has_its_twin_in_json(site: Ask, sample: Maturity, path: str) -> None:
    """Programs get the same facts with a schema; nothing to tell of is a 404, not an empty yes."""
    assert served(site, sample).get(path).json()["schema"] == JSON[path]
    answer = served(site, sample).get(path + ("&" if "?" in path else "?") + "subject=nobody")
    assert answer.status_code in (400, 404) or path.endswith("assessments")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/maturity?subject=repo:nobody", 404),
        ("/maturity?subject=" + "x" * 300, 400),
        ("/maturity?colour=red", 400),
        ("/maturity/dimension?model=eng&dimension=charm", 404),
        ("/maturity/dimension", 404),
        ("/maturity/roadmap?model=charm", 400),
        ("/maturity/trend?model=charm", 400),
        ("/maturity/diff?before=charm", 400),
        ("/maturity/diff?after=%25", 400),
        ("/api/maturity/diff?after=charm", 404),
        ("/maturity/assessments/asm_nobody", 404),
        ("/maturity/assessments?subject=nobody", 404),
        ("/api/maturity/explain?address=charm", 404),
        ("/api/maturity/evidence/nothing", 404),
        ("/api/maturity/assessment?subject=x&digest=y", 404),
    ],
)
def test_what_is_not_there_is_said_plainly(
    site: Ask, sample: Maturity, path: str, status: int
) -> None:
    """Wrong names are refused with the right status and never crash."""
    answer = served(site, sample).get(path)
    assert answer.status_code == status, answer.text


def test_hostile_text_is_shown_and_never_runs(site: Ask, empty: Maturity) -> None:
    """Whatever a repository put into names, reasons and places reaches the page as text."""
    empty.add(hostile_batch(empty, HOSTILE))
    client = served(site, empty)
    for path in VIEWS:
        page = client.get(path).text
        assert "<script>alert" not in page, path
        assert "\x1b" not in page, path
    page = text_of(client, "/maturity/dimension?model=eng&dimension=code")
    assert page.count("&lt;script&gt;alert(1)") >= 4


def test_an_assessment_is_held_from_its_trigger_to_its_end(site: Ask, fresh: Maturity) -> None:
    """Opened, evidence attached, findings, action, targets, closed: each by a plain form."""
    client = served(site, fresh)
    path = "/maturity/assessments"
    opened = client.post(path, data={
        "subject": "repo:example.org/shop/search", "model": "eng", "cause": "quarter",
        "ref": "2026-Q4", "dimensions": "",
    })  # fmt: skip
    assert opened.status_code == 303
    here = opened.headers["location"]

    def do(**fields: str) -> int:
        return client.post(here, data=fields).status_code

    early = client.post(here, data={"command": "close"})
    assert early.status_code == 409
    assert "while it is draft" in early.text
    assert "while it is actions" in early.text, "the remedy"
    assert do(command="attach") == 303
    assert do(command="strength", criterion="", dimension="code", text="Tests are run.") == 303
    page = text_of(client, here)
    gap = re.search(r'<option value="(culture/eng\.culture\.L3\.ownership)"', page)
    assert gap
    assert do(command="gap", criterion=gap[1], text="Nobody owns it.") == 303
    assert do(command="agree") == 303
    refused = client.post(here, data={
        "command": "action", "gap": gap[1].partition("/")[2], "id": "own", "text": "Name owners",
        "owner": "platform-team", "due": "2020-01-01", "indicator": "covered",
    })  # fmt: skip
    assert refused.status_code == 409
    assert "is not a day after" in refused.text
    assert 'value="Name owners"' in refused.text, "what was typed is kept"
    assert do(
        command="action", gap=gap[1].partition("/")[2], id="own", text="Name owners",
        owner="platform-team", due="2027-01-31", indicator="covered",
    ) == 303  # fmt: skip
    dimensions = ["code", "delivery", "reliability", "security", "culture"]
    targets = {"command": "targets", "dimension": dimensions, "level": ["2"] * 5}
    assert client.post(here, data=targets).status_code == 303
    assert do(command="close") == 303
    page = text_of(client, here)
    assert "Confirmed" in page
    assert "Plan an action" not in page
    assert fresh.ceremonies.confirmed("repo:example.org/shop/search")
    assert do(command="abandon", reason="too late") == 409


def test_a_second_one_is_refused_with_its_remedy(site: Ask, fresh: Maturity) -> None:
    """While one is open the form keeps what was typed and says what to do first."""
    client = served(site, fresh)
    again = client.post("/maturity/assessments", data={
        "subject": FIRST, "model": "eng", "cause": "incident", "ref": "INC-9", "dimensions": "",
    })  # fmt: skip
    assert again.status_code == 409
    assert "Close or abandon it first." in again.text
    assert 'value="INC-9"' in again.text


def test_a_request_to_scale_is_decided_by_its_assessment(site: Ask, fresh: Maturity) -> None:
    """Whatever is below the baseline or has lapsed blocks, with each dimension's ground."""
    client = served(site, fresh)
    held = next(each for each in fresh.ceremonies.of() if each.trigger.ref == "new-region")
    answer = client.post(
        f"/maturity/assessments/{held.id}", data={"command": "scale", "area": "A new region"}
    )
    assert answer.status_code == 200
    assert "Scaling is blocked" in answer.text
    assert "level 3 is the baseline" in answer.text


def test_forms_are_taken_only_from_our_own_pages(site: Ask, fresh: Maturity) -> None:
    """A foreign origin, a foreign fetch, or a body that is no form changes nothing."""
    client = served(site, fresh)
    held = fresh.ceremonies.of()[0]
    path = f"/maturity/assessments/{held.id}"
    form = {"command": "abandon", "reason": "because"}
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post(path, data=form, headers=headers).status_code == 403
    assert client.post(path, json=form).status_code == 415
    assert client.post(path, data={**form, "reason": "x" * 20_000}).status_code == 413
    assert client.post(path, data={**form, "colour": "red"}).status_code == 400
    assert client.post(path, data={"command": ["agree", "close"]}).status_code == 400
    assert client.post(path, data={"command": "dance"}).status_code == 400
    assert client.get("/maturity/assessments").status_code == 200
    assert fresh.ceremonies.get(held.id) == held
    assert client.post(path, data=form).status_code == 303


def test_beyond_loopback_forms_need_the_session(site: Ask, fresh: Maturity) -> None:
    """A form is read with a session and its proof; the ledger names the token, not a person."""
    token = "correct-horse-battery-staple"
    client = served(
        site, fresh, base_url="http://team.example",
        settings=Settings(host="0.0.0.0", token=token),
    )  # fmt: skip
    held = fresh.ceremonies.of()[0]
    path, form = f"/maturity/assessments/{held.id}", {"command": "abandon", "reason": "because"}
    assert client.post(path, data=form).headers["location"].startswith("/login")
    assert fresh.ceremonies.get(held.id) == held
    client.post("/login", data={"token": token})
    assert client.post(path, data=form).status_code == 403
    assert fresh.ceremonies.get(held.id) == held
    form["csrf"] = csrf_in(client.get(path).text)
    assert client.post(path, data=form).status_code == 303
    assert fresh.last_actor() == "token"


def test_numbers_carry_their_units() -> None:
    """Ages, efforts and values read with a unit, and unknown is a dash."""
    assert [days(None), days(0.2), days(41.7)] == [UNKNOWN, "today", "42 d"]
    assert [effort(None), effort(1), effort(2.5)] == [UNKNOWN, "1 person-day", "2.5 person-days"]
    assert [told(None), told(True), told(7.97), told(1200)] == [UNKNOWN, "yes", "7.97", "1,200"]


def test_places_link_only_to_hosts_that_are_known(sample: Maturity) -> None:
    """A place links to the code host at the assessed commit; other subjects get no link."""
    made = sample.evidence.assessment(FIRST)
    assert made is not None
    found = next(
        place
        for model in made.models
        for dimension in model.dimensions
        for criterion in dimension.criteria
        for need in criterion.needs
        for place in need.places
        if place.line
    )
    assert place_url(found, made) is None
    known = msgspec.structs.replace(made, subject="repo:github.com/shop/checkout")
    url = place_url(found, known)
    assert url is not None
    assert url.startswith(f"https://github.com/shop/checkout/blob/{made.commit}/")
    assert url.endswith(f"#L{found.line}")
    sly = msgspec.structs.replace(made, subject="repo:github.com/../x?y/z")
    assert place_url(found, sly) is None


def test_hostile_batches_are_whole(empty: Maturity) -> None:
    """The hostile evidence of these tests is as sealed as any other."""
    batch = hostile_batch(empty, HOSTILE)
    assert all(sealed(record).id == record.id for record in batch.records)
    assert batch.assessment.as_of <= NOW
