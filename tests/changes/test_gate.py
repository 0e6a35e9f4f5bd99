"""The gate: what holds a change up, what covers it, what it says, and that it says it again."""

from typing import Any

import msgspec
import pytest
from tests.changes.made_changes import (
    NOW,
    POLICY,
    answer,
    at,
    decided,
    evidence,
    facts,
    in_state,
    manifest,
    snapshot,
    with_gates,
)

from pawl.base.canonical import canonical_json
from pawl.changes.change import State
from pawl.changes.condition import Answer, Condition, NoArguments, Question
from pawl.changes.evidence import Evidence
from pawl.changes.explain import explained
from pawl.changes.gate import Decision, Requirement, decision_bytes, evaluate, replay
from pawl.changes.gate_file import Applies, Gate, Mode
from pawl.changes.manifest import manifest_digest
from pawl.changes.parts import PolicyFile
from pawl.changes.policy import Policy
from pawl.changes.verdict import Verdict, worst
from pawl.governance.exceptions import Command, Emergency, GateException, Status
from pawl.governance.priority import Domain
from pawl.governance.raci import Work

PLAN = manifest()
DIGEST = manifest_digest(PLAN)


def test_a_sound_change_may_start() -> None:
    """Approved by who is accountable, with fresh evidence and nothing in its way."""
    found = decided()
    assert (found.allowed, found.verdict, found.status) == (True, Verdict.PASS, 0)
    assert found.settled is None


def test_one_decision_considers_quality_security_and_cost_together() -> None:
    """A change of a prompt is decided once over all of them; dry runs have no say."""
    assert decided().considers == tuple(Domain)
    without = decided(policy=with_gates(cost={"mode": Mode.DRY_RUN}))
    assert Domain.COST not in without.considers


def test_a_decision_replays_to_identical_bytes() -> None:
    """Judged again from what was stored, however it was written, the same bytes come out."""
    for each in (snapshot(), snapshot(evidence=()), snapshot(moment="approve")):
        first = decision_bytes(evaluate(each))
        assert replay(msgspec.json.encode(each)) == first
        assert replay(canonical_json(msgspec.to_builtins(each))) == first


def test_what_decides_is_the_weightiest_domain() -> None:
    """Of several that say no, security is answered before cost, and the reason is kept."""
    bad = (evidence(PLAN, "cost", payload={"share": 2.0}), evidence(PLAN, "evals"))
    change = in_state(State.APPROVED, answers=())
    found = decided(evidence=(*bad, evidence(PLAN, "lint")), change=change, recorded=())
    assert [each.gate for each in found.against] == ["approvals", "cost"]
    assert found.settled is not None
    assert found.settled.domain is Domain.SECURITY
    assert found.settled.why.startswith("security holds it back: ")
    assert found.status == 1


def test_a_change_of_the_rules_is_judged_by_the_rules_before_it() -> None:
    """A change that edits the gates meets the old ones, and security answers for it."""
    plan = manifest(
        parts={"policy/.pawl/gates.yaml": PolicyFile(digest="none at all")},
        base={"policy/.pawl/gates.yaml": PolicyFile(digest="all of them")},
    )
    change = in_state(State.APPROVED, plan)
    found = decided(change=change)
    assert not found.allowed
    approvals = next(each for each in found.gates if each.gate == "approvals")
    assert approvals.asks == ("security-lead",)
    assert found.policy_digest == POLICY.digest


def stub(verdict: Verdict) -> Condition:
    """Return a condition that always says the same."""

    def judge(question: Question, _: NoArguments) -> Answer:
        return Answer(verdict=verdict, reason=f"It is {verdict}.")

    return Condition(claim="always", judge=judge)


def broken(question: Question, _: NoArguments) -> Answer:
    """Fail as a defect does."""
    raise ZeroDivisionError("oh")


STUBS = {verdict.value: stub(verdict) for verdict in Verdict} | {
    "broken": Condition(claim="broken", judge=broken)
}


