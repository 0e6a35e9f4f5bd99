"""Who may stop the pages of an incident, or make it ask for less: a human who is here."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.services.made_incident_desk import (
    ANN,
    CODER,
    STRANGER,
    SUE,
    TYPED,
    MadeIncidents,
    incident,
    made_incidents,
    refused,
)

from pawl.base.errors import CannotTell
from pawl.governance.priority import Domain
from pawl.incidents.incident import Happening, State
from pawl.services.by import By

GONE = replace(ANN, identity="github:5")
"""Whoever left holds a session that still counts."""
OUTSIDER = replace(STRANGER, source="token", assurance="authenticated")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeIncidents]:
    """Return a desk over records of its own."""
    made = made_incidents(tmp_path / "data")
    yield made
    made.engine.dispose()


@pytest.mark.parametrize(
    ("by", "code"),
    [(CODER, "no-human"), (GONE, "not-active"), (OUTSIDER, "unknown-person")],
    ids=["agent", "left", "outsider"],
)
def test_a_token_alone_stops_no_page(made: MadeIncidents, by: By, code: str) -> None:
    """An agent that broke something cannot call it off: not by decline, merge or resolve."""
    known, other = made.declared(), made.commanded()
    refused(made.desk.decline(known.id, "It is nothing.", by), code)
    refused(made.desk.merge(known.id, other.id, by), code)
    led = incident(made.desk.accept(known.id, TYPED))
    since = made.clock()
    refused(made.desk.resolve(led.id, by, since, since), code)
    made.clock.wind(seconds=301)
    told = {each.type for each in made.desk.tick() if each.subject == known.id}
    assert told == {Happening.PAGED, Happening.BREACHED}
    # Everybody was paged: nothing is silenced any more.
    assert incident(made.desk.merge(known.id, other.id, by)).state is State.MERGED


def test_where_nobody_can_tell_who_is_who_pages_go_on(made: MadeIncidents) -> None:
    """A roster that does not read is no yes; a human is heard again as soon as it does."""
    known = made.declared()
    roster, made.world.who = made.world.who, CannotTell("no branch.")
    refused(made.desk.decline(known.id, "It is nothing.", SUE), "cannot-tell")
    assert made.desk.next_due() is not None
    made.world.who = roster
    assert incident(made.desk.decline(known.id, "It is nothing.", SUE)).state is State.DECLINED
    assert made.desk.next_due() is None


@pytest.mark.parametrize("by", [CODER, GONE, OUTSIDER], ids=["agent", "left", "outsider"])
def test_only_a_human_makes_it_less(made: MadeIncidents, by: By) -> None:
    """Less grave needs no postmortem, and another domain lets others take over."""
    known = made.declared(severity=2)
    for told in (
        made.desk.reclassify(known.id, "Few are hit.", by, severity=4),
        made.desk.reclassify(known.id, "It is money.", by, domain=Domain.COST),
        made.desk.reclassify(known.id, "Both.", by, severity=1, domain=Domain.COST),
    ):
        assert refused(told, told.code).code in {"no-human", "not-active", "unknown-person"}  # type: ignore[union-attr]
    assert made.desk.get(known.id) == known
    assert incident(made.desk.reclassify(known.id, "All are hit.", by, severity=1)).severity == 1
    less = incident(made.desk.reclassify(known.id, "Few are hit.", TYPED, severity=4))
    assert less.severity == 4
