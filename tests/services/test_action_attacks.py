"""Actions that somebody would like to be done: under another name, by a space, by an agent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.made_incident_desk import (
    ANN,
    CODER,
    LEO,
    STRANGER,
    SUE,
    MadeIncidents,
    action,
    incident,
    made_incidents,
    refused,
)

from pawl.incidents.action import Action, Proof, Work
from pawl.incidents.action import State as Acting
from pawl.incidents.incident import State
from pawl.services.by import By

PROOF = Proof(place="runs/1", digest="d")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeIncidents]:
    """Return a desk over records of its own."""
    made = made_incidents(tmp_path / "data")
    yield made
    made.engine.dispose()


def opened(made: MadeIncidents, owner: str) -> Action:
    """Return an action of an incident that is mended."""
    return action(
        made.desk.open_action(
            made.resolved().id, "Try it", owner, "2026-12-01", Work.CODE, "prompt/a", ANN
        )
    )


@pytest.mark.parametrize("owner", ["leo", " leo", "leo\t", "Leo", "github:2", " GitHub:2 "])
def test_an_owner_is_the_same_person_however_they_are_written(
    made: MadeIncidents, owner: str
) -> None:
    """Leo verifies none of his own work."""
    one = opened(made, owner)
    action(made.desk.claim_action(one.id, ANN))
    refused(made.desk.verify_action(one.id, PROOF, LEO), "own-work")
    assert action(made.desk.verify_action(one.id, PROOF, SUE)).state is Acting.VERIFIED


def test_who_claims_under_a_name_that_nobody_knows_does_not_verify_it_then(
    made: MadeIncidents,
) -> None:
    """Ann's action is claimed by a stranger, who may be Leo: it goes back to somebody known."""
    one = opened(made, "ann")
    action(made.desk.claim_action(one.id, STRANGER))
    refused(made.desk.verify_action(one.id, PROOF, LEO), "unknown-person")
    action(made.desk.send_back_action(one.id, "Who was that?", LEO))
    action(made.desk.claim_action(one.id, ANN))
    assert action(made.desk.verify_action(one.id, PROOF, LEO)).verified_by == "leo"


@pytest.mark.parametrize("claims", [CODER, ANN], ids=["own agent", "self"])
def test_nobody_verifies_what_their_agent_claimed(made: MadeIncidents, claims: By) -> None:
    """The agent is Ann's; her name is behind what it says, and it verifies nothing itself."""
    one = opened(made, "leo")
    action(made.desk.claim_action(one.id, claims))
    refused(made.desk.verify_action(one.id, PROOF, ANN), "own-work")
    refused(made.desk.verify_action(one.id, PROOF, CODER), "no-human")


def test_what_was_left_behind_holds_whatever_becomes_of_its_incident(made: MadeIncidents) -> None:
    """Merging or declining an incident is no way around its action: it takes who answers for it."""
    for end in ("merge", "decline"):
        known, other = made.commanded(title=end), made.commanded(title=f"not {end}")
        one = action(
            made.desk.open_action(
                known.id, "Try it", "ann", "2026-12-01", Work.CODE, "prompt/a", ANN
            )
        )
        if end == "merge":
            over = incident(made.desk.merge(known.id, other.id, SUE))
        else:
            over = incident(made.desk.decline(known.id, "A test.", SUE))
        assert over.state in (State.MERGED, State.DECLINED)
        assert one.id in {each.id for each in made.desk.open_actions()}
        refused(made.desk.drop_action(one.id, "Gone.", ANN), "not-accountable")
        refused(made.desk.drop_action(one.id, "Gone.", CODER), "no-human")
        action(made.desk.drop_action(one.id, "It was no incident.", SUE))
        assert one.id not in {each.id for each in made.desk.open_actions()}