def asked(*said: str, mode: Mode = Mode.ENFORCE, **other: Any) -> Decision:
    """Return the decision where each of some conditions stands behind a gate of its own."""
    gates = tuple(
        Gate(id=f"g{number}", condition=each, domain=Domain.COST, source="a test", mode=mode)
        for number, each in enumerate(said)
    )
    return evaluate(snapshot(policy=only(*gates), **other), STUBS)


def only(*gates: Gate) -> Policy:
    return msgspec.structs.replace(POLICY, gates=msgspec.structs.replace(POLICY.gates, gates=gates))


@pytest.mark.parametrize(
    ("said", "verdict", "status"),
    [
        ("pass", Verdict.PASS, 0),
        ("not-applicable", Verdict.PASS, 0),
        ("fail", Verdict.FAIL, 1),
        ("inconclusive", Verdict.INCONCLUSIVE, 3),
        ("error", Verdict.ERROR, 3),
        ("broken", Verdict.ERROR, 3),
        ("nobody-knows-it", Verdict.ERROR, 3),
    ],
)
def test_only_a_pass_passes(said: str, verdict: Verdict, status: int) -> None:
    """Inconclusive, an error, a defect and an unknown condition each hold the change up."""
    for others in ((), ("pass",), ("pass", "not-applicable")):
        found = asked(said, *others)
        assert (found.allowed, found.verdict, found.status) == (status == 0, verdict, status)


def test_gates_in_dry_run_change_nothing_and_are_told() -> None:
    """Whatever they say, the decision is the one without them; what they said is in it."""
    for said in (*STUBS, "nobody-knows-it"):
        found = asked(said, mode=Mode.DRY_RUN)
        assert found.allowed
        assert found.gates[0].mode is Mode.DRY_RUN
        assert any("(dry run)" in line for _, line in explained(found))


def test_arguments_that_no_condition_has_are_an_error() -> None:
    """A policy that says more than a condition knows fails closed."""
    found = decided(policy=with_gates(approvals={"given": {"quorum": 1, "but_not": "on fridays"}}))
    assert (found.allowed, found.verdict) == (False, Verdict.ERROR)


def test_a_gate_whose_age_is_no_duration_is_an_error() -> None:
    """A policy that came in by another way than its file fails closed as well."""
    found = decided(policy=with_gates(evals={"max_age": "a while"}))
    assert (found.allowed, found.verdict) == (False, Verdict.ERROR)


def test_the_worst_verdict_counts() -> None:
    """A no comes before an error, an error before a doubt, and nothing at all is not applicable."""
    assert worst([]) is Verdict.NOT_APPLICABLE
    assert worst([Verdict.PASS, Verdict.INCONCLUSIVE]) is Verdict.INCONCLUSIVE
    assert worst([Verdict.ERROR, Verdict.INCONCLUSIVE]) is Verdict.ERROR
    assert worst([Verdict.ERROR, Verdict.FAIL]) is Verdict.FAIL


def exception(rule: str, **other: Any) -> GateException:
    fields: dict[str, Any] = {
        "id": "exc-1",
        "rule": rule,
        "digest": DIGEST,
        "scope": "",
        "works": (Work.PROMPT,),
        "reason": "The provider is down.",
        "owner": "ann",
        "compensating_control": "Ten cases by hand.",
        "requested_by": "ann",
        "requested_at": at(-2),
        "approved_by": "sue",
        "approved_at": at(-1),
        "expires_at": at(2),
    }
    return GateException(**{**fields, **other})


def without_evals(*exceptions: GateException, **other: Any) -> Decision:
    pieces: tuple[Evidence, ...] = (evidence(PLAN, "lint"), evidence(PLAN, "cost"))
    return decided(evidence=pieces, recorded=(), exceptions=exceptions, **other)


