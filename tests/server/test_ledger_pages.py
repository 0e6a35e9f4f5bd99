"""The ledger's pages find entries, show how they are linked, and say where the chain is broken."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.server.change_site import Changed, sign_in
from tests.server.conftest import Ask, Client

from pawl.services.identity import Identity
from pawl.services.ledger_pages import LedgerQuestion
from pawl.store.records.engine import writing


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Changed]:
    """Return records in which one change went to review."""
    changed = Changed(tmp_path / "data")
    changed.in_review()
    yield changed
    changed.close()


def served(site: Ask, made: Changed) -> Client:
    """Return a client of a site that keeps changes."""
    client = site(changes=made.desk)
    client.serving.change_pages = made.pages
    return client


def seqs(text: str) -> list[int]:
    """Return the numbers of the entries that a page lists."""
    return [int(each) for each in re.findall(r'<a class="row" href="/changes/ledger/(\d+)"', text)]


def altered(made: Changed, seq: int, column: str, value: str) -> None:
    """Alter one entry behind the ledger's back."""
    with writing(made.engine) as connection:
        statement = f"UPDATE ledger SET {column} = :value WHERE seq = :seq"
        connection.execute(statement, {"value": value, "seq": seq})


def test_entries_are_found_by_type_subject_and_day(site: Ask, made: Changed) -> None:
    """Newest first; the beginning of a type is enough, and no letter in it stands for others."""
    client = served(site, made)
    everything = seqs(client.get("/changes/ledger").text)
    assert everything == sorted(everything, reverse=True)
    assert 1 in everything
    of_changes = seqs(client.get("/changes/ledger?type=change.").text)
    assert len(of_changes) == 2 < len(everything)
    assert seqs(client.get("/changes/ledger?type=chang_.").text) == []
    assert "No entry fits." in client.get("/changes/ledger?type=%25").text
    (change,) = made.desk.list()
    assert seqs(client.get(f"/changes/ledger?subject={change.id}&type=change.").text) == of_changes
    assert seqs(client.get("/changes/ledger?since=2026-11-21&until=2026-11-21").text) == everything
    assert seqs(client.get("/changes/ledger?until=2026-11-20").text) == []
    for wrong in ("since=yesterday", "before=0", "before=x", "page=2"):
        assert client.get(f"/changes/ledger?{wrong}").status_code == 400


def test_pages_follow_each_other_without_gap(
    site: Ask, made: Changed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each entry is on exactly one page, also with a filter in the address."""
    monkeypatch.setattr("pawl.services.ledger_pages.PER_PAGE", 3)
    client = served(site, made)
    seen: list[int] = []
    path = "/changes/ledger?since=2026-11-01"
    while path:
        text = client.get(path).text
        seen += seqs(text)
        link = re.search(r'rel="next" href="([^"]+)"', text)
        path = link[1].replace("&amp;", "&") if link else ""
        assert not link or "since=2026-11-01" in path
    assert seen == list(range(len(seen), 0, -1))
    assert len(seen) > 6


def test_an_entry_shows_that_its_links_hold(site: Ask, made: Changed) -> None:
    """Body, entry and both neighbours are worked out anew."""
    client = served(site, made)
    text = client.get("/changes/ledger/2").text
    assert text.count('class="st ok"') == 5
    assert 'rel="prev" href="/changes/ledger/1"' in text
    assert 'rel="next" href="/changes/ledger/3"' in text
    first = client.get("/changes/ledger/1").text
    assert "0" * 64 in first
    assert 'class="st bad"' not in first
    last = made.pages.ledger.page(LedgerQuestion()).head[0]
    assert "This is the newest." in client.get(f"/changes/ledger/{last}").text
    for nowhere in (0, last + 1, 10**30):
        assert client.get(f"/changes/ledger/{nowhere}").status_code == 404


@pytest.mark.parametrize(
    ("column", "value", "link"),
    [("body", '{"a":1}', "body"), ("subject", "other", "entry"), ("prev_hash", "e" * 64, "link")],
)
def test_an_altered_entry_does_not_fit(
    site: Ask, made: Changed, column: str, value: str, link: str
) -> None:
    """The page says what of it is not what it was, and so does the check of the whole chain."""
    altered(made, 2, column, value)
    text = served(site, made).get("/changes/ledger/2").text
    assert "does not fit" in text
    rows = re.findall(r'<th scope="row">([^<]+)</th>.*?class="st (ok|bad)"', text, re.S)
    assert any(name.startswith(link) and said == "bad" for name, said in rows)
    report = made.pages.ledger.verify()
    assert not report.intact


def test_the_whole_chain_is_verified_by_a_button(
    site: Ask, made: Changed, identity: Identity
) -> None:
    """It says how far it reaches, what it does not tell, and where it breaks."""
    client = served(site, made)
    sign_in(client, identity, "grace")
    text = client.get("/changes/ledger").text
    csrf = re.search(r'name="csrf" value="([^"]+)"', text)
    assert csrf is not None
    told = client.post("/changes/ledger", data={"csrf": csrf[1]}).text
    assert "The chain is intact" in told
    assert "Without a checkpoint it cannot be told" in told
    altered(made, 3, "body", "<img src=x>")
    broken = client.post("/changes/ledger", data={"csrf": csrf[1]}).text
    assert "The chain is broken at entry 3" in broken
    assert "2 entries before it fit" in broken
    shown = client.get("/changes/ledger/3").text
    assert "<img" not in shown
    assert "&lt;img" in shown
