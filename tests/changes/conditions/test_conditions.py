"""Each condition with a pass, a fail and, where it has one, a case it cannot tell."""

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
    with_gates,
)

import pawl.changes.conditions
from pawl.base.catalogue import names
from pawl.changes.approval import Said
from pawl.changes.change import State
from pawl.changes.facts import Attested, BudgetLeft, Debt, Drill, OpenAction
from pawl.changes.gate import Decision, GateResult, Requirement, shipped_conditions
from pawl.changes.manifest import Manifest, Risk, manifest_digest, part_digest
from pawl.changes.parts import Code, PolicyFile, Prompt
from pawl.changes.plan import AbortRule, Experiment, Rollout, Stage
from pawl.changes.quarantine import quarantine_keys
from pawl.changes.verdict import Verdict
from pawl.governance.exceptions import Command, Emergency, GateException
from pawl.governance.raci import Work
from pawl.governance.roster import Grant

PASS, FAIL, OPEN = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
NOT_ITS = Verdict.NOT_APPLICABLE
PLAN = manifest()
CONDITIONS = (
    "approvals_are_given", "base_is_current", "broken_glass_is_ratified", "component_is_free",
    "consulted_were_heard", "cost_stays_within", "debt_has_a_plan", "duties_are_separate",
    "error_budget_is_left", "evals_hold", "experiment_is_bounded", "granters_are_not_alone",
    "incident_actions_are_done", "lint_is_clean", "no_freeze_is_on", "owner_attests",
    "policy_checks_pass", "rollback_is_rehearsed", "rolled_back_content_is_approved_anew",
    "tests_pass",
)  # fmt: skip


def approved(plan: Manifest = PLAN, *answers: Any, **change: Any) -> dict[str, Any]:
    """Return a snapshot's change with these answers and none else."""
    return {"change": in_state(State.APPROVED, plan, answers=answers, **change)}


def known(plan: Manifest = PLAN, **other: Any) -> dict[str, Any]:
    """Return a snapshot's change and facts in which something is otherwise."""
    return {"change": in_state(State.APPROVED, plan), "facts": facts(plan, **other)}


def pieces(kind: str, verdict: Verdict = PASS, **other: Any) -> dict[str, Any]:
    return {"evidence": (evidence(PLAN, kind, verdict, **other),), "recorded": ()}


LEO, LIA, SUE = (answer(PLAN, who, seq) for who, seq in (("github:2", 1), ("github:5", 2),
                                                       ("github:3", 3)))  # fmt: skip
NO = answer(PLAN, "github:5", 9, said=Said.REJECT)
TWO = {"policy": with_gates(approvals={"given": {"quorum": 2}})}
POLICY_EDIT = manifest(
    parts={"policy/gates": PolicyFile(digest="b"), "prompt/support": Prompt(text="x")},
    base={"policy/gates": PolicyFile(digest="a"), "prompt/support": None},
)
ROSTER_EDIT = manifest(
    parts={"policy/.pawl/roster.yaml": PolicyFile(digest="b")},
    base={"policy/.pawl/roster.yaml": PolicyFile(digest="a")},
)
CODE_EDIT = manifest(parts={"code/c": Code(digest="b")}, base={"code/c": Code(digest="a")})
ACTION = OpenAction(
    id="act-1", component="prompt/support", incident="inc-1", due_at=at(24), owner="ann"
)
OVERDUE = msgspec.structs.replace(ACTION, due_at=NOW)
LOW = manifest(declared_risk=Risk.LOW)
CLOSING = manifest(closes=("act-1",))
DRILL = Drill(id="d", component="prompt/support", at=at(-24), succeeded=True)
TRIAL = Experiment(
    hypothesis="Shorter answers are read.",
    metric="follow-ups",
    exposure_max=0.2,
    abort_when=(AbortRule(metric="errors", above=0.1),),
    ends_at=at(24 * 7),
)
SMALL = Rollout(stages=(Stage(name="few", exposure=0.05), Stage(name="some", exposure=0.2)))


def trial(**other: Any) -> Manifest:
    fields: dict[str, Any] = {"rollout": SMALL}
    fields |= {name: other.pop(name) for name in ("rollout",) if name in other}
    return manifest(experiment=msgspec.structs.replace(TRIAL, **other), **fields)