def test_an_exception_that_counts_covers_its_gate_and_is_shown() -> None:
    """The gate is overridden and not passed, the exception is named and will be used."""
    assert not without_evals().allowed
    found = without_evals(exception("evals"))
    evals = next(each for each in found.gates if each.gate == "evals")
    assert (found.allowed, found.used) == (True, ("exc-1",))
    assert (evals.requirement, evals.verdict) == (Requirement.OVERRIDDEN, Verdict.INCONCLUSIVE)
    assert any("Ten cases by hand" in line for _, line in explained(found))


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"expires_at": NOW}, Status.EXPIRED),
        ({"approved_by": "pia"}, Status.REFUSED),
        ({"approved_by": "ann"}, Status.REFUSED),
        ({"uses": ("chg-1#2",)}, Status.USED),
    ],
)
def test_one_that_does_not_count_is_shown_and_covers_nothing(
    fields: dict[str, Any], status: Status
) -> None:
    """An expired, used up or wrongly approved one is told of with its reason, and blocks."""
    found = without_evals(exception("evals", **fields))
    evals = next(each for each in found.gates if each.gate == "evals")
    assert (found.allowed, evals.exceptions[0].status) == (False, status)


def test_some_gates_nobody_may_except() -> None:
    """A moved base, a taken component or unratified glass is mended, not excepted."""
    for gate, fact in (("base", {"base_digest": "e" * 64}), ("component", {"rolling": {
            "prompt/support": ("chg-9",)}})):  # fmt: skip
        found = decided(facts=facts(PLAN, **fact), exceptions=(exception(gate),))
        assert not found.allowed


def test_an_error_is_mended_and_not_excepted() -> None:
    """Whoever breaks a condition cannot except what it would have said."""
    gate = Gate(id="g0", condition="broken", domain=Domain.COST, source="a test")
    found = evaluate(snapshot(policy=only(gate), exceptions=(exception("g0"),)), STUBS)
    assert (found.allowed, found.gates[0].requirement) == (False, Requirement.ERROR)
    assert found.gates[0].exceptions[0].status is Status.REFUSED


def test_a_team_of_one_can_break_the_glass() -> None:
    """In an open incident its commander ships their own change, once, on record."""
    change = in_state(State.APPROVED, answers=())
    incident = Emergency(
        id="inc-1",
        severity=1,
        declared_at=at(-2),
        commanders=(Command(person="ann", since=at(-2)),),
    )
    broken_glass = exception("approvals", approved_by="ann", incident="inc-1")
    assert not decided(change=change, exceptions=(broken_glass,)).allowed
    found = decided(change=change, exceptions=(broken_glass,), emergencies=(incident,))
    assert (found.allowed, found.used) == (True, ("exc-1",))


def test_the_tree_says_what_is_in_the_way_first() -> None:
    """Below the answer stand the blocking gates, with whom to ask and what does not count."""
    change = in_state(State.APPROVED, answers=(answer(PLAN, digest="e" * 64),))
    lines = [line for _, line in explained(decided(change=change))]
    assert lines[0] == "chg-1 may not start: fail"
    assert any(line.startswith("NO approvals: prompt has 0 of 1") for line in lines)
    assert "ask product-lead" in lines
    assert any("was edited since" in line for line in lines)


def test_a_gate_about_other_work_is_not_asked() -> None:
    """What a gate is about is told by what changes; one about nothing of it does not apply."""
    gate = Gate(
        id="g0",
        condition="fail",
        domain=Domain.COST,
        source="a test",
        applies=Applies(works=(Work.CODE,)),
    )
    found = evaluate(snapshot(policy=only(gate)), STUBS)
    assert (found.allowed, found.gates[0].verdict) == (True, Verdict.NOT_APPLICABLE)


def test_what_went_out_around_a_gate_bypassed_it() -> None:
    """A change that was found live has each unmet rule marked, and no exception heals it."""
    found = decided(
        change=in_state(State.UNMANAGED, answers=()), exceptions=(exception("approvals"),)
    )
    by_gate = {each.gate: each.requirement for each in found.gates}
    assert (by_gate["approvals"], by_gate["lint"]) == (Requirement.BYPASSED, Requirement.SATISFIED)
    assert (found.allowed, found.used) == (False, ())
    assert any(line.startswith("bypassed approvals") for _, line in explained(found))
