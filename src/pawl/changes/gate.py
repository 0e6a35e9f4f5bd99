"""Decide whether a change may be approved, or may start, and say why.

One evaluator for the command line, the server and replay. A snapshot goes in, a decision comes
out: nothing else is looked at, so the same snapshot gives the same bytes a year later. Each gate's
condition is asked on the evidence that may count. Whatever is not a pass holds the change up,
unless an exception that counts now covers it; an error never is covered. Gates in dry-run say what
they would have said and change nothing.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Literal

import msgspec

import pawl.changes.conditions
from pawl.base import typed
from pawl.base.canonical import canonical_json, digest
from pawl.base.catalogue import discover
from pawl.base.errors import PawlError
from pawl.changes.approval import Ballot, Judged, judge_answers
from pawl.changes.change import Change, State
from pawl.changes.condition import Answer, Condition, Question, Snapshot
from pawl.changes.excepting import ground_of
from pawl.changes.facts import Facts, Where
from pawl.changes.gate_file import Directions, Gate, Mode
from pawl.changes.manifest import Risk, changed, parts_digest, works_of
from pawl.changes.policy import Policy
from pawl.changes.quarantine import quarantined
from pawl.changes.risk import RiskFacts, RiskResult, assess_risk
from pawl.changes.verdict import Verdict, worst
from pawl.changes.weighing import SetAside, admitted
from pawl.governance.exceptions import Standing, Status, may_be_used, standing
from pawl.governance.priority import Domain, Settlement, Stance, rank, settle
from pawl.governance.roster import behind, by_identity


class Requirement(StrEnum):
    """Where a requirement stands: the six results of Gerrit's submit requirements."""

    NOT_APPLICABLE = "NOT_APPLICABLE"
    UNSATISFIED = "UNSATISFIED"
    SATISFIED = "SATISFIED"
    OVERRIDDEN = "OVERRIDDEN"
    BYPASSED = "BYPASSED"
    ERROR = "ERROR"


