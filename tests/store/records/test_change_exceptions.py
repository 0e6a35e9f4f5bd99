"""Exceptions on record: who may, how long, how often; an expired one is none on every path."""

from collections.abc import Callable

import msgspec
import pytest
from tests.changes.made_changes import POLICY, evidence, manifest
from tests.services.made_desk import (
    ANN,
    CI,
    DEPLOYER,
    LEO,
    PIA,
    STRANGER,
    SUE,
    Made,
    change,
    excepted,
    other_text,
    refused,
)

from pawl.changes.change import Change, Refusal, State
from pawl.changes.evidence import Evidence
from pawl.changes.gate import Requirement
from pawl.changes.manifest import Manifest, parts_digest
from pawl.changes.verdict import Verdict
from pawl.governance.exceptions import Command, Emergency, GateException, Status
from pawl.services.change_terms import By, NoSuchChange
from pawl.store.records.check import check
from pawl.store.records.connection import Engine


@pytest.fixture
def made(engine: Engine) -> Made:
    return Made(engine)


def costly(made: Made) -> Change:
    """Return a change in review that everybody wants and that costs too much."""
    known = made.opened()
    for kind in ("evals", "lint"):
        made.desk.add_evidence(
            known.id, evidence(known.manifest, kind, produced_at=made.clock()), CI
        )
    dear = evidence(known.manifest, "cost", Verdict.FAIL, produced_at=made.clock())
    assert isinstance(made.desk.add_evidence(known.id, dear, CI), Evidence)
    change(made.desk.submit(known.id, ANN))
    return change(made.answered(known))


def asked_for(made: Made, known: Change, hours: float = 5, *, key: str = "") -> GateException:
    """Return an exception to the gate of cost, as ann asks for it."""
    return excepted(
        made.desk.request_exception(
            known.id, "cost", ANN, reason="A trial.", owner="ann",
            compensating_control="Watched daily.", hours=hours, key=key,
        )
    )  # fmt: skip


def requirement(made: Made, known: Change) -> Requirement:
    """Return how the gate of cost stands now, by every way of asking that stores nothing."""
    found = made.desk.look(known.id, "start").decision
    (gate,) = [each for each in found.gates if each.gate == "cost"]
    return gate.requirement


def test_an_exception_lets_one_start_through(made: Made) -> None:
    """Asked, given by an owner of the domain or above, used by the start, and then used up."""
    known = costly(made)
    assert known.state is State.IN_REVIEW
    wanted = asked_for(made, known)
    assert requirement(made, known) is Requirement.UNSATISFIED
    given = excepted(made.desk.approve_exception(wanted.id, PIA))
    assert (given.approved_by, given.requested_by) == ("pia", "ann")
    assert made.desk.get(known.id).state is State.APPROVED
    assert excepted(made.desk.approve_exception(wanted.id, SUE)) == given
    started = change(made.desk.start(known.id, DEPLOYER))
    assert started.exceptions == (wanted.id,)
    (shown,) = made.desk.exceptions(known.id)
    assert len(shown.exception.uses) == 1
    assert shown.standing is not None
    assert shown.standing.status is Status.USED
    change(made.desk.roll_back(known.id, "No.", PIA))
    change(made.desk.confirm(known.id, parts_digest(known.manifest.base), PIA))
    change(made.desk.submit(known.id, ANN))
    made.clock.wind(hours=1)
    assert change(made.answered(known, LEO, ref="again")).state is State.IN_REVIEW
    assert check(made.engine, replay=True).difference is None


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (STRANGER, "not-allowed"),
        (DEPLOYER, "not-allowed"),
        (By(identity="git:leo@example.com", source="git-config", assurance="declared"),
         "weak-source"),
        (ANN, "refused"),
    ],
)  # fmt: skip
def test_who_cannot_give_one(made: Made, by: By, code: str) -> None:
    """No stranger, no service, no typed name, nobody without a role, and never who asked."""
    known = costly(made)
    wanted = asked_for(made, known)
    refused(made.desk.approve_exception(wanted.id, by), code)
    assert made.desk.get(known.id).state is State.IN_REVIEW


def test_a_lower_domain_excepts_no_higher_one(made: Made) -> None:
    """I10: who answers for cost does not set a rule of quality aside."""
    known = made.opened()
    bad = evidence(known.manifest, "evals", Verdict.FAIL, produced_at=made.clock())
    made.desk.add_evidence(known.id, bad, CI)
    wanted = excepted(
        made.desk.request_exception(
            known.id, "evals", ANN, reason="x", owner="ann", compensating_control="x", hours=2
        )
    )
    refused(made.desk.approve_exception(wanted.id, PIA), "refused")
    assert excepted(made.desk.approve_exception(wanted.id, SUE)).approved_by == "sue"


