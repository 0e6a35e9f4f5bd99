"""Changes made for tests: a small firm, a sound change of high risk, and all it needs to start."""

from datetime import timedelta
from typing import Any

import msgspec

from pawl.base.times import format_time, parse_time
from pawl.changes.approval import Approval, Said, Source
from pawl.changes.change import Change, Happened, State, after
from pawl.changes.condition import Snapshot
from pawl.changes.evidence import Evidence, sealed
from pawl.changes.facts import Drill, Facts
from pawl.changes.gate import Decision, evaluate
from pawl.changes.manifest import (
    Manifest,
    Risk,
    manifest_digest,
    parts_digest,
)
from pawl.changes.opening import open_change
from pawl.changes.parts import Part, Prompt
from pawl.changes.plan import Rollback, Rollout, Stage
from pawl.changes.policy import Policy, shipped_policy
from pawl.changes.verdict import Verdict
from pawl.governance.roster import Grant, Kind, Person, Roster, check_roster

NOW = "2026-11-21T12:00:00.000000Z"
POLICY = shipped_policy()
POLICY_DIGEST = POLICY.digest

ROSTER = check_roster(
    Roster(
        people=(
            Person(id="ann", identities=("github:1", "git:ann@example.com", "ssh:SHA256:ann")),
            Person(id="leo", identities=("github:2", "git:leo@example.com", "ssh:SHA256:leo")),
            Person(id="lia", identities=("github:5", "session:lia")),
            Person(id="sue", identities=("github:3", "ssh:SHA256:sue", "session:sue")),
            Person(id="pia", identities=("github:4",)),
            Person(
                id="coder",
                kind=Kind.AGENT,
                sponsor="ann",
                identities=("git:coder@example.com", "github:90"),
            ),
            Person(id="deployer", kind=Kind.SERVICE, identities=("token:deployer",)),
        ),
        grants=(
            Grant(person="ann", role="product-eng"),
            Grant(person="leo", role="product-lead"),
            Grant(person="lia", role="product-lead"),
            Grant(person="sue", role="security-lead"),
            Grant(person="pia", role="platform-lead"),
            # Whatever a table says, an agent with a role is still an agent.
            Grant(person="coder", role="product-lead"),
            Grant(person="deployer", role="product-lead"),
        ),
    ),
    place="roster.yaml",
)


def at(hours: float) -> str:
    """Return a time some hours after NOW, or before it."""
    return format_time(parse_time(NOW) + timedelta(hours=hours))


def manifest(text: str = "Be kind and brief.", **other: Any) -> Manifest:
    """Return a change of one prompt, declared to be of high risk."""
    parts: dict[str, Part | None] = {"prompt/support": Prompt(text=text)}
    base: dict[str, Part | None] = {"prompt/support": Prompt(text="Be kind.")}
    fields: dict[str, Any] = {
        "title": "Shorter answers",
        "declared_risk": Risk.HIGH,
        "parts": parts,
        "base": base,
        "rollout": Rollout(
            stages=(
                Stage(name="canary", exposure=0.1, hold_s=600, min_events=20),
                Stage(name="all", exposure=1.0, hold_s=600, min_events=20),
            )
        ),
        "rollback": Rollback(timeout_s=600),
    }
    return Manifest(**{**fields, **other})


def opened(plan: Manifest | None = None, identity: str = "chg-1", **other: Any) -> Change:
    """Return a change as ann opened it an hour ago."""
    event = open_change(
        identity, plan or manifest(), ("git:ann@example.com",), at(-1), by="github:1"
    )
    return msgspec.structs.replace(after(None, event), **other)


def in_state(state: State, plan: Manifest | None = None, **other: Any) -> Change:
    """Return a change in a state, with the times that go with it."""
    known: dict[str, Any] = {"submitted_at": at(-1)}
    if state in (State.APPROVED, State.ROLLING_OUT, State.LIVE, State.ROLLING_BACK):
        known |= {"approved_at": at(-1), "answers": (answer(plan or manifest()),)}
    if state in (State.ROLLING_OUT, State.ROLLING_BACK):
        known |= {"started_at": at(-1), "stage": 0, "stage_at": at(-1)}
    if state is State.ROLLING_BACK:
        known |= {"rollback_at": NOW, "trigger_at": NOW, "changed_at": NOW}
    return opened(plan, state=state, **{**known, **other})