GLASS = GateException(
    id="exc-1",
    rule="evals",
    digest="f" * 64,
    scope="",
    works=(Work.PROMPT,),
    reason="Down.",
    owner="ann",
    compensating_control="Watched.",
    requested_by="ann",
    requested_at=at(-40),
    approved_by="ann",
    approved_at=at(-40),
    expires_at=at(-38),
    incident="inc-1",
)
INCIDENT = Emergency(
    id="inc-1", severity=1, declared_at=at(-41), commanders=(Command(person="ann", since=at(-41)),)
)
ASSISTED = manifest(assisted=True)


def attested(identity: str, plan: Manifest = ASSISTED) -> dict[str, Any]:
    said = Attested(id="att-1", identity=identity, digest=manifest_digest(plan), at=at(-1))
    return known(ASSISTED, attested=(said,))


def quarantined(*answers: Any, since: float = -2) -> dict[str, Any]:
    times = dict.fromkeys(quarantine_keys(LOW), at(since))
    return {
        "change": in_state(State.APPROVED, LOW, answers=answers),
        "facts": facts(LOW, quarantine=times),
    }


def reports(*verdicts: Verdict) -> dict[str, Any]:
    """Return a change of code with reports of its tests."""
    return {
        **known(CODE_EDIT),
        "evidence": tuple(evidence(CODE_EDIT, "tests", each, n) for n, each in enumerate(verdicts)),
        "recorded": (),
    }


def frozen(starts: float, ends: float) -> dict[str, Any]:
    window = {"starts": at(starts), "ends": at(ends), "why": "A holiday."}
    return {"policy": with_gates(freeze={"given": {"windows": [window]}})}


def authors(*identities: str) -> dict[str, Any]:
    return {"change": in_state(State.APPROVED, authors=identities)}


def granting(*answers: Any, by: str = "sue", to: str = "leo", **other: Any) -> dict[str, Any]:
    """Return a change of the roster that gives a role, and who approved it."""
    grant = Grant(person=to, role="security-lead", granted_by=by)
    return {
        **approved(
            ROSTER_EDIT, *(answer(ROSTER_EDIT, who, 40 + n) for n, who in enumerate(answers))
        ),
        "facts": facts(ROSTER_EDIT, **{"grants": (grant,), **other}),
    }


def freely(**gates: Any) -> dict[str, Any]:
    """Return a policy in which gates apply to every change and are enforced."""
    return {"policy": with_gates(**gates)}


CHECKS = with_gates(policy_checks={"applies": POLICY.gates.gates[0].applies})