class GateResult(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One gate: what it said, on what, what did not count, and which exception covers it.

    `exceptions` are all that were given for it, with how they stand.
    """

    gate: str
    condition: str
    domain: Domain
    mode: Mode
    verdict: Verdict
    requirement: Requirement
    reason: str
    cites: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    hint: str = ""
    set_aside: tuple[SetAside, ...] = ()
    exception: str = ""
    exceptions: tuple[Standing, ...] = ()


class Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was decided about a change, and everything that is needed to see why.

    `verdict` is PASS exactly where it is `allowed`. `settled` says which domain decided, where more
    than one had something against it. `used` are the exceptions that a start uses up.
    """

    schema: Literal["pawl.gate-decision/1"] = "pawl.gate-decision/1"
    change: str
    moment: Where
    at: str
    digest: str
    base_digest: str
    policy_digest: str
    roster_digest: str
    snapshot_digest: str
    allowed: bool
    verdict: Verdict
    risk: RiskResult
    gates: tuple[GateResult, ...]
    answers: tuple[Judged, ...]
    settled: Settlement | None = None
    used: tuple[str, ...] = ()

    @property
    def status(self) -> int:
        """The exit status that says the same: 0 allowed, 1 no, 3 cannot tell."""
        if self.allowed:
            return 0
        return 1 if self.verdict is Verdict.FAIL else 3

    @property
    def considers(self) -> tuple[Domain, ...]:
        """The domains that had a say: those of the gates that were enforced and applied."""
        said = {
            each.domain
            for each in self.gates
            if each.mode is Mode.ENFORCE and each.requirement is not Requirement.NOT_APPLICABLE
        }
        return tuple(each for each in Domain if each in said)

    @property
    def against(self) -> tuple[GateResult, ...]:
        """The gates that hold the change up, the weightiest domain first."""
        held = (each for each in self.gates if blocks(each))
        return tuple(sorted(held, key=lambda each: (rank(each.domain), each.gate)))


def evaluate(snapshot: Snapshot, conditions: Mapping[str, Condition] | None = None) -> Decision:
    """Return the decision on a snapshot; a broken policy is an error in it and never raised.

    `conditions` are by id, those that come with Pawl unless others are given.
    """
    known = shipped_conditions() if conditions is None else conditions
    frame = _Frame(snapshot)
    results = tuple(_judged(gate, frame, known) for gate in snapshot.policy.gates.gates)
    holding = [each for each in results if blocks(each)]
    verdict = worst(each.verdict for each in holding) if holding else Verdict.PASS
    roster = snapshot.roster.digest
    return Decision(
        change=snapshot.change.id,
        moment=snapshot.moment,
        at=snapshot.now,
        digest=snapshot.change.digest,
        base_digest=frame.base_digest,
        policy_digest=frame.policy_digest,
        roster_digest=roster,
        snapshot_digest=_snapshot_digest(snapshot, roster, frame.policy_digest),
        allowed=not holding,
        verdict=verdict,
        risk=frame.risk,
        gates=results,
        answers=frame.answers,
        settled=_settled(holding),
        used=tuple(sorted({each.exception for each in results if each.exception})),
    )


def blocks(result: GateResult) -> bool:
    """Say whether a gate's result holds the change up.

    What was bypassed does too: that it is out makes it no more allowed than it was.
    """
    return result.mode is Mode.ENFORCE and result.requirement in (
        Requirement.UNSATISFIED,
        Requirement.BYPASSED,
        Requirement.ERROR,
    )


def decision_bytes(decision: Decision) -> bytes:
    """Return a decision as canonical JSON: what a ledger keeps and a replay must give again."""
    return canonical_json(msgspec.to_builtins(decision))


def snapshot_digest(snapshot: Snapshot) -> str:
    """Return the digest of everything a decision rests on.

    The roster and the policy are in it by their own digests, which a decision names beside it.
    """
    return _snapshot_digest(snapshot, snapshot.roster.digest, snapshot.policy.digest)


def _snapshot_digest(snapshot: Snapshot, roster: str, policy: str) -> str:
    said = {
        name: getattr(snapshot, name)
        for name in Snapshot.__struct_fields__
        if name not in ("roster", "policy")
    }
    return digest(msgspec.to_builtins({**said, "roster": roster, "policy": policy}))


def replay(snapshot: bytes) -> bytes:
    """Judge a stored snapshot again and return the decision's bytes; raises msgspec.DecodeError."""
    return decision_bytes(evaluate(typed.decode(snapshot, type=Snapshot)))


@cache
def shipped_conditions() -> dict[str, Condition]:
    """Return every condition by id, those of other distributions included."""
    return discover(pawl.changes.conditions, "CONDITION", Condition)


def directions(conditions: Mapping[str, Condition]) -> Directions:
    """Return which way the arguments of each condition are stricter."""
    return {identity: dict(each.stricter) for identity, each in conditions.items()}


class _Frame:
    """What all gates of one evaluation share, worked out once."""

    def __init__(self, snapshot: Snapshot) -> None:
        manifest = snapshot.change.manifest
        self.snapshot = snapshot
        self.components = changed(manifest)
        self.works = works_of(manifest)
        facts = snapshot.facts
        self.base_digest = facts.base_digest or parts_digest(manifest.base)
        self.policy_digest = snapshot.policy.digest
        self.risk = assess_risk(manifest, snapshot.policy.risk, _risk_facts(facts, self.components))
        self.known = by_identity(snapshot.roster)
        self.authors = behind(snapshot.change.authors, self.known)
        self.answers = judge_answers(
            snapshot.change.answers,
            Ballot(
                change=snapshot.change.id,
                digest=snapshot.change.digest,
                base_digest=self.base_digest,
                policy_digest=self.policy_digest,
                now=snapshot.now,
                high_risk=self.risk.risk is Risk.HIGH,
                authors=self.authors,
                known=self.known,
                terms=snapshot.policy.terms,
                rolled_back_at=max(
                    quarantined(manifest, facts.quarantine or {}).values(), default=None
                ),
            ),
        )

    def question(self, gate: Gate, condition: Condition) -> tuple[Question, tuple[SetAside, ...]]:
        """Return what a condition is asked for a gate, and what evidence it is not shown."""
        snapshot = self.snapshot
        kept, aside = admitted(
            snapshot.evidence,
            gate,
            condition.evidence,
            digest=snapshot.change.digest,
            base_digest=self.base_digest,
            now=snapshot.now,
            skew_s=snapshot.policy.terms.skew_s,
        )
        here = {piece.id for piece in snapshot.evidence}
        lost = tuple(sorted({*snapshot.recorded} - here)) if condition.evidence else ()
        question = Question(
            snapshot=snapshot,
            gate=gate,
            risk=self.risk,
            works=self.works,
            components=self.components,
            authors=self.authors,
            known=self.known,
            answers=self.answers,
            evidence=kept,
            lost=lost,
        )
        return question, aside


def _judged(gate: Gate, frame: _Frame, conditions: Mapping[str, Condition]) -> GateResult:
    why = _not_asked(gate, frame)
    if why:
        return _result(gate, Answer(verdict=Verdict.NOT_APPLICABLE, reason=why))
    condition = conditions.get(gate.condition)
    if condition is None:
        reason = f"No condition is called {gate.condition}."
        return _result(gate, Answer(verdict=Verdict.ERROR, reason=reason))
    try:
        question, aside = frame.question(gate, condition)
    except PawlError as error:
        return _result(gate, Answer(verdict=Verdict.ERROR, reason=f"The gate: {error.message}"))
    try:
        answer = condition.judge(question, typed.convert(gate.given, condition.arguments))
    except Exception as error:
        # A defect of a condition, or an argument that no policy may have: closed, and said so.
        reason = f"The condition failed: {type(error).__name__}: {error}"[:300]
        answer = Answer(verdict=Verdict.ERROR, reason=reason)
    result = _result(gate, answer, aside)
    if frame.snapshot.change.state is State.UNMANAGED:
        return _bypassed(result)
    return _excepted(result, gate, question) if blocks(result) else result


def _not_asked(gate: Gate, frame: _Frame) -> str:
    applies = gate.applies
    if frame.snapshot.moment not in gate.moments:
        return f"It is asked before: {', '.join(gate.moments)}."
    if applies.risk and frame.risk.risk not in applies.risk:
        return f"It is about changes of {' or '.join(applies.risk)} risk."
    if applies.works and not frame.works & set(applies.works):
        return f"It is about {', '.join(applies.works)}."
    return ""


_REQUIREMENT = {
    Verdict.PASS: Requirement.SATISFIED,
    Verdict.FAIL: Requirement.UNSATISFIED,
    Verdict.INCONCLUSIVE: Requirement.UNSATISFIED,
    Verdict.ERROR: Requirement.ERROR,
    Verdict.NOT_APPLICABLE: Requirement.NOT_APPLICABLE,
}


def _result(gate: Gate, answer: Answer, aside: tuple[SetAside, ...] = ()) -> GateResult:
    return GateResult(
        gate=gate.id,
        condition=gate.condition,
        domain=gate.domain,
        mode=gate.mode,
        verdict=answer.verdict,
        requirement=_REQUIREMENT[answer.verdict],
        reason=answer.reason,
        cites=answer.cites,
        asks=answer.asks,
        hint=answer.hint,
        set_aside=aside,
    )


def _excepted(result: GateResult, gate: Gate, question: Question) -> GateResult:
    """Return the result with the exceptions given for it; the first that counts covers it."""
    given = [
        each
        for each in sorted(question.snapshot.exceptions, key=lambda one: one.id)
        if may_be_used(each, gate.id, question.change.digest, question.change.manifest.scope)
    ]
    if not given:
        return result
    ground = ground_of(question, gate.domain)
    stand = [standing(each, ground) for each in given]
    if not gate.exceptable or result.requirement is Requirement.ERROR:
        reason = "An error is mended, not excepted." if gate.exceptable else "Nobody may except it."
        stand = [
            msgspec.structs.replace(each, status=Status.REFUSED, reason=reason) for each in stand
        ]
    active = next((each for each in stand if each.status is Status.ACTIVE), None)
    if active is None:
        return msgspec.structs.replace(result, exceptions=tuple(stand))
    return msgspec.structs.replace(
        result,
        requirement=Requirement.OVERRIDDEN,
        exception=active.exception,
        exceptions=tuple(stand),
    )


def _bypassed(result: GateResult) -> GateResult:
    """Return the result for what went out around the gate: an exception afterwards is none."""
    if result.requirement is not Requirement.UNSATISFIED:
        return result
    return msgspec.structs.replace(result, requirement=Requirement.BYPASSED)


def _settled(holding: list[GateResult]) -> Settlement | None:
    """Return which domain's no is the one to answer first, where there is any."""
    if not holding:
        return None
    return settle(
        Stance(domain=each.domain, asks="holds it back", by=each.gate, reason=each.reason)
        for each in holding
    )


def risk_of(change: Change, policy: Policy, facts: Facts) -> RiskResult:
    """Return how risky a change is by a policy and what is known, as every decision judges it."""
    manifest = change.manifest
    return assess_risk(manifest, policy.risk, _risk_facts(facts, changed(manifest)))


def _risk_facts(facts: Facts, components: tuple[str, ...]) -> RiskFacts:
    budgets, debts = facts.budgets, facts.debts
    return RiskFacts(
        cost_share=facts.cost_share,
        budget_exhausted=None
        if budgets is None
        else any(each.left <= 0 for each in budgets if each.component in components),
        debt_open=None if debts is None else any(each.component in components for each in debts),
    )
