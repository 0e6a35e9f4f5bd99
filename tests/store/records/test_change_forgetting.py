"""A person is forgotten in changes and in what decisions rest on; the rest is still proved."""

import pytest
from tests.changes.made_changes import manifest
from tests.services.made_desk import ANN, DEPLOYER, LEO, PIA, Made, change, excepted

from pawl.changes.change import State
from pawl.changes.manifest import parts_digest
from pawl.governance.forgetting import FORGOTTEN
from pawl.governance.ledger import PAWL
from pawl.store.records.check import check
from pawl.store.records.connection import Engine
from pawl.store.records.engine import reading, writing
from pawl.store.records.forgetting import forget

TABLES = (
    "ledger", "changes", "change_components", "change_evidence", "change_attestations",
    "gate_decisions", "gate_parts", "exceptions",
)  # fmt: skip


@pytest.fixture
def made(engine: Engine) -> Made:
    """A desk on which leo did everything that a person can be named for."""
    made = Made(engine)
    known = made.live()
    made.desk.attest(known.id, LEO)
    made.desk.record_drill("prompt", True, LEO)
    excepted(
        made.desk.request_exception(
            known.id, "cost", LEO, reason="x", owner="leo", compensating_control="x", hours=1
        )
    )
    change(made.desk.roll_back(known.id, "No.", LEO))
    change(made.desk.confirm(known.id, parts_digest(known.manifest.base), PIA))
    return made


def texts(engine: Engine) -> str:
    """Return everything that is kept of changes, as one text."""
    with reading(engine) as connection:
        return "\n".join(
            str(row) for table in TABLES for row in connection.execute(f"SELECT * FROM {table}")
        )


def test_a_name_takes_all_identities_with_it(made: Made) -> None:
    """Forgetting leo by his id takes his accounts and keys away too, wherever they stand."""
    assert "leo" in texts(made.engine)
    done = forget(made.engine, ("Leo",), PAWL, made.clock(), reason="asked", key="k")
    assert done.entries > 3
    left = texts(made.engine)
    for name in ("'leo'", '"leo"', '"github:2"', "leo@example.com", "SHA256:leo", " leo "):
        assert name not in left, name
    assert '"ann"' in left
    report = check(made.engine, replay=True)
    assert report.difference is None
    assert report.forgotten == done.entries


def test_the_state_stays_and_names_do_not(made: Made) -> None:
    """Changes are what they were but for who; the next command works."""
    (known,) = made.desk.list()
    forget(made.engine, ("leo",), PAWL, made.clock(), reason="asked", key="k")
    (after,) = made.desk.list()
    assert (after.id, after.state, after.digest, after.version) == (
        known.id,
        State.ROLLED_BACK,
        known.digest,
        known.version,
    )
    assert [each.identity for each in after.answers] == [FORGOTTEN]
    assert after.approved_by == (FORGOTTEN,)
    again = change(made.desk.submit(after.id, ANN))
    assert again.version == known.version + 1
    assert check(made.engine, replay=True).difference is None


def test_a_replay_says_that_names_were_replaced(made: Made) -> None:
    """It claims no difference, and no identity either: nobody can tell any more."""
    (known,) = made.desk.list()
    kept = made.desk.decisions_of(known.id)
    assert all(made.desk.replay(each.decision_id).identical for each in kept)
    forget(made.engine, ("leo",), PAWL, made.clock(), reason="asked", key="k")
    for each in kept:
        told = made.desk.replay(each.decision_id)
        assert (told.identical, told.names_replaced, told.status) == (False, True, 3)
        assert "forgotten" in told.why
    forget(made.engine, ("ann",), PAWL, made.clock(), reason="asked", key="k2")
    assert check(made.engine, replay=True).difference is None


def test_a_decision_of_later_replays_again(made: Made) -> None:
    """Once the roster no longer names the person, decisions are provable as before."""
    forget(made.engine, ("leo",), PAWL, made.clock(), reason="asked", key="k")
    roster = made.world.roster()
    made.world.people = type(roster)(
        people=tuple(each for each in roster.people if each.id != "leo"),
        grants=tuple(each for each in roster.grants if each.person != "leo"),
    )
    known = made.opened(manifest("Be brief."))
    checked = made.desk.check(known.id, "approve", DEPLOYER)
    assert made.desk.replay(checked.decision_id).identical


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE gate_decisions SET body = REPLACE(body, 'forgotten', 'somebody')",
        "UPDATE gate_parts SET body = REPLACE(body, 'forgotten', 'somebody')",
    ],
)
def test_what_was_altered_by_nobody_is_still_found(made: Made, statement: str) -> None:
    """A forgetting is no cover: only what it lists, as it lists it, is accepted."""
    forget(made.engine, ("leo",), PAWL, made.clock(), reason="asked", key="k")
    with writing(made.engine) as connection:
        connection.execute(statement)
    assert check(made.engine, replay=True).difference is not None