Case = tuple[str, str, dict[str, Any], Verdict, str]
CASES: list[Case] = [
    ("approvals", "one", {}, PASS, "product-lead"),
    ("approvals", "none", approved(), FAIL, "0 of 1"),
    ("approvals", "the wrong role", approved(PLAN, SUE), FAIL, "0 of 1"),
    ("approvals", "one of two", TWO, FAIL, "1 of 2"),
    ("approvals", "two", {**TWO, **approved(PLAN, LEO, LIA)}, PASS, ""),
    ("approvals", "the same twice", {**TWO, **approved(PLAN, LEO, answer(PLAN, seq=7))}, FAIL, "1"),
    ("approvals", "somebody's no", approved(PLAN, LEO, NO), FAIL, "lia, product-lead, said no"),
    ("approvals", "a stranger's no", approved(PLAN, LEO, msgspec.structs.replace(
        SUE, said=Said.REJECT)), PASS, ""),
    ("approvals", "both roles", approved(POLICY_EDIT, answer(POLICY_EDIT)), FAIL, "security-lead"),
    ("approvals", "low risk", {**known(LOW), **approved(LOW)}, NOT_ITS, "high"),
    ("separation-of-duties", "known", {}, PASS, ""),
    ("separation-of-duties", "a stranger", authors("git:who@example.com"), OPEN, "claims"),
    ("separation-of-duties", "nobody", authors(), OPEN, "Nobody is known"),
    ("separation-of-duties", "a service", authors("token:deployer"), FAIL, "no human"),
    ("granting", "no role", known(POLICY_EDIT), NOT_ITS, "nobody a role"),
    ("granting", "by another", granting("github:3", by="ann"), PASS, "by somebody else"),
    ("granting", "by the granter alone", granting("github:3"), FAIL, "Nobody else approved"),
    ("granting", "by the granter and another", granting("github:3", "github:4"), PASS, ""),
    ("granting", "by who gets it", granting("github:3", by="ann", to="sue"), FAIL, "for sue"),
    ("granting", "by granter and granted", granting("github:3", "github:2"), FAIL, "for leo by"),
    ("granting", "nobody yet", granting(by="ann"), FAIL, "Nobody else"),
    ("granting", "only taken away", granting(grants=()), PASS, "0 roles"),
    ("granting", "a nameless granter", granting("github:3", by=""), OPEN, "who gives"),
    ("granting", "unknown", granting("github:3", grants=None), OPEN, "not known"),
    ("tests", "not its", {}, NOT_ITS, "about code"),
    ("tests", "pass", reports(PASS), PASS, ""),
    ("tests", "a failure that was run again", reports(FAIL, PASS), FAIL, "1 of 2"),
    ("tests", "not run", reports(), OPEN, "Nothing says"),
    ("rolled-back-content", "never", known(LOW), PASS, "None of it"),
    ("rolled-back-content", "before", quarantined(), FAIL, "was rolled back"),
    ("rolled-back-content", "approved anew", quarantined(answer(LOW)), PASS, "approved anew"),
    ("rolled-back-content", "too early", quarantined(answer(LOW), since=-0.5), FAIL, "rolled"),
    ("rolled-back-content", "unknown", known(LOW, quarantine=None), OPEN, "not known"),
    ("base", "current", {}, PASS, "still"),
    ("base", "moved", known(base_digest="e" * 64), FAIL, "The base was"),
    ("base", "unknown", known(base_digest=None), OPEN, "not known"),
    ("component", "free", {}, PASS, ""),
    ("component", "taken", known(rolling={"prompt/support": ("chg-2",)}), FAIL, "chg-2"),
    ("component", "by itself", known(rolling={"prompt/support": ("chg-1",)}), PASS, ""),
    ("component", "another", known(rolling={"prompt/other": ("chg-2",)}), PASS, ""),
    ("component", "unknown", known(rolling=None), OPEN, "not known"),
    ("component", "before approval", {"moment": "approve"}, NOT_ITS, "start"),
    ("broken-glass", "none", {}, PASS, ""),
    ("broken-glass", "unratified", {"exceptions": (GLASS,), "emergencies": (INCIDENT,)}, FAIL,
     "nobody did"),
    ("broken-glass", "ratified", {"exceptions": (msgspec.structs.replace(
        GLASS, ratified_by="leo", ratified_at=at(-20)),)}, PASS, ""),
    ("experiment", "none", {}, NOT_ITS, ""),
    ("experiment", "bounded", known(trial()), PASS, "ends on"),
    ("experiment", "no hypothesis", known(trial(hypothesis=" ")), FAIL, "hypothesis"),
    ("experiment", "no way out", known(trial(abort_when=())), FAIL, "ends it early"),
    ("experiment", "a rule without limit", known(trial(abort_when=(AbortRule(metric="e"),))), FAIL,
     "no limit"),
    ("experiment", "too many", known(trial(exposure_max=0.1)), FAIL, "more than"),
    ("experiment", "a wide start", known(trial(
        rollout=Rollout(stages=(Stage(name="a", exposure=0.2),)))), FAIL, "starts at 0.2"),
    ("experiment", "over", known(trial(ends_at=NOW)), FAIL, "ended before"),
    ("experiment", "for ever", known(trial(ends_at=at(24 * 29))), FAIL, "29 days"),
    ("experiment", "some day", known(trial(ends_at="soon")), FAIL, "no time"),
    ("evals", "pass", {}, PASS, ""),
    ("evals", "fail", pieces("evals", FAIL), FAIL, "say no"),
    ("evals", "not run", {"evidence": ()}, OPEN, ""),
    ("evals", "without past failures", pieces("evals", payload={}), OPEN, "recurrence"),
    ("evals", "another version", {**known(manifest(eval_sets={"recurrence": "s" * 64})),
     "evidence": (evidence(manifest(eval_sets={"recurrence": "s" * 64}), "evals"),),
     "recorded": ()}, OPEN, "another version"),
    ("lint", "clean", {}, PASS, ""),
    ("lint", "findings", pieces("lint", FAIL), FAIL, ""),
    ("lint", "not run", {"evidence": (), "recorded": ()}, OPEN, "Nothing says"),
    ("policy-checks", "not its", {}, NOT_ITS, "about"),
    ("policy-checks", "pass", {"policy": CHECKS, **pieces("policy-checks")}, PASS, ""),
    ("policy-checks", "deny", {"policy": CHECKS, **pieces("policy-checks", FAIL)}, FAIL, ""),
    ("policy-checks", "not run", {"policy": CHECKS}, OPEN, ""),
    ("cost", "within", {}, PASS, "+5%"),
    ("cost", "cheaper", pieces("cost", payload={"share": -0.5}), PASS, "-50%"),
    ("cost", "over, though called a pass", pieces("cost", payload={"share": 0.3}), FAIL, "30%"),
    ("cost", "no number", pieces("cost", payload={"share": "little"}), OPEN, "how much"),
    ("cost", "no number, but true", pieces("cost", payload={"share": True}), OPEN, "how much"),
    ("cost", "not measured", {"evidence": (), "recorded": ()}, OPEN, ""),
    ("error-budget", "none set", {}, NOT_ITS, ""),
    ("error-budget", "left", known(budgets=(BudgetLeft(
        component="prompt/support", objective="answers", left=0.4),)), PASS, "40%"),
    ("error-budget", "spent", known(budgets=(BudgetLeft(
        component="prompt/support", objective="answers", left=0.0),)), FAIL, "answers"),
    ("error-budget", "spent and mended", known(CLOSING, actions=(ACTION,), budgets=(BudgetLeft(
        component="prompt/support", objective="answers", left=-1),)), PASS, "closes"),
    ("error-budget", "spent and feigned", known(CLOSING, budgets=(BudgetLeft(
        component="prompt/support", objective="answers", left=-1),)), FAIL, "used up"),
    ("error-budget", "unknown", known(budgets=None), OPEN, ""),
    ("incident-actions", "none", {}, PASS, ""),
    ("incident-actions", "open", known(actions=(ACTION,)), FAIL, "act-1 of inc-1 (open)"),
    ("incident-actions", "open, low risk", known(LOW, actions=(ACTION,)), PASS, ""),
    ("incident-actions", "overdue", known(LOW, actions=(OVERDUE,)), FAIL, "overdue"),
    ("incident-actions", "the fix itself", known(CLOSING, actions=(OVERDUE,)), PASS, ""),
    ("incident-actions", "elsewhere", known(actions=(msgspec.structs.replace(
        OVERDUE, component="prompt/other"),)), PASS, ""),
    ("incident-actions", "unknown", known(actions=None), OPEN, ""),
    ("freeze", "none", {}, PASS, ""),
    ("freeze", "on", frozen(-1, 1), FAIL, "A holiday."),
    ("freeze", "from now", frozen(0, 1), FAIL, "A holiday."),
    ("freeze", "until now", frozen(-1, 0), PASS, ""),
    ("rollback-rehearsal", "of its kind", {}, PASS, ""),
    ("rollback-rehearsal", "of itself", known(drills=(DRILL,)), PASS, ""),
    ("rollback-rehearsal", "never", known(drills=()), FAIL, "not rehearsed"),
    ("rollback-rehearsal", "long ago", known(drills=(msgspec.structs.replace(
        DRILL, at=at(-24 * 91)),)), FAIL, "not rehearsed"),
    ("rollback-rehearsal", "failed since", known(drills=(DRILL, msgspec.structs.replace(
        DRILL, id="e", at=at(-2), succeeded=False))), FAIL, "failed"),
    ("rollback-rehearsal", "to come", known(drills=(msgspec.structs.replace(
        DRILL, at=at(1)),)), FAIL, "not rehearsed"),
    ("rollback-rehearsal", "unknown", known(drills=None), OPEN, ""),
    ("debt", "none", {}, PASS, "no debt"),
    ("debt", "planned", known(debts=(Debt(
        id="debt-1", component="prompt/support", incidents=(), planned=True),)), PASS, "planned"),
    ("debt", "bare", known(debts=(Debt(
        id="debt-1", component="prompt/support", incidents=(), planned=False),)), FAIL, "debt-1"),
    ("debt", "unknown", known(debts=None), OPEN, ""),
    ("consulted", "silence, high", {}, FAIL, "platform"),
    ("consulted", "silence, low", {**known(LOW), "policy": with_gates(consulted={
        "applies": POLICY.gates.gates[3].applies})}, OPEN, "have until"),
    ("consulted", "long silence", {
        "change": in_state(State.APPROVED, LOW, submitted_at=at(-24)), "facts": facts(LOW),
        "policy": with_gates(consulted={"applies": POLICY.gates.gates[3].applies})}, PASS,
     "is an answer"),
    ("ownership", "no agent", {}, NOT_ITS, ""),
    ("ownership", "nobody", known(ASSISTED), FAIL, "No human"),
    ("ownership", "the author", attested("github:1"), PASS, "ann owns it"),
    ("ownership", "a name in git", attested("git:ann@example.com"), FAIL, "No human"),
    ("ownership", "the agent", attested("github:90"), FAIL, "No human"),
    ("ownership", "of something else", attested("github:1", PLAN), FAIL, "No human"),
    ("ownership", "an agent among the authors", authors(
        "git:ann@example.com", "git:coder@example.com"), FAIL, "No human"),
    ("ownership", "unknown", known(ASSISTED, attested=None), OPEN, ""),
]  # fmt: skip


