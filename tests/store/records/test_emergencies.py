"""Emergencies on record: who may declare one, how it ends, and the glass that is broken in it."""

import msgspec
import pytest
from tests.changes.made_changes import ROSTER, manifest
from tests.services.made_desk import LEO, PIA, STRANGER, SUE, Made, excepted
from tests.store.records.test_change_exceptions import costly

from pawl.base.times import seconds_between
from pawl.changes.change import Change, Refusal
from pawl.governance.exceptions import Declared, GateException, shipped_limits
from pawl.governance.forgetting import FORGOTTEN
from pawl.governance.ledger import PAWL
from pawl.governance.roster import Grant
from pawl.services.change_terms import By, NoSuchChange
from pawl.store.records.check import check
from pawl.store.records.connection import Engine
from pawl.store.records.forgetting import forget

PEOPLE = msgspec.structs.replace(
    ROSTER, grants=(*ROSTER.grants, Grant(person="sue", role="incident-commander"))
)


@pytest.fixture
def made(engine: Engine) -> Made:
    return Made(engine, roster=PEOPLE)


def declare(made: Made, known: Change, by: By = SUE, **other: object) -> Declared | Refusal:
    """Return what declaring an emergency for a change comes to."""
    said: dict[str, object] = {"severity": 1, "why": "It answers with passwords.", **other}
    return made.desk.declare_emergency(known.id, by, **said)  # type: ignore[arg-type]


def declared(told: Declared | Refusal) -> Declared:
    """Return an emergency that was declared."""
    assert isinstance(told, Declared), told
    return told


def broken(made: Made, known: Change, incident: str, by: By = SUE) -> GateException | Refusal:
    """Return what breaking the gate of cost comes to."""
    return made.desk.break_glass(
        known.id, "cost", by, incident=incident, reason="Down.", compensating_control="Watched.",
        hours=2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("by", "other", "code"),
    [
        (LEO, {}, "not-allowed"),
        (STRANGER, {}, "not-allowed"),
        (By(identity="session:sue", source="git-config", assurance="declared"), {}, "weak-source"),
        (SUE, {"severity": 3}, "refused"),
        (SUE, {"severity": 0}, "refused"),
        (SUE, {"why": "  "}, "refused"),
    ],
)
def test_who_cannot_declare_one(made: Made, by: By, other: dict[str, object], code: str) -> None:
    """Nobody without the role, no typed name, none of a small matter, none without a reason."""
    told = declare(made, costly(made), by, **other)
    assert isinstance(told, Refusal)
    assert told.code == code
    assert made.desk.emergencies() == ()


def test_glass_is_broken_by_who_declared_it_alone(made: Made) -> None:
    """The commander may; nobody else; and an emergency of another scope is none here."""
    known = costly(made)
    one = declared(declare(made, known)).emergency
    assert isinstance(broken(made, known, one.id, LEO), Refusal)
    assert isinstance(broken(made, known, "emg_none"), Refusal)
    assert excepted(broken(made, known, one.id)).incident == one.id
    assert check(made.engine, replay=True).difference is None


def test_it_ends_by_word_or_by_itself(made: Made) -> None:
    """No glass is broken after that; what was broken before holds as long as it was to."""
    known = costly(made)
    one = declared(declare(made, known)).emergency
    excepted(broken(made, known, one.id))
    ended = declared(made.desk.end_emergency(one.id, PIA))
    assert declared(made.desk.end_emergency(one.id, PIA)) == ended
    assert isinstance(broken(made, known, one.id), Refusal)
    other = declared(declare(made, known)).emergency
    assert other.closed_at is not None
    hours = seconds_between(other.declared_at, other.closed_at) / 3600
    assert hours == shipped_limits().break_glass_hours_max
    made.clock.wind(hours=hours)
    assert isinstance(broken(made, known, other.id), Refusal)
    assert [each.emergency.id for each in made.desk.emergencies()] == [other.id, one.id]
    with pytest.raises(NoSuchChange):
        made.desk.end_emergency("emg_none", PIA)


def test_told_twice_with_one_key_it_is_one(made: Made) -> None:
    """The same word again declares nothing more."""
    known = costly(made)
    assert declare(made, known, key="k") == declare(made, known, key="k")
    assert len(made.desk.emergencies()) == 1


def test_who_commanded_can_be_forgotten(made: Made) -> None:
    """The emergency stays and its commander's name does not."""
    known = costly(made)
    declared(declare(made, known))
    forget(made.engine, ("sue",), PAWL, made.clock(), reason="asked", key="k")
    (left,) = made.desk.emergencies()
    assert [each.person for each in left.emergency.commanders] == [FORGOTTEN]
    assert check(made.engine).difference is None


def test_an_emergency_is_of_its_change_s_scope(made: Made) -> None:
    """What is declared for one project breaks no glass in another; of the whole firm it does."""
    shop, bank = (made.opened(manifest(scope=scope)) for scope in ("shop", "bank"))
    one = declared(declare(made, shop)).emergency
    assert isinstance(broken(made, bank, one.id), Refusal)
    excepted(broken(made, shop, one.id))
    firm = declared(declare(made, made.opened())).emergency
    excepted(broken(made, bank, firm.id))
