"""What the gate promises whatever it is asked: pure, closed, and never opened by knowing less."""

import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.changes.made_changes import POLICY, POLICY_DIGEST, at, with_gates
from tests.changes.made_snapshots import GATES, pieces, snapshots

from pawl.changes.change import State
from pawl.changes.condition import Snapshot
from pawl.changes.facts import Facts
from pawl.changes.gate import Decision, Requirement, decision_bytes, evaluate, replay
from pawl.changes.gate_file import Mode
from pawl.changes.verdict import Verdict
from pawl.governance.exceptions import Status

few = settings(max_examples=30)


def changed(snapshot: Snapshot, **fields: object) -> Snapshot:
    return msgspec.structs.replace(snapshot, **fields)


@few
@given(snapshots())
def test_the_same_is_judged_the_same(snapshot: Snapshot) -> None:
    """A decision is of its snapshot alone: asked twice, or from storage, the bytes are equal."""
    first = decision_bytes(evaluate(snapshot))
    assert decision_bytes(evaluate(snapshot)) == first
    assert replay(msgspec.json.encode(snapshot)) == first


@few
@given(snapshots(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_known_changes_nothing(
    snapshot: Snapshot, chance: random.Random
) -> None:
    """Evidence, exceptions and answers are judged by what they are, not by where they stand."""

    def mixed(values: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(chance.sample(values, len(values)))

    change = msgspec.structs.replace(snapshot.change, answers=mixed(snapshot.change.answers))
    other = changed(
        snapshot,
        change=change,
        evidence=mixed(snapshot.evidence),
        exceptions=mixed(snapshot.exceptions),
        recorded=mixed(snapshot.recorded),
    )
    one, two = evaluate(snapshot), evaluate(other)
    assert msgspec.structs.replace(two, snapshot_digest=one.snapshot_digest) == one


@few
@given(snapshots())
def test_allowed_is_exactly_that_nothing_enforced_is_open(snapshot: Snapshot) -> None:
    """It may ship where every enforced gate passed, did not apply or is covered, and only there."""
    found = evaluate(snapshot)
    fine = {Requirement.SATISFIED, Requirement.OVERRIDDEN, Requirement.NOT_APPLICABLE}
    enforced = [each for each in found.gates if each.mode is Mode.ENFORCE]
    assert found.allowed == all(each.requirement in fine for each in enforced)
    assert found.allowed == (found.verdict is Verdict.PASS) == (found.status == 0)
    for each in found.gates:
        assert (each.requirement is Requirement.SATISFIED) == (each.verdict is Verdict.PASS)
        assert each.reason


@few
@given(snapshots(), st.data())
def test_one_more_failure_never_opens_the_gate(snapshot: Snapshot, data: st.DataObject) -> None:
    """Adding a verdict that says no, of any kind and age, allows nothing that was blocked."""
    bad = msgspec.structs.replace(
        data.draw(pieces(snapshot.change.manifest, 99)), verdict=Verdict.FAIL
    )
    more = changed(
        snapshot, evidence=(*snapshot.evidence, bad), recorded=(*snapshot.recorded, bad.id)
    )
    # Where only the newest counts, a no that is older than a yes is not the newest.
    all_count = with_gates(lint={"several": "all"})
    before = evaluate(_under(all_count, snapshot))
    after = evaluate(_under(all_count, more))
    assert before.allowed or not after.allowed


@few
@given(snapshots(), st.data())
def test_losing_evidence_never_opens_the_gate(snapshot: Snapshot, data: st.DataObject) -> None:
    """Taking any of it away blocks or leaves blocked: what was recorded is missed."""
    if not snapshot.evidence:
        return
    gone = data.draw(st.sampled_from(snapshot.evidence))
    less = tuple(each for each in snapshot.evidence if each is not gone)
    before, after = evaluate(snapshot), evaluate(changed(snapshot, evidence=less))
    assert before.allowed or not after.allowed


@few
@given(snapshots(), st.floats(0.01, 2000))
def test_waiting_never_opens_the_gate(snapshot: Snapshot, hours: float) -> None:
    """As evidence, answers and exceptions grow older, what was blocked by them stays blocked.

    A freeze that ends is about the date and not about age; there is none here, nothing drawn lies
    in the future, and nobody ratifies or approves meanwhile.
    """
    now = snapshot.now
    here = changed(
        snapshot,
        evidence=tuple(e for e in snapshot.evidence if max(e.produced_at, e.recorded_at) <= now),
        recorded=(),
        exceptions=tuple(e for e in snapshot.exceptions if e.approved_at <= now),
        change=msgspec.structs.replace(
            snapshot.change,
            answers=tuple(e for e in snapshot.change.answers if e.recorded_at <= now),
        ),
    )
    later = changed(here, now=at(hours))
    before, after = evaluate(here), evaluate(later)
    assert before.allowed or not after.allowed


@few
@given(snapshots(), st.sampled_from(["budgets", "actions", "debts", "drills", "rolling",
                                     "quarantine", "base_digest", "cost_share"]))  # fmt: skip
def test_knowing_less_of_the_world_never_opens_the_gate(snapshot: Snapshot, name: str) -> None:
    """A fact that is not known any more blocks or leaves blocked, whatever it was."""
    less: Facts = msgspec.structs.replace(snapshot.facts, **{name: None})
    before, after = evaluate(snapshot), evaluate(changed(snapshot, facts=less))
    assert before.allowed or not after.allowed


@few
@given(snapshots(), st.sampled_from(GATES), st.data())
def test_a_gate_in_dry_run_never_changes_the_outcome(
    snapshot: Snapshot, gate: str, data: st.DataObject
) -> None:
    """Whether a dry-run gate is there, and what it says, moves no other gate and no verdict."""
    dry = _under(with_gates(**{gate.replace("-", "_"): {"mode": Mode.DRY_RUN}}), snapshot)
    gates = tuple(each for each in POLICY.gates.gates if each.id != gate)
    without = _under(
        msgspec.structs.replace(POLICY, gates=msgspec.structs.replace(POLICY.gates, gates=gates)),
        snapshot,
    )
    one, two = evaluate(dry), evaluate(without)
    assert (one.allowed, one.verdict, one.used) == (two.allowed, two.verdict, two.used)


@few
@given(snapshots())
def test_an_exception_that_does_not_count_is_as_none(snapshot: Snapshot) -> None:
    """Without all that are expired, used, revoked or refused the outcome is the same."""
    found = evaluate(snapshot)
    active = {
        standing.exception
        for gate in found.gates
        for standing in gate.exceptions
        if standing.status is Status.ACTIVE
    }
    kept = tuple(each for each in snapshot.exceptions if each.id in active)
    other = evaluate(changed(snapshot, exceptions=kept))
    assert _outcome(found) == _outcome(other)
    for each in snapshot.exceptions:
        if each.expires_at <= snapshot.now:
            assert each.id not in active


@few
@given(snapshots())
def test_no_change_of_high_risk_passes_without_an_approval(snapshot: Snapshot) -> None:
    """Allowed and of high risk, there is a yes to exactly it by who answers, or an exception.

    Looked for here without the gate's own code: by identity, role, digest, age and source.
    """
    found = evaluate(snapshot)
    if not found.allowed or found.risk.risk.value != "high":
        return
    change = snapshot.change
    good = [
        each
        for each in change.answers
        if each.said.value == "approve"
        and each.digest == change.digest
        and each.policy_digest == POLICY_DIGEST
        and each.identity in ("github:2", "github:5")
        and each.source.value == "provider-review"
        and at(-72) < each.recorded_at <= at(1 / 60)
    ]
    excepted = any(each.gate == "approvals" and each.exception for each in found.gates)
    assert good or excepted
    assert change.state is State.APPROVED


@few
@given(snapshots(), st.sampled_from(["git:leo@example.com", "github:2", "ssh:SHA256:leo"]))
def test_no_approver_is_ever_an_author(snapshot: Snapshot, identity: str) -> None:
    """Whoever is found among the authors under any of their names counts as no approver."""
    change = msgspec.structs.replace(snapshot.change, authors=(*snapshot.change.authors, identity))
    found = evaluate(changed(snapshot, change=change))
    assert "leo" not in {each.person for each in found.answers if each.counts}
    assert "coder" not in {each.person for each in found.answers if each.counts}


def _under(policy: object, snapshot: Snapshot) -> Snapshot:
    """Return a snapshot under another policy, with answers that were given under that one."""
    assert isinstance(policy, type(POLICY))
    answers = tuple(
        msgspec.structs.replace(each, policy_digest=policy.digest)
        for each in snapshot.change.answers
    )
    change = msgspec.structs.replace(snapshot.change, answers=answers)
    return changed(snapshot, policy=policy, change=change)


def _outcome(found: Decision) -> tuple[object, ...]:
    return found.allowed, found.verdict, tuple(each.requirement for each in found.gates)


def test_the_snapshots_drawn_are_of_both_kinds() -> None:
    """Some of them are allowed and some are not, or the properties above would say little."""
    seen: set[bool] = set()

    @settings(max_examples=60, database=None)
    @given(snapshots())
    def look(snapshot: Snapshot) -> None:
        seen.add(evaluate(snapshot).allowed)

    look()
    assert seen == {True, False}