def result(gate: str, asked: dict[str, Any]) -> GateResult:
    found: Decision = decided(**asked)
    return next(each for each in found.gates if each.gate == gate)


@pytest.mark.parametrize(
    ("gate", "case", "asked", "verdict", "words"), CASES, ids=[f"{c[0]}: {c[1]}" for c in CASES]
)
def test_a_condition_says_what_it_claims(
    gate: str, case: str, asked: dict[str, Any], verdict: Verdict, words: str
) -> None:
    """The verdict is the one of the case, and its reason names what it rests on."""
    found = result(gate, asked)
    assert (found.verdict, words in found.reason) == (verdict, True), found
    assert found.reason.endswith(".")


NEVER_UNSURE = {
    "approvals-are-given", "no-freeze-is-on", "broken-glass-is-ratified", "experiment-is-bounded",
}  # fmt: skip


def test_every_condition_has_a_yes_a_no_and_a_doubt() -> None:
    """Each file in the folder is tried both ways, and in doubt unless it says it never is."""
    gates = {gate.id: gate.condition for gate in POLICY.gates.gates}
    seen: dict[str, set[Verdict]] = {}
    for gate, _, _, verdict, _ in CASES:
        seen.setdefault(gates[gate], set()).add(verdict)
    assert sorted(seen) == sorted(names(pawl.changes.conditions))
    assert sorted(seen) == sorted(each.replace("_", "-") for each in CONDITIONS)
    for condition, verdicts in seen.items():
        assert {PASS, FAIL} <= verdicts, condition
        assert (OPEN in verdicts) == (condition not in NEVER_UNSURE), condition
        told = pawl_doc(condition)
        assert "Asks:" in told
        assert "Fails:" in told
        assert ("Cannot tell: never" in told) == (condition in NEVER_UNSURE), condition


