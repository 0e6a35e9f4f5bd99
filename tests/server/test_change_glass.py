"""Breaking glass on a change's page: only for whoever may, loud, and bound to what was seen."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from tests.server.change_site import Changed, by, form
from tests.server.conftest import Ask, Client
from tests.server.test_change_forms import signed

from pawl.changes.change import Change
from pawl.changes.manifest import Manifest
from pawl.governance.exceptions import Declared
from pawl.services.identity import Identity
from pawl.services.sample_changes import INCIDENT
from pawl.services.sample_manifests import KINDER_CHAT, SHORT_REFUNDS

SAID = {
    "rule": "cost",
    "incident": INCIDENT,
    "reason": "Payouts go out twice.",
    "control": "Two people watch.",
    "hours": "2",
    "confirm": "yes",
}


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Changed]:
    """Return records of their own."""
    changed = Changed(tmp_path / "data")
    yield changed
    changed.close()


@pytest.fixture
def commander(site: Ask, made: Changed, identity: Identity) -> Client:
    """Return the browser of katherine, who commands the open incident."""
    return signed(site, made, identity, "katherine")


def held_up(made: Changed, manifest: Manifest = KINDER_CHAT) -> Change:
    """Return a change in review that its gates hold up."""
    change = made.told(made.desk.open(manifest, ("git:ada@example.org",), by("ada")))
    return made.told(made.desk.submit(change.id, by("ada")))


def fields(client: Client, change: Change) -> dict[str, str]:
    """Return what the form brings, as the page has it."""
    at = f"/changes/{change.id}"
    found = form(client.get(at).text, f"{at}/glass")
    return {name: unescape(value) for name, value in found.items()} | SAID


def test_the_commander_breaks_glass_once(made: Changed, commander: Client) -> None:
    """The page says until when it must be ratified, before and after; a second press is none."""
    change = held_up(made)
    before = commander.get(f"/changes/{change.id}").text
    assert "must ratify it within 24 hours" in before
    sent = fields(commander, change)
    for _ in range(2):
        done = commander.post(f"/changes/{change.id}/glass", data=sent)
        assert done.status_code == 303, done.text
    (given,) = made.desk.exceptions()
    assert (given.exception.rule, given.exception.incident) == ("cost", INCIDENT)
    assert given.exception.approved_by == "katherine"
    after = commander.get(f"/changes/{change.id}").text
    assert "Broken glass is to be ratified" in after
    (concern,) = made.desk.concerns(change.id)
    assert concern.until[:16].replace("T", " ") in after


def test_nobody_else_is_offered_it_or_may(
    site: Ask, made: Changed, identity: Identity, commander: Client
) -> None:
    """Whoever does not command sees no form, and one made by hand is refused."""
    change = held_up(made)
    sent = fields(commander, change)
    grace = signed(site, made, identity, "grace")
    page = grace.get(f"/changes/{change.id}").text
    assert "Break glass" not in page
    own = form(page, f"/changes/{change.id}/answer")["csrf"]
    done = grace.post(f"/changes/{change.id}/glass", data=sent | {"csrf": own})
    assert (done.status_code, "did not command" in done.text) == (409, True)
    assert made.desk.exceptions() == ()


def test_an_emergency_that_was_declared_is_one_to_break_glass_in(
    made: Changed, commander: Client
) -> None:
    """It is offered beside the incidents; of another scope it is not."""
    change = held_up(made)
    other = held_up(made, SHORT_REFUNDS)
    told = made.desk.declare_emergency(change.id, by("katherine"), severity=1, why="Wrong sums.")
    assert isinstance(told, Declared), told
    assert told.emergency.id in commander.get(f"/changes/{change.id}").text
    assert told.emergency.id not in commander.get(f"/changes/{other.id}").text


def test_a_strange_form_breaks_nothing(made: Changed, commander: Client) -> None:
    """Without the visitor's own token, or from another site, it is refused."""
    change = held_up(made)
    sent = fields(commander, change)
    at = f"/changes/{change.id}/glass"
    assert commander.post(at, data={**sent, "csrf": "x"}).status_code == 403
    strange = {"origin": "https://evil.example"}
    assert commander.post(at, data=sent, headers=strange).status_code == 403
    assert made.desk.exceptions() == ()


def test_what_moved_meanwhile_is_let_through_nowhere(made: Changed, commander: Client) -> None:
    """409 says what moved: the content, what it starts from, or the policy."""
    change = held_up(made)
    sent = fields(commander, change)
    at = f"/changes/{change.id}/glass"
    for name in ("digest", "base_digest", "policy_digest"):
        answer = commander.post(at, data={**sent, name: "d" * 64})
        assert (answer.status_code, "Nothing was done" in answer.text) == (409, True)
    made.told(made.desk.edit(change.id, SHORT_REFUNDS, (), by("ada")))
    assert commander.post(at, data=sent).status_code == 409
    assert made.desk.exceptions() == ()


@pytest.mark.parametrize(
    ("odd", "status"), [({"confirm": ""}, 400), ({"hours": "x"}, 400), ({"hours": "99"}, 409)]
)
def test_a_form_that_is_not_filled_breaks_nothing(
    made: Changed, commander: Client, odd: dict[str, str], status: int
) -> None:
    """No tick, no hours, and more hours than a shift are all refused."""
    change = held_up(made)
    sent = fields(commander, change) | odd
    assert commander.post(f"/changes/{change.id}/glass", data=sent).status_code == status
    assert made.desk.exceptions() == ()
