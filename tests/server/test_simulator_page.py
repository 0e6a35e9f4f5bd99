"""The simulator judges what was decided by other gates, and changes nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.server.change_site import Changed, form, sign_in
from tests.server.conftest import Ask, Client

from pawl.changes.gate_file import load_gates
from pawl.services.change_pages import gates_text
from pawl.services.identity import Identity
from pawl.services.sample_changes import sample_policy


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Changed]:
    """Return records in which a change was approved and started."""
    changed = Changed(tmp_path / "data")
    changed.rolling()
    yield changed
    changed.close()


@pytest.fixture
def grace(site: Ask, made: Changed, identity: Identity) -> Client:
    """Return the browser of somebody who is signed in."""
    client = site(changes=made.desk)
    client.serving.change_pages = made.pages
    sign_in(client, identity, "grace")
    return client


def play(client: Client, text: str) -> tuple[int, str]:
    """Send gates to the simulator; return status and page."""
    csrf = form(client.get("/changes/simulator").text, "/changes/simulator")["csrf"]
    answer = client.post("/changes/simulator", data={"csrf": csrf, "gates": text})
    return answer.status_code, answer.text


def test_the_gates_in_force_read_back_as_they_are() -> None:
    """The text that is offered says the same as the policy."""
    gates = sample_policy().gates
    assert load_gates(gates_text(gates), place="gates.yaml") == gates


def test_the_same_gates_turn_nothing(made: Changed, grace: Client) -> None:
    """What is in force says what was said, and nothing is recorded by asking."""
    before = made.pages.ledger.verify().entries
    status, text = play(grace, made.pages.gates_text())
    assert status == 200
    assert "No gate would have said anything else." in text
    assert made.pages.ledger.verify().entries == before


def test_stricter_gates_say_what_they_would_have_held_up(made: Changed, grace: Client) -> None:
    """Decisions that turn stand first, with the gates that differ and the whole reason."""
    stricter = made.pages.gates_text().replace("mode: dry-run", "mode: enforce")
    stricter = stricter.replace("max_age: 7d", "max_age: 7d\n  min_events: 100000")
    status, text = play(grace, stricter.replace("\n", "\r\n"))
    assert status == 200
    assert "turned" in text
    assert "<b>evals</b>" in text
    assert "may not start: inconclusive" in text


def test_what_would_loosen_a_firm_gate_is_told(made: Changed, grace: Client) -> None:
    """The firm gate stays, and the page says that it was tried."""
    text = made.pages.gates_text().replace("quorum: 1", "quorum: 0")
    status, told = play(grace, text)
    assert (status, "the wider rule stays" in told) == (200, True)


@pytest.mark.parametrize(
    "text", ["gates: [", "schema: pawl.gates/1", "<script>alert(1)</script>", "a: &a [*a]", ""]
)
def test_gates_that_do_not_read_are_kept_and_explained(grace: Client, text: str) -> None:
    """It is 400 with the place, and the text stays in the field, as text."""
    status, told = play(grace, text)
    assert status == 400
    assert "These gates do not read" in told
    assert "<script>alert" not in told


def test_a_text_beyond_all_bounds_is_not_read(grace: Client) -> None:
    """It is refused before it is parsed."""
    assert play(grace, "x" * 70_000)[0] == 413
