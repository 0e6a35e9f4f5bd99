"""Declarations that mean ill, on both engines: no text stops one, and none grows without end."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.services.made_incident_desk import ANN, SUE, MadeIncidents, action, incident, refused

from pawl.incidents.action import Work
from pawl.incidents.declaring import MAX_ID, MAX_SIGNALLED, Said, plain_key
from pawl.incidents.incident import Link, LinkKind
from pawl.services.incident_terms import Declared, NoSuchIncident
from pawl.store.records.check import check
from pawl.store.records.connection import Engine
from pawl.store.records.engine import reading

NUL = "\x00"


@pytest.fixture
def made(engine: Engine) -> MadeIncidents:
    """Return a desk over records of either kind."""
    return MadeIncidents(engine)


def same(made: MadeIncidents) -> None:
    """Hold that the rows are what the ledger makes of them."""
    report = check(made.engine, replay=True)
    assert report.intact
    assert report.difference is None, report.difference


def links(*names: str) -> tuple[Link, ...]:
    """Return links of alerts by their ids."""
    return tuple(Link(kind=LinkKind.ALERT, id=each) for each in names)


def test_no_letter_keeps_anybody_from_declaring(made: MadeIncidents) -> None:
    """PostgreSQL holds no NUL; whoever writes one declares all the same, and is found again."""
    said: dict[str, Any] = dict.fromkeys(
        ("title", "scope", "key", "fingerprint", "text"), f"a{NUL}b\x1b[2J"
    )
    hostile = Said(**said, components=(NUL, "prompt/a"), links=links(NUL, "alr_1"))
    first = made.desk.declare(hostile, ANN)
    again = made.desk.declare(hostile, ANN)
    assert isinstance(first, Declared)
    assert isinstance(again, Declared)
    assert (again.new, again.incident.id) == (False, first.incident.id)
    known = first.incident
    assert (known.title, known.components) == ("a b [2J", ("prompt/a",))
    assert known.links == links("alr_1")
    assert any("left out" in each for each in first.doubts)
    one = action(
        made.desk.open_action(
            known.id, f"Try{NUL}it", f" leo{NUL}", "2026-12-01", Work.CODE, f"a{NUL}", ANN
        )
    )
    assert (one.title, one.owner, one.component) == ("Try it", "leo", "a")
    incident(made.desk.note(known.id, f"It{NUL}is.", SUE))
    refused(made.desk.attach(known.id, LinkKind.RUN, f"run{NUL}", SUE), "too-many")
    same(made)


def test_a_question_with_any_letter_finds_nothing(made: MadeIncidents) -> None:
    """It is no failure of the records, which would have somebody try again."""
    made.declared(scope="shop/a")
    for name in (NUL, f"inc_{NUL}", "INC_", "%", "_"):
        with pytest.raises(NoSuchIncident):
            made.desk.get(name)
        with pytest.raises(NoSuchIncident):
            made.desk.action(name)
    for scope in (NUL, "SHOP", "sho_", "sh%", "shop/a/"):
        assert made.desk.list(scope=scope) == ()
    assert made.desk.list(before=NUL) == ()
    assert made.desk.actions(owner=NUL) == ()
    assert len(made.desk.list(scope="shop")) == 1


def test_nobody_who_only_declares_makes_an_incident_grow_without_end(made: MadeIncidents) -> None:
    """Megabytes of ids are left out, signals fill no list up, and tell the list only if it grew."""
    large = tuple(f"{number}{'x' * 50_000}" for number in range(50))
    done = made.desk.declare(Said(title="t" * 1_000_000, key="k" * 1_000_000, scope="s" * 1_000_000,
                                  text="x" * 1_000_000, fingerprint="f" * 1_000_000,
                                  components=large, links=links(*large)), ANN)  # fmt: skip
    assert isinstance(done, Declared)
    assert len(msgspec.json.encode(done.incident)) < 10_000
    for start in range(0, 3 * MAX_SIGNALLED, MAX_SIGNALLED // 2):
        names = (f"alr_{number}" for number in range(start, start + MAX_SIGNALLED // 2))
        made.desk.declare(Said(title="again", key="k" * 1_000_000, links=links(*names)), ANN)
    known = made.desk.get(done.incident.id)
    assert len(known.links) == MAX_SIGNALLED
    # There is room left for whoever mends it.
    assert len(incident(made.desk.attach(known.id, LinkKind.CHANGE, "chg_1", SUE)).links) > len(
        known.links
    )
    refused(made.desk.attach(known.id, LinkKind.CHANGE, "x" * (MAX_ID + 1), SUE), "too-many")
    with reading(made.engine) as connection:
        rows = connection.execute(
            "SELECT body FROM ledger WHERE subject = :id ORDER BY seq DESC LIMIT 2",
            {"id": known.id},
        )
    assert '"sets":{}' in rows[1]["body"]
    same(made)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    one=st.text(st.characters(codec="utf-8"), max_size=8),
    other=st.text(st.characters(codec="utf-8"), max_size=8),
    times=st.sampled_from((1, 60)),
)
def test_two_keys_are_one_only_where_they_are_the_same(
    engine: Engine, one: str, other: str, times: int
) -> None:
    """Whatever the letters and however long: capitals, accents and joined forms tell apart."""
    made = MadeIncidents(engine, prefix=f"{engine_count(engine)}x")
    keys = (f"{one * times}", f"{other * times}")
    found = [made.desk.declare(Said(title="Down", key=each), ANN) for each in keys]
    first, second = found
    assert isinstance(first, Declared)
    assert isinstance(second, Declared)
    alike = bool(plain_key(keys[0])) and plain_key(keys[0]) == plain_key(keys[1])
    assert (second.incident.id == first.incident.id) == alike
    for each in {first.incident.id, second.incident.id}:
        made.desk.decline(each, "A test.", SUE)


def engine_count(engine: Engine) -> int:
    """Return how many entries the ledger has, to make ids that nobody used."""
    with reading(engine) as connection:
        (row,) = connection.execute("SELECT COUNT(*) AS n FROM ledger")
    return int(row["n"])
