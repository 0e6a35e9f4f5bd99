"""What records of changes tell an assessment: nothing declared, nothing unknown taken for a yes."""

from collections.abc import Iterable
from typing import Any

import msgspec
from tests.changes.made_changes import at, decided, in_state, manifest, snapshot

from pawl.changes.change import Happened, Happening, State
from pawl.changes.evidence import Evidence
from pawl.changes.gate import Decision, Requirement, evaluate
from pawl.governance.exceptions import GateException
from pawl.maturity.facts.practice import ChangeDecision, Rollback
from pawl.services.practice_changes import ChangePractice, practised

H = Happening
GOOD = decided()
REFUSED = decided(change=in_state(State.APPROVED, answers=()))
MANIFEST = {"scope": "shop", "parts": {"prompt/support": None, "model/main": None}}


class Kept:
    """The records, as far as an assessment asks of them."""

    def __init__(self, *events: Happened) -> None:
        self.events = events

    def happened(self, until: str) -> Iterable[Happened]:
        return [each for each in self.events if each.at < until]

    def decision_by(self, digest: str) -> Decision | None:
        return {"good": GOOD, "refused": REFUSED}.get(digest)

    def given_exceptions(self) -> Iterable[GateException]:
        return ()

    def evidence_about(self, digest: str) -> Iterable[Evidence]:
        return ()


def event(type: Happening, hour: float, change: str = "chg-1", **sets: Any) -> Happened:
    by = sets.pop("by", "github:1")
    return Happened(type=type, change=change, at=at(hour), by=by, sets=sets)


def opened(change: str = "chg-1", **other: Any) -> Happened:
    return event(H.OPENED, 0, change, manifest={**MANIFEST, **other})


def started(hour: float, change: str = "chg-1", decision: str = "good") -> Happened:
    return event(H.STARTED, hour, change, decision=decision, exceptions=[])


def found(*events: Happened, decisions: Any = (), scope: str = "shop") -> ChangePractice:
    told = practised(Kept(*events), decisions, at(-9), at(9), scope)
    assert told is not None
    return told


def test_an_approved_release() -> None:
    """Kind, risk, when it was recorded and went out, and that others approved it, from records."""
    assert found(opened(), started(1)).changes == (
        ChangeDecision(
            id="chg-1",
            kind="model+prompt",
            recorded_at=at(0),
            deployed_at=at(1),
            risk="high",
            approved=True,
            separate_roles=True,
        ),
    )


def test_what_went_around_everything_was_approved_by_nobody() -> None:
    """It has no risk class, so it counts as risky, and it is unapproved."""
    (told,) = found(event(H.FOUND, 1, manifest=MANIFEST)).changes
    assert (told.risk, told.approved, told.deployed_at) == ("unknown", False, at(1))


def test_a_lost_decision_is_no_yes() -> None:
    """Where nobody can see any more what a start rested on, nobody can tell."""
    (told,) = found(opened(), started(1, decision="gone")).changes
    assert (told.approved, told.separate_roles) == (None, None)


def test_a_change_that_is_held_back_waits_unapproved() -> None:
    """Its newest decision says that its approvals are missing; it is not out."""
    (told,) = found(opened(), decisions=[("d1", REFUSED)]).changes
    assert (told.deployed_at, told.approved, told.risk) == (None, False, "high")


def test_a_change_that_needs_no_approval_is_neither() -> None:
    """Of low risk nobody was asked: that is no yes and no no."""
    low = evaluate(snapshot(in_state(State.APPROVED, manifest(declared_risk="low"))))
    calm = msgspec.structs.replace(
        low,
        gates=tuple(
            msgspec.structs.replace(each, requirement=Requirement.NOT_APPLICABLE)
            for each in low.gates
        ),
    )
    (told,) = found(opened(), decisions=[("d1", calm)]).changes
    assert (told.approved, told.separate_roles) == (None, None)


def test_a_decision_names_what_it_considered() -> None:
    """One decision over security, safety, quality and cost is told as such, with its verdict."""
    (told,) = found(opened(), started(1), decisions=[("d1", GOOD)]).gates
    assert (told.id, told.subject, told.verdict, told.at) == ("d1", "chg-1", "pass", GOOD.at)
    assert {"quality", "security", "cost"} <= set(told.considers)


def test_rollbacks_are_told_with_who_began_them() -> None:
    """By Pawl itself or by a person, with the minutes from the trigger; one still runs."""
    told = found(
        opened(),
        started(1),
        event(H.ROLLBACK_STARTED, 2, trigger_at=at(1.9), by="pawl"),
        event(H.ROLLED_BACK, 2.1),
        started(3),
        event(H.ROLLBACK_STARTED, 4, trigger_at=at(4)),
    ).rollbacks
    assert told == (
        Rollback(id="chg-1", at=at(2), minutes=12.0, automatic=True),
        Rollback(id="chg-1", at=at(4)),
    )


def test_another_project_is_told_nothing() -> None:
    """A laptop with two repositories credits neither with the other's changes."""
    records = Kept(opened(), opened("chg-2", scope="bank"), opened("chg-3", scope=""))
    assert practised(records, (), at(-9), at(9), "site") is None
    assert practised(Kept(), (), at(-9), at(9)) is None
    everything = practised(records, [("d", GOOD)], at(-9), at(9))
    assert everything is not None
    assert len(everything.gates) == 1