def answer(plan: Manifest, who: str = "github:2", seq: int = 1, **other: Any) -> Approval:
    """Return leo's approval of a change, as it was read from a review."""
    fields: dict[str, Any] = {
        "id": f"ans-{seq}",
        "change": "chg-1",
        "digest": manifest_digest(plan),
        "base_digest": parts_digest(plan.base),
        "policy_digest": POLICY_DIGEST,
        "identity": who,
        "said": Said.APPROVE,
        "source": Source.PROVIDER_REVIEW,
        "source_ref": f"review-{seq}",
        "claimed_at": at(-1),
        "recorded_at": at(-1),
        "seq": seq,
    }
    return Approval(**{**fields, **other})


def evidence(
    plan: Manifest, kind: str, verdict: Verdict = Verdict.PASS, number: int = 1, **other: Any
) -> Evidence:
    """Return a piece of evidence about a change, an hour old."""
    payloads: dict[str, dict[str, Any]] = {
        "evals": {"sets": {"recurrence": "r" * 64}},
        "cost": {"share": 0.05},
    }
    fields: dict[str, Any] = {
        "id": f"{kind}-{number}",
        "kind": kind,
        "digest": manifest_digest(plan),
        "base_digest": parts_digest(plan.base),
        "verdict": verdict,
        "produced_at": at(-1),
        "recorded_at": at(-1),
        "producer": "ci:github:1",
        "payload_digest": "",
        "payload": payloads.get(kind, {}),
        "events": 100,
    }
    return sealed(Evidence(**{**fields, **other}))


def facts(plan: Manifest, **other: Any) -> Facts:
    """Return a world in which all is known and nothing is wrong."""
    fields: dict[str, Any] = {
        "base_digest": parts_digest(plan.base),
        "cost_share": 0.05,
        "budgets": (),
        "actions": (),
        "debts": (),
        "drills": (Drill(id="drill-1", component="prompt", at=at(-24), succeeded=True),),
        "attested": (),
        "grants": (),
        "rolling": {},
        "quarantine": {},
    }
    return Facts(**{**fields, **other})


def snapshot(change: Change | None = None, **other: Any) -> Snapshot:
    """Return what a sound, approved change is judged on as it starts."""
    known = change or in_state(State.APPROVED)
    plan = known.manifest
    fields: dict[str, Any] = {
        "moment": "start",
        "now": NOW,
        "change": known,
        "policy": POLICY,
        "roster": ROSTER,
        "facts": facts(plan),
        "evidence": tuple(evidence(plan, kind) for kind in ("evals", "lint", "cost")),
        "recorded": ("evals-1", "lint-1", "cost-1"),
    }
    made = Snapshot(**{**fields, **other})
    if made.policy is POLICY:
        return made
    # Answers were given under the policy of the test.
    bound = tuple(
        msgspec.structs.replace(each, policy_digest=made.policy.digest)
        if each.policy_digest == POLICY_DIGEST
        else each
        for each in known.answers
    )
    return msgspec.structs.replace(made, change=msgspec.structs.replace(known, answers=bound))


def decided(**other: Any) -> Decision:
    """Return the decision on a sound change in which something is otherwise."""
    return evaluate(snapshot(**other))


def with_gates(**by_id: dict[str, Any]) -> Policy:
    """Return the policy with fields of some gates replaced; `_` in an id stands for `-`."""
    wanted = {identity.replace("_", "-"): fields for identity, fields in by_id.items()}
    gates = tuple(
        msgspec.structs.replace(gate, **wanted.pop(gate.id, {})) for gate in POLICY.gates.gates
    )
    assert not wanted, f"no such gates: {wanted}"
    return msgspec.structs.replace(POLICY, gates=msgspec.structs.replace(POLICY.gates, gates=gates))


def told(change: Change, *events: Happened) -> Change:
    """Return the change after events."""
    for event in events:
        change = after(change, event)
    return change