PATHS: dict[str, Callable[[Made, Change], object]] = {
    "look": lambda made, known: requirement(made, known),
    "check": lambda made, known: made.desk.check(known.id, "start", ANN).decision.allowed,
    "explain": lambda made, known: any(
        "excepted cost" in line for _, line in made.desk.explain(known.id, "start")
    ),
    "start": lambda made, known: isinstance(made.desk.start(known.id, DEPLOYER), Refusal),
    "list": lambda made, known: any(
        each.standing is not None and each.standing.status is Status.ACTIVE
        for each in made.desk.exceptions()
    ),
    "replay": lambda made, known: [
        (each.decision.allowed, made.desk.replay(each.decision_id).identical)
        for each in made.desk.decisions_of(known.id)[:1]
    ],
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("ended", ["expired", "revoked"])
def test_an_ended_exception_is_none(made: Made, path: str, ended: str) -> None:
    """I8: whoever asks, one that has ended does the same as one that was never approved."""
    known = costly(made)
    wanted = asked_for(made, known, hours=3)
    excepted(made.desk.approve_exception(wanted.id, PIA))
    assert made.desk.get(known.id).state is State.APPROVED
    assert requirement(made, known) is Requirement.OVERRIDDEN
    if ended == "revoked":
        excepted(made.desk.revoke_exception(wanted.id, LEO))
    else:
        made.clock.wind(hours=3)
    made.desk.check(known.id, "start", ANN)
    expected = {
        "look": Requirement.UNSATISFIED, "check": False, "explain": False, "start": True,
        "list": False, "replay": [(False, True)],
    }  # fmt: skip
    assert PATHS[path](made, known) == expected[path]


def test_an_exception_is_of_one_content(made: Made) -> None:
    """An edit leaves it behind: it can no longer be approved, and covers nothing."""
    known = costly(made)
    wanted = asked_for(made, known)
    change(made.desk.edit(known.id, other_text("Be brief."), (), ANN))
    refused(made.desk.approve_exception(wanted.id, PIA), "refused")
    assert made.desk.exceptions(known.id) == ()
    assert [each.exception.id for each in made.desk.exceptions()] == [wanted.id]


@pytest.mark.parametrize(
    "other",
    [
        {"rule": "nothing"}, {"rule": "base"}, {"hours": 0}, {"hours": 1000},
        {"hours": float("nan")}, {"reason": " "}, {"owner": ""}, {"compensating_control": ""},
        {"max_uses": 0}, {"max_uses": 99}, {"reason": "x" * 2001},
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for(made: Made, other: dict[str, object]) -> None:
    """No such gate, one that nobody may except, too long, too often, or without a reason."""
    known = costly(made)
    fields = {"rule": "cost", "reason": "x", "owner": "ann", "compensating_control": "x",
              "hours": 2.0}  # fmt: skip
    values = fields | other
    rule = str(values.pop("rule"))
    refused(made.desk.request_exception(known.id, rule, ANN, **values), "refused")  # type: ignore[arg-type]
    assert made.desk.exceptions() == ()


def test_asking_twice_with_one_key_asks_once(made: Made) -> None:
    """I34: the same request told again is the same exception."""
    known = costly(made)
    one = asked_for(made, known, key="k")
    assert asked_for(made, known, key="k") == one
    assert asked_for(made, known).id != one.id
    assert len(made.desk.exceptions()) == 2
    with pytest.raises(NoSuchChange):
        made.desk.approve_exception("exc_none", PIA)


def emergency(made: Made) -> Emergency:
    """Return an open incident that sue commands."""
    now = made.clock()
    return Emergency(
        id="inc-1", severity=1, declared_at=now, commanders=(Command(person="sue", since=now),)
    )


def test_glass_is_broken_and_answered_for(made: Made) -> None:
    """The commander may at once; nobody ratified it in a day, so everything stops; then it goes."""
    known = costly(made)
    broken = _break(made, known, SUE)
    refused(broken, "refused")
    made.world.incidents = (emergency(made),)
    refused(_break(made, known, PIA), "refused")
    glass = excepted(_break(made, known, SUE))
    assert (glass.approved_by, glass.incident) == ("sue", "inc-1")
    change(made.desk.start(known.id, DEPLOYER))
    made.clock.wind(hours=25)
    other = made.submitted(_elsewhere())
    assert change(made.answered(other)).state is State.IN_REVIEW
    refused(made.desk.ratify_exception(glass.id, SUE), "not-allowed")
    refused(made.desk.ratify_exception(glass.id, PIA), "not-allowed")
    done = excepted(made.desk.ratify_exception(glass.id, LEO))
    assert done.ratified_by == "leo"
    assert excepted(made.desk.ratify_exception(glass.id, LEO)) == done
    assert change(made.desk.judge(other.id, ANN)).state is State.APPROVED
    assert check(made.engine, replay=True).difference is None


def _break(made: Made, known: Change, by: By) -> GateException | Refusal:
    return made.desk.break_glass(
        known.id, "cost", by, incident="inc-1", reason="Down.", compensating_control="Watched.",
        hours=2,
    )  # fmt: skip


def _elsewhere() -> Manifest:
    plan = manifest()
    return msgspec.structs.replace(
        plan,
        parts={"prompt/other": plan.parts["prompt/support"]},
        base={"prompt/other": plan.base["prompt/support"]},
    )


def test_the_policy_may_lose_a_gate_that_was_excepted(made: Made) -> None:
    """How an exception to a gate that is no more stands is not known, and not a yes."""
    known = costly(made)
    asked_for(made, known)
    gates = tuple(each for each in POLICY.gates.gates if each.id != "cost")
    made.world.policy_read = msgspec.structs.replace(
        POLICY, gates=msgspec.structs.replace(POLICY.gates, gates=gates)
    )
    (shown,) = made.desk.exceptions()
    assert shown.standing is None