def pawl_doc(condition: str) -> str:
    """Return what a condition's file says of itself."""
    import importlib

    module = importlib.import_module(f"pawl.changes.conditions.{condition.replace('-', '_')}")
    return module.__doc__ or ""


def test_every_condition_has_its_gate() -> None:
    """What comes with Pawl is asked somewhere, and every gate knows its condition."""
    assert {gate.condition for gate in POLICY.gates.gates} == set(shipped_conditions())


def test_a_consulted_role_that_answered_was_heard() -> None:
    """An abstention of the consulted role is an answer."""
    raci = msgspec.structs.replace(
        POLICY.raci,
        rows=tuple(
            msgspec.structs.replace(row, consulted=("platform-lead",)) for row in POLICY.raci.rows
        ),
    )
    policy = msgspec.structs.replace(POLICY, raci=raci)
    said = answer(PLAN, "github:4", 2, said=Said.ABSTAIN, policy_digest=policy.digest)
    found = result("consulted", {"policy": policy, **approved(PLAN, said)})
    assert (found.verdict, found.requirement) == (PASS, Requirement.SATISFIED)


def test_half_of_what_was_rolled_back_is_still_it() -> None:
    """A part is known by its own digest: another title, or fewer parts, is the same content."""
    both = manifest(
        title="Both",
        parts={"prompt/a": Prompt(text="bad"), "prompt/b": Prompt(text="fine")},
        base={"prompt/a": None, "prompt/b": None},
    )
    half = manifest(
        title="Half",
        declared_risk=Risk.LOW,
        parts={"prompt/a": Prompt(text="bad")},
        base={"prompt/a": None},
    )
    times = dict.fromkeys(quarantine_keys(both), at(-2))
    asked = {**approved(half), "facts": facts(half, quarantine=times)}
    found = result("rolled-back-content", asked)
    assert found.verdict is FAIL
    assert part_digest(half.parts["prompt/a"]) in found.reason


def test_a_window_that_is_no_time_is_an_error_and_blocks() -> None:
    """A broken policy fails closed, whoever could have excepted it."""
    window = {"starts": "christmas", "ends": "later", "why": "x"}
    found = decided(policy=with_gates(freeze={"given": {"windows": [window]}}))
    freeze = next(each for each in found.gates if each.gate == "freeze")
    assert (freeze.verdict, found.allowed, found.status) == (Verdict.ERROR, False, 3)
